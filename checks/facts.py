"""Facts: typed answers of the probes, immutable and without opinion.

Every top-level field of a facts record is `T | Problem`. Times are UTC; `None` inside an answer means that Windows
itself has no such value (absent registry value, no limit), never that reading failed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """A question that could not be answered, and why. `code` is an HRESULT, Win32 or fault code where there is one."""

    fact: str
    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file read as bytes. `present` False: it is not there. Read trouble is in `problem`, then `present` may be None."""

    path: str
    present: bool | None
    size_bytes: int = 0
    modified: datetime | None = None
    content: str = ""
    """Base64 of the bytes."""
    problem: str = ""

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.content)


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """`Get-SystemFact.ps1`."""

    computer_name: str | Problem
    host_name: str | Problem
    """DNS host name as `hostname` prints it."""
    product_name: str | Problem
    build: int | Problem
    """`CurrentBuildNumber`, e.g. 17763."""
    ubr: int | Problem
    is_64_bit_process: bool | Problem
    culture: str | Problem
    boot_time: datetime | Problem
    node_time: datetime | Problem
    manufacturer: str | Problem
    model: str | Problem


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


@dataclass(frozen=True, slots=True)
class ProcessFact:
    """One process of `Win32_Process`. `command_line` None: not readable with these rights."""

    name: str
    role: str
    """kubelet, kube-proxy, flanneld, containerd, dockerd, rke2, start-script (a powershell.exe that runs start.ps1)."""
    process_id: int
    parent_process_id: int
    parent_name: str
    command_line: str | None
    executable_path: str | None
    created: datetime | None


@dataclass(frozen=True, slots=True)
class DaemonFacts:
    """`Get-DaemonFact.ps1`: services and processes of Kubernetes and its runtime, and of HNS."""

    services: tuple[ServiceFact, ...] | Problem
    processes: tuple[ProcessFact, ...] | Problem


@dataclass(frozen=True, slots=True)
class VariableFact:
    """An environment variable. Passwords in URLs are masked on the node; `has_password` tells that there was one."""

    name: str
    value: str
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """`Get-EnvironmentFact.ps1`: machine variables as the registry holds them (proxies and NODE_NAME, KUBE_NETWORK)."""

    machine: tuple[VariableFact, ...] | Problem
    machine_changed: datetime | Problem
    """Last write of the key `Session Manager\\Environment`."""


@dataclass(frozen=True, slots=True)
class ReservationFact:
    """One address that host-local has handed out: a file named by the address."""

    network: str
    address: str
    path: str
    content: str
    """First 256 characters of its text."""
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class FlannelFacts:
    """`Get-FlannelFact.ps1`: flannel's files wherever a profile keeps them."""

    subnet_env: tuple[FileFact, ...] | Problem
    net_conf: tuple[FileFact, ...] | Problem
    source_vip: tuple[FileFact, ...] | Problem
    source_vip_request: tuple[FileFact, ...] | Problem
    reservations: tuple[ReservationFact, ...] | Problem
    """At most 1,024; host-local's files under `\\var\\lib\\cni\\networks\\<network>`."""
    flanneld_log: tuple[str, ...] | Problem
    """The last 40 lines of flanneld's log file where a profile keeps one; empty where none is kept."""


@dataclass(frozen=True, slots=True)
class HnsRemoteSubnet:
    prefix: str
    provider_address: str


@dataclass(frozen=True, slots=True)
class HnsNetworkFact:
    """A network of the Host Network Service, schema 1 or 2 brought to one shape."""

    id: str
    name: str
    type: str
    """As HNS spells it: compare case-insensitively."""
    management_ip: str | None
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    adapter_name: str | None
    health_error: int | None
    remote_subnets: tuple[HnsRemoteSubnet, ...]


@dataclass(frozen=True, slots=True)
class HnsEndpointFact:
    id: str
    name: str
    network_id: str
    network_name: str
    ip_address: str | None
    is_remote: bool
    state: int | None
    nat_exceptions: tuple[str, ...] | None
    """`OutBoundNAT` exceptions of this endpoint; None where it has no such policy."""


@dataclass(frozen=True, slots=True)
class HnsFacts:
    """`Get-HnsFact.ps1`."""

    networks: tuple[HnsNetworkFact, ...] | Problem
    endpoints: tuple[HnsEndpointFact, ...] | Problem
    """At most 2,048 of `endpoint_count`."""
    endpoint_count: int | Problem
    load_balancer_vips: tuple[str, ...] | Problem
    """Distinct VIPs of HNS policy lists."""


@dataclass(frozen=True, slots=True)
class AdapterFact:
    name: str
    description: str
    index: int
    status: str
    """up, down, disabled, not-present, other."""
    mac: str
    is_virtual: bool


@dataclass(frozen=True, slots=True)
class AddressFact:
    address: str
    prefix_length: int
    interface: str
    interface_index: int
    family: str
    """ipv4, ipv6."""


@dataclass(frozen=True, slots=True)
class RouteFact:
    prefix: str
    next_hop: str
    interface_index: int


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """`Get-NetworkFact.ps1`: adapters, addresses, and the routes that matter (default, and to pod subnets)."""

    adapters: tuple[AdapterFact, ...] | Problem
    addresses: tuple[AddressFact, ...] | Problem
    routes: tuple[RouteFact, ...] | Problem


@dataclass(frozen=True, slots=True)
class CniFolderFact:
    path: str
    present: bool | None
    files: tuple[FileFact, ...]
    """Files ending in .conf, .conflist or .json, in byte order of their names."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CniFacts:
    """`Get-CniFact.ps1`."""

    folders: tuple[CniFolderFact, ...] | Problem


@dataclass(frozen=True, slots=True)
class ApiServerFact:
    """Only the `server:` line of a kubeconfig leaves the node, never the file."""

    path: str
    server: str


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """`Get-ProfileFact.ps1`: evidence for the profile (domain.md 2.2) and where the API server is."""

    present_paths: tuple[str, ...] | Problem
    """Those of the asked paths that are there."""
    pipes: tuple[str, ...] | Problem
    """Named pipes of interest: rancher_wins, containerd-containerd, docker_engine."""
    api_servers: tuple[ApiServerFact, ...] | Problem
    rke2_settings: tuple[VariableFact, ...] | Problem
    """`server` and `node-name` of `C:\\etc\\rancher\\rke2\\config.yaml`; never its token."""
    containerd_config: tuple[FileFact, ...] | Problem
    """containerd's config.toml in its known places; credentials in it (`auth`, `password`, `token`) are masked on the node."""


@dataclass(frozen=True, slots=True)
class EgressFacts:
    """`Get-EgressFact.ps1`: whether the node itself reaches a registry directly, without any proxy."""

    target: str | Problem
    reached: bool | Problem


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """All answers of one scan of one node. A probe that did not come back is a `Problem` as a whole."""

    system: SystemFacts | Problem
    daemons: DaemonFacts | Problem
    environment: EnvironmentFacts | Problem
    flannel: FlannelFacts | Problem
    hns: HnsFacts | Problem
    network: NetworkFacts | Problem
    cni: CniFacts | Problem
    profile: ProfileFacts | Problem
    egress: EgressFacts | Problem
