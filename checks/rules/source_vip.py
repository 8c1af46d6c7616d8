"""Area flannel: the address that kube-proxy sends from in overlay mode."""

from __future__ import annotations

import ntpath
import re

from checks.assigned import assigned, is_subnet_certain, node_object, pod_cidr_evidence
from checks.check import Check, Context, said, unread
from checks.cluster import Told, in_range, pod_subnet
from checks.component_config import source_vip_setting
from checks.daemons import processes, service
from checks.facts import FileFact, FlannelFacts, HnsNetworkFact, NodeFacts, Problem, ReservationFact, ServiceFact
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import all_read, present, read_source_vip, read_source_vip_subnet
from checks.given import all_of, answer_of, first_problem
from checks.layout import base_folder
from checks.profile import USES, layout_unread
from checks.rules.network import pod_network, rests_on_pod_network, where_flannel_applies


@rests_on_pod_network
@where_flannel_applies
def source_vip(context: Context) -> Finding:
    """F1: the address kube-proxy sends from in overlay mode."""
    facts = context.facts
    if context.profile.is_overlay is False:
        # net-conf.json alone tells what flanneld would make, not what is there.
        unseen = answer_of(facts.hns, lambda one: one.networks)
        if isinstance(unseen, Problem):
            return unread(unseen)
        return said(Verdict.NOT_APPLICABLE, "not-overlay", context.profile.evidence)
    found = all_read(answer_of(facts.flannel, lambda one: one.source_vip), "flannel.source_vip")
    if isinstance(found, Problem):
        return unread(found)
    if context.profile.is_overlay is None:
        return said(Verdict.UNKNOWN, "mode-unknown", context.profile.evidence)
    subnet = pod_subnet(facts) or _network_subnet(facts)
    if subnet is None:
        return said(
            Verdict.UNKNOWN,
            "pod-subnet-unknown",
            (_nowhere("pod-subnet", answer_of(facts.flannel, lambda one: one.subnet_env)),),
        )
    if not context.profile.keeps_source_vip_file:
        return _reserved_only(context, subnet)
    files = own_vip_files(facts, found, context.profile.name)
    trouble = layout_unread(facts) if len(present(found)) > 1 else None
    if trouble is not None:
        return unread(trouble)  # several files, and which one is kube-proxy's depends on the layout
    return _judge_file(context, files[0], subnet) if files else _no_file(facts, subnet)


_HOMES = {"kubeadm-hostprocess": "c:\\sourcevip", "sdn-nssm": "c:\\k", "sdn-bare": "c:\\k"}


def own_vip_files(facts: NodeFacts, files: tuple[FileFact, ...], profile_name: str) -> tuple[FileFact, ...]:
    """The files that this layout's kube-proxy reads; what another layout left behind harms nothing."""
    home = _HOMES.get(profile_name) or base_folder(facts).lower() or None
    return tuple(one for one in present(files) if home is None or ntpath.dirname(one.path).lower() == home)


def _nowhere(label: str, files: tuple[FileFact, ...] | Problem) -> Evidence:
    """Evidence that a value stands in none of the places it was looked for in."""
    places = (files.fact,) if isinstance(files, Problem) else tuple(one.path for one in files)
    return Evidence(label, "–", ", ".join(places))


def _network_subnet(facts: NodeFacts) -> Told | None:
    network = pod_network(facts)
    if isinstance(network, HnsNetworkFact) and network.subnets:
        return Told(network.subnets[0], f"Get-HnsNetwork {network.name}")
    return None


def _settled(facts: NodeFacts, address: str | None, leased: Told) -> Told | Finding:
    """By which subnet this address is judged; a finding where nobody tells.

    An address in the network's range and not in subnet.env's is right where the cluster has assigned the former: then
    subnet.env is of another node.
    """
    if not address or leased.range is None or in_range(address, leased.range):
        return leased
    own, node = assigned(facts), node_object(facts)
    if not isinstance(node, Problem) and not (own and own.range and in_range(address, own.range)):
        return leased
    there = pod_network(facts)
    if isinstance(there, Problem):
        return unread(there)
    network = _network_subnet(facts)
    if network is None or network.range is None or not in_range(address, network.range):
        return leased
    if isinstance(node, Problem):
        evidence = (
            Evidence("source-vip", address, "sourceVip.json, host-local, kube-proxy"),
            Evidence("pod-subnet", leased.value, leased.source),
            Evidence("pod-subnet", network.value, network.source),
        )
        values = {"vip": address, "subnet": leased.value, "network": network.value, "source": leased.source}
        return said(Verdict.UNKNOWN, "leases-apart", evidence, **values)
    return own if own is not None and own.range == network.range else leased


def _reservations(facts: NodeFacts) -> tuple[ReservationFact, ...]:
    """Addresses that host-local holds for kube-proxy, not for a pod."""
    if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.reservations, Problem):
        return ()
    return tuple(one for one in facts.flannel.reservations if one.content.startswith(("dummy", "kube-proxy")))


def _reserved_only(context: Context, subnet: Told) -> Finding:
    """RKE2 keeps no file: the reservation itself is the memory. The wins DaemonSets reserve nothing at all."""
    facts = context.facts
    if isinstance(facts.flannel, FlannelFacts) and isinstance(facts.flannel.reservations, Problem):
        return unread(facts.flannel.reservations)
    own = _reservations(facts)
    settled = _settled(facts, own[0].address if len(own) == 1 else None, subnet)
    if isinstance(settled, Finding):
        return settled
    subnet = settled
    told = tuple(Evidence("reservation", one.address, one.path) for one in own)
    is_told = context.profile.name == "rke2" and processes(facts, "kube-proxy")
    used = source_vip_setting(facts) if is_told else None
    if isinstance(used, Problem):
        return unread(used)
    where = Evidence("pod-subnet", subnet.value, subnet.source)
    given = used.value if used is not None else ""
    if not own:
        return _given_only(given, subnet, (_used_evidence(used), where))
    fitting = [one for one in own if subnet.range is not None and in_range(one.address, subnet.range)]
    values = {"vip": (fitting or own)[0].address, "subnet": subnet.value}
    if not fitting:
        return said(Verdict.FAIL, "stale-reservation", (*told, where), **values)
    if given and given not in [one.address for one in fitting]:
        return said(Verdict.FAIL, "reserved-differs", (*told, _used_evidence(used), where), used=given, **values)
    network = _network_subnet(facts)
    if network is not None and network.range != subnet.range:
        more = (*told, where, Evidence("pod-subnet", network.value, network.source))
        return said(Verdict.FAIL, "network-differs", more, network=network.value, **values)
    return said(Verdict.PASS, "fits", (*told, where), **values)


def _given_only(given: str, subnet: Told, evidence: tuple[Evidence, ...]) -> Finding:
    """Nothing is reserved for kube-proxy: all there is of a source VIP is what it was told, if anything."""
    if not given:
        nowhere = Evidence("reservation", "–", "C:\\var\\lib\\cni\\networks")
        return said(Verdict.NOT_APPLICABLE, "no-file-here", (nowhere, *evidence))
    fits = subnet.range is not None and in_range(given, subnet.range)
    values = {"vip": given, "subnet": subnet.value}
    return said(Verdict.PASS if fits else Verdict.FAIL, "fits" if fits else "no-vip", evidence, **values)


def _no_file(facts: NodeFacts, subnet: Told) -> Finding:
    running = processes(facts, "kube-proxy")
    if isinstance(running, Problem):
        return unread(running)
    if not running:
        files = () if isinstance(facts.flannel, Problem) else facts.flannel.source_vip
        return said(Verdict.NOT_APPLICABLE, "no-file-yet", (_nowhere("source-vip", files),))
    used = source_vip_setting(facts)
    if isinstance(used, Problem):
        return unread(used)
    vip = used.value if used is not None else None
    settled = _settled(facts, vip, subnet)
    if isinstance(settled, Finding):
        return settled
    subnet = settled
    told = (
        _used_evidence(used),
        Evidence("pod-subnet", subnet.value, subnet.source),
    )
    if vip and subnet.range is not None and in_range(vip, subnet.range):
        return said(Verdict.PASS, "fits", told, vip=vip, subnet=subnet.value)
    guessed = layout_unread(facts) or first_problem(answer_of(facts.profile, lambda one: one.pipes))
    if guessed is not None:
        return unread(guessed)  # another layout may keep no source VIP at all
    return said(Verdict.FAIL, "no-vip", told, vip=vip or "–", subnet=subnet.value)


def _used_evidence(used: Told | None) -> Evidence:
    return Evidence("kube-proxy", used.value if used and used.value else "–", used.source if used else "Win32_Process")


def _files_fixes(facts: NodeFacts, profile_name: str) -> tuple[str, ...]:
    """Moving the files helps where kube-proxy can be restarted afterwards: it writes them anew, from subnet.env."""
    own = service(facts, "kube-proxy")
    is_ours = isinstance(own, ServiceFact) and profile_name not in ("rke2", "wins")
    return ("remove-stale-subnet-files",) if is_ours and is_subnet_certain(facts, pod_network(facts)) else ()


def _judge_file(context: Context, file: FileFact, subnet: Told) -> Finding:
    facts = context.facts
    fixes = _files_fixes(facts, context.profile.name)
    vip = read_source_vip(file.data)
    settled = _settled(facts, vip, subnet)
    if isinstance(settled, Finding):
        return settled
    subnet = settled
    evidence: tuple[Evidence | None, ...] = (
        Evidence("source-vip", vip or "–", file.path),
        Evidence("pod-subnet", subnet.value, subnet.source),
        *pod_cidr_evidence(facts),
    )
    values = {"vip": vip or "–", "subnet": subnet.value, "file": file.path}
    if not vip:
        return said(Verdict.FAIL, "no-address", evidence, fixes, **values)
    if subnet.range is None or not in_range(vip, subnet.range):
        return said(Verdict.FAIL, "stale", evidence, fixes, **values)
    running = processes(facts, "kube-proxy")
    told = source_vip_setting(facts)
    if isinstance(running, Problem):
        return unread(running)
    if isinstance(told, Problem):
        return unread(told)
    used = told.value if told is not None else None
    if running and used != vip:
        more = (*evidence, _used_evidence(told))
        return said(Verdict.FAIL, "kube-proxy-differs", more, used=used or "–", **values)
    network = _network_subnet(facts)
    if network is not None and network.range != subnet.range:
        more = (*evidence, Evidence("pod-subnet", network.value, network.source))
        return said(Verdict.FAIL, "network-differs", more, network=network.value, **values)
    refused = _refusal(facts)
    if isinstance(refused, Problem):
        return unread(refused)
    if refused is not None:
        return said(Verdict.WARN, "log-refused", (*evidence, refused), **values)
    return _judge_memory(facts, file, subnet, evidence, fixes, values)


_KLOG = re.compile(r"[IWEF]\d{4} [\d:.]+ +(\d+) ")
_REFUSALS = ("Source Vip endpoint creation failed", "source-vip flag not set")


def _refusal(facts: NodeFacts) -> Evidence | Problem | None:
    """What the running kube-proxy's log tells of its source VIP; lines of an earlier one are past."""
    running = processes(facts, "kube-proxy")
    if isinstance(facts.flannel, Problem) or isinstance(running, Problem):
        return None
    lines = facts.flannel.kube_proxy_log
    if isinstance(lines, Problem):
        return lines
    own = {str(one.process_id) for one in running}
    for line in reversed(lines):
        head = _KLOG.match(line)
        if head and head.group(1) in own and any(words in line for words in _REFUSALS):
            return Evidence("log", line[:300], "kube-proxy's log")
    return None


def _judge_memory(
    facts: NodeFacts,
    file: FileFact,
    subnet: Told,
    evidence: tuple[Evidence | None, ...],
    fixes: tuple[str, ...],
    values: dict[str, str],
) -> Finding:
    """The request beside the file, and host-local's reservation: stale ones do harm later."""
    kept = answer_of(facts.flannel, lambda one: all_of(one.source_vip_request, one.reservations))
    if isinstance(kept, Problem):
        return unread(kept)
    requests, reserved = kept
    folder = ntpath.dirname(file.path)
    beside = all_read(
        tuple(one for one in requests if ntpath.dirname(one.path) == folder), "flannel.source_vip_request"
    )
    if isinstance(beside, Problem):
        return unread(beside)
    for request in present(beside):
        wanted = read_source_vip_subnet(request.data)
        if wanted is not None and wanted != subnet.range:
            more = (*evidence, Evidence("request", str(wanted), request.path))
            return said(Verdict.WARN, "request-stale", more, fixes, asked=str(wanted), **values)
    held = [one for one in reserved if one.address == values["vip"]]
    if not held:
        return said(Verdict.WARN, "reservation-missing", evidence, fixes, **values)
    return said(Verdict.PASS, "fits", (*evidence, Evidence("reservation", held[0].address, held[0].path)), **values)


CHECKS = (
    Check(
        "flannel.source-vip",
        (
            *USES,
            "flannel.source_vip",
            "flannel.source_vip_request",
            "flannel.reservations",
            "flannel.kube_proxy_log",
            "flannel.subnet_env",
            "hns.networks",
            "cni.folders",
        ),
        source_vip,
        waits_for=("cluster",),
        whole=("flannel.subnet_env",),
    ),
)
