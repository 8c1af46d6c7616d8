"""Services and processes of Kubernetes, its runtime and HNS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class NssmFact:
    """`...\\Services\\<name>\\Parameters` of a service that NSSM runs. `None`: the value is absent."""

    application: str | None
    app_parameters: str | None
    app_directory: str | None
    app_environment: tuple[str, ...] | None
    app_environment_extra: tuple[str, ...] | None
    app_stdout: str | None
    app_stderr: str | None


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """One Windows service. Environment lines are `NAME=value`, passwords in URLs masked on the node."""

    name: str
    state: str
    """running, stopped, paused, start-pending, stop-pending, continue-pending, pause-pending, other."""
    start_mode: str
    """auto, manual, disabled, boot, system, other."""
    path_name: str
    process_id: int
    account: str
    exit_code: int
    depends_on: tuple[str, ...]
    environment: tuple[str, ...] | None
    """REG_MULTI_SZ `Environment` of the service's key; None where the value is absent."""
    nssm: NssmFact | None
    typed_for: str = ""
    """The daemon that it runs by the node list; the node itself says nothing of that."""
    typed_apart: tuple[tuple[str, str], ...] = ()
    """Services that the node list names and this node lacks, by the list's keys: no other one runs those daemons."""


@dataclass(frozen=True, slots=True)
class ProcessFact:
    """One process of `Win32_Process`. `command_line` None: not readable with these rights."""

    name: str
    role: str
    """kubelet, kube-proxy, flanneld, containerd, dockerd, rke2, start-script (a powershell.exe that runs start.ps1).

    A process of a service that the node list names: its program's name, until the list has its say.
    """
    process_id: int
    parent_process_id: int
    parent_name: str
    command_line: str | None
    executable_path: str | None
    created: datetime | None


@dataclass(frozen=True, slots=True)
class CrashFact:
    """A service that ended unexpectedly within the last seven days, by the service manager's events 7031 and 7034."""

    service: str
    count: int
    last: datetime | None


@dataclass(frozen=True, slots=True)
class DaemonFacts:
    """`Get-DaemonFact.ps1`: services and processes of Kubernetes and its runtime, and of HNS."""

    services: tuple[ServiceFact, ...] | Problem
    processes: tuple[ProcessFact, ...] | Problem
    crashes: tuple[CrashFact, ...] | Problem
    """The last to crash first. Only services that are told of."""
