"""What the cluster assigned to this node: its Node object, and the pod CIDR in it."""

from __future__ import annotations

from checks.cluster import Told, pod_subnet
from checks.facts import HnsNetworkFact, NodeFacts, NodeObjectFact, Problem
from checks.finding import Evidence
from checks.given import answer_of
from checks.ranges import parse_range

NODE_OBJECT = "kubectl get node"


def node_object(facts: NodeFacts) -> NodeObjectFact | Problem:
    return answer_of(facts.cluster, lambda one: one.node)


def assigned(facts: NodeFacts) -> Told | None:
    """The pod CIDR of the Node object, IPv4 first; None where it is not known or none was assigned."""
    node = node_object(facts)
    ranges = [] if isinstance(node, Problem) else [one for one in map(parse_range, node.pod_cidrs) if one is not None]
    ranges.sort(key=lambda one: one.version)
    return Told(str(ranges[0]), NODE_OBJECT) if ranges else None


def pod_cidr_evidence(facts: NodeFacts) -> tuple[Evidence, ...]:
    """The assigned pod CIDR to be shown beside what a node uses; nothing where it is not known."""
    own = assigned(facts)
    return () if own is None else (Evidence("pod-cidr", own.value, own.source),)


def is_subnet_certain(facts: NodeFacts, network: HnsNetworkFact | Problem | None) -> bool:
    """Whether nobody contradicts subnet.env, which all is made from: not the pods' network, nor the cluster if it is known.

    `network`: the pods'. What could not be read contradicts nothing.
    """
    leased, own = pod_subnet(facts), assigned(facts)
    if leased is None or leased.range is None:
        return False
    live = network.subnets if isinstance(network, HnsNetworkFact) else ()
    if live and leased.range not in [parse_range(one) for one in live]:
        return False
    return own is None or own.range is None or own.range.version != leased.range.version or own.range == leased.range
