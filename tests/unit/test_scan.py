"""The scan over a session that plays back documents: what is asked, in how many sends, and what becomes of silence."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from played_session import NODE, NOW, PlayedSession

import checks.scan_judge
from checks.errors import Cancelled
from checks.facts import Problem
from checks.finding import Verdict
from checks.probe import PROBES, ExtraPaths
from checks.rules import CHECKS
from checks.scan import WARM_HOLD_MS, FindingReady, ProbeAnswered, ScanDone, Scanner
from checks.scan_run import FOLLOW_UPS
from checks.session import Reply, Request
from checks.session.resident import Parser
from checks.simulator.demo import DemoSite, run_script


def scan(session: PlayedSession, scanner: Scanner):
    return list(scanner.scan(session, NODE))


@pytest.fixture
def scanner(scripts) -> Scanner:
    return Scanner(scripts, clock=lambda: NOW)


def test_problems_everywhere_make_nothing_good(scanner):
    session = PlayedSession({})
    *_, done = scan(session, scanner)
    assert isinstance(done, ScanDone)
    report = done.report
    assert [finding.check for finding in report.findings] == [check.id for check in CHECKS]
    assert {finding.verdict for finding in report.findings} == {Verdict.UNKNOWN}
    assert (report.profile, report.headline, report.error) == ("", (), None)
    assert (report.requests, report.shells) == (session.counts.requests, 1)
    system = report.facts.system
    assert system == Problem("system", "no such thing", "0x80070002")


def test_all_probes_go_in_one_send_and_each_is_told(scanner):
    session = PlayedSession({})
    events = scan(session, scanner)
    first, hold = session.sends[0]
    expected = [probe.script for field, probe in PROBES.items() if field not in FOLLOW_UPS]
    assert list(first) == expected
    assert hold == 0
    assert [event.probe for event in events if isinstance(event, ProbeAnswered)][: len(expected)] == [
        field for field in PROBES if field not in FOLLOW_UPS
    ]


def test_a_warm_rescan_is_one_send_that_gathers(scanner):
    session = PlayedSession({})
    scan(session, scanner)
    session.sends.clear()
    scan(session, scanner)
    assert len(session.sends) == 1
    assert session.sends[0][1] == WARM_HOLD_MS


def test_a_probe_without_document_is_a_problem(scanner):
    session = PlayedSession({probe.script: "silent" for probe in PROBES.values()})
    *_, done = scan(session, scanner)
    assert isinstance(done.report.facts.hns, Problem)
    assert all(finding.verdict is Verdict.UNKNOWN for finding in done.report.findings)


def test_a_document_of_another_kind_is_a_problem(scanner):
    session = PlayedSession({probe.script: {"schema": 99, "facts": {}} for probe in PROBES.values()})
    *_, done = scan(session, scanner)
    assert all(isinstance(getattr(done.report.facts, field), Problem) for field in PROBES)
    assert all(finding.verdict is Verdict.UNKNOWN for finding in done.report.findings)


@pytest.mark.parametrize("after", [0, 1, 4, 10])
def test_a_line_that_drops_leaves_unknown_and_its_reason(scanner, after):
    session = PlayedSession({}, break_after=after)
    events = scan(session, scanner)
    done = events[-1]
    assert isinstance(done, ScanDone)
    assert done.report.error is session.error
    assert len(done.report.findings) == len(CHECKS)
    assert all(finding.verdict is Verdict.UNKNOWN for finding in done.report.findings)
    told = {event.finding.check for event in events if isinstance(event, FindingReady)}
    assert told == {check.id for check in CHECKS}


def test_cancelling_is_no_report(scanner):
    session = PlayedSession({}, break_after=2, error=Cancelled("cancelled", node=NODE.name))
    with pytest.raises(Cancelled):
        scan(session, scanner)


def test_request_ids_never_repeat(scanner):
    seen: list[str] = []
    session = PlayedSession({})
    run = session.run

    def noting(requests, deadline_s, hold_ms=0):
        seen.extend(request.id for request in requests)
        return run(requests, deadline_s, hold_ms)

    session.run = noting
    scan(session, scanner)
    scan(session, scanner)
    assert len(seen) == len(set(seen)) >= 2 * (len(PROBES) - len(FOLLOW_UPS))


def test_what_comes_twice_counts_once(scanner):
    class Stammering(PlayedSession):
        def _replies(self, request: Request) -> Iterator[Reply]:
            for reply in super()._replies(request):
                yield reply
                yield reply
            yield Reply(request.id, "problem", {"message": "an afterthought"})
            yield Reply(request.id, "done", {"ms": 1})

    *_, done = scan(Stammering({}), scanner)
    assert done.report.facts.system == Problem("system", "no such thing", "0x80070002")
    assert len([event for event in scan(Stammering({}), scanner) if isinstance(event, ProbeAnswered)]) <= len(PROBES)


def test_a_report_keeps_no_connection_alive(scanner):
    *_, done = scan(PlayedSession({}, break_after=1), scanner)
    error = done.report.error
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)


def test_only_reading_requests_may_be_asked_again(scanner):
    assert all(scanner.request(field, ExtraPaths()).reads for field in PROBES)


def test_asked_for_some_checks_it_asks_only_what_they_need(scanner):
    session = PlayedSession({})
    report = scanner.read(session, NODE, ("flannel.subnet-env", "node.kubelet-runs"))
    assert [finding.check for finding in report.findings] == ["node.kubelet-runs", "flannel.subnet-env"]
    asked = {name for names, _ in session.sends for name in names}
    assert "Get-FlannelFact" in asked
    assert "Get-MachineFact" not in asked
    assert asked < {probe.script for probe in PROBES.values()}


class Together(PlayedSession):
    """Everything in one message, as after a warm rescan."""

    def run(self, requests: Sequence[Request], deadline_s: float, hold_ms: int = 0) -> Iterator[Reply]:
        *first, last = super().run(requests, deadline_s, hold_ms)
        yield from (Reply(one.id, one.kind, one.document, more=True) for one in first)
        yield last


def test_answers_that_come_together_are_judged_together(scanner, scripts, monkeypatch):
    seen: list[object] = []
    real = checks.scan_judge.evaluate

    def evaluate(check, context):
        seen.append(context.facts)
        return real(check, context)

    monkeypatch.setattr(checks.scan_judge, "evaluate", evaluate)
    one_by_one = scan(PlayedSession({}), scanner)[-1].report
    apart = len({id(facts) for facts in seen})
    seen.clear()
    together = scan(Together({}), Scanner(scripts, clock=lambda: NOW))[-1].report
    assert together.findings == one_by_one.findings
    assert 1 <= len({id(facts) for facts in seen}) <= 2 < apart


def test_what_is_asked_once_more_is_judged_when_that_has_come(scripts, monkeypatch):
    """flanneld's log lies where its service says: the file probe is asked twice, and no verdict is told of the first time."""
    site = DemoSite(Path(__file__).parents[2] / "resources" / "demo", scripts)
    state = next(one.state for one in site.nodes if one.state is not None)
    documents = {probe.script: run_script(state, probe.script, {}) for probe in PROBES.values()}
    judged: list[str] = []
    real = checks.scan_judge.evaluate
    monkeypatch.setattr(
        checks.scan_judge, "evaluate", lambda check, about: judged.append(check.id) or real(check, about)
    )
    session, scanner = Together(documents), Scanner(scripts)
    *events, done = scan(session, scanner)
    assert [names for names, _ in session.sends][1:] == [("Get-FlannelFact", "Get-EgressFact")]
    told = [event.finding.check for event in events if isinstance(event, FindingReady)]
    assert len(told) == len(set(told)) == len(CHECKS)
    assert [one for one in judged if one.startswith("flannel.subnet-env")] == ["flannel.subnet-env"]
    assert {one.verdict for one in done.report.findings} <= {Verdict.PASS, Verdict.INFO, Verdict.NOT_APPLICABLE}


def test_a_message_tells_which_replies_have_come_together():
    parser = Parser("m")
    line = b"m a started " + base64.b64encode(b"{}") + b"\n"
    assert [reply.more for reply in parser.feed(line * 3 + b"noise\n" + line[:5])] == [True, True, False]
    assert [reply.more for reply in parser.feed(line[5:])] == [False]


@pytest.mark.parametrize(
    ("only", "spared"),
    [((), False), (("network.pod-cidr-agrees",), True), (("network.pod-cidr-agrees", "node.images-are-pulled"), False)],
)
def test_nobody_asks_for_pods_that_no_check_needs(scanner: Scanner, only: tuple[str, ...], spared: bool) -> None:
    asked: list[Request] = []

    class Listening(PlayedSession):
        def run(self, requests: Sequence[Request], deadline_s: float, hold_ms: int = 0) -> Iterator[Reply]:
            asked.extend(requests)
            return super().run(requests, deadline_s, hold_ms)

    list(scanner.scan(Listening({}), NODE, only))
    told = [one.parameters.get("WithoutPods", False) for one in asked if one.script.name == "Get-ClusterFact"]
    assert told == [spared]


def test_what_was_learned_of_a_node_is_let_go_with_it(scanner: Scanner) -> None:
    before = replace(NODE, group="Line B")
    other = replace(NODE, name="another")
    learned = ExtraPaths(logs=("C:\\x.log",))
    for node in (before, NODE, other):
        scanner.learn(node, learned, frozenset({"egress"}))
        assert scanner.known(node) == (learned, {"egress"})
    memory, kept = scanner.memory(NODE), scanner.memory(other)
    scanner.forget(NODE.name)
    scanner.forget("never scanned")
    assert scanner.memory(NODE) is not memory
    assert scanner.known(NODE) == scanner.known(before) == (ExtraPaths(), frozenset())
    assert scanner.memory(other) is kept
    assert scanner.known(other) == (learned, {"egress"})
