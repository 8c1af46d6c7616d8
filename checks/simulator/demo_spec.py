"""How a simulated node is written down: one YAML file a node under `resources/demo`.

Times are ages (`6d`, `90min`, `40s`), so that they are relative to the start of the simulator. Unknown keys are errors.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from checks.simulator.demo_spec_api import ApiSpec
from checks.simulator.demo_spec_reader import Strict

Kind = Literal["string", "expand", "multi", "dword", "qword", "binary"]


class SystemSpec(Strict):
    build: int = 17763
    ubr: int = 6532
    product: str = ""
    """Empty: `Windows Server <year> Datacenter` by build."""
    computer: str = ""
    """Empty: the node's name in capitals."""
    culture: str = "en-US"
    manufacturer: str = "Microsoft Corporation"
    model: str = "Virtual Machine"
    booted: str = "6d"
    clock_ahead: int = 0
    """Seconds by which its clock is ahead of the right time."""
    chassis_tag: str = ""
    hyper_v_host: str = ""
    virtual_machine: str = ""


class PeerSpec(Strict):
    pod_cidr: str
    address: str
    mac: str


class ClusterSpec(Strict):
    network: str
    backend: Literal["vxlan", "host-gw"]
    pod_cidr: str
    cluster_cidr: str = "10.244.0.0/16"
    service_cidr: str = "10.96.0.0/12"
    dns_service: str = "10.96.0.10"
    api_server: str = "10.2.0.2:6443"
    peers: tuple[PeerSpec, ...] = ()


class ReachSpec(Strict):
    direct: bool = True
    proxy: str = ""
    inside: tuple[str, ...] = ("10.2.0.2:6443", "10.2.0.1:53")
    closed: tuple[str, ...] = ()


class AdapterSpec(Strict):
    name: str
    index: int
    description: str
    mac: str
    status: str = "Up"
    virtual: bool = False
    hidden: bool = False
    mtu: int = 1500


class AddressSpec(Strict):
    interface: str
    address: str
    length: int = 24
    management: bool = False
    physical: str = ""


class RouteSpec(Strict):
    prefix: str
    next_hop: str
    interface: str


class DiskSpec(Strict):
    size: int = 136363110400
    free: int = 64424509440


class FirewallRuleSpec(Strict):
    name: str
    protocol: Literal["TCP", "UDP", "Any"]
    port: str
    """A number, a range, or Any."""
    allows: bool = True
    profiles: tuple[str, ...] = ("any",)
    program: str | None = ""


class FirewallSpec(Strict):
    """Rules are enabled inbound ones."""

    enabled: bool = True
    lets_in: bool = False
    rules: tuple[FirewallRuleSpec, ...] = (
        FirewallRuleSpec(name="kubelet-10250", protocol="TCP", port="10250"),
        FirewallRuleSpec(name="flannel-4789", protocol="UDP", port="4789"),
    )


class NssmSpec(Strict):
    application: str
    parameters: str = ""
    directory: str = ""
    environment: tuple[str, ...] | None = None
    environment_extra: tuple[str, ...] | None = None
    stdout: str | None = None
    stderr: str | None = None


class ServiceSpec(Strict):
    image: str
    shown: str = ""
    start: Literal["boot", "system", "auto", "manual", "disabled"] = "auto"
    account: str = "LocalSystem"
    needs: tuple[str, ...] = ()
    environment: tuple[str, ...] | None = None
    nssm: NssmSpec | None = None
    stopped: bool = False


class FileSpec(Strict):
    text: str | None = None
    encoding: Literal["utf-8", "utf-8-bom", "utf-16"] = "utf-8"
    newline: Literal["lf", "crlf"] = "lf"
    base64: str | None = None
    age: str = ""
    """Empty: written while Windows started."""


class RegistrySpec(Strict):
    kind: Kind
    value: str | int | tuple[str, ...]


class VersionsSpec(Strict):
    """What the programs of a node answer to `--version`. `kubernetes` empty: what the API server says of it."""

    kubernetes: str = ""
    containerd: str = "1.7.27"
    flannel: str = "v0.25.6"


class AnswerSpec(Strict):
    """What crictl says where its words match an expression."""

    match: str
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0


class ProgramSpec(Strict):
    """A program that no service starts: its command line and the variables it gets besides the machine's."""

    line: str
    environment: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class NetworkSpec(Strict):
    name: str
    type: str
    id: str = ""
    management_ip: str | None = None
    subnets: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    adapter: str | None = None
    health_error: int | None = 0
    peers: tuple[PeerSpec, ...] = ()


class EndpointSpec(Strict):
    name: str
    network: str
    """Name of its network."""
    ip_address: str | None = None
    state: int | None = None
    remote: bool = False
    nat_exceptions: tuple[str, ...] | None = None
    gateway: str | None = None
    dns_servers: tuple[str, ...] = ()


class LoadBalancerSpec(Strict):
    """A load balancer of HNS; each of its protocols is one of its own there."""

    vips: tuple[str, ...] = ()
    port: int = 53
    internal_port: int = 0
    """0: as `port`."""
    protocols: tuple[Literal[6, 17], ...] = (6, 17)
    state: int | None = 2
    dsr: bool = False
    local_routed: bool = False
    source_vip: str | None = None
    endpoints: int = 0
    answers: bool = True
    """To a connection from outside, where it has no VIP."""


class HnsSpec(Strict):
    threads: int = 12
    """Of its process."""
    started: str = ""
    """Age of its process; empty: as old as Windows' start."""
    failures: int = 0
    blip: bool = False
    networks: tuple[NetworkSpec, ...] = ()
    endpoints: tuple[EndpointSpec, ...] = ()
    load_balancers: tuple[LoadBalancerSpec, ...] = ()


class NodeSpec(Strict):
    name: str
    about: str = ""
    group: str = ""
    https: bool = False
    sign_in: Literal["ntlm", "basic"] = "ntlm"
    answers: bool = True
    """False: nothing listens on its port."""
    system: SystemSpec = msgspec.field(default_factory=SystemSpec)
    cluster: ClusterSpec | None = None
    api: ApiSpec = msgspec.field(default_factory=ApiSpec)
    reach: ReachSpec = msgspec.field(default_factory=ReachSpec)
    address: str = "10.2.0.13"
    """Its own address, on the management adapter."""
    adapters: tuple[AdapterSpec, ...] = ()
    addresses: tuple[AddressSpec, ...] = ()
    routes: tuple[RouteSpec, ...] = ()
    name_servers: tuple[str, ...] = ("10.2.0.1",)
    """What the node itself asks for names."""
    firewall: FirewallSpec = msgspec.field(default_factory=FirewallSpec)
    disks: dict[str, DiskSpec] = msgspec.field(default_factory=lambda: {"C:": DiskSpec()})
    """Fixed drives by letter, in bytes."""
    environment: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    services: dict[str, object] = msgspec.field(default_factory=dict[str, object])
    registry: dict[str, object] = msgspec.field(default_factory=dict[str, object])
    files: dict[str, object] = msgspec.field(default_factory=dict[str, object])
    programs: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    versions: VersionsSpec = msgspec.field(default_factory=VersionsSpec)
    crictl: tuple[AnswerSpec, ...] = ()
    pipes: tuple[str, ...] = ()
    source_vip: str = ""
    children: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    """What a start script, named by its path, or rke2 starts."""
    running: tuple[ProgramSpec, ...] = ()
    hns: HnsSpec = msgspec.field(default_factory=HnsSpec)


class VirtualAdapterSpec(Strict):
    mac: str
    switch: str = "LAN"
    spoofing: bool = False
    name: str = "Network Adapter"


class HostSpec(Strict):
    """A Hyper-V host: adapters by virtual machine."""

    name: str
    about: str = ""
    machines: dict[str, tuple[VirtualAdapterSpec, ...]] = msgspec.field(
        default_factory=dict[str, tuple[VirtualAdapterSpec, ...]]
    )
