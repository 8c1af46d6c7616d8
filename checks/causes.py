"""Root causes: which finding only follows from another failed check, by check and reason.

A consequence is laid under the root of its chain, so that a list shows first what there is to repair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from checks.finding import Finding, Verdict

ANY: frozenset[str] = frozenset()
"""Whatever the reason."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """A finding of `check` that follows from `cause`, where that failed. Reasons: one of these, or any.

    `facts` narrows an unread finding to questions that this cause leaves without an answer: one, or all of a record
    (`hns` for `hns.networks`).
    """

    check: str
    reasons: frozenset[str]
    cause: str
    cause_reasons: frozenset[str] = ANY
    facts: str = ""

    def fits(self, finding: Finding, cause: Finding | None) -> bool:
        """Whether this finding is the consequence, and its cause there."""
        if finding.check != self.check or (self.reasons and finding.reason not in self.reasons):
            return False
        fact = finding.value("fact")
        if self.facts and self.facts not in (fact, fact.partition(".")[0]):
            return False
        if cause is None or not self._failed(cause):
            return False
        return not self.cause_reasons or cause.reason in self.cause_reasons

    def _failed(self, cause: Finding) -> bool:
        """A daemon that runs without the service that the node list names is warned of; what is not known then follows."""
        return cause.verdict is Verdict.FAIL or (cause.verdict is Verdict.WARN and cause.reason in _TYPED_SERVICE)


def _of(*reasons: str) -> frozenset[str]:
    return frozenset(reasons)


_ENDED = _of("stopped", "paused", "service-without-process")
_NO_FLANNELD = _of(
    "dead",
    "dead-network-there",
    "wrong-flags",
    "no-node-name",
    "dead-name-differs",
    "no-kubeconfig",
    "no-management-ip",
    "api-unreachable",
)
_NO_ANSWER = _NO_FLANNELD | _of("through-proxy")
_NO_CNI = _of("missing", "marked", "not-json", "not-an-object")
_OLD_ADDRESS = _of("no-interface", "runs-with-wrong-flags")
_BAD_FILE = _of("dead", "bad-net-conf", "bad-vxlan", "no-net-conf")
_SILENT = _of("some-silent", "silent", "refused")
_UNREAD = _of("not-read")
_NOT_THERE = _of("typed-not-there")
_TYPED_SERVICE = _of("typed-service-absent")
_DAEMONS = (
    ("kubelet", "node.kubelet-runs"),
    ("kube_proxy", "node.kube-proxy-runs"),
    ("flanneld", "flannel.flanneld-runs"),
    ("runtime", "node.containerd-runs"),
)

# What can't be said where HNS does not answer.
_ASKS_HNS = (
    "node.docker-left",
    "node.build-without-known-faults",
    "network.firewall-lets-in",
    "network.right-adapter",
    "flannel.vxlan-parameters",
    "flannel.flanneld-runs",
    "flannel.subnet-env",
    "flannel.source-vip",
    "network.outbound-nat-exceptions",
    "network.pod-cidr-agrees",
    "network.node-address-agrees",
    "network.dns-load-balancer",
    "network.node-ports-answer",
    "network.cluster-dns-agrees",
    "network.names-agree",
    "network.cni-file-is-flannels",
    "network.addresses-left",
    "network.endpoints-are-clean",
)

# What can't be said where nobody knows which service is a daemon's.
_ASKS_SERVICES = (
    *_ASKS_HNS,
    "node.containerd-config",
    "node.disk-has-room",
    "node.images-are-pulled",
    "node.names-in-lower-case",
    "node.pause-image-fits",
    "node.port-forward-tool",
    "node.proxy-answers",
    "node.proxy-variables",
    "node.removed-flags",
    "network.cni-ready",
    "network.hns-network-exists",
    "network.kube-proxy-name",
)

# The nearest cause of a finding comes first.
CONSEQUENCES: tuple[Consequence, ...] = (
    # A daemon ends over what it is told or reads.
    Consequence("node.containerd-runs", _ENDED, "node.containerd-config"),
    Consequence("node.kubelet-runs", _ENDED, "node.removed-flags", _of("ends-over-them", "log-names-flag")),
    # What a refused file says of images and networks is not in force.
    Consequence("node.pause-image-fits", _of("config-unusable"), "node.containerd-config"),
    Consequence("node.port-forward-tool", _of("config-unusable"), "node.containerd-config"),
    Consequence("network.cni-ready", _of("config-unusable"), "node.containerd-config"),
    Consequence("node.disk-has-room", _UNREAD, "node.containerd-config", facts="profile"),
    Consequence("network.cni-ready", _of("conf-broken"), "network.outbound-nat-exceptions"),
    Consequence("network.cni-ready", _of("no-conf"), "flannel.flanneld-runs"),
    # A runtime that is down does not answer crictl.
    Consequence("network.cni-ready", _UNREAD, "node.containerd-runs", facts="runtime"),
    Consequence("node.port-forward-tool", _of("no-tool"), "node.pause-image-fits"),
    # A full disk is what kubelet complains of.
    Consequence("node.no-disk-pressure", _of("pressure"), "node.disk-has-room", _of("full")),
    # Daemons: each needs what it runs on.
    Consequence("node.kubelet-runs", _ENDED, "node.containerd-runs"),
    Consequence("node.kube-proxy-runs", _ENDED, "node.kubelet-runs"),
    Consequence("node.kube-proxy-runs", _ENDED, "network.names-agree", _of("kube-proxy-nameless")),
    Consequence("network.cluster-dns-agrees", _of("no-kubelet", "flags-unknown"), "node.kubelet-runs"),
    Consequence("node.removed-flags", _of("line-unknown"), "node.kubelet-runs"),
    # Without services nothing says what kubelet was told of images and networks.
    *(
        Consequence(check, _UNREAD, "node.kubelet-runs", facts="daemons")
        for check in ("node.pause-image-fits", "node.port-forward-tool", "network.cni-ready")
    ),
    Consequence("network.dns-load-balancer", _of("dns-unknown"), "node.kubelet-runs"),
    # Images are pulled by name, through the proxy where only that leads outside.
    Consequence("node.images-are-pulled", _of("proxy", "network", "name"), "node.proxy-variables"),
    Consequence("node.images-are-pulled", _of("proxy", "network", "name"), "node.proxy-answers"),
    Consequence("node.images-are-pulled", _of("network", "name"), "network.node-name-servers", _of("none")),
    # Under another name kube-proxy takes this node's pods for remote ones.
    Consequence("network.endpoints-are-clean", _of("twins", "stale"), "network.kube-proxy-name"),
    # An address of before stands in several places at once.
    Consequence("network.outbound-nat-exceptions", _of("stale-address"), "network.node-address-agrees", _of("changed")),
    Consequence(
        "network.hns-network-exists", _of("management-not-here"), "network.node-address-agrees", _of("changed")
    ),
    Consequence("flannel.flanneld-runs", _OLD_ADDRESS, "network.node-address-agrees", _of("changed")),
    # HNS is part of the feature Containers, and without its service there is no network.
    Consequence("network.hns-is-healthy", _of("absent"), "node.containers-feature"),
    Consequence("network.hns-network-exists", _of("hns-stopped"), "network.hns-is-healthy", _of("stopped", "absent")),
    Consequence("network.hns-network-exists", _UNREAD, "network.hns-is-healthy", _of("deadlocked"), "hns"),
    # flanneld ends where it can't ask the API server, and where HNS makes it no network.
    Consequence("flannel.flanneld-runs", _NO_FLANNELD, "node.api-server-reachable", _of("not-reached")),
    Consequence("flannel.flanneld-runs", _NO_FLANNELD, "network.hns-network-exists", _of("hns-stopped")),
    Consequence("flannel.flanneld-runs", _of("parent-down"), "node.containerd-runs", _ENDED | _of("disabled")),
    Consequence("flannel.flanneld-runs", _NO_ANSWER, "node.proxy-variables", _of("api-through-proxy")),
    # An address that nobody here has is told of whom it concerns first.
    Consequence("network.right-adapter", _of("not-here"), "network.hns-network-exists", _of("management-not-here")),
    Consequence("network.right-adapter", _of("not-here", "nothing-told"), "flannel.flanneld-runs", _NO_FLANNELD),
    # Where the node list and the node mean different networks, the one that the list names is not there.
    Consequence("network.hns-network-exists", _of("missing"), "network.names-agree", _of("typed-differs")),
    # What flanneld makes is not there where it ended.
    Consequence("network.hns-network-exists", _of("missing", "not-read"), "flannel.flanneld-runs"),
    Consequence("flannel.subnet-env", _of("missing"), "flannel.flanneld-runs"),
    Consequence("flannel.subnet-env", _of("card-unknown"), "network.hns-network-exists", _of("management-not-here")),
    Consequence("flannel.source-vip", _of("pod-subnet-unknown", "no-vip"), "flannel.flanneld-runs"),
    Consequence("network.addresses-left", _of("subnet-unknown"), "flannel.flanneld-runs"),
    Consequence("network.endpoints-are-clean", _of("subnet-unknown"), "flannel.flanneld-runs"),
    # A subnet.env of another node: what the cluster and the network have is right.
    Consequence("flannel.source-vip", _of("leases-apart"), "flannel.subnet-env", _of("differs")),
    Consequence("network.hns-network-exists", _of("subnet-unclear"), "flannel.subnet-env", _of("differs")),
    Consequence("network.pod-cidr-agrees", _of("file-differs"), "flannel.subnet-env", _of("differs")),
    Consequence("flannel.source-vip", _of("network-differs"), "network.hns-network-exists", _of("subnet-differs")),
    # kube-proxy makes no load balancers where it does not run or finds no network.
    Consequence("network.dns-load-balancer", _of("missing", "bad-state"), "network.hns-network-exists", _of("missing")),
    Consequence("network.dns-load-balancer", _of("missing", "bad-state"), "flannel.source-vip"),
    Consequence("network.dns-load-balancer", _of("missing", "bad-state"), "node.kube-proxy-runs"),
    Consequence("network.dns-load-balancer", _of("dns-unknown"), "network.cluster-dns-agrees", _of("not-set")),
    Consequence("network.dns-load-balancer", _of("missing", "bad-state"), "network.names-agree"),
    # Load balancers that lead nowhere: without the source VIP no answer comes back, and no daemon keeps them right.
    Consequence("network.node-ports-answer", _SILENT, "flannel.source-vip"),
    Consequence("network.node-ports-answer", _SILENT, "node.kube-proxy-runs"),
    Consequence("network.node-ports-answer", _SILENT, "network.hns-network-exists"),
    # flanneld ends with parameters that Windows lacks; the CNI file that comes first decides what pods get.
    Consequence("flannel.flanneld-runs", _BAD_FILE, "flannel.vxlan-parameters"),
    Consequence(
        "network.outbound-nat-exceptions",
        _of("not-flannel"),
        "network.cni-file-is-flannels",
        _of("shadowed", "other-file"),
    ),
    Consequence(
        "network.cni-ready",
        _of("no-plugins", "plugin-missing", "plugins-elsewhere"),
        "network.cni-file-is-flannels",
        _of("shadowed", "other-file"),
    ),
    # A CNI file that can't be read as one says nothing of names.
    Consequence("network.cluster-dns-agrees", _of("no-cni"), "network.outbound-nat-exceptions", _NO_CNI),
    Consequence(
        "network.cni-file-is-flannels", _of("no-file", "unparsable"), "network.outbound-nat-exceptions", _NO_CNI
    ),
    # The node list names the pods' network, and there is none of this name: no other one is taken for it.
    *(
        Consequence(check, _NOT_THERE, "network.hns-network-exists", _of("missing"), "names.hns_network")
        for check in _ASKS_HNS
    ),
    # The same of a daemon's service.
    *(
        Consequence(check, _NOT_THERE, cause, _TYPED_SERVICE, f"names.{key}_service")
        for key, cause in _DAEMONS
        for check in _ASKS_SERVICES
        if check != cause
    ),
    # A Host Network Service that does not run, or hangs, answers nothing.
    *(
        Consequence(check, _UNREAD, cause, reasons, "hns")
        for check in _ASKS_HNS
        for cause, reasons in (
            ("network.hns-network-exists", _of("hns-stopped")),
            ("network.hns-is-healthy", _of("absent", "stopped", "deadlocked")),
        )
    ),
)

_FOLDED = (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN)


def fold(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Put each finding that only follows from another failed one under the root of its chain."""
    by_check = {one.check: one for one in findings}
    rows: dict[str, list[Consequence]] = {}
    for row in CONSEQUENCES:
        rows.setdefault(row.check, []).append(row)
    nearest = {
        one.check: _nearest(one, rows.get(one.check, ()), by_check) for one in findings if one.verdict in _FOLDED
    }
    return tuple(_caused(one, _root(one.check, nearest)) for one in findings)


def _caused(finding: Finding, cause: str) -> Finding:
    return finding if finding.cause == cause else replace(finding, cause=cause)


def _nearest(finding: Finding, rows: Iterable[Consequence], by_check: dict[str, Finding]) -> str:
    """The check that this finding follows from directly, or ''. `rows`: those about its own check."""
    return next((one.cause for one in rows if one.fits(finding, by_check.get(one.cause))), "")


def _root(check: str, nearest: dict[str, str]) -> str:
    """The end of the chain above a check, or '' where there is none."""
    seen = {check}
    root = nearest.get(check, "")
    while root and root not in seen:
        seen.add(root)
        above = nearest.get(root, "")
        if not above:
            return root
        root = above
    return ""
