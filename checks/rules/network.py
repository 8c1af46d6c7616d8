"""Area network: the pods' virtual network, and what leaves it unchanged."""

from __future__ import annotations

from functools import wraps

from checks.assigned import assigned, node_object, pod_cidr_evidence
from checks.check import Check, Context, Rule, said, unread
from checks.cluster import (
    Told,
    cni_conf,
    cni_file,
    owns_address,
    pod_subnet,
)
from checks.component_config import kube_proxy_network, kube_proxy_setting
from checks.daemons import service
from checks.derived import derived
from checks.facts import TYPED_NOT_THERE, AdapterFact, FileFact, HnsNetworkFact, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import all_read, present, read_net_conf
from checks.given import answer_of, first_problem
from checks.overrides import typed_name
from checks.profile import USES, flannel_unread
from checks.ranges import is_link_local, parse_range


def flannel_applies(context: Context) -> Finding | None:
    """NOT_APPLICABLE where another CNI owns the network, UNKNOWN where that can't be told; None where flannel's checks apply."""
    if context.profile.uses_flannel is False:
        return said(Verdict.NOT_APPLICABLE, "other-cni", context.profile.evidence)
    if context.profile.uses_flannel is True:
        return None
    trouble = flannel_unread(context.facts)
    if trouble is not None:
        return unread(trouble)
    if cni_file(context.facts) is not None:
        return None
    return said(Verdict.NOT_APPLICABLE, "no-flannel", context.profile.evidence)


def where_flannel_applies(rule: Rule) -> Rule:
    """The rule, for nodes whose pods' network is flannel's; for others, and where that can't be told, it says so itself."""

    @wraps(rule)
    def judged(context: Context) -> Finding:
        return flannel_applies(context) or rule(context)

    return judged


def restart_fixes(facts: NodeFacts, profile_name: str) -> tuple[str, ...]:
    """The restart helps where flanneld is ours to start: a service, NSSM, or a bare process of the SDN scripts."""
    if profile_name in ("rke2", "kubeadm-hostprocess", "wins", "aks"):
        return ()
    own = service(facts, "flanneld")
    if isinstance(own, Problem) and own.code == TYPED_NOT_THERE:
        return ()
    has_service = own is not None and not isinstance(own, Problem)
    return ("restart-flanneld",) if has_service or profile_name in ("sdn-bare", "sdn-nssm") else ()


@derived
def expected_names(facts: NodeFacts) -> tuple[Told, ...]:
    """Names that the pods' network should have, each from its own place."""
    found: list[Told] = []
    file, conf = cni_file(facts), cni_conf(facts)
    if conf is not None and conf.is_flannel and conf.name and isinstance(file, FileFact):
        found.append(Told(conf.name, file.path))
    if not isinstance(facts.flannel, Problem) and not isinstance(facts.flannel.net_conf, Problem):
        for one in present(facts.flannel.net_conf):
            name = read_net_conf(one.data).name
            if name:
                found.append(Told(name, one.path))
    told = kube_proxy_network(facts)
    if isinstance(told, Told):
        found.append(told)
    return tuple(found)


@derived
def pod_network(facts: NodeFacts) -> HnsNetworkFact | Problem | None:
    """The HNS network of the pods: by its expected names, else the one flannel's own names point to.

    A Problem where it was not found and a file that may tell another name could not be read, and where the node list
    names one that HNS does not have: others are not the pods' then.
    """
    networks = answer_of(facts.hns, lambda one: one.networks)
    if isinstance(networks, Problem):
        return networks
    typed = next((one for one in networks if one.is_typed), None)
    if typed is not None:
        return typed
    apart = next((one.typed_apart for one in networks if one.typed_apart), "")
    if apart:
        return Problem(
            "names.hns_network", f"HNS has no network {apart}, as the node list names the pods' one", TYPED_NOT_THERE
        )
    wanted = [told.value.lower() for told in expected_names(facts)]
    for name in wanted:
        for network in networks:
            if network.name.lower() == name:
                return network
    if not wanted:
        for network in networks:
            if network.name.lower() in ("cbr0", "vxlan0") or network.name.lower().startswith("flannel."):
                return network
    return _unread_names(facts)


def rests_on_pod_network(rule: Rule) -> Rule:
    """The rule, which must not say PASS where nobody knows which network is the pods'."""

    @wraps(rule)
    def judged(context: Context) -> Finding:
        finding = rule(context)
        network = pod_network(context.facts) if finding.verdict is Verdict.PASS else None
        return unread(network) if isinstance(network, Problem) else finding

    return judged


def _unread_names(facts: NodeFacts) -> Problem | None:
    """Why not every name that the network may have is known."""
    confs = all_read(answer_of(facts.flannel, lambda one: one.net_conf), "flannel.net_conf")
    trouble = first_problem(cni_file(facts), confs)
    if trouble is not None:
        return trouble
    told = kube_proxy_setting(facts, "network-name", "winkernel", "networkName")
    return told if isinstance(told, Problem) and told.fact.startswith("profile") else None


@where_flannel_applies
def hns_network_exists(context: Context) -> Finding:
    """W6, points a to f."""
    facts = context.facts
    hns = service(facts, "hns")
    if hns is not None and not isinstance(hns, Problem) and hns.state != "running":
        return said(
            Verdict.FAIL, "hns-stopped", (Evidence("service", f"hns: {hns.state}", "Win32_Service"),), state=hns.state
        )
    network = pod_network(facts)
    if isinstance(network, Problem) and network.code != TYPED_NOT_THERE:
        return unread(network)
    names = expected_names(facts)
    typed = typed_name(context.node, "hns_network")
    if typed is not None:
        names = (Told(typed.value, typed.source), *names)
    if isinstance(network, Problem):
        network = None
    wanted = tuple(Evidence("expected-name", told.value, told.source) for told in names)
    if network is None:
        name = names[0].value if names else "cbr0, vxlan0, flannel.4096"
        # flanneld makes the network that its own files name: where the node list means another, no restart helps.
        is_made = typed is None or all(told.value.lower() == typed.value.lower() for told in names)
        fixes = restart_fixes(facts, context.profile.name) if is_made else ()
        return said(Verdict.FAIL, "missing", (*wanted, *_there(facts)), fixes, name=name)
    return _judge_network(context, network, wanted)


def _there(facts: NodeFacts) -> tuple[Evidence, ...]:
    """The networks that there are instead."""
    networks = answer_of(facts.hns, lambda one: one.networks)
    if isinstance(networks, Problem):
        return ()
    return (Evidence("network", ", ".join(one.name for one in networks) or "–", "Get-HnsNetwork"),)


def _judge_network(context: Context, network: HnsNetworkFact, wanted: tuple[Evidence, ...]) -> Finding:
    facts = context.facts
    subnet = ", ".join(network.subnets) or "–"
    source = f"Get-HnsNetwork {network.name}"
    values = {"name": network.name, "type": network.type, "subnet": subnet, "address": network.management_ip or "–"}
    evidence = (
        Evidence("network", f"{network.name} · {network.type}", source),
        Evidence("pod-subnet", subnet, source),
        *pod_cidr_evidence(facts),
        Evidence("management-ip", network.management_ip or "–", source),
        *wanted,
    )
    fixes = restart_fixes(facts, context.profile.name)
    conf = cni_conf(facts)
    kind = network.type.lower()
    if conf is not None and (
        (conf.is_overlay and kind != "overlay") or (conf.is_bridge and kind not in ("l2bridge", "l2tunnel"))
    ):
        return said(Verdict.FAIL, "wrong-type", evidence, fixes, delegate=conf.delegate, **values)
    if conf is not None and conf.is_flannel and conf.name and conf.name.lower() != network.name.lower():
        return said(Verdict.FAIL, "wrong-name", evidence, wanted=conf.name, **values)
    if not network.management_ip:
        return said(Verdict.FAIL, "no-management-ip", evidence, fixes, **values)
    if is_link_local(network.management_ip):
        return said(Verdict.WARN, "apipa", evidence, **values)
    if owns_address(facts, network.management_ip) is False:
        return said(Verdict.FAIL, "management-not-here", evidence, fixes, **values)
    pods, own = pod_subnet(facts), assigned(facts)
    live = [parse_range(one) for one in network.subnets]
    # A network of the assigned pod CIDR is right: it is subnet.env that is not.
    if pods is not None and pods.range not in live and not (own is not None and own.range in live):
        more = (*evidence, Evidence("pod-subnet", pods.value, pods.source))
        if live and isinstance(node_object(facts), Problem):
            return said(Verdict.UNKNOWN, "subnet-unclear", more, fixes, pods=pods.value, **values)
        return said(Verdict.FAIL, "subnet-differs", more, fixes, pods=pods.value, **values)
    return _judge_neighbours(context, network, evidence, values)


def _judge_neighbours(
    context: Context, network: HnsNetworkFact, evidence: tuple[Evidence, ...], values: dict[str, str]
) -> Finding:
    facts = context.facts
    if not isinstance(facts.hns, Problem) and not isinstance(facts.hns.networks, Problem):
        external = [one.name for one in facts.hns.networks if one.name.lower().startswith("external")]
        if len(external) > 1:
            return said(Verdict.WARN, "several-external", evidence, count=str(len(external)), **values)
    if network.type.lower() == "overlay" and not network.remote_subnets:
        return said(Verdict.WARN, "no-remote-subnets", evidence, **values)
    if network.health_error:
        return said(Verdict.WARN, "unhealthy", evidence, code=f"0x{network.health_error & 0xFFFFFFFF:08x}", **values)
    adapters = answer_of(facts.network, lambda one: one.adapters)
    if isinstance(adapters, Problem):
        return unread(adapters)
    if not any(_is_management(one, adapters) for one in adapters):
        return said(Verdict.WARN, "no-vethernet", evidence, **values)
    return said(Verdict.PASS, "exists", evidence, **values)


def _is_management(one: AdapterFact, adapters: tuple[AdapterFact, ...]) -> bool:
    """Whether an adapter is the one that the virtual switch left to the node: it keeps the physical card's MAC.

    vEthernet (nat) and those of containers have MACs of their own.
    """
    own = one.mac.upper()
    cards = {other.mac.upper() for other in adapters if not other.name.startswith("vEthernet (") and other.mac}
    return one.name.startswith("vEthernet (") and (own in cards or not own or not cards)


CHECKS = (
    Check(
        "network.hns-network-exists",
        (
            *USES,
            "hns.networks",
            "network.adapters",
            "network.addresses",
            "flannel.net_conf",
            "flannel.subnet_env",
            "cni.folders",
        ),
        hns_network_exists,
        waits_for=("cluster",),
        whole=("flannel.subnet_env", "cni.folders"),
    ),
)
