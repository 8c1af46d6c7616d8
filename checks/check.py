"""Checks: named rules from facts to findings."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from checks.facts import TYPED_NOT_THERE, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import first_problem
from checks.node import Node
from checks.profile import Profile
from checks.unread_parts import unread_part


@dataclass(frozen=True, slots=True)
class Context:
    """All that a rule may look at. `now` is the node's own clock where it is known."""

    facts: NodeFacts
    profile: Profile
    node: Node
    now: datetime


Rule = Callable[[Context], Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule under its id. `uses`: the facts (`record.field`) without which it must not say PASS.

    `waits_for`: records that it looks at where they were asked, and does without where not.
    `instead`: facts by which it tells a fault, though never a PASS, where those it uses were not answered.
    `whole`: of those it uses, lists of files that must not hold an unread one that counts (`checks.unread_parts`).
    """

    id: str
    uses: tuple[str, ...]
    rule: Rule
    waits_for: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    needs: tuple[str, ...] = field(init=False)
    """The probes (fields of `NodeFacts`) that must have answered."""
    answers: tuple[tuple[str, str], ...] = field(init=False)
    """`uses` in parts: record and field."""

    def __post_init__(self) -> None:
        parts = (use.partition(".") for use in self.uses)
        object.__setattr__(self, "answers", tuple((record, name) for record, _, name in parts))
        records = (use.partition(".")[0] for use in (*self.uses, *self.instead))
        object.__setattr__(self, "needs", tuple(dict.fromkeys((*records, *self.waits_for))))


def said(
    verdict: Verdict,
    reason: str,
    evidence: Iterable[Evidence | None] = (),
    fixes: tuple[str, ...] = (),
    /,
    **values: str,
) -> Finding:
    """A rule's answer; `evaluate` puts the check's id in."""
    kept = tuple(one for one in evidence if one is not None)
    return Finding("", verdict, reason, tuple(sorted(values.items())), kept, fixes)


def unread(problem: Problem) -> Finding:
    """UNKNOWN, because this question was not answered, or because the node lacks what the node list names for it."""
    reason = TYPED_NOT_THERE if problem.code == TYPED_NOT_THERE else "not-read"
    told = Evidence(reason, problem.message or problem.code, problem.fact)
    why = problem.message or problem.code or "?"
    return said(Verdict.UNKNOWN, reason, (told,), fact=problem.fact, why=why)


def _missing(check: Check, facts: NodeFacts) -> Problem | None:
    """The first fact a check uses that was not answered, or not whole where it has to be."""
    for record, name in check.answers:
        answer: object = getattr(facts, record)
        if not isinstance(answer, Problem):
            answer = getattr(answer, name)
        if isinstance(answer, Problem):
            return answer
    return first_problem(*(unread_part(facts, path) for path in check.whole))


def evaluate(check: Check, context: Context) -> Finding:
    """Judge; a rule that raises, or that calls good what it could not read, gives UNKNOWN."""
    try:
        finding = check.rule(context)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        told = Evidence("crash", f"{type(error).__name__}: {error}"[:400], f"{where.name}:{where.lineno}")
        finding = said(Verdict.UNKNOWN, "crashed", (told,), error=type(error).__name__)
    if finding.verdict is Verdict.PASS:
        missing = _missing(check, context.facts)
        if missing is not None:
            finding = unread(missing)
    return finding.under(check.id, finding.evidence)
