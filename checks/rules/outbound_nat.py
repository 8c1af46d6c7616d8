"""Area network: what leaves the pods' network unchanged."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.cluster import Told, cni_file, management_address
from checks.cluster_context import node_range, pod_range, service_range
from checks.cni import CniConf, read_cni
from checks.daemons import daemon_flag
from checks.facts import TYPED_NOT_THERE, HnsEndpointFact, HnsNetworkFact, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import answer_of
from checks.profile import USES, conf_folders
from checks.ranges import Range, contains, covered, is_link_local, parse_address, parse_range
from checks.rules.network import pod_network, where_flannel_applies


@where_flannel_applies
def outbound_nat_exceptions(context: Context) -> Finding:
    """W2b: destinations that must keep the pod's own address."""
    file = cni_file(context.facts)
    if isinstance(file, Problem):
        return unread(file)
    if file is None:
        return said(Verdict.FAIL, "missing", (Evidence("cni-file", "–", _folders(context.facts)),))
    conf = read_cni(file.data)
    values = {"file": file.path}
    evidence = (Evidence("cni-file", file.path, "first file of the CNI folder"),)
    if conf.fault:
        return said(
            Verdict.FAIL, conf.fault, (*evidence, Evidence("fault", conf.detail or conf.fault, file.path)), **values
        )
    if not conf.is_flannel:
        verdict = Verdict.WARN if context.profile.name == "wins" else Verdict.FAIL
        return said(verdict, "not-flannel", evidence, plugin=conf.type or "?", **values)
    listed = Evidence("exceptions", ", ".join(conf.exceptions) or "–", file.path)
    return _judge_policy(context, conf, (*evidence, listed), values)


def _folders(facts: NodeFacts) -> str:
    """The folders that were looked into."""
    if isinstance(facts.cni, Problem) or isinstance(facts.cni.folders, Problem):
        return "cni.folders"
    return ", ".join(conf_folders(facts) or tuple(one.path for one in facts.cni.folders))


def _judge_policy(context: Context, conf: CniConf, evidence: tuple[Evidence, ...], values: dict[str, str]) -> Finding:
    if conf.ignored_v1:
        return said(Verdict.FAIL, "old-shape", evidence, **values)
    if conf.ignored_v2:
        return said(Verdict.FAIL, "new-shape", evidence, **values)
    if not conf.has_nat_policy:
        return said(Verdict.FAIL, "no-policy", evidence, **values)
    given = [ranged for one in conf.exceptions if (ranged := parse_range(one)) is not None]
    if not given:
        return said(Verdict.FAIL, "empty", evidence, **values)
    if any(one.prefixlen == 0 for one in given):
        return said(Verdict.FAIL, "everything", evidence, **values)
    return _judge_ranges(context, conf, given, evidence, values)


def _judge_ranges(
    context: Context, conf: CniConf, given: list[Range], evidence: tuple[Evidence, ...], values: dict[str, str]
) -> Finding:
    facts = context.facts
    pods, services = pod_range(context), service_range(context)
    own, nodes = management_address(facts), node_range(context)
    for told, reason in ((pods, "cluster-missing"), (services, "service-missing"), (_dns(facts), "service-missing")):
        if told is not None and told.range is not None and not covered(told.range, given):
            more = (*evidence, Evidence("range", told.value, told.source))
            return said(Verdict.FAIL, reason, more, missing=told.value, **values)
    stale = _stale_address(conf, own)
    networks = answer_of(facts.hns, lambda one: one.networks)
    network = pod_network(facts)
    if isinstance(network, Problem) and network.code == TYPED_NOT_THERE:
        networks = network
    if stale and isinstance(networks, Problem):
        return unread(networks)  # the default route may lead over another card than the pods' network
    if stale and own is not None:
        more = (*evidence, Evidence("management-ip", own.value, own.source))
        return said(Verdict.FAIL, "stale-address", more, stale=stale, address=own.value, **values)
    if conf.needs_provider and not any(conf.provider_addresses):
        return said(Verdict.FAIL, "no-provider", evidence, **values)
    missing = [name for name, told in (("pods", pods), ("services", services), ("node", own)) if told is None]
    if missing:
        return said(Verdict.UNKNOWN, "ranges-unknown", evidence, missing=", ".join(missing), **values)
    if conf.is_bridge and nodes is not None and nodes.range is not None and not covered(nodes.range, given):
        more = (*evidence, Evidence("range", nodes.value, nodes.source))
        return said(Verdict.WARN, "management-missing", more, missing=nodes.value, **values)
    known = tuple(told.range for told in (pods, services, nodes) if told is not None and told.range is not None)
    for one in given:
        if any(contains(one, ranged) and one != ranged for ranged in known):
            return said(Verdict.WARN, "too-broad", evidence, broad=str(one), **values)
    return _judge_use(context, conf, tuple(given), evidence, values)


def _dns(facts: NodeFacts) -> Told | None:
    """The cluster's name server as one of the services; None where kubelet names a cache on the node itself, or none."""
    told = (daemon_flag(facts, "kubelet", "cluster-dns") or "").split(",")[0]
    if parse_address(told) is None or is_link_local(told):
        return None
    return Told(f"{told}/{128 if ':' in told else 32}", "kubelet --cluster-dns")


def _judge_use(
    context: Context, conf: CniConf, given: tuple[Range, ...], evidence: tuple[Evidence, ...], values: dict[str, str]
) -> Finding:
    """The list is right: whether the file's other parts, and the pods that are there, agree with it."""
    facts = context.facts
    wanted = _missing_route(context, conf)
    if wanted is not None:
        more = (*evidence, Evidence("range", wanted.value, wanted.source))
        return said(Verdict.WARN, "route-missing", more, missing=wanted.value, **values)
    dns = daemon_flag(facts, "kubelet", "cluster-dns")
    if dns and conf.nameservers and not set(dns.split(",")) & set(conf.nameservers):
        more = (*evidence, Evidence("nameservers", ", ".join(conf.nameservers), values["file"]))
        return said(Verdict.WARN, "dns-differs", more, told=", ".join(conf.nameservers), dns=dns, **values)
    old = _old_pods(context)
    if isinstance(old, Problem):
        return unread(old)
    if old:
        told = Evidence("exceptions", ", ".join(old[0].nat_exceptions or ()) or "–", f"Get-HnsEndpoint {old[0].name}")
        return said(Verdict.WARN, "old-pods", (*evidence, told), pods=str(len(old)), **values)
    return said(Verdict.PASS, "listed", evidence, count=str(len(given)), **values)


def _missing_route(context: Context, conf: CniConf) -> Told | None:
    """A destination that the file should send through the network and does not: services, and on l2bridge this node."""
    facts = context.facts
    own = management_address(facts)
    node = None if own is None or not conf.is_bridge else Told(f"{own.value}/32", own.source)
    routes = [ranged for one in conf.routes if (ranged := parse_range(one)) is not None]
    for told in (service_range(context), node):
        if told is not None and told.range is not None and not covered(told.range, routes):
            return told
    return None


def _old_pods(context: Context) -> tuple[HnsEndpointFact, ...] | Problem:
    """Endpoints of pods that were made with another list: the file counts for new pods only."""
    facts = context.facts
    network = pod_network(facts)
    if isinstance(facts.hns, Problem):
        return facts.hns
    if isinstance(facts.hns.endpoints, Problem):
        return facts.hns.endpoints
    if not isinstance(network, HnsNetworkFact):
        return network or ()
    ranges = [told.range for told in (pod_range(context), service_range(context)) if told is not None]
    pods = [one for one in facts.hns.endpoints if one.network_id.lower() == network.id.lower() and not one.is_remote]
    return tuple(one for one in pods if one.nat_exceptions is not None and not _excepts(one.nat_exceptions, ranges))


def _excepts(exceptions: tuple[str, ...], ranges: list[Range | None]) -> bool:
    given = [ranged for one in exceptions if (ranged := parse_range(one)) is not None]
    return all(covered(one, given) for one in ranges if one is not None) and not any(
        one.prefixlen == 0 for one in given
    )


def _stale_address(conf: CniConf, own: Told | None) -> str:
    """A node address in the file that is not the node's own any more, or ''."""
    if own is None:
        return ""
    routes = [route.removesuffix("/32") for route in conf.routes if route.endswith("/32")]
    return next((one for one in (*routes, *conf.provider_addresses) if one != own.value), "")


CHECKS = (
    Check(
        "network.outbound-nat-exceptions",
        (
            *USES,
            "cni.folders",
            "flannel.subnet_env",
            "flannel.net_conf",
            "hns.networks",
            "hns.endpoints",
            "network.addresses",
            "profile.containerd_config",
        ),
        outbound_nat_exceptions,
        whole=("flannel.subnet_env", "flannel.net_conf"),
    ),
)
