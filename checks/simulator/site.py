"""The built-in demo site, running: a server for each simulated node on a free port of 127.0.0.1."""

from __future__ import annotations

import socket
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.errors import CannotReachNode
from checks.facts import NodePortFacts
from checks.node import Credentials, Node, Typed
from checks.scripts import load_scripts
from checks.simulator.certificate import LoopbackCertificate
from checks.simulator.demo import DemoBackend, DemoNode, DemoSite
from checks.simulator.demo_reach import knock_at
from checks.simulator.server import SimulatorServer
from checks.simulator.shells import Wire

LOOPBACK = "127.0.0.1"
DEMO_USER = "demo"
DEMO_PASSWORD = "demo"  # guards nothing: simulated nodes on loopback
DEMO_LATENCY_MS = 35
"""How long each script takes in the demo, about as on a real node."""


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """Simulated nodes that answer now. `close` stops them all."""

    nodes: tuple[Node, ...]
    credentials: Credentials
    site: DemoSite
    servers: Mapping[str, SimulatorServer]
    hosts: Mapping[str, SimulatorServer]
    """Hyper-V hosts by name; they stand in no list."""
    certificate: LoopbackCertificate
    closed_ports: tuple[socket.socket, ...]
    """Taken, so that nobody else listens there, and never answering."""

    def knock(self, node: Node, own: Collection[str], ports: Sequence[int]) -> NodePortFacts:
        """Which ports would answer, by the description of the node called so: nothing is connected to."""
        state = next((one.state for one in self.site.nodes if one.name == node.name), None)
        if state is None:
            raise CannotReachNode("no-route", node=node.name)
        return NodePortFacts(node.address, tuple(knock_at(state, port) for port in ports))

    def wire(self, node: Node) -> Wire:
        """What a node was asked so far."""
        return self.servers[node.name].wire

    def close(self) -> None:
        for server in (*self.servers.values(), *self.hosts.values()):
            server.close()
        for taken in self.closed_ports:
            taken.close()
        self.certificate.close()


def start_demo(resources: Path, latency_ms: int = 0) -> RunningDemo:
    """Start all nodes of `resources/demo`. `latency_ms`: how long each script takes on them."""
    site = DemoSite(resources / "demo", load_scripts(resources / "scripts"))
    who = Credentials(DEMO_USER, DEMO_PASSWORD)
    certificate = LoopbackCertificate()
    servers: dict[str, SimulatorServer] = {}
    nodes: list[Node] = []
    closed: list[socket.socket] = []
    hosts = {
        name: SimulatorServer(DemoBackend(state, site.scripts, latency_ms), who) for name, state in site.hosts.items()
    }
    for one in site.nodes:
        if one.state is None:
            taken = socket.socket()
            taken.bind((LOOPBACK, 0))
            closed.append(taken)
            nodes.append(_listed(one, int(taken.getsockname()[1]), "", ()))
            continue
        server = SimulatorServer(site.backend(one, latency_ms), who, one.https, certificate if one.https else None)
        servers[one.name] = server
        nodes.append(_listed(one, server.port, server.fingerprint, _host(one, hosts)))
    return RunningDemo(tuple(nodes), who, site, servers, hosts, certificate, tuple(closed))


def _host(node: DemoNode, hosts: Mapping[str, SimulatorServer]) -> tuple[Typed, ...]:
    """The host that this node runs on, as a node list gives it."""
    host = hosts.get(node.state.system.hyper_v_host) if node.state else None
    if host is None:
        return ()
    told = {"address": LOOPBACK, "port": str(host.port), "https": "false", "sign_in": "ntlm"}
    return tuple(Typed(name, value, "node") for name, value in sorted(told.items()))


def _listed(node: DemoNode, port: int, pin: str, host: tuple[Typed, ...]) -> Node:
    return Node(
        name=node.name,
        address=LOOPBACK,
        port=port,
        https=node.https,
        sign_in=node.sign_in,
        user=DEMO_USER,
        certificate=pin,
        group=node.group,
        hyperv_host=host,
    )
