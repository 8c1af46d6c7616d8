"""What the Hyper-V host of a virtual machine says: asked of the host, not of the node."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class VirtualAdapterFact:
    """A network adapter that the host gives to a virtual machine."""

    machine: str
    """The virtual machine's name on its host."""
    machine_id: str
    name: str
    mac: str
    """As Hyper-V writes it: 12 digits, nothing between them."""
    switch: str
    spoofing: bool | None
    """Whether other MAC addresses than its own may be sent; None: the host says neither On nor Off."""


@dataclass(frozen=True, slots=True)
class HyperVFacts:
    """`Get-HyperVHostFact.ps1`, run on the host."""

    host: str | Problem
    """The host's computer name."""
    module: bool | Problem
    """Whether it has Hyper-V's commands for PowerShell."""
    adapters: tuple[VirtualAdapterFact, ...] | Problem
    """Those with one of the MAC addresses that were asked for; at most 64."""
