"""What the firewall lets in."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class FirewallProfileFact:
    name: str
    """domain, private, public."""
    enabled: bool
    lets_in: bool
    """Whether it lets in what no rule speaks of."""


@dataclass(frozen=True, slots=True)
class FirewallRuleFact:
    """An enabled inbound rule that takes in TCP 10250 (`kubelet`) or UDP 4789 (`overlay`), by its port filter."""

    name: str
    allows: bool
    blocks: bool
    profiles: tuple[str, ...]
    """domain, private, public, or any."""
    kubelet: str
    """port: the filter names it; any: it takes in every port; empty: it does not take it in."""
    overlay: str
    program: str | None
    """Empty: whatever program; None: could not be read."""


@dataclass(frozen=True, slots=True)
class FirewallFacts:
    """`Get-FirewallFact.ps1`. Rules that open every port to one program of Windows are left out."""

    profiles: tuple[FirewallProfileFact, ...] | Problem
    rules: tuple[FirewallRuleFact, ...] | Problem
    kubelet_listens: bool | Problem
    """Whether anything listens on TCP 10250."""
