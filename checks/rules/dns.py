"""Area network: names, from pods and from the node itself (W7)."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.cluster import Told, cni_conf, cni_file
from checks.cluster_context import typed
from checks.component_config import cluster_dns, kubelet_setting
from checks.daemons import command_line
from checks.facts import HnsEndpointFact, HnsLoadBalancerFact, NameServersFact, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of

PORT = 53
PROTOCOLS = {6: "TCP", 17: "UDP"}
GOOD_STATE = 2
"""Of a load balancer; schema 2 tells none."""
_HNS = "Get-HnsPolicyList"
# Windows lists these site-local addresses where an adapter was given no IPv6 name server.
_PLACEHOLDERS = "fec0:0:0:ffff::"


def addresses(told: str) -> tuple[str, ...]:
    """A list with commas as its parts."""
    return tuple(part.strip() for part in told.split(",") if part.strip())


def load_balancer(context: Context) -> Finding:
    """W7: the address that pods ask for names must be passed on by HNS, on TCP and UDP."""
    facts = context.facts
    told = _asked_address(facts)
    if isinstance(told, Problem):
        return unread(told)
    if told is None:
        return said(Verdict.UNKNOWN, "dns-unknown", (Evidence("cluster-dns", "–", "kubelet, CNI file"),))
    balancers = answer_of(facts.hns, lambda one: one.load_balancers)
    if isinstance(balancers, Problem):
        return unread(balancers)
    of_dns = [one for one in balancers if one.port == PORT]
    evidence = (Evidence("cluster-dns", told.value, told.source), *map(_balancer_evidence, of_dns))
    # Windows pods ask over IPv4; a second, IPv6 address of a dual-stack cluster has no load balancer here.
    wanted = [one for one in addresses(told.value) if ":" not in one] or list(addresses(told.value))
    judged = [_judge_address(one, of_dns, evidence) for one in wanted]
    return min(judged, key=lambda one: one.verdict.rank)


def _asked_address(facts: NodeFacts) -> Told | Problem | None:
    """kubelet's cluster DNS, else the CNI file's name servers."""
    told = cluster_dns(facts)
    if isinstance(told, Problem) or (told is not None and addresses(told.value)):
        return told
    file, conf = cni_file(facts), cni_conf(facts)
    if isinstance(file, Problem):
        return file
    if conf is not None and conf.nameservers and file is not None:
        return Told(",".join(conf.nameservers), file.path)
    return None


def _balancer_evidence(one: HnsLoadBalancerFact) -> Evidence:
    protocol = PROTOCOLS.get(one.protocol or 0, str(one.protocol))
    state = "–" if one.state is None else str(one.state)
    return Evidence("load-balancer", f"{', '.join(one.vips) or '–'}:{one.port} {protocol}, state {state}", _HNS)


def _judge_address(vip: str, of_dns: list[HnsLoadBalancerFact], evidence: tuple[Evidence, ...]) -> Finding:
    own = [one for one in of_dns if vip in one.vips]
    good = {one.protocol for one in own if one.state in (None, GOOD_STATE)}
    others = ", ".join(dict.fromkeys(other for one in of_dns for other in one.vips)) or "–"
    if not own:
        return said(Verdict.FAIL, "missing", evidence, dns=vip, others=others)
    missing = [name for number, name in PROTOCOLS.items() if number not in good]
    if len(missing) == len(PROTOCOLS):
        states = ", ".join(dict.fromkeys(str(one.state) for one in own))
        return said(Verdict.FAIL, "bad-state", evidence, dns=vip, states=states)
    if missing:
        return said(Verdict.WARN, "one-protocol", evidence, dns=vip, missing=", ".join(missing))
    return said(Verdict.PASS, "both", evidence, dns=vip)


def agrees(context: Context) -> Finding:
    """W7: kubelet, the CNI file and the pods' own endpoints name the same servers: the node list's, where it names them."""
    facts = context.facts
    dns = cluster_dns(facts)
    resolver = kubelet_setting(facts, "resolv-conf", "resolvConf")
    for answer in (dns, resolver):
        if isinstance(answer, Problem):
            return unread(answer)
    assert not isinstance(dns, Problem)
    assert not isinstance(resolver, Problem)
    if dns is None and command_line(facts, "kubelet") is None:
        return said(Verdict.UNKNOWN, "no-kubelet", (Evidence("process", "–", "Win32_Process, Win32_Service"),))
    if dns is None or not addresses(dns.value):
        shown = Evidence("cluster-dns", "–", dns.source if dns else "kubelet --cluster-dns, --config")
        return said(Verdict.FAIL, "not-set", (shown,))
    service = typed(context.node, "dns_service")
    if service is not None and not set(addresses(service.value)) & set(addresses(dns.value)):
        places = (Evidence("cluster-dns", one.value, one.source) for one in (dns, service))
        values = {"told": dns.value, "source": dns.source, "dns": service.value}
        return said(Verdict.FAIL, "kubelet-differs", places, **values)
    shown = Evidence("resolv-conf", resolver.value if resolver else "–", resolver.source if resolver else "kubelet")
    evidence = (Evidence("cluster-dns", dns.value, dns.source), shown)
    if resolver is not None and resolver.value.lower() not in ("", "host"):
        return said(Verdict.FAIL, "resolv-conf", evidence, path=resolver.value, source=resolver.source)
    found = _judge_cni(context, dns, evidence)
    if found is not None:
        return found
    found = _judge_endpoints(facts, dns, evidence)
    if found is not None:
        return found
    if resolver is None and command_line(facts, "kubelet") is None:
        return said(Verdict.UNKNOWN, "flags-unknown", evidence)  # they stand in a script, and kubelet does not run
    if resolver is None:
        return said(Verdict.WARN, "resolv-conf-unset", evidence)
    return said(Verdict.PASS, "agree", evidence, dns=dns.value)


def _judge_cni(context: Context, dns: Told, evidence: tuple[Evidence, ...]) -> Finding | None:
    file = cni_file(context.facts)
    if isinstance(file, Problem):
        return unread(file)
    conf = cni_conf(context.facts)
    if file is None or conf is None or conf.fault:
        return said(Verdict.UNKNOWN, "no-cni", evidence, dns=dns.value)
    told = ", ".join(conf.nameservers)
    more = (*evidence, Evidence("nameservers", told or f"capabilities.dns: {str(conf.passes_dns).lower()}", file.path))
    if conf.nameservers and not set(conf.nameservers) & set(addresses(dns.value)):
        return said(Verdict.FAIL, "cni-differs", more, told=told, dns=dns.value, file=file.path)
    if conf.is_flannel and not conf.nameservers and not conf.passes_dns:
        return said(Verdict.FAIL, "cni-without-dns", more, file=file.path)
    return None


def _judge_endpoints(facts: NodeFacts, dns: Told, evidence: tuple[Evidence, ...]) -> Finding | None:
    answers = all_of(
        answer_of(facts.hns, lambda one: one.endpoints), answer_of(facts.network, lambda one: one.name_servers)
    )
    if isinstance(answers, Problem):
        return unread(answers)
    endpoints, clients = answers
    # A pod that asks for dnsPolicy Default rightly has the node's own servers.
    upstream = {server for client in clients for server in client.servers}
    wanted = set(addresses(dns.value))
    pods = [one for one in endpoints if not one.is_remote and one.dns_servers and one.network_name.lower() != "nat"]
    wrong = [one for one in pods if not wanted & set(one.dns_servers) and not set(one.dns_servers) <= upstream]
    if not wrong:
        return None
    told = ", ".join(wrong[0].dns_servers)
    more = (*evidence, *(_endpoint_evidence(one) for one in wrong[:5]))
    values = {"count": str(len(wrong)), "all": str(len(pods)), "told": told, "dns": dns.value}
    if len(wrong) == len(pods):
        return said(Verdict.FAIL, "endpoints-differ", more, **values)
    return said(Verdict.WARN, "some-endpoints-differ", more, **values)


def _endpoint_evidence(one: HnsEndpointFact) -> Evidence:
    return Evidence("nameservers", ", ".join(one.dns_servers), f"Get-HnsEndpoint {one.ip_address or one.name}")


def limits(context: Context) -> Finding:
    """W7: what Windows pods can't look up, with this cluster's own domain."""
    build = answer_of(context.facts.system, lambda one: one.build)
    if isinstance(build, Problem):
        return unread(build)
    told = kubelet_setting(context.facts, "cluster-domain", "clusterDomain")
    domain = told if isinstance(told, Told) and told.value else Told("cluster.local", "kubelet's default")
    evidence = (Evidence("cluster-domain", domain.value, domain.source), Evidence("build", str(build), "Windows NT"))
    return said(Verdict.INFO, "limitation", evidence, domain=domain.value)


def node_name_servers(context: Context) -> Finding:
    """W7: the node's own upstream DNS, on the adapter that leads outside."""
    network = context.facts.network
    if isinstance(network, Problem):
        return unread(network)
    clients, routes = network.name_servers, network.routes
    if isinstance(clients, Problem):
        return unread(clients)
    if isinstance(routes, Problem):
        return unread(routes)
    kept = {one: servers for one in clients if (servers := _real(one))}
    evidence = tuple(
        Evidence("nameservers", ", ".join(servers), f"Get-DnsClientServerAddress, {one.interface}")
        for one, servers in kept.items()
    )
    if not kept:
        return said(Verdict.FAIL, "none", (Evidence("nameservers", "–", "Get-DnsClientServerAddress"),))
    outside = {one.interface_index for one in routes if one.prefix in ("0.0.0.0/0", "::/0")}
    told = next((servers for one, servers in kept.items() if one.interface_index in outside), ())
    if outside and not told:
        name = next(iter(kept)).interface
        return said(Verdict.WARN, "elsewhere", evidence, interface=name)
    shown = told or next(iter(kept.values()))
    return said(Verdict.PASS, "there", evidence, servers=", ".join(shown))


def _real(client: NameServersFact) -> tuple[str, ...]:
    return tuple(one for one in client.servers if not one.lower().startswith(_PLACEHOLDERS))


_KUBELET = ("daemons.services", "daemons.processes", "profile.kubelet_config")
_CNI = ("cni.folders", "profile.containerd_config")
CHECKS = (
    Check("network.dns-load-balancer", (*_KUBELET, "hns.load_balancers"), load_balancer, waits_for=("cni",)),
    Check(
        "network.cluster-dns-agrees",
        (*_KUBELET, *_CNI, "hns.endpoints", "network.name_servers"),
        agrees,
        whole=("profile.containerd_config",),
    ),
    Check("network.dns-limits", ("system.build",), limits, waits_for=("daemons", "profile")),
    Check("network.node-name-servers", ("network.name_servers", "network.routes"), node_name_servers),
)
