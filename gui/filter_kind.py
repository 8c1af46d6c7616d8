"""Kinds of rows that a person may want to see alone: all, one kind of verdict, those with a fix."""

from __future__ import annotations

from enum import StrEnum

from checks.finding import Finding, Verdict
from gui.state import NodeState


def is_fixable(finding: Finding | None) -> bool:
    """Whether a fix is offered for something that is not good."""
    return finding is not None and bool(finding.fixes) and finding.verdict is not Verdict.PASS


class Filter(StrEnum):
    ALL = "all"
    FAILS = "fails"
    WARNINGS = "warnings"
    UNKNOWN = "unknown"
    FIXABLE = "fixable"


_VERDICTS = {Filter.FAILS: Verdict.FAIL, Filter.WARNINGS: Verdict.WARN, Filter.UNKNOWN: Verdict.UNKNOWN}


def accepts(chosen: Filter, finding: Finding | None) -> bool:
    """Whether a row with this finding belongs to the filter; a row without one belongs to all only."""
    if chosen is Filter.ALL:
        return True
    if chosen is Filter.FIXABLE:
        return is_fixable(finding)
    return finding is not None and finding.verdict is _VERDICTS[chosen]


def amount(chosen: Filter, state: NodeState) -> int:
    """The number on the filter's button. A consequence is not counted as a second fault."""
    if chosen is Filter.ALL:
        return len({finding.check for finding in state.findings} | state.pending)
    if chosen is Filter.FIXABLE:
        return sum(is_fixable(finding) for finding in state.findings)
    return state.count(_VERDICTS[chosen])
