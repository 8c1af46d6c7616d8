"""Area network: everybody means the same network adapter, and it kept its address."""

from __future__ import annotations

from dataclasses import dataclass

from checks.check import Check, Context, said, unread
from checks.daemons import all_processes, daemon_flag, services
from checks.facts import AdapterFact, AddressFact, NodeFacts, Problem, RouteFact
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of, first_problem
from checks.profile import USES
from checks.ranges import is_link_local, parse_address
from checks.rules.network import pod_network, where_flannel_applies

DEFAULT = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class _Read:
    """The three lists, all of them read."""

    adapters: tuple[AdapterFact, ...]
    addresses: tuple[AddressFact, ...]
    routes: tuple[RouteFact, ...]

    def card(self, index: int) -> str:
        """What tells one network card: its MAC address, which a switch's own adapter takes over; else its number."""
        found = next((one for one in self.adapters if one.index == index), None)
        return found.mac.upper() if found is not None and found.mac else str(index)

    def name(self, card: str) -> str:
        return next((one.name for one in self.adapters if self.card(one.index) == card and self._has(one)), card)

    def _has(self, adapter: AdapterFact) -> bool:
        return any(one.interface_index == adapter.index for one in self.addresses)

    def find(self, text: str) -> str | None:
        """The card with this address or name; None where no adapter has it."""
        for one in self.adapters:
            if one.name.lower() == text.lower():
                return self.card(one.index)
        address = parse_address(text)
        for one in self.addresses:
            if address is not None and parse_address(one.address) == address:
                return self.card(one.interface_index)
        return None

    @property
    def gateways(self) -> tuple[RouteFact, ...]:
        return tuple(one for one in self.routes if one.prefix == DEFAULT)


def _read(facts: NodeFacts) -> _Read | Problem:
    network = answer_of(facts.network, lambda one: all_of(one.adapters, one.addresses, one.routes))
    return network if isinstance(network, Problem) else _Read(*network)


@where_flannel_applies
def right_adapter(context: Context) -> Finding:
    """6.3: flanneld's --iface, HNS' ManagementIP and kubelet's --node-ip are on one card, the one with the gateway."""
    facts = context.facts
    trouble = first_problem(services(facts), all_processes(facts))
    if trouble is not None:
        return unread(trouble)
    found = all_of(_read(facts), pod_network(facts))
    if isinstance(found, Problem):
        return unread(found)
    read, network = found
    told = {
        "flanneld --iface": daemon_flag(facts, "flanneld", "iface"),
        "HNS ManagementIP": network.management_ip if network is not None else None,
        "kubelet --node-ip": (daemon_flag(facts, "kubelet", "node-ip") or "").split(",")[0],
    }
    given = {who: value for who, value in told.items() if value}
    evidence = tuple(Evidence("adapter-told", value, who) for who, value in given.items())
    if not given:
        return said(Verdict.UNKNOWN, "nothing-told", (Evidence("adapter-told", "–", ", ".join(told)),))
    return _judge_cards(read, given, evidence)


def _judge_cards(read: _Read, given: dict[str, str], evidence: tuple[Evidence, ...]) -> Finding:
    cards: dict[str, str] = {}
    for who, value in given.items():
        card = read.find(value)
        if card is None:
            return said(Verdict.FAIL, "not-here", evidence, who=who, value=value)
        cards[who] = card
    first = next(iter(cards))
    for who, card in cards.items():
        if card != cards[first]:
            values = {"one": first, "first": given[first], "other": who, "second": given[who]}
            return said(Verdict.FAIL, "differ", evidence, **values)
    name = read.name(cards[first])
    gateways = tuple(Evidence("gateway", one.next_hop, f"Get-NetRoute {DEFAULT}") for one in read.gateways)
    if read.gateways and cards[first] not in {read.card(one.interface_index) for one in read.gateways}:
        return said(Verdict.WARN, "not-the-gateway", (*evidence, *gateways), adapter=name)
    return said(Verdict.PASS, "one", (*evidence, *gateways), adapter=name)


def address_kept(context: Context) -> Finding:
    """6.4: the switch that HNS makes takes over the card's address; sometimes it is lost on the way."""
    read = _read(context.facts)
    if isinstance(read, Problem):
        return unread(read)
    own = [one for one in read.addresses if one.family == "ipv4" and not one.address.startswith("127.")]
    evidence = tuple(Evidence("address", f"{one.address}/{one.prefix_length}", one.interface) for one in own[:8])
    evidence = evidence or (Evidence("address", "–", "Get-NetIPAddress"),)
    gateways = tuple(Evidence("gateway", one.next_hop, f"Get-NetRoute {DEFAULT}") for one in read.gateways)
    lost = _self_given(read, own)
    if lost is not None:
        return said(Verdict.FAIL, "self-given", (*evidence, *gateways), adapter=lost.interface, address=lost.address)
    real = [one for one in own if not is_link_local(one.address)]
    if not real:
        return said(Verdict.FAIL, "no-address", (*evidence, *gateways))
    if not read.gateways:
        return said(Verdict.WARN, "no-gateway", evidence)
    return said(Verdict.PASS, "kept", (*evidence, *gateways), gateway=read.gateways[0].next_hop)


def _self_given(read: _Read, own: list[AddressFact]) -> AddressFact | None:
    """An address that Windows gave itself where the card's own should be: on the adapter that took a real card over."""
    real_cards = {read.card(one.index) for one in read.adapters if not one.is_virtual}
    gateways = {one.interface_index for one in read.gateways}
    up = {one.index for one in read.adapters if one.status == "up"}
    for one in own:
        index = one.interface_index
        is_main = index in gateways or read.card(index) in real_cards
        others = [more for more in own if read.card(more.interface_index) == read.card(index)]
        if index in up and is_main and all(is_link_local(more.address) for more in others):
            return one
    return None


_LISTS = ("network.adapters", "network.addresses", "network.routes")
CHECKS = (
    Check(
        "network.right-adapter",
        (*USES, *_LISTS, "hns.networks", "flannel.net_conf", "cni.folders"),
        right_adapter,
    ),
    Check("network.address-kept", _LISTS, address_kept),
)
