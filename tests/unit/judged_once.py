"""Judging very many nodes that differ in little: a rule that would read the same answers is not run again.

Rules are pure functions of what they read. So each run is remembered by the answers it read, in their order; where a
rule would read the very same objects once more, it says what it said. `test_remembering_changes_nothing` holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from node_facts import NODE, NOW

from checks.check import Check, Context, evaluate
from checks.facts import NodeFacts, Problem
from checks.finding import Finding
from checks.profile import Profile, detect
from checks.rules import CHECKS

_THERE = object()  # a record that answered: which of its fields matter, the next reads tell
_noted: dict[str, Any] = {}


class _Step:
    """What is read next and where each answer leads, or what is said. Answers are kept: no other object gets their id."""

    __slots__ = ("kept", "leads", "path", "reads", "said")

    def __init__(self) -> None:
        self.path = ""
        self.leads: dict[int, _Step] = {}
        self.kept: list[Any] = []
        self.said: Any = None
        self.reads: frozenset[str] = frozenset()

    def lead(self, answer: Any) -> _Step:
        if id(answer) not in self.leads:
            self.kept.append(answer)
            self.leads[id(answer)] = _Step()
        return self.leads[id(answer)]


@cache
def _names(kind: type) -> dict[str, str]:
    """The fields of a record, each with the path under which a read of it is noted."""
    return {one.name: f"{kind.__name__}.{one.name}" for one in fields(kind)}


@cache
def _watched(kind: type) -> type:
    """A record of the same type that notes which of its fields are read."""
    names = _names(kind)

    def read(self: Any, name: str) -> Any:
        value = kind.__getattribute__(self, name)
        if name in names:
            _noted.setdefault(names[name], value)
        return value

    return type(kind.__name__, (kind,), {"__slots__": (), "__getattribute__": read})


def _copy(record: Any, **values: Any) -> Any:
    new = object.__new__(_watched(type(record)))
    for name in _names(type(record)):
        object.__setattr__(new, name, values[name] if name in values else getattr(record, name))
    return new


def _traced(facts: NodeFacts) -> NodeFacts:
    records = {name: getattr(facts, name) for name in _names(NodeFacts)}
    return _copy(facts, **{name: one if isinstance(one, Problem) else _copy(one) for name, one in records.items()})


def _answers(facts: NodeFacts) -> dict[str, Any]:
    """Every answer by the path under which a read of it is noted."""
    found: dict[str, Any] = {}
    for name, path in _names(NodeFacts).items():
        record = getattr(facts, name)
        found[path] = record if isinstance(record, Problem) else _THERE
        if not isinstance(record, Problem):
            found.update({path: getattr(record, name) for name, path in _names(type(record)).items()})
    return found


class Judge:
    """What all checks say of a node, not folded. `runs`: how often a rule really ran."""

    def __init__(self) -> None:
        self.runs = 0
        self._first: dict[str, _Step] = {}
        self._profiles: dict[Profile, Profile] = {}
        self._kept: dict[int, tuple[NodeFacts, dict[str, Any], dict[str, _Step]]] = {}

    def __call__(self, facts: NodeFacts) -> dict[str, Finding]:
        answers = self._all_answers(facts)
        return {check.id: self._once(check, facts, answers).said for check in CHECKS}

    def one(self, check: Check, facts: NodeFacts) -> Finding:
        """What one check says."""
        return self._once(check, facts, self._all_answers(facts)).said

    def both(self, facts: NodeFacts, less: NodeFacts) -> Iterator[tuple[str, Finding, Finding]]:
        """Each check with what it says of a node that is asked about again and again, and of the same that tells less.

        A rule that read nothing of what differs says what it said.
        """
        if id(facts) not in self._kept:
            answers = self._all_answers(facts)
            ends = {check.id: self._once(check, facts, answers) for check in CHECKS}
            self._kept[id(facts)] = (facts, answers, ends)
        _, before, ends = self._kept[id(facts)]
        answers = self._all_answers(less)
        differ = {path for path in before.keys() | answers.keys() if before.get(path) is not answers.get(path)}
        for check in CHECKS:
            end = ends[check.id]
            now = end if end.reads.isdisjoint(differ) else self._once(check, less, answers)
            yield check.id, end.said, now.said

    def _all_answers(self, facts: NodeFacts) -> dict[str, Any]:
        answers = _answers(facts)
        found = self._walk("", answers, lambda: detect(_traced(facts), NODE.profile)).said
        answers["Context.profile"] = self._profiles.setdefault(found, found)
        return answers

    def _once(self, check: Check, facts: NodeFacts, answers: dict[str, Any]) -> _Step:
        def run() -> Finding:
            profile = answers["Context.profile"]
            return evaluate(check, _copy(Context(facts, profile, NODE, NOW), facts=_traced(facts)))

        return self._walk(check.id, answers, run)

    def _walk(self, key: str, answers: dict[str, Any], run: Callable[[], Any]) -> _Step:
        """The step at which it is said."""
        step, known = self._first.get(key) or self._first.setdefault(key, _Step()), 0
        while step.path:
            answer = answers[step.path]
            step, known = step.leads.get(id(answer)) or step.lead(answer), known + 1
        if step.said is None:
            self.runs += 1
            _noted.clear()
            said = run()
            paths = [path for path in _noted if path in answers]
            for path in paths[known:]:
                step.path = path
                step = step.lead(answers[path])
            step.said, step.reads = said, frozenset(paths)
        return step
