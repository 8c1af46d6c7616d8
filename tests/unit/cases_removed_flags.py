"""Flags that a version no longer knows: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from cases_node import CALICO, FAIL, PASS, UNKNOWN
from node_changes import Case, Change, gone, in_line, in_process, in_service, put, stopped, unread, without_service
from runtime_changes import kubernetes, logged, no_version

from checks.finding import Verdict

INFO = Verdict.INFO


KUBELET = "node.kubelet-runs"


def native(
    name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "sdn-nssm", cause: str = ""
) -> Case:
    return Case(name, layout, changes, verdict, reason, (), cause)


def told(flag: str, daemon: str = "kubelet") -> Change:
    return in_line(daemon, " --kubeconfig", f" {flag} --kubeconfig")


LOG = '"command failed" err="failed to parse kubelet flag: unknown flag: --pod-infra-container-image"'
OF_LINE = logged('"command failed" err="failed to parse kubelet flag: unknown flag: --new-flag"')
GATE = logged('"command failed" err="failed to set feature gates: unrecognized feature gate: Old"')
PROXY_OVERLAY = told("--feature-gates=WinOverlay=false", "kube-proxy")

FLAGS = (
    *(
        native(f"healthy {layout}", PASS, "all-known", layout=layout)
        for layout in ("sdn-native", "sdn-nssm", "hostprocess", "rke2")
    ),
    native("dockershim's flags after 1.24, runs", INFO, "runs-with-them", kubernetes("1.24.0")),
    native("dockershim's flags after 1.24, down", FAIL, "ends-over-them", kubernetes("1.24.0"), stopped("kubelet")),
    native("paused by NSSM", FAIL, "ends-over-them", kubernetes("1.24.0"), stopped("kubelet", state="paused")),
    native("down for another reason", PASS, "all-known", stopped("kubelet")),
    native(
        "pause image flag in 1.34",
        PASS,
        "all-known",
        told("--pod-infra-container-image=x"),
        kubernetes("1.34.9"),
        layout="rke2",
    ),
    native(
        "pause image flag in 1.35",
        INFO,
        "runs-with-them",
        told("--pod-infra-container-image=x"),
        kubernetes("1.35.0"),
        layout="rke2",
    ),
    native(
        "log folder in 1.25",
        PASS,
        "all-known",
        told("--log-dir=C:\\k --logtostderr=false"),
        kubernetes("1.25.0"),
        layout="rke2",
    ),
    native(
        "log folder in 1.26",
        INFO,
        "runs-with-them",
        told("--log-dir=C:\\k --logtostderr=false"),
        kubernetes("1.26.0"),
        layout="rke2",
    ),
    native(
        "runtime flag in 1.27",
        INFO,
        "runs-with-them",
        told("--container-runtime=remote"),
        kubernetes("1.27.0"),
        layout="rke2",
    ),
    native(
        "endpoint flag stays", PASS, "all-known", told("--container-runtime-endpoint=npipe:////./pipe/x"), layout="rke2"
    ),
    native("single dash", INFO, "runs-with-them", told("-log-dir C:\\k"), layout="rke2"),
    native("gate locked", INFO, "runs-with-them", PROXY_OVERLAY, kubernetes("1.34.0"), layout="rke2"),
    native(
        "gate locked for kubelet too",
        INFO,
        "runs-with-them",
        told("--feature-gates=WinDSR=F"),
        kubernetes("1.34.0"),
        layout="rke2",
    ),
    native("gate not locked yet", PASS, "all-known", PROXY_OVERLAY, kubernetes("1.33.0"), layout="rke2"),
    native(
        "gate locked to what is told",
        PASS,
        "all-known",
        told("--feature-gates=WinOverlay=true", "kube-proxy"),
        kubernetes("1.34.0"),
        layout="rke2",
    ),
    native("gate gone", INFO, "runs-with-them", told('--feature-gates="A=true,IPv6DualStack=false"'), layout="rke2"),
    native(
        "kube-proxy down over it",
        FAIL,
        "ends-over-them",
        told("--log-dir=C:\\k", "kube-proxy"),
        kubernetes("1.30.0"),
        in_line("kubelet", " --network-plugin=cni --cni-bin-dir=C:\\k\\cni --cni-conf-dir=C:\\k\\cni\\config", ""),
        stopped("kube-proxy"),
    ),
    native("another proxy", PASS, "all-known", *CALICO, gone("kube-proxy"), without_service("kube-proxy")),
    native("script starts it, down", UNKNOWN, "line-unknown", gone("kubelet"), layout="hostprocess", cause=KUBELET),
    native(
        "script starts it, log tells",
        FAIL,
        "log-names-flag",
        gone("kubelet"),
        logged("I1 x", LOG),
        layout="hostprocess",
    ),
    native("old log of one that runs", PASS, "all-known", logged(LOG), layout="hostprocess"),
    native("log names what no table has", FAIL, "log-names-flag", told("--new-flag=x"), stopped("kubelet"), OF_LINE),
    native("log names what was taken out", PASS, "all-known", told("--new-flag-b=x"), stopped("kubelet"), OF_LINE),
    native(
        "log names a gate", FAIL, "log-names-flag", told("--feature-gates=A=true,Old=true"), stopped("kubelet"), GATE
    ),
    native("that gate was taken out", PASS, "all-known", told("--feature-gates=A=true"), stopped("kubelet"), GATE),
    native(
        "log names it, version unread",
        FAIL,
        "log-names-flag",
        told("--new-flag=x"),
        stopped("kubelet"),
        OF_LINE,
        no_version("kubelet"),
    ),
    native("zero is true or false", PASS, "all-known", told("--feature-gates=WinDSR=1", "kube-proxy"), layout="rke2"),
    native("log tells of the line too", FAIL, "ends-over-them", kubernetes("1.35.0"), stopped("kubelet"), logged(LOG)),
    native("no kubelet at all", UNKNOWN, "line-unknown", gone("kubelet"), without_service("kubelet"), cause=KUBELET),
    native("line hidden", UNKNOWN, "line-unknown", in_process("kubelet", command_line=None), layout="hostprocess"),
    native("line hidden, service tells", PASS, "all-known", in_process("kubelet", command_line=None)),
    native("version unread, nothing removed", PASS, "all-known", no_version("kubelet"), layout="rke2"),
    native("version unread, flags of old", UNKNOWN, "not-read", no_version("kubelet")),
    native(
        "no daemons", UNKNOWN, "line-unknown", put("daemons.services", ()), put("daemons.processes", ()), cause=KUBELET
    ),
    native(
        "service without NSSM's values",
        UNKNOWN,
        "line-unknown",
        gone("kubelet"),
        in_service("kubelet", nssm=None),
        cause=KUBELET,
    ),
    *(
        native(f"{path} unread", UNKNOWN, "not-read", unread(path))
        for path in ("daemons.services", "daemons.processes", "runtime", "runtime.kubelet_log")
    ),
)

CASES = {"node.removed-flags": FLAGS}
