"""One running scan: what was asked and answered so far, and what the checks made of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime

from checks.answers import Answers
from checks.beside import Beside
from checks.causes import fold
from checks.check import Check, Context
from checks.cluster_context import ContextValue, cluster_context
from checks.errors import Cancelled, ScriptFailed, ToolError
from checks.facts import ClockFacts, NodeFacts, Problem
from checks.finding import Finding
from checks.node import Node
from checks.overrides import narrowed, together, typed_paths
from checks.probe import PROBES, ExtraPaths, decode
from checks.probe_time import ProbeTime, seconds_told
from checks.profile import extra_paths, headline
from checks.proxy import follow_ups
from checks.rules import CHECKS
from checks.scan_experience import Experience
from checks.scan_judge import Judge
from checks.scan_report import (
    BESIDE,
    CLOCK,
    FindingReady,
    NodeReport,
    ProbeAnswered,
    ProbeStarted,
    ScanDone,
    ScanEvent,
)
from checks.session import Reply, Session
from checks.turn import computing, let_pass

FOLLOW_UPS = frozenset(("egress", "proxy"))
"""Probes that are asked only where their answer decides: on a node without that way out they wait for a time-out."""

WARM_HOLD_MS = 800
"""On a warm session the node gathers its replies this long: a rescan then costs a Send and at most two Receives."""

LAYOUT = ("system", "daemons", "environment", "flannel", "cni", "profile", "network", "hns")
"""What tells the layout, the node's clock and the paths that are asked for, and what fixes are made from."""


def _probes_for(checks: tuple[Check, ...]) -> tuple[str, ...]:
    needed = {*LAYOUT, *(need for check in checks for need in check.needs)}
    return tuple(field for field in PROBES if field in needed)


def _extra_paths(context: Context) -> ExtraPaths:
    return together(typed_paths(context.node), extra_paths(context.facts))


def _cluster_context(context: Context) -> tuple[ContextValue, ...]:
    return cluster_context(context.facts, context.profile, context.node)


class ScanRun:
    """State of one running scan."""

    def __init__(
        self,
        scanner: Experience,
        session: Session,
        node: Node,
        only: tuple[str, ...] = (),
        stop: threading.Event | None = None,
    ) -> None:
        self._scanner = scanner
        self._session = session
        self._node = node
        self._answers = Answers()
        self._answered: set[str] = set()
        self._is_news = False
        """Something was answered that no check has seen yet."""
        self._fields: dict[str, str] = {}
        self._checks: tuple[Check, ...] = tuple(one for one in CHECKS if not only or one.id in only)
        self._probes = tuple(PROBES) if not only else _probes_for(self._checks)
        self._uses = frozenset(use for check in self._checks for use in check.uses) if only else None
        self._findings: dict[str, Finding] = {}
        self._started = scanner.now()
        self._since = time.monotonic()
        self._begun: dict[str, float] = {}
        self._told: dict[str, object] = {}
        self._times: dict[str, ProbeTime] = {}
        self._asked = self._started
        self._session_was_warm = False
        self._memory = scanner.memory(node)
        self._judge_of = Judge(self._memory, node, self._started, self._now)
        self._paths, self._expected = scanner.known(node)
        self._again: list[str] | None = None
        """What a second Send asks; None: not known yet."""
        self._stop = stop
        asides = scanner.asides(self._checks)
        self._beside = Beside(asides, node)
        for field in {*BESIDE} - {one.field for one in asides}:
            self._note(field, Problem(field, "nobody was asked", "not-asked"))

    @property
    def _facts(self) -> NodeFacts:
        return self._answers.facts

    def events(self) -> Iterator[ScanEvent]:
        before = self._session.counts
        error: ToolError | None = None
        try:
            yield from self._ask(
                [field for field in self._probes if field not in FOLLOW_UPS or field in self._expected]
            )
            yield from self._follow_up()
            yield from self._wait_beside()
        except Cancelled:
            raise
        except ToolError as told:
            error = told
            # The report outlives the scan: without this, the connection and all it read would live as long.
            error.__traceback__ = error.__cause__ = error.__context__ = None
        yield from self._give_up_waiting(error)
        after = self._session.counts
        facts, judge = self._facts, self._judge_of
        profile = judge.profile(facts)
        nothing = all(isinstance(getattr(self._facts, field), Problem) for field in PROBES)
        yield ScanDone(
            NodeReport(
                node=self._node,
                profile="" if nothing else profile.name,
                headline=() if nothing else headline(facts, profile),
                facts=facts,
                findings=fold(tuple(self._findings[check.id] for check in self._checks)),
                started=self._started,
                duration_s=time.monotonic() - self._since,
                requests=after.requests - before.requests,
                shells=after.shells - before.shells,
                error=error,
                context=() if nothing else judge.concluded("context", facts, _cluster_context),
                probes=tuple(self._times.values()),
            )
        )

    def _ask(self, fields: list[str]) -> Iterator[ScanEvent]:
        """Ask several probes in one Send and judge what becomes ready."""
        until = time.monotonic() + self._scanner.deadline_s
        while fields:
            try:
                yield from self._ask_once(fields, max(1.0, until - time.monotonic()))
                return
            except ScriptFailed as error:
                if error.code != "overdue" or time.monotonic() >= until:
                    raise
                overdue = self._fields.get(error.fields.get("request", ""))
                if overdue is None and not self._session_was_warm:
                    raise
            # The PowerShell that hangs is given up; the questions after that one are asked in another.
            if overdue is not None:
                yield from self._give_up(overdue)
            fields = [field for field in fields if field not in self._answered]

    def _ask_once(self, fields: list[str], deadline_s: float) -> Iterator[ScanEvent]:
        requests = [self._scanner.request(field, self._paths, self._uses) for field in fields]
        self._fields = {request.id: field for request, field in zip(requests, fields, strict=True)}
        self._answered.difference_update(fields)
        for field in fields:
            self._answers.forget(field)
        self._asked = self._scanner.now()
        self._session_was_warm = self._session.is_warm
        hold = WARM_HOLD_MS if self._session_was_warm else 0
        together: list[Reply] = []
        for reply in self._session.run(requests, deadline_s, hold):
            together.append(reply)
            if reply.more:
                continue
            # All of it at once: whoever reads the events may take its time.
            with computing():
                events = [event for one in together for event in self._take(one)]
                together.clear()
                if self._again is None and self._answered.issuperset(fields):
                    self._again = self._second_questions()
                if self._is_news:
                    events += self._conclude()
            yield from events

    def _take(self, reply: Reply) -> Iterator[ScanEvent]:
        field = self._fields.get(reply.id)
        if field is None or field in self._answered:
            return  # nobody asked, or it has had its last word
        if reply.kind == "started":
            self._begun[field] = time.monotonic()
            yield ProbeStarted(field)
        elif reply.kind == "result":
            let_pass()
            self._told[field] = self._memory.answered(
                field, reply.digest, lambda: narrowed(decode(field, reply.document), self._node)
            )
        elif reply.kind == "problem":
            told = reply.document
            self._told[field] = Problem(field, str(told.get("message", "")), str(told.get("code", "")))
        elif reply.kind == "done":
            # Only now: an answer without its `done` may be half of one.
            answer = self._told.pop(field, Problem(field, "the probe ended without an answer"))
            self._note(field, answer)
            took = seconds_told(reply.document, time.monotonic() - self._begun.get(field, self._since))
            self._times[field] = ProbeTime(field, took)
            if field == "system":
                self._note(CLOCK, self._measure_clock())
            yield ProbeAnswered(field, took)
            self._is_news = True

    def _give_up(self, field: str) -> Iterator[ScanEvent]:
        """A probe that took longer than it is given; what needs it is unknown, and nothing else."""
        budget_s = PROBES[field].budget_s
        self._told.pop(field, None)
        self._note(field, Problem(field, f"{PROBES[field].script} did not end within {budget_s:.0f} s", "overdue"))
        self._times[field] = ProbeTime(field, budget_s, is_overdue=True)
        if field == "system":
            self._note(CLOCK, Problem(CLOCK, "the node did not tell its time"))
        yield ProbeAnswered(field, budget_s)
        yield from self._conclude()

    def _note(self, field: str, answer: object) -> None:
        """An answer is there, or will not come."""
        self._answers.note(field, answer)
        self._answered.add(field)

    def _conclude(self) -> Iterator[ScanEvent]:
        """What the answers so far lead to: questions to ask elsewhere, and findings."""
        for field, problem in self._beside.begin(self._facts, self._answered).items():
            self._note(field, problem)
        for field, answer in self._beside.here():
            self._note(field, answer)
        yield from self._judge()

    def _wait_beside(self) -> Iterator[ScanEvent]:
        """The node has answered; what was asked elsewhere has its own deadline."""
        for field, answer in self._beside.rest(self._stop):
            self._note(field, answer)
            yield from self._judge()
        if self._stop is not None and self._stop.is_set():
            raise Cancelled("cancelled", node=self._node.name)

    def _measure_clock(self) -> ClockFacts | Problem:
        """The node read its clock between our question and its answer, so it is ahead by no less and no more than this."""
        system = self._facts.system
        told = system if isinstance(system, Problem) else system.node_time
        if isinstance(told, Problem):
            return Problem(CLOCK, told.message, told.code)
        latest, earliest = told - self._asked, told - self._scanner.now()
        return ClockFacts(earliest.total_seconds(), latest.total_seconds())

    def _judge(self) -> Iterator[ScanEvent]:
        """Evaluate every check whose facts are all there; a probe that follows up counts as there until it is asked for."""
        self._is_news = False
        there = self._answered | (FOLLOW_UPS - set(self._fields.values()))
        there.difference_update(self._follow_ups() - self._answered)
        there.difference_update(self._again or ())  # the answer to come is the one that counts
        ready = [one for one in self._checks if one.id not in self._findings and there.issuperset(one.needs)]
        yield from self._found(ready)

    def _found(self, checks: list[Check]) -> Iterator[ScanEvent]:
        for check in checks:
            let_pass()
            finding = self._judge_of.finding(check, self._facts)
            if self._findings.get(check.id) != finding:
                self._findings[check.id] = finding
                yield FindingReady(finding)

    def _follow_ups(self) -> frozenset[str]:
        return self._judge_of.concluded("follow-ups", self._facts, lambda context: follow_ups(context.facts))

    def _now(self, facts: NodeFacts) -> datetime:
        """The node's own clock where it told it: ages of its processes must not suffer from a clock that is off."""
        system = facts.system
        if isinstance(system, Problem) or isinstance(system.node_time, Problem):
            return self._scanner.now()
        return system.node_time

    def _follow_up(self) -> Iterator[ScanEvent]:
        """A second Send, and what was judged without it is judged again."""
        again = self._second_questions() if self._again is None else self._again
        self._again = []
        for check in self._checks:
            if set(again).intersection(check.needs):
                self._findings.pop(check.id, None)
        yield from self._ask(again)

    def _second_questions(self) -> list[str]:
        """Probes to ask where command lines name files the first Send did not read, or where the way out decides."""
        paths = self._judge_of.concluded("paths", self._facts, _extra_paths)
        needed = self._follow_ups()
        again = {field for field in needed if field not in self._answered}
        if paths != self._paths and paths != ExtraPaths():
            before, self._paths = self._paths, paths
            again |= {
                field
                for field in needed.union(self._probes) - (FOLLOW_UPS - needed)
                if PROBES[field].parameters(paths) != PROBES[field].parameters(before)
            }
        self._scanner.learn(self._node, self._paths, needed)
        return [field for field in self._probes if field in again]

    def _give_up_waiting(self, error: ToolError | None) -> Iterator[ScanEvent]:
        """Whatever was not answered is a problem now, and checks that need it say so."""
        reason = str(error) if error else "not needed: nothing depends on it here"
        self._answers.close(reason, error.code if error else "")
        yield from self._found([one for one in self._checks if one.id not in self._findings or error])
