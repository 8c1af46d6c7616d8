"""Builds a simulated node from its description: lays files and registry, then starts services and daemons.

What a healthy node shows is what its daemons leave when they start by the rules; a fault is in what was laid before.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from checks.node import SignIn
from checks.simulator.demo_load_api import build_api
from checks.simulator.demo_load_hns import lay_endpoints, lay_networks, peer_of
from checks.simulator.demo_networks import Adapter, Address, Route
from checks.simulator.demo_registry import RegistryData, RegistryValue
from checks.simulator.demo_rules import SERVICE_MANAGER, start_program
from checks.simulator.demo_services import ServiceError, start_service
from checks.simulator.demo_spec import FileSpec, NodeSpec, NssmSpec, RegistrySpec, ServiceSpec
from checks.simulator.demo_spec_reader import SpecReader
from checks.simulator.demo_state import (
    MACHINE_ENVIRONMENT,
    Answer,
    Cluster,
    Drive,
    Firewall,
    FirewallRule,
    NodeState,
    Reach,
    Service,
    System,
    Versions,
)

_SVCHOST = "C:\\Windows\\System32\\svchost.exe -k NetworkService -p"
_YEARS = {17763: "2019", 20348: "2022", 26100: "2025"}
_STARTS = {"boot": 0, "system": 1, "auto": 2, "manual": 3, "disabled": 4}
_WINDOWS = {
    "WinRM": ServiceSpec(image=_SVCHOST, shown="Windows Remote Management (WS-Management)"),
    "hns": ServiceSpec(image=f"{_SVCHOST} -s hns", shown="Host Network Service", start="manual"),
    "vmcompute": ServiceSpec(
        image="C:\\Windows\\System32\\svchost.exe -k vmcompute", shown="Hyper-V Host Compute Service", start="manual"
    ),
    "W32Time": ServiceSpec(image=f"{_SVCHOST} -s W32Time", shown="Windows Time"),
}
_DAEMONS_START = timedelta(seconds=40)
"""After boot."""


@dataclass(frozen=True, slots=True)
class DemoNode:
    """A simulated node and how it is to be reached. `state` None: nothing answers there."""

    name: str
    group: str
    https: bool
    sign_in: SignIn
    state: NodeState | None


def _utc_now() -> datetime:
    return datetime.now(UTC)


def load_demo_node(path: Path, clock: Callable[[], datetime] = _utc_now) -> DemoNode:
    """Read one description. Raises `BadFile` (code `demo-node`) that names file and key."""
    reader = SpecReader(path)
    spec = reader.read(NodeSpec)
    state = _Builder(reader, spec, clock).build() if spec.answers else None
    return DemoNode(spec.name, spec.group, spec.https, SignIn(spec.sign_in), state)


def load_demo_nodes(folder: Path, clock: Callable[[], datetime] = _utc_now) -> tuple[DemoNode, ...]:
    """All descriptions of a folder, by group and name."""
    nodes = [load_demo_node(path, clock) for path in sorted(folder.glob("*.yaml"))]
    return tuple(sorted(nodes, key=lambda node: (node.group, node.name)))


class _Builder:
    def __init__(self, reader: SpecReader, spec: NodeSpec, clock: Callable[[], datetime]) -> None:
        self.reader = reader
        self.spec = spec
        self.services = dict(_WINDOWS)
        self.now = clock()
        self.boot = self.now - reader.age(spec.system.booted, "$.system.booted")
        if spec.cluster is None:
            raise reader.wrong("$.cluster", "is missing")
        system, cluster = spec.system, spec.cluster
        self.state = NodeState(
            system=System(
                computer_name=system.computer or spec.name.upper()[:15],
                host_name=spec.name,
                product_name=system.product or f"Windows Server {_YEARS.get(system.build, '2022')} Datacenter",
                build=system.build,
                ubr=system.ubr,
                culture=system.culture,
                manufacturer=system.manufacturer,
                model=system.model,
                chassis_tag=system.chassis_tag,
                hyper_v_host=system.hyper_v_host,
                virtual_machine=system.virtual_machine,
                clock_ahead_s=system.clock_ahead,
            ),
            cluster=Cluster(
                node=spec.name,
                network=cluster.network,
                backend=cluster.backend,
                cluster_cidr=cluster.cluster_cidr,
                pod_cidr=cluster.pod_cidr,
                service_cidr=cluster.service_cidr,
                dns_service=cluster.dns_service,
                api_server=cluster.api_server,
                peers=tuple(peer_of(peer) for peer in cluster.peers),
            ),
            reach=Reach(spec.reach.direct, spec.reach.proxy, spec.reach.inside, spec.reach.closed),
            boot_time=self.boot,
            api=build_api(reader, spec, self.now),
            clock=clock,
        )

    def build(self) -> NodeState:
        self._lay_network()
        self._lay_files()
        self._lay_registry()
        lay_networks(self.state.hns, self.reader, self.spec.hns, self.now)
        state = self.state
        state.pipes = self.spec.pipes
        walls = self.spec.firewall
        state.firewall = Firewall(
            walls.enabled,
            walls.lets_in,
            tuple(
                FirewallRule(one.name, one.protocol, one.port, one.allows, one.profiles, one.program)
                for one in walls.rules
            ),
        )
        state.drives = tuple(Drive(letter, one.size, one.free) for letter, one in self.spec.disks.items())
        versions = self.spec.versions
        kubernetes = versions.kubernetes or self.spec.api.kubernetes
        state.versions = Versions(kubernetes, versions.containerd, versions.flannel)
        state.crictl = tuple(Answer(one.match, one.stdout, one.stderr, one.exit_code) for one in self.spec.crictl)
        state.source_vip = self.spec.source_vip
        state.wrappers = dict(self.spec.children)
        state.boot_environment = state.machine_environment()
        self._start()
        return state

    def _lay_network(self) -> None:
        spec, state = self.spec, self.state
        last = int(spec.address.rsplit(".", 1)[-1]) if spec.address.rsplit(".", 1)[-1].isdigit() else 13
        nic, switch, mac = "Ethernet", "vEthernet (Ethernet)", f"00-15-5D-01-02-{last:02X}"
        state.adapters = [
            Adapter(one.name, one.index, one.description, one.mac, one.status, one.virtual, one.hidden, one.mtu)
            for one in spec.adapters
        ] or [
            Adapter(nic, 6, "Microsoft Hyper-V Network Adapter", mac),
            Adapter(switch, 12, "Hyper-V Virtual Ethernet Adapter", mac, is_virtual=True),
        ]
        state.addresses = [
            Address(one.interface, one.address, one.length, one.management, one.physical) for one in spec.addresses
        ] or [Address(switch, spec.address, 24, is_management=True, physical=nic)]
        subnet = spec.address.rsplit(".", 1)[0]
        state.routes = [Route(one.prefix, one.next_hop, one.interface) for one in spec.routes] or [
            Route("0.0.0.0/0", f"{subnet}.1", switch),
            Route(f"{subnet}.0/24", "0.0.0.0", switch),
        ]
        state.name_servers = spec.name_servers
        for place, address in enumerate(state.addresses):
            if state.adapter(address.interface) is None:
                raise self.reader.wrong(f"$.addresses[{place}].interface", f"no adapter is called {address.interface}")

    def _lay_files(self) -> None:
        disk = self.state.disk
        for folder in self.spec.folders:
            disk.make_folder(folder)
        for program in self.spec.programs:
            disk.write(program, b"MZ", self.boot)
        for path, told in self.spec.files.items():
            key = f"$.files.{path}"
            file = FileSpec(text=told) if isinstance(told, str) else self.reader.convert(told, FileSpec, key)
            modified = self.now - self.reader.age(file.age, f"{key}.age") if file.age else self.boot
            disk.write(path, self._bytes(file, key), modified)

    def _bytes(self, file: FileSpec, key: str) -> bytes:
        if (file.text is None) == (file.base64 is None):
            raise self.reader.wrong(key, "needs either text or base64")
        if file.base64 is not None:
            try:
                return base64.b64decode(file.base64, validate=True)
            except binascii.Error as error:
                raise self.reader.wrong(f"{key}.base64", str(error)) from error
        text = (file.text or "").replace("\n", "\r\n" if file.newline == "crlf" else "\n")
        if file.encoding == "utf-16":
            return b"\xff\xfe" + text.encode("utf-16-le")
        return text.encode("utf-8-sig" if file.encoding == "utf-8-bom" else "utf-8")

    def _lay_registry(self) -> None:
        registry, boot = self.state.registry, self.boot
        registry.make(MACHINE_ENVIRONMENT, boot)
        for name, value in self.spec.environment.items():
            registry.set(MACHINE_ENVIRONMENT, RegistryValue(name, "string", value), boot)
        for name, told in self.spec.services.items():
            self.services[name] = self.reader.convert(told, ServiceSpec, f"$.services.{name}")
        for name, service in self.services.items():
            self._lay_service(name, service)
        for path, told in self.spec.registry.items():
            key, _, name = path.rpartition("\\")
            value = self.reader.convert(told, RegistrySpec, f"$.registry.{path}")
            registry.set(key, RegistryValue(name, value.kind, value.value), boot)

    def _lay_service(self, name: str, spec: ServiceSpec) -> None:
        service = Service(name)
        self.state.services[name] = service
        values: dict[str, tuple[str, RegistryData | None]] = {
            "ImagePath": ("expand", spec.image),
            "Start": ("dword", _STARTS[spec.start]),
            "ObjectName": ("string", spec.account),
            "DisplayName": ("string", spec.shown or name),
            "DependOnService": ("multi", spec.needs or None),
            "Environment": ("multi", spec.environment),
        }
        self._set(service.key, values)
        if spec.nssm:
            self._lay_nssm(service.parameters_key, spec.nssm)

    def _lay_nssm(self, key: str, spec: NssmSpec) -> None:
        values: dict[str, tuple[str, RegistryData | None]] = {
            "Application": ("expand", spec.application),
            "AppParameters": ("expand", spec.parameters),
            "AppDirectory": ("expand", spec.directory),
            "AppEnvironment": ("multi", spec.environment),
            "AppEnvironmentExtra": ("multi", spec.environment_extra),
            "AppStdout": ("expand", spec.stdout),
            "AppStderr": ("expand", spec.stderr),
        }
        self._set(key, values)

    def _set(self, key: str, values: dict[str, tuple[str, RegistryData | None]]) -> None:
        for name, (kind, data) in values.items():
            if data is not None:
                self.state.registry.set(key, RegistryValue(name, kind, data), self.boot)

    def _start(self) -> None:
        state, now = self.state, self.state.clock
        started = self.boot + _DAEMONS_START
        state.clock = lambda: started
        for service in state.services.values():
            if not self.services[service.name].stopped:
                with suppress(ServiceError):  # it shows as stopped, as on a node
                    start_service(state, service)
        for place, program in enumerate(self.spec.running):
            variables = {**state.machine_environment(), **program.environment}
            start = start_program(state, program.line, variables, SERVICE_MANAGER)
            if not start.is_running:
                raise self.reader.wrong(f"$.running[{place}].line", f"does not stay: {'; '.join(start.log)}")
        lay_endpoints(state.hns, self.reader, self.spec.hns)
        state.clock = now
        state.hns.blip = self.spec.hns.blip
        state.cuts = 0
