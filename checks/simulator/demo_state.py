"""What a simulated node is at one moment: its disk, registry, services, processes, tasks and networks.

Only data and how Windows finds things in it (names ignore case, paths take both slashes). What happens when something
starts is in `demo_rules`, where it comes from in `demo_load`.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ntpath import basename, dirname, normpath

SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
_folder_of = lru_cache(maxsize=4096)(dirname)
"""Asked for every file of a node, for every folder that a script looks into."""
MACHINE_ENVIRONMENT = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"


@dataclass(slots=True)
class DiskFile:
    path: str
    data: bytes
    modified: datetime


@lru_cache(maxsize=4096)
def _key(path: str) -> str:
    return normpath(path).lower()


class Disk:
    """The drive C: as far as the node uses it. Folders exist by themselves once something lies in them."""

    def __init__(self) -> None:
        self._files: dict[str, DiskFile] = {}
        self._folders: dict[str, str] = {}
        self.make_folder("C:\\")

    @staticmethod
    def key(path: str) -> str:
        return _key(path)

    def make_folder(self, path: str) -> None:
        path = normpath(path)
        while path and path.lower() not in self._folders:
            self._folders[path.lower()] = path
            path = dirname(path)

    def write(self, path: str, data: bytes, modified: datetime) -> None:
        path = normpath(path)
        self.make_folder(dirname(path))
        known = self._files.get(path.lower())
        self._files[path.lower()] = DiskFile(known.path if known else path, data, modified)

    def remove(self, path: str) -> None:
        self._files.pop(self.key(path), None)

    def remove_folder(self, path: str) -> None:
        """With everything in it."""
        key = self.key(path)
        for one in [one for one in self._files if one.startswith(key + "\\")]:
            del self._files[one]
        for one in [one for one in self._folders if one == key or one.startswith(key + "\\")]:
            del self._folders[one]

    def file(self, path: str) -> DiskFile | None:
        return self._files.get(self.key(path)) if path else None

    def is_folder(self, path: str) -> bool:
        return self.key(path) in self._folders

    def exists(self, path: str) -> bool:
        return bool(path) and (self.key(path) in self._files or self.key(path) in self._folders)

    def files_in(self, folder: str) -> list[DiskFile]:
        """Files that lie directly in a folder, as NTFS lists them: by name, case ignored."""
        key = self.key(folder)
        return [self._files[one] for one in sorted(self._files) if _folder_of(one) == key]

    def folders_in(self, folder: str) -> list[str]:
        """Full paths of the folders directly in a folder, by name."""
        key = self.key(folder)
        return [self._folders[one] for one in sorted(self._folders) if _folder_of(one) == key and one != key]

    def __iter__(self) -> Iterator[DiskFile]:
        return iter(list(self._files.values()))


RegistryData = str | int | tuple[str, ...] | bytes


@dataclass(frozen=True, slots=True)
class RegistryValue:
    """`kind`: string, expand, multi, dword, qword or binary."""

    name: str
    kind: str
    data: RegistryData

    @property
    def text(self) -> str:
        return "" if isinstance(self.data, (tuple, bytes)) else str(self.data)

    @property
    def lines(self) -> tuple[str, ...]:
        return self.data if isinstance(self.data, tuple) else (self.text,)

    @property
    def number(self) -> int:
        return self.data if isinstance(self.data, int) else 0


@dataclass(slots=True)
class RegistryKey:
    path: str
    changed: datetime
    values: dict[str, RegistryValue] = field(default_factory=dict[str, RegistryValue])


class Registry:
    """Keys by full path and their values; both ignore case."""

    def __init__(self) -> None:
        self._keys: dict[str, RegistryKey] = {}

    def key(self, path: str) -> RegistryKey | None:
        return self._keys.get(path.lower())

    def make(self, path: str, now: datetime) -> RegistryKey:
        return self._keys.setdefault(path.lower(), RegistryKey(path, now))

    def get(self, path: str, name: str) -> RegistryValue | None:
        key = self.key(path)
        return key.values.get(name.lower()) if key else None

    def text(self, path: str, name: str) -> str:
        value = self.get(path, name)
        return value.text if value else ""

    def lines(self, path: str, name: str) -> tuple[str, ...]:
        value = self.get(path, name)
        return value.lines if value else ()

    def set(self, path: str, value: RegistryValue, now: datetime) -> None:
        key = self.make(path, now)
        known = key.values.get(value.name.lower())
        key.values[value.name.lower()] = RegistryValue(known.name if known else value.name, value.kind, value.data)
        key.changed = now

    def remove(self, path: str, name: str, now: datetime) -> None:
        key = self.key(path)
        if key and key.values.pop(name.lower(), None):
            key.changed = now

    def has_below(self, path: str) -> bool:
        """Whether a key has keys in it."""
        return any(one.startswith(path.lower() + "\\") for one in self._keys)

    def remove_key(self, path: str) -> None:
        self._keys.pop(path.lower(), None)

    def __iter__(self) -> Iterator[RegistryKey]:
        return iter(list(self._keys.values()))


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


@dataclass(slots=True)
class Adapter:
    name: str
    index: int
    description: str
    mac: str
    status: str = "Up"
    is_virtual: bool = False
    is_hidden: bool = False


@dataclass(slots=True)
class Address:
    interface: str
    address: str
    length: int
    is_management: bool = False
    physical: str = ""


@dataclass(slots=True)
class Route:
    prefix: str
    next_hop: str
    interface: str


@dataclass(frozen=True, slots=True)
class Peer:
    """Another node of the cluster, as the overlay network knows it."""

    pod_cidr: str
    address: str
    mac: str


@dataclass(slots=True)
class HnsNetwork:
    id: str
    name: str
    type: str
    management_ip: str | None
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    adapter: str | None
    health_error: int | None = 0
    peers: tuple[Peer, ...] = ()


@dataclass(slots=True)
class HnsEndpoint:
    id: str
    name: str
    network: str
    """Id of its network."""
    network_name: str
    ip_address: str | None
    state: int | None = None
    is_remote: bool = False
    nat_exceptions: tuple[str, ...] | None = None
    gateway: str | None = None
    dns_servers: tuple[str, ...] = ()


@dataclass(slots=True)
class PolicyList:
    """A load balancer of HNS for one port."""

    vips: tuple[str, ...]
    protocol: int = 6
    port: int = 53
    internal_port: int = 53
    state: int | None = 2
    is_dsr: bool = False
    is_local_routed: bool = False
    source_vip: str | None = None
    endpoint_count: int = 0
    answers: bool = True
    """To a connection from outside, where it has no VIP."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())


@dataclass(slots=True)
class Hns:
    threads: int = 12
    """Of its process."""
    started: datetime | None = None
    """When its process started; None: with Windows."""
    failures: int = 0
    """The next so many attempts to make a network fail with 0x803b0010."""
    blip: bool = False
    """Making a network cuts every session, as a real one may."""
    networks: list[HnsNetwork] = field(default_factory=list[HnsNetwork])
    endpoints: list[HnsEndpoint] = field(default_factory=list[HnsEndpoint])
    policy_lists: list[PolicyList] = field(default_factory=list[PolicyList])


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


@dataclass(frozen=True, slots=True)
class Reach:
    """What the node reaches: outside directly or only through `proxy`, and what lies inside (never by the proxy)."""

    direct: bool = True
    proxy: str = ""
    inside: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiContainer:
    name: str
    image: str
    ready: bool
    restarts: int
    waiting_reason: str
    waiting_message: str


@dataclass(frozen=True, slots=True)
class ApiPod:
    """A pod that the cluster placed on this node."""

    namespace: str
    name: str
    owner: str
    phase: str
    pod_ip: str
    host_network: bool
    os: str
    node_selector: tuple[str, ...]
    affinity_systems: tuple[str, ...]
    containers: tuple[ApiContainer, ...]


@dataclass(frozen=True, slots=True)
class ApiEvent:
    """A warning about a pod. `host`: the node that it came from."""

    namespace: str
    pod: str
    reason: str
    message: str
    count: int
    host: str
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Api:
    """What the API server says of this node. `pods` and `events` None: the node's own account may not read them."""

    kubernetes: str = "v1.30.4"
    runtime: str = ""
    name: str = ""
    """The Node's name where it is not `Cluster.node`; so are the next three."""
    public_ip: str = ""
    internal_ip: str = ""
    pod_cidr: str | None = None
    """None: the cluster's; '': none was assigned."""
    pods: tuple[ApiPod, ...] | None = None
    events: tuple[ApiEvent, ...] | None = None


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
