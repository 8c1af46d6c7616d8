"""Area flannel: the file that the CNI plug-in needs for every pod."""

from __future__ import annotations

from checks.assigned import pod_cidr_evidence
from checks.check import Check, Context, said, unread
from checks.cluster import Told, cni_conf, cni_file, management_address, subnet_env_file
from checks.command_line import same_path, windows_path
from checks.facts import FileFact, FlannelFacts, HnsNetworkFact, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import present, read_net_conf, read_subnet_env
from checks.profile import USES
from checks.ranges import Range, contains, parse_range
from checks.rules.network import pod_network, restart_fixes, rests_on_pod_network, where_flannel_applies
from checks.thresholds import threshold

Values = dict[str, str]


@rests_on_pod_network
@where_flannel_applies
def subnet_env(context: Context) -> Finding:
    """F3: the file that the CNI plugin needs for every pod."""
    facts = context.facts
    file = subnet_env_file(facts)
    if isinstance(file, Problem):
        return unread(file)
    if file.problem or file.present is None:
        return unread(Problem("flannel.subnet_env", f"{file.path}: {file.problem}"))
    fixes = restart_fixes(facts, context.profile.name)
    read_at = _read_elsewhere(facts, file)
    if isinstance(read_at, Problem):
        return unread(read_at)
    if read_at is not None:
        more = (Evidence("file", file.path, "flanneld"), Evidence("file", read_at.value, read_at.source))
        return said(Verdict.FAIL, "elsewhere", more, file=file.path, asked=read_at.value)
    if not file.present:
        return said(Verdict.FAIL, "missing", (Evidence("file", "–", file.path),), fixes, file=file.path)
    read = read_subnet_env(file.data)
    lines = tuple(Evidence(key, value, file.path) for key, value in read.values.items() if key.startswith("FLANNEL_"))
    evidence = (
        *lines,
        Evidence("modified", file.modified.isoformat(timespec="seconds"), file.path) if file.modified else None,
        *pod_cidr_evidence(facts),
    )
    if read.faults:
        missing = ", ".join(read.missing)
        return said(Verdict.FAIL, read.faults[0], evidence, fixes, file=file.path, missing=missing or "–")
    return _judge_subnet(context, Told(str(read.subnet), file.path), read.mtu, evidence, fixes)


def _read_elsewhere(facts: NodeFacts, file: FileFact) -> Told | Problem | None:
    """Where the CNI file sends the plug-in for subnet.env, if flanneld writes it somewhere else."""
    conf_file, conf = cni_file(facts), cni_conf(facts)
    if isinstance(conf_file, Problem):
        return conf_file
    if conf is None or conf_file is None or not conf.is_flannel:
        return None
    asked = conf.subnet_file or "/run/flannel/subnet.env"
    return None if same_path(asked, file.path) else Told(windows_path(asked), conf_file.path)


def _apart(one: Range, other: Range) -> bool:
    """Whether two ranges of one family share no address."""
    return one.version == other.version and not contains(one, other) and not contains(other, one)


def _judge_subnet(
    context: Context, subnet: Told, mtu: int | None, evidence: tuple[Evidence | None, ...], fixes: tuple[str, ...]
) -> Finding:
    facts = context.facts
    network = pod_network(facts)
    values = {"subnet": subnet.value, "file": subnet.source, "mtu": str(mtu)}
    live = network.subnets if isinstance(network, HnsNetworkFact) else ()
    if live and subnet.range not in [parse_range(one) for one in live]:
        told = ", ".join(live)
        more = (*evidence, Evidence("pod-subnet", told, "Get-HnsNetwork"))
        return said(Verdict.FAIL, "differs", more, fixes, network=told, **values)
    if isinstance(facts.flannel, FlannelFacts) and not isinstance(facts.flannel.net_conf, Problem):
        for conf in present(facts.flannel.net_conf):
            wide = read_net_conf(conf.data).network
            if wide is not None and subnet.range is not None and _apart(subnet.range, wide):
                more = (*evidence, Evidence("range", str(wide), conf.path))
                return said(Verdict.WARN, "outside-net-conf", more, fixes, network=str(wide), **values)
    return _judge_mtu(context, mtu, evidence, fixes, values)


def _judge_mtu(
    context: Context, mtu: int | None, evidence: tuple[Evidence | None, ...], fixes: tuple[str, ...], values: Values
) -> Finding:
    """flanneld takes the card's MTU, with vxlan less its header. The switch may have changed the card's since."""
    cards = _card_mtus(context.facts)
    if isinstance(cards, Problem):
        return unread(cards)
    shown = tuple(Evidence("card-mtu", one.value, one.source) for one in cards)
    if not cards:
        return said(Verdict.UNKNOWN, "card-unknown", (*evidence, Evidence("card-mtu", "–", "Get-NetAdapter")), **values)
    header = int(threshold("vxlan-header"))
    headers = {True: (header,), False: (0,), None: (header, 0)}[context.profile.is_overlay]
    expected = [int(one.value) - less for less in headers for one in cards]
    if mtu in expected:
        return said(Verdict.PASS, "whole", (*evidence, *shown), **values)
    if context.profile.is_overlay and str(mtu) in [one.value for one in cards]:
        return said(Verdict.WARN, "mtu", (*evidence, *shown), fixes, **values)
    values |= {"card": cards[0].value, "expected": str(expected[0])}
    return said(Verdict.WARN, "mtu-differs", (*evidence, *shown), fixes, **values)


def _card_mtus(facts: NodeFacts) -> tuple[Told, ...] | Problem:
    """MTUs of the card with the node's own address: of IPv4 on it, and of all adapters that share its MAC address."""
    network = facts.network
    if isinstance(network, Problem):
        return network
    adapters, addresses, mtus = network.adapters, network.addresses, network.mtus
    for answer in (adapters, addresses, mtus):
        if isinstance(answer, Problem):
            return answer
    assert not isinstance(adapters, Problem)
    assert not isinstance(addresses, Problem)
    assert not isinstance(mtus, Problem)
    own = management_address(facts)
    indexes = {one.interface_index for one in addresses if own is not None and one.address == own.value}
    macs = {one.mac.upper() for one in adapters if one.index in indexes and one.mac}
    card = [one for one in adapters if one.index in indexes or one.mac.upper() in macs]
    found = [
        Told(str(one.mtu), f"Get-NetIPInterface {one.interface}") for one in mtus if one.interface_index in indexes
    ]
    found += [Told(str(one.mtu), f"Get-NetAdapter {one.name}") for one in card if one.mtu is not None]
    return tuple(found)


CHECKS = (
    Check(
        "flannel.subnet-env",
        (
            *USES,
            "flannel.subnet_env",
            "flannel.net_conf",
            "hns.networks",
            "cni.folders",
            "network.adapters",
            "network.addresses",
            "network.mtus",
        ),
        subnet_env,
        waits_for=("cluster",),
        whole=("flannel.net_conf",),
    ),
)
