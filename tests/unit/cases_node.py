"""Daemons: what is changed on a healthy node, and what must be said of it, by check."""

from __future__ import annotations

from node_changes import (
    Case,
    each,
    gone,
    in_process,
    in_service,
    more,
    put,
    stopped,
    twice,
    unread,
    without_service,
)
from node_facts import service

from checks.finding import Verdict
from checks.node import Typed

FAIL, WARN, PASS, UNKNOWN = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.UNKNOWN
NOT_APPLICABLE = Verdict.NOT_APPLICABLE

CALICO = (
    gone("flanneld"),
    without_service("flanneld"),
    put("cni.folders", ()),
    put("hns.networks", ()),
    put("flannel.net_conf", ()),
    put("profile.present_paths", ("C:\\CalicoWindows",)),
)


def daemon_cases(daemon: str, name: str, layout: str = "sdn-nssm") -> tuple[Case, ...]:
    """What is said alike of all daemons."""
    return (
        Case("healthy", layout, (), PASS, "runs"),
        Case("no start time", layout, (in_process(daemon, created=None),), PASS, "runs"),
        Case("command line hidden", layout, (in_process(daemon, command_line=None),), PASS, "runs"),
        Case("starts on demand", layout, (in_service(name, start_mode="manual"),), PASS, "runs"),
        Case("two", layout, (twice(daemon),), WARN, "several"),
        Case("disabled and runs", layout, (in_service(name, start_mode="disabled"),), WARN, "start-disabled"),
        Case("stopped", layout, (stopped(daemon, name),), FAIL, "stopped"),
        Case("stopping", layout, (stopped(daemon, name, state="stop-pending"),), FAIL, "stopped"),
        Case("disabled", layout, (stopped(daemon, name, start_mode="disabled"),), FAIL, "disabled"),
        Case("starting", layout, (stopped(daemon, name, state="start-pending"),), WARN, "starting"),
        Case("resuming", layout, (stopped(daemon, name, state="continue-pending"),), WARN, "starting"),
        Case("only the service", layout, (gone(daemon),), FAIL, "service-without-process"),
        Case("nothing there", layout, (gone(daemon), without_service(name)), FAIL, "absent"),
        Case("processes unread", layout, (unread("daemons.processes"),), UNKNOWN, "not-read"),
        Case("services unread", layout, (unread("daemons.services"),), UNKNOWN, "not-read"),
        Case("nothing read", layout, (unread("daemons"),), UNKNOWN, "not-read"),
    )


RKE2_DOWN = (stopped("containerd", "rke2"), *(gone(one) for one in ("kubelet", "kube-proxy", "flanneld", "rke2")))
KUBELET = (
    *daemon_cases("kubelet", "kubelet"),
    Case(
        "called otherwise", "sdn-nssm", (), WARN, "typed-service-absent", names=(Typed("kubelet_service", "k", "node"),)
    ),
    Case("called so", "sdn-nssm", (), PASS, "runs", names=(Typed("kubelet_service", "KUBELET", "node"),)),
    Case("NSSM gave up", "sdn-nssm", (stopped("kubelet", state="paused"),), FAIL, "paused"),
    Case("paused without NSSM", "sdn-native", (stopped("kubelet", state="paused"),), FAIL, "stopped"),
    Case("child of rke2", "rke2", (), PASS, "runs"),
    Case("rke2 lost it", "rke2", (gone("kubelet"),), FAIL, "service-without-process"),
    Case("rke2 is stopped", "rke2", (stopped("kubelet", "rke2"),), FAIL, "stopped"),
    Case("rke2 and all below it", "rke2", RKE2_DOWN, FAIL, "stopped", cause="node.containerd-runs"),
    Case(
        "follows from the runtime",
        "sdn-native",
        (stopped("kubelet"), stopped("containerd")),
        FAIL,
        "stopped",
        cause="node.containerd-runs",
    ),
    Case(
        "its own fault",
        "sdn-native",
        (stopped("kubelet", start_mode="disabled"), stopped("containerd")),
        FAIL,
        "disabled",
    ),
)
KUBE_PROXY = (
    *daemon_cases("kube-proxy", "kube-proxy"),
    Case("NSSM gave up", "sdn-nssm", (stopped("kube-proxy", state="paused"),), FAIL, "paused"),
    Case(
        "follows from kubelet",
        "sdn-nssm",
        (stopped("kube-proxy"), stopped("kubelet")),
        FAIL,
        "stopped",
        cause="node.kubelet-runs",
    ),
    Case(
        "another plug-in does its work",
        "sdn-nssm",
        (*CALICO, gone("kube-proxy"), without_service("kube-proxy")),
        NOT_APPLICABLE,
        "other-proxy",
    ),
    Case("another plug-in, and it runs", "sdn-nssm", CALICO, PASS, "runs"),
    Case("pod is gone", "hostprocess", (gone("kube-proxy"),), FAIL, "absent"),
)
CONTAINERD = (
    *daemon_cases("containerd", "containerd", "sdn-native"),
    Case(
        "NSSM gave up",
        "sdn-native",
        (
            each(
                "daemons.services",
                lambda one: (
                    service("containerd", "C:\\k\\nssm.exe", "C:\\c\\containerd.exe x", state="paused")
                    if one.name == "containerd"
                    else one
                ),
            ),
            gone("containerd"),
        ),
        FAIL,
        "paused",
    ),
    Case("Docker", "sdn-nssm", (), PASS, "runs"),
    Case("Docker stopped", "sdn-nssm", (stopped("dockerd", "docker"),), FAIL, "stopped"),
    Case(
        "Docker left beside containerd",
        "sdn-native",
        (more("daemons.services", service("docker", "C:\\docker\\dockerd.exe")), stopped("containerd")),
        FAIL,
        "stopped",
    ),
    Case("child of rke2", "rke2", (), PASS, "runs"),
    Case("rke2 lost it", "rke2", (gone("containerd"),), FAIL, "service-without-process"),
    Case("rke2 is stopped", "rke2", RKE2_DOWN, FAIL, "stopped"),
    Case("rke2 is disabled", "rke2", (*RKE2_DOWN, in_service("rke2", start_mode="disabled")), FAIL, "disabled"),
)

CASES = {
    "node.kubelet-runs": KUBELET,
    "node.kube-proxy-runs": KUBE_PROXY,
    "node.containerd-runs": CONTAINERD,
}
