"""A fleet in memory: six nodes with every verdict, and the orders that the window gave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checks.errors import CannotReachNode
from checks.finding import Evidence, Finding, Verdict
from checks.node import Node
from checks.scan import NodeReport, blank_facts
from gui.fleet_view import FleetView
from gui.state import NodeState, Phase

NOW = datetime(2026, 11, 24, 3, 12, 30, tzinfo=UTC)
READ = NOW - timedelta(seconds=12)

CHECKS = (
    "node.kubelet-runs",
    "node.containerd-runs",
    "node.kube-proxy-runs",
    "node.proxy-variables",
    "network.hns-network-exists",
    "network.outbound-nat-exceptions",
    "flannel.flanneld-runs",
    "flannel.subnet-env",
    "flannel.source-vip",
)


def finding(check: str, verdict: Verdict, reason: str, *fixes: str, cause: str = "", **values: str) -> Finding:
    evidence = tuple(
        Evidence(name.replace("_", "-"), value, rf"C:\run\flannel\{name}.txt", READ) for name, value in values.items()
    )
    return Finding(check, verdict, reason, tuple(values.items()), evidence, fixes, cause)


def healthy() -> tuple[Finding, ...]:
    p = Verdict.PASS
    return (
        finding("node.kubelet-runs", p, "runs", daemon="kubelet", since="6 d"),
        finding("node.containerd-runs", p, "runs", daemon="containerd", since="6 d"),
        finding("node.kube-proxy-runs", p, "runs", daemon="kube-proxy", since="6 d"),
        finding("node.proxy-variables", p, "direct", target="registry.k8s.io:443"),
        finding("network.hns-network-exists", p, "exists", network="vxlan0", type="Overlay", name="vxlan0"),
        finding("network.outbound-nat-exceptions", p, "listed", count="3", ranges="10.244.0.0/16"),
        finding("flannel.flanneld-runs", p, "runs", name="worker-02"),
        finding("flannel.subnet-env", p, "whole", subnet="10.244.7.0/24", file=r"C:\run\flannel\subnet.env"),
        finding("flannel.source-vip", p, "fits", vip="10.244.7.2", subnet="10.244.7.0/24"),
    )


def changed(*new: Finding) -> tuple[Finding, ...]:
    """The healthy node's findings with these in place of theirs."""
    ours = {one.check: one for one in new}
    return tuple(ours.get(one.check, one) for one in healthy())


def stale() -> tuple[Finding, ...]:
    vip = Finding(
        "flannel.source-vip",
        Verdict.FAIL,
        "stale",
        (("vip", "192.168.5.2"), ("subnet", "192.168.7.0/24")),
        (
            Evidence("source-vip", "192.168.5.2", r"C:\k\sourceVip.json", READ),
            Evidence("pod-subnet", "192.168.7.0/24", r"C:\run\flannel\subnet.env", READ),
            Evidence("kube-proxy", r'"C:\k\kube-proxy.exe" --source-vip=192.168.5.2 --proxy-mode=kernelspace '
                     r"--kubeconfig=C:\var\lib\kube-proxy\kubeconfig.conf --network-name=vxlan0 --v=4",
                     "Win32_Process.CommandLine", READ),
        ),
        ("remove-stale-subnet-files",),
    )  # fmt: skip
    return changed(
        vip,
        finding("node.proxy-variables", Verdict.WARN, "exceptions-incomplete", "set-proxy-variables",
                daemon="containerd", proxy="http://proxy.plant.example:3128", missing=".svc, .cluster.local"),
        finding("flannel.subnet-env", Verdict.UNKNOWN, "not-read", fact="subnet.env", why="Access is denied."),
    )  # fmt: skip


def dead() -> tuple[Finding, ...]:
    fail = Verdict.FAIL
    return changed(
        finding("flannel.flanneld-runs", fail, "dead", "restart-flanneld", process="none"),
        finding("network.hns-network-exists", fail, "missing", cause="flannel.flanneld-runs", name="vxlan0"),
        finding(
            "flannel.subnet-env", fail, "missing", cause="flannel.flanneld-runs", file=r"C:\run\flannel\subnet.env"
        ),
        finding("flannel.source-vip", Verdict.NOT_APPLICABLE, "not-overlay"),
    )


def report(node: Node, findings: tuple[Finding, ...], *headline: str) -> NodeReport:
    return NodeReport(node, "sdn-native", headline, blank_facts("fake"), findings, READ, 1.4, 3, 1)


def done(node: Node, findings: tuple[Finding, ...], *headline: str) -> NodeState:
    return NodeState(node, Phase.DONE, findings, report=report(node, findings, *headline), scanned_at=READ)


def unreachable(node: Node) -> NodeState:
    error = CannotReachNode(
        "connection-refused", "ConnectionRefusedError: [Errno 111]", node=node.name, address=node.address, port="5985"
    )
    findings = tuple(Finding(check, Verdict.UNKNOWN, "not-read", (("why", "refused"),)) for check in CHECKS)
    return NodeState(node, Phase.FAILED, findings, error=error, scanned_at=READ)


def six_states() -> tuple[NodeState, ...]:
    head = ("Server 2019 · 17763.6532", "SDN scripts, overlay", "containerd")
    edge = ("Server 2022 · 20348.2031", "HostProcess, l2bridge", "containerd")
    nodes = [Node(f"worker-0{n}", f"10.2.0.1{n}", group="Line A") for n in range(1, 5)]
    return (
        done(nodes[0], dead(), *head),
        done(nodes[1], healthy(), *head),
        done(nodes[2], stale(), *head),
        unreachable(nodes[3]),
        done(Node("edge-1", "10.2.9.5", group="Test"), healthy(), *edge),
        done(Node("edge-2", "10.2.9.6", group="Test"), healthy(), "Server 2025 · 26100.1742", "RKE2, overlay"),
    )


class FakeFleet(FleetView):
    """Does what the window asks, at once; `orders` lists what it wanted."""

    def __init__(self, states: tuple[NodeState, ...] = ()) -> None:
        super().__init__()
        self._states = {state.node.name: state for state in states}
        self.orders: list[tuple[str, ...]] = []

    def states(self) -> tuple[NodeState, ...]:
        return tuple(self._states.values())

    def put(self, state: NodeState) -> None:
        """One node has a new state."""
        self._states[state.node.name] = state
        self.states_changed.emit((state,))

    def put_all(self, states: tuple[NodeState, ...]) -> None:
        self._states = {state.node.name: state for state in states}
        self.nodes_changed.emit(self.states())

    def scan(self, name: str) -> None:
        self.orders.append(("scan", name))

    def scan_all(self) -> None:
        self.orders.append(("scan_all",))

    def cancel(self, name: str) -> None:
        self.orders.append(("cancel", name))

    def cancel_all(self) -> None:
        self.orders.append(("cancel_all",))

    def add(self, node: Node) -> None:
        self.put_all((*self.states(), NodeState(node)))

    def replace(self, name: str, node: Node) -> None:
        self.put_all(tuple(replace(s, node=node) if s.node.name == name else s for s in self.states()))

    def remove(self, name: str) -> None:
        self.put_all(tuple(s for s in self.states() if s.node.name != name))


def scanning(state: NodeState, judged: int) -> NodeState:
    """A first scan of this node after `judged` checks."""
    known = state.findings[:judged]
    pending = frozenset(one.check for one in state.findings[judged:])
    return NodeState(state.node, Phase.SCANNING, known, pending)
