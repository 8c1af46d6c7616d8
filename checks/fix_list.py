"""All fixes: what each is for, its parameters, and the function that makes its steps."""

from __future__ import annotations

from collections.abc import Mapping

from checks.cluster import node_name
from checks.facts import NodeFacts
from checks.fix import Steps
from checks.fixes import files, flanneld, proxy
from checks.fixes.flanneld import default_interface, default_kubeconfig
from checks.fixes.proxy_values import (
    check_exceptions,
    check_proxy,
    default_http,
    default_https,
    propose_exceptions,
    warn_exceptions,
    warn_proxy,
)
from checks.plan import Fix, Parameter, ParameterKind


def _default_name(facts: NodeFacts) -> str:
    told = node_name(facts)
    return told.value if told else ""


FIXES: Mapping[str, Fix] = {
    fix.id: fix
    for fix in (
        Fix(
            id="set-proxy-variables",
            checks=("node.proxy-variables",),
            parameters=(
                Parameter("HTTPS_PROXY", ParameterKind.URL, True, default_https, check_proxy, warn_proxy),
                Parameter("HTTP_PROXY", ParameterKind.URL, False, default_http, check_proxy, warn_proxy),
                Parameter("NO_PROXY", ParameterKind.LIST, True, propose_exceptions, check_exceptions, warn_exceptions),
            ),
            restarts_s=30,
            can_cut_network=False,
            can_undo=True,
            wait_s=30,
            keeps=("node.containerd-runs", "node.kubelet-runs", "node.kube-proxy-runs"),
            leaves=(("password-in-url", "password"),),
            tells=("node.proxy-answers",),
        ),
        Fix(
            id="remove-stale-subnet-files",
            checks=("flannel.source-vip",),
            parameters=(),
            restarts_s=20,
            can_cut_network=False,
            can_undo=True,
            wait_s=60,
            keeps=("node.kube-proxy-runs",),
        ),
        Fix(
            id="restart-flanneld",
            checks=("flannel.flanneld-runs", "flannel.subnet-env", "network.hns-network-exists"),
            parameters=(
                Parameter("IFACE", ParameterKind.TEXT, True, default_interface),
                Parameter("KUBECONFIG", ParameterKind.TEXT, True, default_kubeconfig),
                Parameter("NODE_NAME", ParameterKind.TEXT, True, _default_name),
            ),
            restarts_s=45,
            can_cut_network=True,
            can_undo=True,
            wait_s=90,
            first=("node.api-server-reachable",),
        ),
    )
}

_STEPS: Mapping[str, Steps] = {
    "set-proxy-variables": proxy.steps,
    "remove-stale-subnet-files": files.steps,
    "restart-flanneld": flanneld.steps,
}


def steps_of(fix_id: str) -> Steps:
    """The function that makes a fix's steps."""
    return _STEPS[fix_id]
