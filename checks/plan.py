"""Fixes as values: what is offered, what would be done, what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checks.facts import NodeFacts


class ParameterKind(StrEnum):
    TEXT = "text"
    URL = "url"
    LIST = "list"
    """Comma list, as in NO_PROXY."""


def _nothing(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input of a fix. `check` returns '' or the code of what is wrong (words: the fix's `reasons`)."""

    name: str
    kind: ParameterKind
    required: bool
    default: Callable[[NodeFacts], str]
    """Proposed from the node's facts; '' where nothing can be proposed."""
    check: Callable[[str], str] = _nothing
    warn: Callable[[str], str] = _nothing
    """'' or the code of a warning (for instance: a password in the URL)."""


@dataclass(frozen=True, slots=True)
class Fix:
    """An offer to change the node so that a check passes."""

    id: str
    checks: tuple[str, ...]
    """Checks that decide "fixed"."""
    parameters: tuple[Parameter, ...]
    restarts_s: int
    """How long something is interrupted, seconds, about."""
    can_cut_network: bool
    """Then the person types the node's name to confirm, and the work runs detached."""
    can_undo: bool
    wait_s: int
    """How long the re-check waits for the node to settle, at most."""
    first: tuple[str, ...] = ()
    """Checks whose facts decide besides whether the fix can help at all."""
    tells: tuple[str, ...] = ()
    """Checks that are asked afterwards, too: a FAIL among them means that it is not "fixed", and nothing else does."""
    keeps: tuple[str, ...] = ()
    """Checks of what it restarts: those that pass beforehand have to pass afterwards, or it is not "fixed"."""
    script: str = "Invoke-Change"
    leaves: tuple[tuple[str, str], ...] = ()
    """A note of a plan, and the warning of its checks that it told beforehand: that one alone does not mean "not fixed"."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Checks whose facts are read of the node before it is rehearsed."""
        return (*self.checks, *self.first)


@dataclass(frozen=True, slots=True)
class Step:
    """One change, readable: `kind` names its title in the catalogue, before and after are lines of a difference."""

    id: str
    kind: str
    target: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a fix would do on one node, made from the state `state_hash`.

    Holds no secret: passwords are masked here and travel beside it, in memory only (`secret_parameters` names those
    that must be given again).
    """

    id: str
    fix: str
    node: str
    address: str
    created: datetime
    parameters: tuple[tuple[str, str], ...]
    secret_parameters: tuple[str, ...]
    steps: tuple[Step, ...]
    changes: str
    """The steps as the node's script takes them: JSON, with `{"$secret": "NAME"}` in place of a value with a password."""
    state_hash: str
    script_sha256: str
    notes: tuple[str, ...] = ()
    """Codes of the fix's `reasons`: warnings a person should read before confirming."""
    plan_hash: str = ""

    @property
    def changes_nothing(self) -> bool:
        return not self.steps


class StepState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Sent and not answered: what happened is read from the node, never sent again."""


@dataclass(frozen=True, slots=True)
class StepResult:
    id: str
    state: StepState
    message: str = ""


class Outcome(StrEnum):
    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNCHANGED = "unchanged"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done: who, from where, node, script, before, after, result. Append-only, chained by hash."""

    id: str
    kind: str
    """apply or undo."""
    plan: Plan
    outcome: Outcome
    results: tuple[StepResult, ...]
    verdicts: tuple[tuple[str, str], ...]
    """Check id and verdict of the re-check."""
    started: datetime
    finished: datetime
    person: str
    computer: str
    backup_folder: str
    after_hash: str
    """Hash of the state we left; undo is refused when the live state differs."""
    undo_of: str = ""
    goes_back: datetime | None = None
    """The node undoes the change by itself at this time: nobody could tell it that the change stays."""
    previous_hash: str = ""
    hash: str = ""

    @property
    def left_something(self) -> bool:
        """Whether an undo may find anything to put back; what an unanswered change left is read from the node."""
        return self.kind == "apply" and self.outcome not in (Outcome.UNCHANGED, Outcome.UNDONE)
