"""Area network: what Windows does not do for pods and nodes, so that nobody looks for a fault there."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.cluster import cni_conf, cni_file, service_cidr
from checks.facts import FileFact, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of
from checks.thresholds import threshold

_VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
_SERVER_2019 = 17763


def ping_outside(context: Context) -> Finding:
    """W2a: the virtual switch rewrites no ICMP, whatever plug-in made the network."""
    file = cni_file(context.facts)
    if isinstance(file, Problem):
        return unread(file)
    conf = cni_conf(context.facts)
    plugin = (conf.delegate or conf.type) if conf is not None else ""
    source = file.path if isinstance(file, FileFact) else "CNI folders"
    return said(Verdict.INFO, "limitation", (Evidence("plugin", plugin or "–", source),), plugin=plugin or "?")


def local_node_port(context: Context) -> Finding:
    """W3: closed by an update of Server 2019; the build and its revision tell on which side this node is."""
    system = answer_of(context.facts.system, lambda one: all_of(one.build, one.ubr))
    if isinstance(system, Problem):
        return unread(system)
    build, revision = system
    version = f"{build}.{revision}"
    told = (Evidence("build", version, _VERSION),)
    fixed = int(threshold("node-port-fixed-ubr"))
    if build == _SERVER_2019 and revision < fixed:
        return said(Verdict.INFO, "limitation", told, version=version, fixed=f"{_SERVER_2019}.{fixed}")
    return said(Verdict.INFO, "works", told, version=version)


def service_address_from_node(context: Context) -> Finding:
    """W5: load balancers of service addresses are made for pods, not for the node itself."""
    file = cni_file(context.facts)
    if isinstance(file, Problem):
        return unread(file)
    services = service_cidr(context.facts, context.profile)
    told = Evidence("range", services.value, services.source) if services else None
    told = told or Evidence("range", "–", file.path if file else "CNI folders")
    return said(Verdict.INFO, "limitation", (told,), range=told.value)


CHECKS = (
    Check("network.ping-outside", ("cni.folders",), ping_outside, waits_for=("daemons", "profile")),
    Check("network.local-node-port", ("system.build", "system.ubr"), local_node_port),
    Check(
        "network.service-address-from-node",
        ("cni.folders",),
        service_address_from_node,
        waits_for=("daemons", "profile", "flannel"),
    ),
)
