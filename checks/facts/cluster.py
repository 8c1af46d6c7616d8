"""What the cluster side knows of a node, asked with the node's own kubectl and kubeconfig."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class NodeAddressFact:
    type: str
    """InternalIP, ExternalIP, Hostname, InternalDNS, ExternalDNS."""
    address: str


@dataclass(frozen=True, slots=True)
class NodeConditionFact:
    type: str
    status: str
    """True, False, Unknown."""
    reason: str
    message: str
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class NodeObjectFact:
    """The Node object. An empty text: Kubernetes has no such value."""

    name: str
    os_label: str
    build_label: str
    """`node.kubernetes.io/windows-build`, e.g. 10.0.17763."""
    backend_type: str
    """flannel's annotation: vxlan, host-gw."""
    public_ip: str
    """flannel's annotation: the address its lease was made with."""
    public_ip_overwrite: str
    """flannel's annotation by which an administrator sets another public address."""
    pod_cidrs: tuple[str, ...]
    taints: tuple[str, ...]
    """`key=value:Effect`."""
    addresses: tuple[NodeAddressFact, ...]
    conditions: tuple[NodeConditionFact, ...]
    os_image: str
    kernel_version: str
    runtime_version: str
    kubelet_version: str
    proxy_version: str


@dataclass(frozen=True, slots=True)
class PodContainerFact:
    """A container of a pod, init containers too. `waiting_reason` is empty unless it waits."""

    name: str
    image: str
    ready: bool
    restarts: int
    waiting_reason: str
    waiting_message: str


@dataclass(frozen=True, slots=True)
class PodFact:
    namespace: str
    name: str
    owner: str
    """`Kind/name` of what made it; empty for a bare pod."""
    phase: str
    pod_ip: str
    host_network: bool
    os: str
    """`spec.os.name`."""
    node_selector: tuple[str, ...]
    """`key=value`."""
    affinity_systems: tuple[str, ...]
    """Values that the required node affinity allows for `kubernetes.io/os`."""
    containers: tuple[PodContainerFact, ...]


@dataclass(frozen=True, slots=True)
class PodEventFact:
    """A warning about a pod of this node."""

    namespace: str
    pod: str
    reason: str
    message: str
    count: int
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """`Get-ClusterFact.ps1`. The code of a Problem tells why the cluster did not answer.

    no-kubectl, forbidden, unauthorized, not-found, timeout, not-started, exit-<code>.
    """

    kubectl: str | Problem
    """Path of the kubectl.exe that was used."""
    kubeconfig: str | Problem
    kubeconfig_name: str | Problem
    """The name in the kubeconfig's `system:node:<name>`; empty where it names none."""
    asked_name: str | Problem
    """The kubelet's own name for its Node, lower case, which was asked for."""
    node: NodeObjectFact | Problem
    pods: tuple[PodFact, ...] | Problem
    """At most 512."""
    events: tuple[PodEventFact, ...] | Problem
    """At most 64, the newest last."""
