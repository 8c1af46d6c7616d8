"""What a check says of a node: a verdict with its evidence. Carries no words, colours or HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a check came to. The order here is the order of worst first."""

    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    INFO = "info"
    PASS = "pass"
    NOT_APPLICABLE = "not_applicable"

    @property
    def rank(self) -> int:
        """0 is worst."""
        return _RANKS[self]


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Area(StrEnum):
    NODE = "node"
    NETWORK = "network"
    FLANNEL = "flannel"
    FLEET = "fleet"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One quoted fact: `label` is a word of the catalogue (`labels`), the rest is as read on the node."""

    label: str
    value: str
    source: str
    """File path, registry path, cmdlet or query the value was read from."""
    read_at: datetime | None = None
    """UTC, when it was read; filled by the scan where the rule leaves it out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Check + verdict + evidence for one node at one time.

    `reason` names the sentence in the catalogue (`checks.<check>.reasons.<reason>`: `summary`, `saw`, `todo`);
    `values` fill its `{fields}`. `cause` names the failed check this one is only a consequence of.
    """

    check: str
    verdict: Verdict
    reason: str
    values: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[str, ...] = ()
    cause: str = ""

    def under(self, check: str, evidence: tuple[Evidence, ...]) -> Finding:
        """The same of this check with this evidence. For every finding of every scan: `replace` takes several times as long."""
        return Finding(check, self.verdict, self.reason, self.values, evidence, self.fixes, self.cause)

    def dated(self, when: datetime) -> Finding:
        """The same, with the time at which its evidence was read, where its rule did not know a better one."""
        told = tuple(
            [one if one.read_at else Evidence(one.label, one.value, one.source, when) for one in self.evidence]
        )
        return self.under(self.check, told) if told else self

    def value(self, name: str) -> str:
        """The filled field `name`, or an empty text."""
        return dict(self.values).get(name, "")
