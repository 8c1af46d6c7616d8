"""What the machine itself has for containers: features, disks, its hypervisor, its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class ContainersFact:
    """Whether the services of the Windows feature Containers are registered."""

    hns: bool
    vmcompute: bool
    feature: str
    """installed, absent, unknown-here (Windows knows no such feature), not-read; not-asked while both services are there."""
    hyper_v: bool
    """The service of the Hyper-V role; process isolation does without."""


@dataclass(frozen=True, slots=True)
class DiskFact:
    drive: str
    """C:."""
    size_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class HnsServiceFact:
    """The Host Network Service and its process. `threads` and `created` None: no such process is listed."""

    state: str
    """running, stopped, paused, other, absent."""
    process_id: int
    threads: int | None
    created: datetime | None


@dataclass(frozen=True, slots=True)
class ClockServiceFact:
    """Windows' own time service, W32Time. Outside a domain it starts and stops as it is needed."""

    state: str
    """running, stopped, paused, other, absent."""
    disabled: bool


@dataclass(frozen=True, slots=True)
class GuestFact:
    """What a virtual machine knows of its host; empty where it knows nothing."""

    hyper_v_host: str
    """As `HKLM\\SOFTWARE\\Microsoft\\Virtual Machine\\Guest\\Parameters` names it."""
    virtual_machine: str
    """The machine's name on that host."""
    chassis_tag: str
    """SMBIOS asset tag; Azure's is the same everywhere."""


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """`Get-MachineFact.ps1`."""

    containers: ContainersFact | Problem
    pending_reboots: tuple[str, ...] | Problem
    """Who waits for a restart: component-servicing, windows-update."""
    disks: tuple[DiskFact, ...] | Problem
    """Fixed drives with a letter."""
    hns_service: HnsServiceFact | Problem
    clock_service: ClockServiceFact | Problem
    guest: GuestFact | Problem


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """How far the node's clock is ahead of this computer's: asked by no script, but measured by the scan.

    The node's time was read between sending the question and getting the answer, so the truth lies between the two.
    """

    ahead_at_least_s: float | Problem
    """Seconds; negative where the node is behind."""
    ahead_at_most_s: float | Problem
