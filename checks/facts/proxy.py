"""The way through the proxy."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class ProxyAnswerFact:
    """What came of asking the proxy for a registry."""

    program: str
    """The kubectl.exe that asked, by Go's rules as the runtime does; empty: there is none."""
    exit_code: int | None
    """None where kubectl did not ask, or was given up."""
    message: str
    """The last line that kubectl said, in English but for what Windows told it; without passwords."""
    is_open: bool | None
    """Whether the proxy takes a TCP connection of this node; None where that was not tried."""


@dataclass(frozen=True, slots=True)
class ProxyFacts:
    """`Get-ProxyFact.ps1`: whether the proxy that the container runtime is given answers. Asked where one is set."""

    address: str | Problem
    """Host and port."""
    answer: ProxyAnswerFact | Problem
