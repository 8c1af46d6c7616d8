"""Area network: addresses that are left for pods (6.12), and network cards that no pod has any more (6.11)."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.cluster import Told, in_range, pod_subnet
from checks.facts import HnsEndpointFact, HnsNetworkFact, Problem, ReservationFact
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of
from checks.profile import USES
from checks.rules.network import pod_network, where_flannel_applies
from checks.thresholds import threshold

MOST_READ = 1024
"""The probe tells no more reservations than these."""
_ROOT = "C:\\var\\lib\\cni\\networks"
_KUBE_PROXY = ("dummy", "kube-proxy")
"""What stands in a reservation that is kube-proxy's source VIP."""


@where_flannel_applies
def addresses_left(context: Context) -> Finding:
    """6.12: host-local hands out one file an address, and never takes back what a crash left."""
    facts = context.facts
    answers = all_of(answer_of(facts.flannel, lambda one: one.reservations), pod_network(facts))
    if isinstance(answers, Problem):
        return unread(answers)
    held, network = answers
    subnet = pod_subnet(facts) or _of_network(network)
    if subnet is None or subnet.range is None:
        return said(Verdict.UNKNOWN, "subnet-unknown", (Evidence("pod-subnet", "–", "subnet.env, HNS"),))
    own = [one for one in held if in_range(one.address, subnet.range)]
    size = max(0, subnet.range.num_addresses - int(threshold("pod-subnet-not-for-pods")))
    evidence = (
        Evidence("reservation", f"{len(own)} of {size}", _ROOT),
        Evidence("pod-subnet", subnet.value, subnet.source),
    )
    values = {"held": str(len(own)), "size": str(size), "left": str(max(0, size - len(own))), "subnet": subnet.value}
    if len(held) >= MOST_READ and len(own) < size:
        return said(Verdict.UNKNOWN, "too-many", evidence, **values)
    return _judge_left(context, own, size, evidence, values)


def _of_network(network: HnsNetworkFact | Problem | None) -> Told | None:
    if isinstance(network, HnsNetworkFact) and network.subnets:
        return Told(network.subnets[0], f"Get-HnsNetwork {network.name}")
    return None


def _judge_left(
    context: Context, own: list[ReservationFact], size: int, evidence: tuple[Evidence, ...], values: dict[str, str]
) -> Finding:
    endpoints = answer_of(context.facts.hns, lambda one: one.endpoints)
    if isinstance(endpoints, Problem):
        return unread(endpoints)
    leaked = [one for one in own if not _is_in_use(one, endpoints)]
    told = {"leaked": str(len(leaked)), **values}
    shown = tuple(Evidence("leaked", f"{one.address} · {one.content.split()[0][:64]}", one.path) for one in leaked[:5])
    if len(own) >= size:
        return said(Verdict.FAIL, "exhausted", (*evidence, *shown), **told)
    if (size - len(own)) * 100 < size * threshold("pod-addresses-low"):
        return said(Verdict.WARN, "low", (*evidence, *shown), **told)
    if len(leaked) >= threshold("pod-addresses-leaked"):
        return said(Verdict.WARN, "leaked", (*evidence, *shown), **told)
    return said(Verdict.PASS, "left", evidence, **told)


def _is_in_use(one: ReservationFact, endpoints: tuple[HnsEndpointFact, ...]) -> bool:
    """Whether a network card is named for the container that holds the address, or has the address."""
    if not one.content.strip() or one.content.startswith(_KUBE_PROXY):
        return True
    container = one.content.split()[0]
    return any(endpoint.name.startswith(container) or endpoint.ip_address == one.address for endpoint in endpoints)


@where_flannel_applies
def endpoints_are_clean(context: Context) -> Finding:
    """6.11: kube-proxy's remote endpoints must not have addresses of this node's own pods."""
    facts = context.facts
    told = answer_of(facts.hns, lambda one: all_of(one.endpoints, one.endpoint_count))
    answers = all_of(told, pod_network(facts))
    if isinstance(answers, Problem):
        return unread(answers)
    (endpoints, there), network = answers
    subnet = pod_subnet(facts) or _of_network(network)
    ranged = subnet.range if subnet is not None else None
    if subnet is None or ranged is None:
        return said(Verdict.UNKNOWN, "subnet-unknown", (Evidence("pod-subnet", "–", "subnet.env, HNS"),))
    own = {one.ip_address for one in endpoints if not one.is_remote and one.ip_address}
    stale = [one for one in endpoints if one.is_remote and one.ip_address and in_range(one.ip_address, ranged)]
    twins = [one for one in stale if one.ip_address in own]
    doubled = _doubled(endpoints)
    count = Evidence("endpoint", str(len(endpoints)), "Get-HnsEndpoint")
    where = Evidence("pod-subnet", subnet.value, subnet.source)
    if twins:
        return said(Verdict.FAIL, "twins", (where, *map(_shown, twins[:5])), count=str(len(twins)), address=_ip(twins))
    if doubled:
        more = (where, *map(_shown, doubled[:6]))
        return said(Verdict.FAIL, "doubled", more, count=str(len(doubled)), address=_ip(doubled))
    if stale:
        more = (where, *map(_shown, stale[:5]))
        return said(Verdict.WARN, "stale", more, count=str(len(stale)), address=_ip(stale), subnet=subnet.value)
    if there > len(endpoints):
        values = {"count": str(len(endpoints)), "all": str(there)}
        return said(Verdict.UNKNOWN, "not-all", (count, where), **values)
    return said(Verdict.PASS, "clean", (count, where), count=str(len(endpoints)))


def _doubled(endpoints: tuple[HnsEndpointFact, ...]) -> list[HnsEndpointFact]:
    """Give the node's own endpoints of one network that share an address."""
    seen: dict[tuple[str, str], list[HnsEndpointFact]] = {}
    for one in endpoints:
        if not one.is_remote and one.ip_address:
            seen.setdefault((one.network_id, one.ip_address), []).append(one)
    return [one for group in seen.values() if len(group) > 1 for one in group]


def _shown(one: HnsEndpointFact) -> Evidence:
    kind = "remote" if one.is_remote else "local"
    return Evidence("endpoint", f"{one.ip_address} · {one.name} · {kind}", f"Get-HnsEndpoint {one.id}")


def _ip(endpoints: list[HnsEndpointFact]) -> str:
    return endpoints[0].ip_address or "–"


_SUBNET = ("flannel.subnet_env", "flannel.net_conf", "hns.networks", "hns.endpoints", "cni.folders")
CHECKS = (
    Check("network.addresses-left", (*USES, *_SUBNET, "flannel.reservations"), addresses_left),
    Check("network.endpoints-are-clean", (*USES, *_SUBNET, "hns.endpoint_count"), endpoints_are_clean),
)
