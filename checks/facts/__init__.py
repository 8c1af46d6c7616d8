"""Facts: typed answers of the probes, immutable and without opinion.

Every top-level field of a facts record is `T | Problem`. Times are UTC; `None` inside an answer means that Windows
itself has no such value (absent registry value, no limit), never that reading failed.
"""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.access import AccessFacts, CertificateFact, ServerReachFact
from checks.facts.base import TYPED_NOT_THERE, FileFact, Problem, VariableFact
from checks.facts.cluster import (
    ClusterFacts,
    NodeAddressFact,
    NodeConditionFact,
    NodeObjectFact,
    PodContainerFact,
    PodEventFact,
    PodFact,
)
from checks.facts.cni import CniFacts, CniFolderFact, PluginFolderFact
from checks.facts.daemons import CrashFact, DaemonFacts, NssmFact, ProcessFact, ServiceFact
from checks.facts.egress import EgressFacts
from checks.facts.environment import EnvironmentFacts
from checks.facts.firewall import FirewallFacts, FirewallProfileFact, FirewallRuleFact
from checks.facts.flannel import FlannelFacts, ReservationFact
from checks.facts.hns import HnsEndpointFact, HnsFacts, HnsLoadBalancerFact, HnsNetworkFact, HnsRemoteSubnet
from checks.facts.hyperv import HyperVFacts, VirtualAdapterFact
from checks.facts.machine import (
    ClockFacts,
    ClockServiceFact,
    ContainersFact,
    DiskFact,
    GuestFact,
    HnsServiceFact,
    MachineFacts,
)
from checks.facts.network import (
    AdapterFact,
    AddressFact,
    InterfaceMtuFact,
    NameServersFact,
    NetworkFacts,
    RouteFact,
)
from checks.facts.node_ports import NodePortFacts, PortReachFact
from checks.facts.profile import ApiServerFact, ProfileFacts
from checks.facts.proxy import ProxyAnswerFact, ProxyFacts
from checks.facts.runtime import ProgramFact, RuntimeFacts
from checks.facts.system import SystemFacts

__all__ = [
    "TYPED_NOT_THERE",
    "AccessFacts",
    "AdapterFact",
    "AddressFact",
    "ApiServerFact",
    "CertificateFact",
    "ClockFacts",
    "ClockServiceFact",
    "ClusterFacts",
    "CniFacts",
    "CniFolderFact",
    "ContainersFact",
    "CrashFact",
    "DaemonFacts",
    "DiskFact",
    "EgressFacts",
    "EnvironmentFacts",
    "FileFact",
    "FirewallFacts",
    "FirewallProfileFact",
    "FirewallRuleFact",
    "FlannelFacts",
    "GuestFact",
    "HnsEndpointFact",
    "HnsFacts",
    "HnsLoadBalancerFact",
    "HnsNetworkFact",
    "HnsRemoteSubnet",
    "HnsServiceFact",
    "HyperVFacts",
    "InterfaceMtuFact",
    "MachineFacts",
    "NameServersFact",
    "NetworkFacts",
    "NodeAddressFact",
    "NodeConditionFact",
    "NodeFacts",
    "NodeObjectFact",
    "NodePortFacts",
    "NssmFact",
    "PluginFolderFact",
    "PodContainerFact",
    "PodEventFact",
    "PodFact",
    "PortReachFact",
    "Problem",
    "ProcessFact",
    "ProfileFacts",
    "ProgramFact",
    "ProxyAnswerFact",
    "ProxyFacts",
    "ReservationFact",
    "RouteFact",
    "RuntimeFacts",
    "ServerReachFact",
    "ServiceFact",
    "SystemFacts",
    "VariableFact",
    "VirtualAdapterFact",
]


UNMEASURED = Problem("clock", "not measured")
NO_HOST = Problem("hyperv", "no Hyper-V host was asked", "not-asked")
NO_PROXY_SET = Problem("proxy", "no proxy was asked", "not-asked")
NOT_TRIED = Problem("node_ports", "no connection was tried", "not-asked")


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """All answers of one scan of one node. A probe that did not come back is a `Problem` as a whole."""

    system: SystemFacts | Problem
    daemons: DaemonFacts | Problem
    environment: EnvironmentFacts | Problem
    flannel: FlannelFacts | Problem
    hns: HnsFacts | Problem
    network: NetworkFacts | Problem
    cni: CniFacts | Problem
    profile: ProfileFacts | Problem
    machine: MachineFacts | Problem
    firewall: FirewallFacts | Problem
    access: AccessFacts | Problem
    cluster: ClusterFacts | Problem
    egress: EgressFacts | Problem
    runtime: RuntimeFacts | Problem
    proxy: ProxyFacts | Problem = NO_PROXY_SET
    """Asked where the container runtime is given a proxy for registries."""
    clock: ClockFacts | Problem = UNMEASURED
    """No script's answer: the scan measures it."""
    hyperv: HyperVFacts | Problem = NO_HOST
    """Not the node's answer but its host's, where the node list gives one."""
    node_ports: NodePortFacts | Problem = NOT_TRIED
    """What this computer finds of its ports."""
