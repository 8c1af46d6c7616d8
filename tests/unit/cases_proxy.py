"""Proxy variables: what is set on a node, and what must be said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cases_node import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WARN
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
    unread,
    without_service,
)
from node_files import BOOT

from checks.facts import ApiServerFact, NssmFact, VariableFact
from checks.finding import Verdict

PROXY = "http://proxy.example.com:3128"
SET = (f"HTTPS_PROXY={PROXY}", f"HTTP_PROXY={PROXY}")
WITH_PASSWORD = "HTTPS_PROXY=http://me:***@proxy:3128"
INSIDE = "NO_PROXY=localhost,10.2.0.0/24,10.244.0.0/16,10.96.0.0/12,.svc,.cluster.local"
FIX = ("set-proxy-variables",)
INCOMPLETE = "exceptions-incomplete"


def own(*lines: str) -> Change:
    """Variables of containerd's service."""
    return in_service("containerd", environment=lines)


def all_own(*lines: str) -> tuple[Change, ...]:
    """Of every service, as machine variables reach them."""
    return tuple(in_service(name, environment=lines) for name in ("containerd", "kubelet", "kube-proxy"))


def under_nssm(*lines: str) -> Change:
    """Docker runs under NSSM, which gives it these variables and no others."""
    wrapped = NssmFact("C:\\docker\\dockerd.exe", "", "C:\\docker", lines, None, None, None)
    return in_service("docker", path_name="C:\\k\\nssm.exe", nssm=wrapped)


def proxy_case(
    name: str,
    changes: tuple[Change, ...],
    verdict: Verdict,
    reason: str,
    fixes: tuple[str, ...] = (),
    layout: str = "sdn-native",
):
    return Case(name, layout, changes, verdict, reason, fixes)


PROXY_VARIABLES = (
    proxy_case("no proxy needed", (), NOT_APPLICABLE, "direct"),
    proxy_case("no way out", (put("egress.reached", False),), FAIL, "no-proxy-set", FIX),
    proxy_case(
        "HTTP_PROXY alone, and no way out",
        (own(SET[1], INSIDE), put("egress.reached", False)),
        FAIL,
        "only-http-proxy",
        FIX,
    ),
    proxy_case("HTTP_PROXY alone, way out not tried", (own(SET[1], INSIDE), unread("egress")), UNKNOWN, "not-read"),
    proxy_case("HTTP_PROXY alone beside a way out", (own(SET[1], INSIDE),), PASS, "set"),
    proxy_case(
        "HTTP_PROXY alone, without exceptions", (own(SET[1], "NO_PROXY=.svc,.cluster.local"),), WARN, INCOMPLETE, FIX
    ),
    proxy_case("way out not tried", (unread("egress"),), UNKNOWN, "not-read"),
    proxy_case("way out unknown", (unread("egress.reached"),), UNKNOWN, "not-read"),
    proxy_case("set for the machine", (machine(*SET, INSIDE),), PASS, "set"),
    proxy_case("set for the service", (own(*SET, INSIDE),), PASS, "set"),
    proxy_case("everything excepted", (own(*SET, "NO_PROXY=*"),), PASS, "set"),
    proxy_case(
        "everything excepted, and no way out",
        (own(*SET, "NO_PROXY=*"), put("egress.reached", False)),
        FAIL,
        "registries-excepted",
        FIX,
    ),
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
    proxy_case("password", (own(WITH_PASSWORD, INSIDE),), WARN, "password"),
    proxy_case(
        "password hides no other warning",
        (in_service("kubelet", environment=("HTTPS_PROXY=proxy:3128", INSIDE)), own(WITH_PASSWORD, INSIDE)),
        WARN,
        "no-scheme",
        FIX,
    ),
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
    proxy_case(
        "set after a runtime without a service started",
        (
            machine(*SET, INSIDE),
            without_service("containerd"),
            put("environment.machine_changed", BOOT + timedelta(days=1)),
        ),
        WARN,
        "may-not-be-read",
        FIX,
    ),
    proxy_case(
        "set before a runtime without a service started",
        (
            machine(*SET, INSIDE),
            without_service("containerd"),
            put("environment.machine_changed", BOOT + timedelta(days=1)),
            in_process("containerd", created=BOOT + timedelta(days=2)),
        ),
        PASS,
        "set",
    ),
    proxy_case(
        "start of a runtime without a service unknown",
        (machine(*SET, INSIDE), without_service("containerd"), in_process("containerd", created=None)),
        WARN,
        "may-not-be-read",
        FIX,
    ),
    proxy_case(
        "NSSM gives the runtime another environment",
        (machine(*SET, INSIDE), under_nssm("PATH=C:\\k"), put("egress.reached", False)),
        FAIL,
        "no-proxy-set",
        FIX,
        layout="sdn-nssm",
    ),
    proxy_case(
        "NSSM gives the runtime these alone",
        (under_nssm(*SET, INSIDE), in_service("docker", environment=("HTTPS_PROXY=http://other:1",))),
        PASS,
        "set",
        layout="sdn-nssm",
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

RKE2_INSIDE = INSIDE.replace("244", "42").replace("10.96.0.0/12", "10.43.0.0/16")
FOR_PULLS = tuple(f"CONTAINERD_{one}" for one in SET)
PROXY_VARIABLES += tuple(
    proxy_case(name, changes, verdict, reason, fixes, layout="rke2")
    for name, changes, verdict, reason, fixes in (
        ("rke2, for pulls only", (in_service("rke2", environment=FOR_PULLS),), PASS, "set", ()),
        ("rke2, for pulls by the machine", (machine(*FOR_PULLS),), PASS, "set", ()),
        ("rke2, no way out", (put("egress.reached", False),), FAIL, "no-proxy-set", FIX),
        (
            "rke2, for pulls without a scheme",
            (in_service("rke2", environment=("CONTAINERD_HTTPS_PROXY=proxy:3128",)),),
            WARN,
            "no-scheme",
            FIX,
        ),
        (
            "rke2, for pulls, and for all",
            (in_service("rke2", environment=(*FOR_PULLS, *SET)),),
            FAIL,
            "api-through-proxy",
            FIX,
        ),
        (
            "rke2, its configuration names the server",
            (
                in_service("rke2", environment=(*SET, RKE2_INSIDE.replace("10.2.0.0/24,", ""))),
                put("profile.api_servers", (ApiServerFact("C:\\x", "https://127.0.0.1:6443"),)),
                more("profile.rke2_settings", VariableFact("server", "https://10.2.0.2:9345")),
            ),
            FAIL,
            "api-through-proxy",
            FIX,
        ),
        (
            "rke2, no server known",
            (
                in_service("rke2", environment=(*SET, RKE2_INSIDE)),
                put("profile.api_servers", (ApiServerFact("C:\\x", "https://127.0.0.1:6443"),)),
            ),
            UNKNOWN,
            "ranges-unknown",
            FIX,
        ),
    )
)
CASES = {"node.proxy-variables": PROXY_VARIABLES}
