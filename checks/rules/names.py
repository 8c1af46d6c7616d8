"""Names of this node: kube-proxy goes by the Node's, and all of them are in lower case."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.cluster import Told, flanneld_node_name
from checks.component_config import kube_proxy_override
from checks.daemons import daemon_flag, line_unread, processes, service
from checks.facts import NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import answer_of, first_problem

RKE2_CONFIG = "C:\\etc\\rancher\\rke2\\config.yaml"


def override(facts: NodeFacts, daemon: str) -> Told | None:
    """The name that a daemon's command line gives it."""
    value = daemon_flag(facts, daemon, "hostname-override")
    return Told(value, f"{daemon} --hostname-override") if value and value != "true" else None


def _rke2_name(facts: NodeFacts) -> Told | Problem | None:
    settings = answer_of(facts.profile, lambda one: one.rke2_settings)
    if isinstance(settings, Problem):
        return settings
    named = [one.value for one in settings if one.name == "node-name" and one.value]
    return Told(named[-1], RKE2_CONFIG) if named else None


def own_name(facts: NodeFacts) -> Told | Problem:
    """The Node's name: the kubelet's override, its kubeconfig's user, RKE2's setting, else what the cluster answers.

    The host name is none of them: where a cloud names Nodes, it is another.
    """
    trouble = line_unread(facts, "kubelet")
    if trouble is not None:
        return trouble
    told = override(facts, "kubelet")
    if told is not None:
        return told
    cluster = facts.cluster
    if isinstance(cluster, Problem):
        return cluster
    if isinstance(cluster.kubeconfig_name, Problem):
        return cluster.kubeconfig_name
    if cluster.kubeconfig_name:
        path = cluster.kubeconfig if isinstance(cluster.kubeconfig, str) else "kubeconfig"
        return Told(cluster.kubeconfig_name, path)
    named = _rke2_name(facts)
    if named is not None:
        return named
    return cluster.node if isinstance(cluster.node, Problem) else Told(cluster.node.name, "kubectl get node")


def _proxy_name(facts: NodeFacts) -> tuple[Told | Problem, bool]:
    """The name by which kube-proxy goes, and whether it was given one."""
    told = override(facts, "kube-proxy") or kube_proxy_override(facts)
    if told is not None:
        return told, True
    system = facts.system
    if isinstance(system, Problem):
        return system, False
    if isinstance(system.host_name, Problem):
        return system.host_name, False
    return Told(system.host_name, "host name"), False


def kube_proxy_name(context: Context) -> Finding:
    """W4: kube-proxy takes the pods of a node with another name for remote ones, and deletes their endpoints."""
    facts = context.facts
    running = processes(facts, "kube-proxy")
    if isinstance(running, Problem):
        return unread(running)
    if not running:
        return said(Verdict.NOT_APPLICABLE, "not-running", (Evidence("process", "–", "Win32_Process"),))
    hidden = line_unread(facts, "kube-proxy")
    if hidden is not None:
        return unread(hidden)
    told, is_given = _proxy_name(facts)
    if isinstance(told, Problem):
        return unread(told)
    own = own_name(facts)
    if isinstance(own, Problem):
        return unread(own)
    evidence = (
        Evidence("kube-proxy-name", told.value, told.source),
        Evidence("node-name", own.value, own.source),
        _lost_endpoints(facts),
    )
    values = {"told": told.value, "name": own.value, "source": told.source}
    if told.value.strip().lower() != own.value.strip().lower():
        return said(Verdict.FAIL, "differs" if is_given else "host-name-differs", evidence, **values)
    return said(
        Verdict.PASS if is_given else Verdict.WARN, "same" if is_given else "only-host-name", evidence, **values
    )


def _lost_endpoints(facts: NodeFacts) -> Evidence | None:
    """Local endpoints that no container holds (state 3 is attached): what W4 leaves behind."""
    if isinstance(facts.hns, Problem) or isinstance(facts.hns.endpoints, Problem):
        return None
    loose = [one for one in facts.hns.endpoints if not one.is_remote and one.state not in (None, 3)]
    shown = ", ".join(f"{one.ip_address or one.name}: {one.state}" for one in loose[:8])
    return Evidence("endpoint-states", shown, "Get-HnsEndpoint") if loose else None


def names_in_lower_case(context: Context) -> Finding:
    """6.33: Kubernetes knows only lower case. flanneld asks for its Node by the very letters that it was given."""
    facts = context.facts
    places = (override(facts, "kubelet"), override(facts, "kube-proxy"), kube_proxy_override(facts), _rke2_name(facts))
    given = [one for one in places if isinstance(one, Told)]
    flannel = flanneld_node_name(facts)
    named = (*given, *((flannel,) if flannel is not None else ()))
    evidence = tuple(Evidence("node-name", one.value, one.source) for one in named)
    trouble = _unread_names(facts)
    if flannel is not None and flannel.value != flannel.value.lower():
        dead = trouble is None and not processes(facts, "flanneld")
        values = {"told": flannel.value, "source": flannel.source}
        return said(Verdict.FAIL if dead else Verdict.WARN, "flanneld", evidence, **values)
    upper = next((one for one in given if one.value != one.value.lower()), None)
    if upper is not None:
        return said(Verdict.WARN, "upper-case", evidence, told=upper.value, source=upper.source)
    if trouble is not None:
        return unread(trouble)
    if not evidence:
        nowhere = Evidence("node-name", "–", "--hostname-override, NODE_NAME, node-name")
        return said(Verdict.NOT_APPLICABLE, "none-given", (nowhere,))
    return said(Verdict.PASS, "lower-case", evidence, name=evidence[0].value)


def _unread_names(facts: NodeFacts) -> Problem | None:
    """The first place of a name that could not be read."""
    return first_problem(
        processes(facts, "flanneld"),
        service(facts, "flanneld"),
        answer_of(facts.environment, lambda one: one.machine),
        _rke2_name(facts),
        kube_proxy_override(facts),
        line_unread(facts, "kubelet"),
        line_unread(facts, "kube-proxy"),
    )


CHECKS = (
    Check(
        "network.kube-proxy-name",
        ("daemons.processes",),
        kube_proxy_name,
        waits_for=("cluster", "profile", "system", "hns"),
    ),
    Check(
        "node.names-in-lower-case",
        ("daemons.processes", "daemons.services", "environment.machine", "profile.rke2_settings"),
        names_in_lower_case,
        waits_for=("cluster",),
    ),
)
