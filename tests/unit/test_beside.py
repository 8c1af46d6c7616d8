"""What a scan asks elsewhere than on its node: never waited for by the node's checks, and never for ever."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from node_facts import healthy
from played_session import NODE, NOW, PlayedSession

from checks import beside
from checks.beside import Aside, Beside
from checks.errors import Cancelled, CannotReachNode, ScriptFailed
from checks.facts import HyperVFacts, Problem
from checks.finding import Verdict
from checks.scan import FindingReady, Scanner

ANSWER = HyperVFacts("HV-01", True, ())
CHECK = "network.mac-spoofing"


def aside(ask, seconds: float = 5.0, needs: tuple[str, ...] = ("system",)) -> Aside:
    return Aside("hyperv", needs, lambda facts, node: ask, seconds)


def read(scripts, *asides: Aside, session: PlayedSession | None = None, **more):
    return Scanner(scripts, clock=lambda: NOW, asides=asides).read(session or PlayedSession({}), NODE, **more)


def test_the_answer_is_a_fact_of_the_report(scripts):
    assert read(scripts, aside(lambda: ANSWER)).facts.hyperv == ANSWER


def test_without_anybody_to_ask_it_says_so(scripts):
    assert read(scripts).facts.hyperv == Problem("hyperv", "nobody was asked", "not-asked")


def test_it_is_asked_once_what_it_needs_is_there_and_only_then():
    seen = []
    question = Aside("hyperv", ("system", "machine"), lambda facts, node: seen.append(facts) or answer, 5.0)
    own = Beside((question,), NODE)
    facts = healthy("sdn-nssm")
    assert own.begin(facts, {"system"}) == {}
    assert seen == []
    own.begin(facts, {"system", "machine"})
    own.begin(facts, {"system", "machine"})
    assert seen == [facts]
    assert list(own.rest(None)) == [("hyperv", ANSWER)]


def answer() -> HyperVFacts:
    return ANSWER


def test_a_question_that_is_not_worth_asking_costs_no_thread(scripts):
    before = threading.active_count()
    told = Problem("hyperv", "no host", "not-asked")
    question = Aside("hyperv", ("system",), lambda facts, node: told, 5.0)
    own = Beside((question,), NODE)
    assert own.begin(healthy("sdn-nssm"), {"system"}) == {"hyperv": told}
    assert threading.active_count() == before
    assert list(own.rest(None)) == []


def test_the_checks_of_the_node_do_not_wait_for_it(scripts):
    let_go = threading.Event()
    question = aside(lambda: ANSWER if let_go.wait(10) else Problem("hyperv", "never let go"))
    found: list[str] = []
    for event in Scanner(scripts, clock=lambda: NOW, asides=(question,)).scan(PlayedSession({}), NODE):
        if isinstance(event, FindingReady):
            found.append(event.finding.check)
            if event.finding.check == "network.hns-network-exists":
                let_go.set()
    assert let_go.is_set()
    assert found[-1] == CHECK


def test_what_is_late_is_unknown(scripts, monkeypatch):
    monkeypatch.setattr(beside, "GRACE_S", 0.0)
    let_go = threading.Event()
    began = time.monotonic()
    report = read(scripts, aside(lambda: let_go.wait(20) and ANSWER, 0.2))
    let_go.set()
    assert time.monotonic() - began < 5
    assert report.facts.hyperv == Problem("hyperv", "no answer in time", "deadline")
    assert {one.check: one.verdict for one in report.findings}[CHECK] is Verdict.UNKNOWN
    assert report.error is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CannotReachNode("no-route", detail="unreachable", node="hv"), Problem("hyperv", "unreachable", "no-route")),
        (CannotReachNode("no-route", node="hv"), Problem("hyperv", "no-route (node=hv)", "no-route")),
        (ValueError("may hold anything"), Problem("hyperv", "ValueError", "unexpected")),
    ],
)
def test_what_goes_wrong_is_a_problem(scripts, error, told):
    def ask():
        raise error

    assert read(scripts, aside(ask)).facts.hyperv == told


def test_stopping_ends_the_wait(scripts):
    stop, let_go = threading.Event(), threading.Event()

    def ask():
        stop.set()
        let_go.wait(20)
        return ANSWER

    began = time.monotonic()
    with pytest.raises(Cancelled):
        read(scripts, aside(ask), stop=stop)
    let_go.set()
    assert time.monotonic() - began < 5


def test_a_node_that_breaks_off_is_not_kept_waiting(scripts):
    let_go = threading.Event()
    began = time.monotonic()
    report = read(scripts, aside(lambda: let_go.wait(20) and ANSWER), session=PlayedSession({}, break_after=6))
    let_go.set()
    assert time.monotonic() - began < 5
    assert report.error is not None
    assert isinstance(report.facts.hyperv, Problem)


class Hanging(PlayedSession):
    """Its last probe never ends."""

    def _replies(self, request):
        if request.script.name == "Get-RuntimeFact":
            raise ScriptFailed("overdue", node=NODE.name, script=request.script.name, request=request.id)
        return super()._replies(request)


def test_it_is_asked_where_what_it_needs_was_given_up_last(scripts):
    report = read(scripts, aside(lambda: ANSWER, needs=("system", "runtime")), session=Hanging({}))
    assert isinstance(report.facts.runtime, Problem)
    assert report.facts.runtime.code == "overdue"
    assert report.facts.hyperv == ANSWER


def test_a_scan_of_other_checks_does_not_ask(scripts):
    def ask():
        raise AssertionError("asked")

    report = Scanner(scripts, clock=lambda: NOW, asides=(aside(ask),)).read(
        PlayedSession({}), NODE, ("node.kubelet-runs",)
    )
    assert report.facts.hyperv == replace(Problem("hyperv", "nobody was asked"), code="not-asked")
