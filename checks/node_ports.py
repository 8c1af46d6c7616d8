"""NodePorts of a node: which ones its Host Network Service forwards, and the question whether they answer from here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from checks.beside import Aside, Ask
from checks.errors import ToolError
from checks.facts import HnsFacts, NodeFacts, NodePortFacts, Problem
from checks.node import Node

FIELD = "node_ports"
MOST = 16
KNOCKS_S = 6.0
"""All are tried at once; finding the address of a name takes longer than the ports."""
NEEDS = ("hns", "network")
TCP = 6

Knock = Callable[[Node, Collection[str], Sequence[int]], NodePortFacts]
"""Tries ports at a node's address, given the addresses that are its own. Raises `ToolError`."""


def node_ports(hns: HnsFacts, protocol: int = TCP) -> tuple[int, ...] | Problem:
    """Ports of load balancers without a VIP: they listen on the node's own address."""
    if isinstance(hns.load_balancers, Problem):
        return hns.load_balancers
    own = {one.port for one in hns.load_balancers if not one.vips and one.protocol == protocol and one.port}
    return tuple(sorted(own))


def node_ports_aside(knock: Knock) -> Aside:
    """The question for a scan."""
    return Aside(FIELD, NEEDS, partial(_prepare, knock), KNOCKS_S)


def _prepare(knock: Knock, facts: NodeFacts, node: Node) -> Ask | Problem:
    ports = facts.hns if isinstance(facts.hns, Problem) else node_ports(facts.hns)
    network = facts.network
    addresses = network if isinstance(network, Problem) else network.addresses
    if isinstance(ports, Problem):
        return Problem(FIELD, ports.message, ports.code)
    if not ports:
        return Problem(FIELD, "no NodePort to try", "not-asked")
    if isinstance(addresses, Problem):
        return Problem(FIELD, addresses.message, addresses.code)
    return partial(_ask, knock, node, tuple(one.address for one in addresses), ports[:MOST])


def _ask(knock: Knock, node: Node, own: tuple[str, ...], ports: tuple[int, ...]) -> NodePortFacts | Problem:
    try:
        return knock(node, own, ports)
    except ToolError as error:
        return Problem(FIELD, error.detail or error.fields.get("address", ""), error.code)
