"""What a running scan knows of its node so far."""

from __future__ import annotations

from checks.facts import NodeFacts, Problem
from checks.probe import PROBES
from checks.scan_report import BESIDE, CLOCK

NOT_YET = "not asked yet"
_BLANK = {field: Problem(field, NOT_YET) for field in (*PROBES, CLOCK, *BESIDE)}


class Answers:
    """Records by their names; `facts` puts it together when somebody wants to see it."""

    def __init__(self) -> None:
        self._records: dict[str, object] = dict(_BLANK)
        self._facts: NodeFacts | None = None

    @property
    def facts(self) -> NodeFacts:
        """The same object until something changes."""
        if self._facts is None:
            self._facts = NodeFacts(**self._records)  # pyright: ignore[reportArgumentType] holds exactly its fields
        return self._facts

    def note(self, field: str, answer: object) -> None:
        self._records[field] = answer
        self._facts = None

    def forget(self, field: str) -> None:
        """It is asked once more: an answer of before is no answer to this question."""
        self.note(field, _BLANK[field])

    def close(self, reason: str, code: str) -> None:
        """Whatever was not answered never will be."""
        for field, answer in tuple(self._records.items()):
            if answer is _BLANK[field]:
                self.note(field, Problem(field, reason, code))
