"""What a simulated node is at one moment: its disk, registry, services, processes, tasks and networks.

Only data and how Windows finds things in it (names ignore case, paths take both slashes). What happens when something
starts is in `demo_rules`, where it comes from in `demo_load`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ntpath import basename

from checks.simulator.demo_api import Api
from checks.simulator.demo_disk import Disk
from checks.simulator.demo_networks import Adapter, Address, Hns, Peer, Route
from checks.simulator.demo_registry import Registry

SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
MACHINE_ENVIRONMENT = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"


@dataclass(slots=True)
class Service:
    """What the service manager remembers; the settings of a service are in the registry."""

    name: str
    state: str = "Stopped"
    """Running, Stopped or Paused (NSSM's word for a program that ended)."""
    process_id: int = 0
    exit_code: int = 0
    crashes: list[datetime] = field(default_factory=list[datetime])
    """When its program ended unexpectedly."""

    @property
    def key(self) -> str:
        return f"{SERVICES}\\{self.name}"

    @property
    def parameters_key(self) -> str:
        return f"{self.key}\\Parameters"


@dataclass(slots=True)
class Process:
    id: int
    parent: int
    command_line: str | None
    path: str | None
    created: datetime
    service: str = ""
    environment: dict[str, str] = field(default_factory=dict[str, str])
    name: str = ""

    def __post_init__(self) -> None:
        self.name = self.name or basename(self.path or "")


@dataclass(frozen=True, slots=True)
class Drive:
    """A fixed drive, in bytes."""

    letter: str
    size: int
    free: int


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """An enabled inbound rule."""

    name: str
    protocol: str
    port: str
    allows: bool
    profiles: tuple[str, ...]
    program: str | None


@dataclass(frozen=True, slots=True)
class Firewall:
    enabled: bool = True
    lets_in: bool = False
    rules: tuple[FirewallRule, ...] = ()


@dataclass(slots=True)
class Task:
    """A scheduled task of SYSTEM. `environment` is what its action sets before it runs the command line."""

    name: str
    execute: str
    arguments: str
    description: str = ""
    path: str = "\\"
    at_startup: bool = False
    last_result: int = 0x41303
    """0x41303 has not run yet, 0x41301 runs, else the exit code."""
    due: datetime | None = None
    """When its trigger starts it, once."""


@dataclass(frozen=True, slots=True)
class System:
    """What does not change while the simulator runs."""

    computer_name: str
    host_name: str
    product_name: str
    build: int
    ubr: int
    culture: str
    manufacturer: str
    model: str
    chassis_tag: str = ""
    hyper_v_host: str = ""
    virtual_machine: str = ""
    clock_ahead_s: int = 0


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster as it is, whatever the node believes."""

    node: str
    network: str
    backend: str
    """vxlan or host-gw."""
    cluster_cidr: str
    pod_cidr: str
    service_cidr: str
    dns_service: str
    api_server: str
    peers: tuple[Peer, ...]

    @property
    def is_overlay(self) -> bool:
        return self.backend == "vxlan"


ANY_PROXY = "*"
"""Every proxy answers there: who tries a fix on the demo can't know which one does."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the node reaches: outside directly or only through `proxy`, and what lies inside (never by the proxy)."""

    direct: bool = True
    proxy: str = ""
    inside: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """What the programs of a node answer to `--version`."""

    kubernetes: str = "v1.30.4"
    containerd: str = "1.7.27"
    flannel: str = "v0.25.6"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program says, and to which words (an expression)."""

    match: str
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class VirtualAdapter:
    """An adapter that a Hyper-V host gives to a virtual machine."""

    machine: str
    mac: str
    switch: str
    spoofing: bool
    name: str = "Network Adapter"


@dataclass(slots=True)
class NodeState:
    """One simulated node. Whoever reads or changes it holds `lock`."""

    system: System
    cluster: Cluster
    reach: Reach
    boot_time: datetime
    api: Api = field(default_factory=Api)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    adapters: list[Adapter] = field(default_factory=list[Adapter])
    addresses: list[Address] = field(default_factory=list[Address])
    routes: list[Route] = field(default_factory=list[Route])
    name_servers: tuple[str, ...] = ()
    """The node's own, on each adapter with an address."""
    hns: Hns = field(default_factory=Hns)
    disk: Disk = field(default_factory=Disk)
    drives: tuple[Drive, ...] = ()
    firewall: Firewall = field(default_factory=Firewall)
    registry: Registry = field(default_factory=Registry)
    services: dict[str, Service] = field(default_factory=dict[str, Service])
    processes: list[Process] = field(default_factory=list[Process])
    tasks: dict[str, Task] = field(default_factory=dict[str, Task])
    wrappers: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """What a start script or rke2 itself starts: command lines by script path or role."""
    pipes: tuple[str, ...] = ()
    """Named pipes of interest that are open."""
    versions: Versions = field(default_factory=Versions)
    crictl: tuple[Answer, ...] = ()
    source_vip: str = ""
    """Where kube-proxy's start script keeps the source VIP; '' on nodes without one."""
    boot_environment: dict[str, str] = field(default_factory=dict[str, str])
    """Machine variables at boot: what services get."""
    virtual_adapters: list[VirtualAdapter] | None = None
    """Of the virtual machines that it runs; None: no Hyper-V host."""
    journal: list[str] = field(default_factory=list[str])
    cuts: int = 0
    """How often making a network has cut all sessions."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    _last_id: int = 4000

    def new_process_id(self) -> int:
        self._last_id += 4
        return self._last_id

    def service(self, name: str) -> Service | None:
        for service in self.services.values():
            if service.name.lower() == name.lower():
                return service
        return None

    @property
    def management(self) -> Address | None:
        return next((one for one in self.addresses if one.is_management), None)

    def adapter(self, name: str) -> Adapter | None:
        return next((one for one in self.adapters if one.name.lower() == name.lower()), None)

    def all_processes(self) -> list[Process]:
        """Those of Windows that every node has, then those the node's services and tasks started."""
        boot = self.boot_time
        host = "C:\\Windows\\System32\\svchost.exe"
        return [
            Process(4, 0, None, None, boot, name="System"),
            Process(640, 4, None, None, boot, name="services.exe"),
            Process(1208, 640, f"{host} -k NetworkService -p -s WinRM", host, boot, name="svchost.exe"),
            *self.processes,
        ]

    def machine_environment(self) -> dict[str, str]:
        """Machine variables as the registry holds them now."""
        key = self.registry.key(MACHINE_ENVIRONMENT)
        return {value.name: value.text for value in key.values.values()} if key else {}
