"""What the cluster assigned to this node, its pod CIDR and its address, is what the node works with."""

from __future__ import annotations

from checks.assigned import NODE_OBJECT, assigned, node_object
from checks.check import Check, Context, said, unread
from checks.cluster import Told, cni_conf, cni_file, management_address, owns_address, pod_subnet, subnet_env_file
from checks.daemons import daemon_flag, line_unread
from checks.facts import FileFact, HnsNetworkFact, NodeFacts, NodeObjectFact, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import present, read_net_conf, read_subnet_env
from checks.given import all_of, answer_of, first_problem
from checks.profile import USES
from checks.ranges import Range, contains, is_link_local, parse_address, parse_range
from checks.rules.network import expected_names, pod_network, rests_on_pod_network, where_flannel_applies


def _flannel_networks(facts: NodeFacts) -> tuple[Told, ...]:
    """flannel's whole network, from each file that tells it."""
    found: list[Told] = []
    file = subnet_env_file(facts)
    if isinstance(file, FileFact) and file.present and not file.problem:
        network = read_subnet_env(file.data).network
        found += [Told(str(network), file.path)] if network is not None else []
    if not isinstance(facts.flannel, Problem) and not isinstance(facts.flannel.net_conf, Problem):
        for conf in present(facts.flannel.net_conf):
            network = read_net_conf(conf.data).network
            found += [Told(str(network), conf.path)] if network is not None else []
    return tuple(found)


@rests_on_pod_network
@where_flannel_applies
def pod_cidr_agrees(context: Context) -> Finding:
    """6.19: the cluster gives each node a pod CIDR; flannel leases exactly that."""
    facts = context.facts
    node = node_object(facts)
    if isinstance(node, Problem):
        return unread(node)
    own = assigned(facts)
    if own is None or own.range is None:
        return said(Verdict.FAIL, "not-assigned", (Evidence("pod-cidr", "–", NODE_OBJECT),), name=node.name)
    evidence = (Evidence("pod-cidr", ", ".join(node.pod_cidrs), NODE_OBJECT),)
    for told in _flannel_networks(facts):
        wide = told.range
        if wide is not None and wide.version == own.range.version and not contains(wide, own.range):
            more = (*evidence, Evidence("range", told.value, told.source))
            return said(Verdict.FAIL, "outside", more, cidr=own.value, network=told.value, file=told.source)
    return _judge_use(facts, own.range, evidence)


def _judge_use(facts: NodeFacts, own: Range, evidence: tuple[Evidence, ...]) -> Finding:
    """Whether subnet.env and the pods' network hold the assigned CIDR."""
    subnet, network = pod_subnet(facts), pod_network(facts)
    values = {"cidr": str(own)}
    if subnet is not None:
        evidence = (*evidence, Evidence("pod-subnet", subnet.value, subnet.source))
        if subnet.range is not None and subnet.range.version == own.version and subnet.range != own:
            return said(Verdict.FAIL, "file-differs", evidence, told=subnet.value, file=subnet.source, **values)
    if isinstance(network, HnsNetworkFact) and network.subnets:
        source = f"Get-HnsNetwork {network.name}"
        evidence = (*evidence, Evidence("pod-subnet", ", ".join(network.subnets), source))
        live = [one for one in map(parse_range, network.subnets) if one is not None and one.version == own.version]
        if live and own not in live:
            told = ", ".join(network.subnets)
            return said(Verdict.FAIL, "network-differs", evidence, told=told, network=network.name, **values)
    return said(Verdict.PASS, "agrees", evidence, **values)


@rests_on_pod_network
@where_flannel_applies
def node_address_agrees(context: Context) -> Finding:
    """6.35: after a change of the node's address, old ones stay in the lease, in files and on command lines."""
    facts = context.facts
    told = _addresses(facts)
    owned = [owns_address(facts, one.value) for one in told]
    own = management_address(facts)
    evidence = tuple(Evidence("address", one.value, one.source) for one in told)
    stale = [one for one, is_here in zip(told, owned, strict=True) if is_here is False]
    if stale:
        current = _current(facts)
        more = (*evidence, Evidence("management-ip", current, "Get-NetIPAddress"))
        places = ", ".join(dict.fromkeys(one.source for one in stale))
        return said(Verdict.FAIL, "changed", more, old=stale[0].value, places=places, address=current)
    left = _leftover(facts)
    if left:
        more = (*evidence, *(Evidence("leftover", one.name, f"{one.type} {', '.join(one.subnets)}") for one in left))
        return said(Verdict.WARN, "leftover", more, networks=", ".join(one.name for one in left))
    trouble = _unread_address(facts)
    if trouble is not None:
        return unread(trouble)
    return said(Verdict.PASS, "agrees", evidence, address=own.value if own is not None else "?")


def _current(facts: NodeFacts) -> str:
    """The node's own addresses that other computers can reach."""
    if isinstance(facts.network, Problem) or isinstance(facts.network.addresses, Problem):
        return "?"
    found = [one.address for one in facts.network.addresses if one.family == "ipv4" and not is_link_local(one.address)]
    return ", ".join(one for one in found if not one.startswith("127.")) or "–"


def _unread_address(facts: NodeFacts) -> Problem | None:
    network = answer_of(facts.network, lambda one: all_of(one.adapters, one.addresses))
    lines = (line_unread(facts, daemon) for daemon in ("flanneld", "kubelet"))
    return first_problem(network, node_object(facts), cni_file(facts), *lines)


def _addresses(facts: NodeFacts) -> tuple[Told, ...]:
    """Each place that holds an address of this node."""
    found: list[Told] = []
    node = node_object(facts)
    if isinstance(node, NodeObjectFact):
        found += _of_node(facts, node)
    for daemon, name in (("flanneld", "iface"), ("kubelet", "node-ip")):
        value = "" if line_unread(facts, daemon) else daemon_flag(facts, daemon, name) or ""
        found += [Told(one, f"{daemon} --{name}") for one in value.split(",") if parse_address(one) is not None]
    network = pod_network(facts)
    if isinstance(network, HnsNetworkFact) and network.management_ip and not is_link_local(network.management_ip):
        found.append(Told(network.management_ip, f"HNS network {network.name}"))
    file, conf = cni_file(facts), cni_conf(facts)
    if conf is not None and conf.is_flannel and isinstance(file, FileFact):
        routes = [route.removesuffix("/32") for route in conf.routes if route.endswith("/32")]
        found += [Told(one, file.path) for one in (*routes, *conf.provider_addresses) if one]
    return tuple(found)


def _of_node(facts: NodeFacts, node: NodeObjectFact) -> list[Told]:
    """flannel's public address, and the internal ones: of several, those of another family or network count for nothing."""
    found: list[Told] = []
    overruled = node.public_ip_overwrite or daemon_flag(facts, "flanneld", "public-ip")
    if node.public_ip and not overruled and not line_unread(facts, "flanneld"):
        found.append(Told(node.public_ip, "flannel.alpha.coreos.com/public-ip"))
    internal = [one.address for one in node.addresses if one.type == "InternalIP"]
    here = [one for one in internal if owns_address(facts, one) is not False]
    found += [Told(one, "InternalIP") for one in (here or internal)]
    return found


def _leftover(facts: NodeFacts) -> tuple[HnsNetworkFact, ...]:
    """Networks of flannel's kinds that are neither the pods' own nor the one that only holds the switch."""
    network = pod_network(facts)
    if not isinstance(network, HnsNetworkFact) or isinstance(facts.hns, Problem):
        return ()
    if isinstance(facts.hns.networks, Problem) or isinstance(cni_file(facts), Problem):
        return ()
    if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.net_conf, Problem):
        return ()  # it may be the pods' own, under a name that is not known
    wanted = {network.name.lower(), *(told.value.lower() for told in expected_names(facts))}
    return tuple(
        one
        for one in facts.hns.networks
        if one.type.lower() in ("overlay", "l2bridge", "l2tunnel")
        and one.name.lower() not in wanted
        and not one.name.lower().startswith("external")
    )


CHECKS = (
    Check(
        "network.pod-cidr-agrees",
        (*USES, "cluster.node", "flannel.subnet_env", "flannel.net_conf", "hns.networks", "cni.folders"),
        pod_cidr_agrees,
        whole=("flannel.subnet_env", "flannel.net_conf"),
    ),
    Check(
        "network.node-address-agrees",
        (
            *USES,
            "cluster.node",
            "network.adapters",
            "network.addresses",
            "hns.networks",
            "cni.folders",
            "flannel.net_conf",
        ),
        node_address_agrees,
    ),
)
