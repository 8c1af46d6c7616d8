"""The way to the API server: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from node_changes import Case, first, gone, more, put, unread, without_service

from checks.facts import ServerReachFact
from checks.finding import Verdict

FAIL, PASS, UNKNOWN = Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN

LOCAL = first("access.servers", target="127.0.0.1:6443")
CONFIG = "C:\\etc\\rancher\\rke2\\config.yaml"

API_SERVER = (
    *(Case(f"healthy {one}", one, (), PASS, "reached") for one in ("sdn-native", "sdn-nssm", "hostprocess", "rke2")),
    Case("nothing answers", "sdn-nssm", (first("access.servers", reached=False),), FAIL, "not-reached"),
    Case(
        "a file that nobody uses names a dead one",
        "sdn-nssm",
        (more("access.servers", ServerReachFact("10.2.0.9:6443", ("C:\\etc\\kubernetes\\kubelet.conf",), False)),),
        PASS,
        "reached",
    ),
    Case("no kubeconfig", "sdn-nssm", (put("access.servers", ()),), UNKNOWN, "no-kubeconfig"),
    Case(
        "daemons name none",
        "sdn-nssm",
        tuple(
            change
            for daemon in ("kubelet", "flanneld", "kube-proxy")
            for change in (gone(daemon), without_service(daemon))
        ),
        UNKNOWN,
        "no-kubeconfig",
    ),
    Case("only RKE2's own balancer", "rke2", (LOCAL,), UNKNOWN, "only-local"),
    Case(
        "RKE2's balancer, and the server behind it",
        "rke2",
        (LOCAL, more("access.servers", ServerReachFact("10.2.0.2:9345", (CONFIG,), True))),
        PASS,
        "reached-behind",
    ),
    Case(
        "RKE2's balancer, and nothing behind it",
        "rke2",
        (LOCAL, more("access.servers", ServerReachFact("10.2.0.2:9345", (CONFIG,), False))),
        UNKNOWN,
        "only-local",
    ),
    Case("servers unread", "sdn-nssm", (unread("access.servers"),), UNKNOWN, "not-read"),
    Case("no answer", "sdn-nssm", (unread("access"),), UNKNOWN, "not-read"),
    Case("processes unread", "sdn-nssm", (unread("daemons.processes"),), UNKNOWN, "not-read"),
    Case("services unread", "sdn-nssm", (unread("daemons.services"),), UNKNOWN, "not-read"),
)

CASES = {"node.api-server-reachable": API_SERVER}
