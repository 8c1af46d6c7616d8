"""Area node: what is changed on a healthy node, and what must be said of it, by check."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from node_changes import (
    Case,
    Change,
    each,
    gone,
    in_process,
    in_service,
    machine,
    more,
    put,
    stopped,
    twice,
    unread,
    without_service,
)
from node_facts import service
from node_files import BOOT

from checks.finding import Verdict

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


KUBELET = (
    *daemon_cases("kubelet", "kubelet"),
    Case("NSSM gave up", "sdn-nssm", (stopped("kubelet", state="paused"),), FAIL, "paused"),
    Case("paused without NSSM", "sdn-native", (stopped("kubelet", state="paused"),), FAIL, "stopped"),
    Case("child of rke2", "rke2", (), PASS, "runs"),
    Case("rke2 lost it", "rke2", (gone("kubelet"),), FAIL, "absent"),
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
    Case("rke2 lost it", "rke2", (gone("containerd"),), FAIL, "absent"),
)

PROXY = "http://proxy.example.com:3128"
SET = (f"HTTPS_PROXY={PROXY}", f"HTTP_PROXY={PROXY}")
INSIDE = "NO_PROXY=localhost,10.2.0.0/24,10.244.0.0/16,10.96.0.0/12,.svc,.cluster.local"
FIX = ("set-proxy-variables",)


def own(*lines: str) -> Change:
    """Variables of containerd's service."""
    return in_service("containerd", environment=lines)


def all_own(*lines: str) -> tuple[Change, ...]:
    """Of every service, as machine variables reach them."""
    return tuple(in_service(name, environment=lines) for name in ("containerd", "kubelet", "kube-proxy"))


def proxy_case(name: str, changes: tuple[Change, ...], verdict: Verdict, reason: str, fixes=(), layout="sdn-native"):
    return Case(name, layout, changes, verdict, reason, fixes)


PROXY_VARIABLES = (
    proxy_case("no proxy needed", (), NOT_APPLICABLE, "direct"),
    proxy_case("no way out", (put("egress.reached", False),), FAIL, "no-proxy-set", FIX),
    proxy_case("way out not tried", (unread("egress"),), UNKNOWN, "not-read"),
    proxy_case("way out unknown", (unread("egress.reached"),), UNKNOWN, "not-read"),
    proxy_case("set for the machine", (machine(*SET, INSIDE),), PASS, "set"),
    proxy_case("set for the service", (own(*SET, INSIDE),), PASS, "set"),
    proxy_case("everything excepted", (own(*SET, "NO_PROXY=*"),), PASS, "set"),
    proxy_case(
        "lower case", (own(*(line.replace("_PROXY=", "_proxy=").lower() for line in (*SET, INSIDE))),), PASS, "set"
    ),
    proxy_case(
        "service over machine",
        (machine(f"HTTPS_PROXY={PROXY}"), *all_own(*SET, INSIDE)),
        FAIL,
        "api-through-proxy",
        FIX,
    ),
    proxy_case(
        "service over machine everywhere",
        (
            machine(f"HTTPS_PROXY={PROXY}"),
            *all_own(*SET, INSIDE),
            in_service("flanneld", environment=("NODE_NAME=worker-03", INSIDE)),
        ),
        PASS,
        "set",
    ),
    proxy_case(
        "emptied for the service",
        (
            machine(*SET),
            *(
                in_service(n, environment=("HTTPS_PROXY=", "HTTP_PROXY=", "NODE_NAME=worker-03"))
                for n in ("containerd", "kubelet", "kube-proxy", "flanneld")
            ),
        ),
        NOT_APPLICABLE,
        "direct",
    ),
    proxy_case("no exceptions", (own(*SET),), FAIL, "api-through-proxy", FIX),
    proxy_case("API server missing", (own(*SET, INSIDE.replace("10.2.0.0/24,", "")),), FAIL, "api-through-proxy", FIX),
    proxy_case(
        "API server on another port",
        (own(*SET, INSIDE.replace("10.2.0.0/24", "10.2.0.2:443")),),
        FAIL,
        "api-through-proxy",
        FIX,
    ),
    proxy_case(
        "API server with its port",
        (own(*SET, INSIDE.replace("10.2.0.0/24", "10.2.0.0/24,10.2.0.2:6443")),),
        PASS,
        "set",
    ),
    proxy_case("pods missing", (own(*SET, INSIDE.replace("10.244.0.0/16,", "")),), FAIL, "cluster-through-proxy", FIX),
    proxy_case(
        "services missing", (own(*SET, INSIDE.replace("10.96.0.0/12,", "")),), FAIL, "cluster-through-proxy", FIX
    ),
    proxy_case("kubelet alone is wrong", (in_service("kubelet", environment=SET),), FAIL, "api-through-proxy", FIX),
    proxy_case("kubelet alone is right", (in_service("kubelet", environment=(*SET, INSIDE)),), PASS, "set"),
    proxy_case(
        "kubelet is right, and no way out",
        (in_service("kubelet", environment=(*SET, INSIDE)), put("egress.reached", False)),
        FAIL,
        "no-proxy-set",
        FIX,
    ),
    proxy_case(
        "suffixes missing", (own(*SET, INSIDE.replace(",.svc,.cluster.local", "")),), WARN, "exceptions-incomplete", FIX
    ),
    proxy_case(
        "nodes missing", (own(*SET, INSIDE.replace("10.2.0.0/24", "10.2.0.2")),), WARN, "exceptions-incomplete", FIX
    ),
    proxy_case("password", (own("HTTPS_PROXY=http://me:***@proxy:3128", INSIDE),), WARN, "password"),
    proxy_case("no scheme", (own("HTTPS_PROXY=proxy.example.com:3128", INSIDE),), WARN, "no-scheme", FIX),
    proxy_case("twice in two cases", (own(*SET, "https_proxy=http://other:3128", INSIDE),), WARN, "twice", FIX),
    proxy_case("twice the same", (own(*SET, f"https_proxy={PROXY}", INSIDE),), PASS, "set"),
    proxy_case(
        "set after boot",
        (machine(*SET, INSIDE), put("environment.machine_changed", BOOT + timedelta(days=1))),
        WARN,
        "may-not-be-read",
        FIX,
    ),
    proxy_case(
        "set for the service after boot",
        (own(*SET, INSIDE), put("environment.machine_changed", BOOT + timedelta(days=1))),
        PASS,
        "set",
    ),
    proxy_case("boot unknown", (machine(*SET, INSIDE), unread("system.boot_time")), WARN, "may-not-be-read", FIX),
    proxy_case("change unknown", (machine(*SET, INSIDE), unread("environment")), UNKNOWN, "not-read"),
    proxy_case(
        "when changed unknown",
        (machine(*SET, INSIDE), unread("environment.machine_changed")),
        WARN,
        "may-not-be-read",
        FIX,
    ),
    proxy_case(
        "ranges unknown", (own(*SET, INSIDE), unread("flannel", "cni", "daemons.processes")), UNKNOWN, "not-read"
    ),
    proxy_case("service range unknown", (own(*SET, INSIDE), unread("cni")), UNKNOWN, "ranges-unknown", FIX),
    proxy_case(
        "API server unknown", (own(*SET, INSIDE), unread("profile.api_servers")), UNKNOWN, "ranges-unknown", FIX
    ),
    proxy_case("no runtime", (gone("containerd"), without_service("containerd")), UNKNOWN, "not-read"),
    proxy_case("services unread", (unread("daemons.services"),), UNKNOWN, "not-read"),
    proxy_case("processes unread", (unread("daemons.processes"),), UNKNOWN, "not-read"),
    proxy_case("Docker", (in_service("docker", environment=(*SET, INSIDE)),), PASS, "set", layout="sdn-nssm"),
    proxy_case(
        "NSSM's own",
        (
            each(
                "daemons.services",
                lambda one: (
                    replace(one, nssm=replace(one.nssm, app_environment_extra=SET)) if one.name == "kubelet" else one
                ),
            ),
        ),
        FAIL,
        "api-through-proxy",
        FIX,
        layout="sdn-nssm",
    ),
    proxy_case(
        "rke2",
        (in_service("rke2", environment=(*SET, INSIDE.replace("244", "42").replace("10.96.0.0/12", "10.43.0.0/16"))),),
        PASS,
        "set",
        layout="rke2",
    ),
    proxy_case(
        "rke2 without exceptions", (in_service("rke2", environment=SET),), FAIL, "api-through-proxy", FIX, layout="rke2"
    ),
)

CASES = {
    "node.kubelet-runs": KUBELET,
    "node.kube-proxy-runs": KUBE_PROXY,
    "node.containerd-runs": CONTAINERD,
    "node.proxy-variables": PROXY_VARIABLES,
}
