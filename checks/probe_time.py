"""How long each probe took on its node, beside the time it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checks.probe import PROBES
from checks.session import Json


@dataclass(frozen=True, slots=True)
class ProbeTime:
    """One probe's last answer in a scan."""

    probe: str
    """Field of the facts, as in `hns`."""
    seconds: float
    """As the node measured it, without the way over the network; from our own clock where it did not tell."""
    is_overdue: bool = False
    """It was given up: `seconds` is how long it was waited for."""

    @property
    def script(self) -> str:
        return PROBES[self.probe].script

    @property
    def budget_s(self) -> float:
        return PROBES[self.probe].budget_s


def seconds_told(document: Mapping[str, Json], otherwise: float) -> float:
    """What the `done` line of a request says of its time (`ms`)."""
    told = document.get("ms")
    is_number = isinstance(told, int | float) and not isinstance(told, bool) and 0 <= told < 86_400_000
    return float(told) / 1000 if is_number and isinstance(told, int | float) else otherwise
