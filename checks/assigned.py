"""What the cluster assigned to this node: its Node object, and the pod CIDR in it."""

from __future__ import annotations

from checks.cluster import Told
from checks.facts import NodeFacts, NodeObjectFact, Problem
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
