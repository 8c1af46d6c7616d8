"""How the cluster side of a simulated node is written down: its Node object, its pods and their events."""

from __future__ import annotations

from checks.simulator.demo_spec_reader import Strict


class ContainerSpec(Strict):
    image: str
    name: str = "main"
    ready: bool = True
    restarts: int = 0
    waiting: str = ""
    """Reason, e.g. ImagePullBackOff."""
    message: str = ""


class PodSpec(Strict):
    name: str
    namespace: str = "default"
    owner: str = ""
    phase: str = "Running"
    ip: str = ""
    host_network: bool = False
    os: str = ""
    selector: tuple[str, ...] = ("kubernetes.io/os=windows",)
    affinity: tuple[str, ...] = ()
    containers: tuple[ContainerSpec, ...] = ()


class EventSpec(Strict):
    pod: str
    reason: str
    message: str
    namespace: str = "default"
    count: int = 1
    host: str = ""
    """Empty: this node."""
    age: str = "1min"


class ApiSpec(Strict):
    kubernetes: str = "v1.30.4"
    runtime: str = ""
    """Empty: docker or containerd, whose program is there."""
    name: str = ""
    public_ip: str = ""
    internal_ip: str = ""
    pod_cidr: str | None = None
    disk_pressure: bool | None = None
    """Left out: the Node object has no such condition."""
    pods: tuple[PodSpec, ...] | None = None
    """Left out: the node's own account may not list them."""
    events: tuple[EventSpec, ...] | None = None
