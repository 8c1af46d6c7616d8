"""Area flannel: the daemon, the file it leaves, and the address that kube-proxy sends from."""

from __future__ import annotations

import ntpath
from datetime import timedelta

from checks.check import Check, Context, said, unread
from checks.cluster import (
    Told,
    flanneld_node_name,
    in_range,
    node_name,
    owns_address,
    pod_subnet,
    subnet_env_file,
)
from checks.command_line import is_on
from checks.daemons import command_line, daemon_flag, processes, service
from checks.facts import FileFact, FlannelFacts, HnsNetworkFact, NodeFacts, Problem, ReservationFact
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import (
    present,
    read_net_conf,
    read_source_vip,
    read_source_vip_subnet,
    read_subnet_env,
    unreadable,
)
from checks.ranges import parse_range
from checks.rules.network import flannel_applies, pod_network, restart_fixes

SETTLES = timedelta(seconds=60)
"""flanneld waits up to 45 s for its network to come up."""

# What flanneld's log says of why it ended: codes and words of the program itself, never of Windows.
_LOG = (
    ("0x803b0010", "name-exists"),
    ("0x22)", "other-version"),
    ("Cannot find network with Management IP", "no-management-ip"),
    ("failed to get management IP", "no-management-ip"),
    ("Could not find valid interface", "no-interface"),
    ("Failed to find interface", "no-interface"),
    ("POD_NAME and POD_NAMESPACE", "no-node-name"),
    ("pod cidr not assigned", "no-pod-cidr"),
    ("doesn't contain", "outside-network"),
    ("failed to read net conf", "no-net-conf"),
    ("VNI is", "bad-vni"),
    ("127.0.0.1:2379", "no-subnet-manager"),
    ("error reading kubeconfig", "no-kubeconfig"),
    ("not found", "node-not-found"),
    ("Service Unavailable by proxy", "through-proxy"),
    ("proxyconnect", "through-proxy"),
    ("i/o timeout", "api-unreachable"),
    ("connection refused", "api-unreachable"),
)


def classify_log(lines: tuple[str, ...]) -> tuple[str, str]:
    """The last error that flanneld's log tells of: its class and its line; ('', '') where there is none we know."""
    for line in reversed(lines):
        if line.startswith(("E", "F")) or "0x22)" in line or "Could not find valid interface" in line:
            for words, name in _LOG:
                if words in line:
                    return name, line
    return "", ""


def _log_evidence(facts: NodeFacts) -> tuple[str, Evidence | None]:
    if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.flanneld_log, Problem):
        return "", None
    name, line = classify_log(facts.flannel.flanneld_log)
    return name, Evidence("log", line, "flanneld's log") if line else None


def wrong_flags(facts: NodeFacts) -> tuple[str, ...]:
    """Flags that flanneld can't live without and that its command line lacks, or has wrong."""
    line = command_line(facts, "flanneld")
    if line is None:
        return ()
    wrong: list[str] = []
    if not is_on(daemon_flag(facts, "flanneld", "kube-subnet-mgr")):
        wrong.append("--kube-subnet-mgr")
    if daemon_flag(facts, "flanneld", "kubeconfig-file") is None and not _in_cluster(facts):
        wrong.append("--kubeconfig-file")
    interface = daemon_flag(facts, "flanneld", "iface")
    if interface is not None and owns_address(facts, interface) is False:
        wrong.append(f"--iface={interface}")
    return tuple(wrong)


def _in_cluster(facts: NodeFacts) -> bool:
    """A pod's flanneld may use its service account instead of a kubeconfig."""
    line = command_line(facts, "flanneld") or ""
    return "\\hpc\\" in line.lower() or line.lower().startswith("c:\\c\\")


def flanneld_runs(context: Context) -> Finding:
    """F2, and flanneld's own flags."""
    other = flannel_applies(context)
    if other is not None:
        return other
    facts = context.facts
    running = processes(facts, "flanneld")
    if isinstance(running, Problem):
        return unread(running)
    network = pod_network(facts)
    line = command_line(facts, "flanneld")
    shown = Evidence("command-line", line, "Win32_Process, Win32_Service") if line else None
    if not running:
        return _dead(context, network, shown)
    first = running[0]
    start = Evidence("started", first.created.isoformat(timespec="seconds"), "Win32_Process") if first.created else None
    evidence = (shown, start)
    if len(running) > 1:
        return said(Verdict.WARN, "several", evidence, count=str(len(running)))
    if isinstance(network, Problem):
        return unread(network)
    fixes = restart_fixes(facts, context.profile.name)
    if network is None or not network.management_ip:
        young = first.created is not None and context.now - first.created < SETTLES
        return said(Verdict.WARN, "starting", evidence) if young else said(Verdict.FAIL, "stuck", evidence, fixes)
    return _judge_flags(context, evidence, fixes)


def _judge_flags(context: Context, evidence: tuple[Evidence | None, ...], fixes: tuple[str, ...]) -> Finding:
    facts = context.facts
    wrong = wrong_flags(facts)
    if wrong:
        verdict = Verdict.FAIL if any(one.startswith("--iface=") for one in wrong) else Verdict.WARN
        return said(verdict, "runs-with-wrong-flags", evidence, fixes, flags=", ".join(wrong))
    told, name = flanneld_node_name(facts), node_name(facts)
    if told is not None and name is not None and told.value != name.value:
        more = (
            *evidence,
            Evidence("NODE_NAME", told.value, told.source),
            Evidence("node-name", name.value, name.source),
        )
        return said(Verdict.WARN, "node-name-differs", more, fixes, told=told.value, name=name.value)
    shown = told.value if told else name.value if name else "?"
    return said(Verdict.PASS, "runs", evidence, name=shown)


def _dead(context: Context, network: HnsNetworkFact | Problem | None, shown: Evidence | None) -> Finding:
    facts = context.facts
    fixes = restart_fixes(facts, context.profile.name)
    why, log = _log_evidence(facts)
    own = service(facts, "flanneld")
    state = None
    if own is not None and not isinstance(own, Problem):
        state = Evidence("service", f"{own.name}: {own.state}, exit code {own.exit_code}", "Win32_Service")
    evidence = (Evidence("process", "–", "Win32_Process"), state, shown, log)
    wrong = wrong_flags(facts) if shown is not None else ()
    if wrong:
        return said(Verdict.FAIL, "wrong-flags", evidence, fixes, flags=", ".join(wrong))
    if _node_name_missing(context):
        return said(Verdict.FAIL, "no-node-name", evidence, fixes)
    if isinstance(network, HnsNetworkFact) and not _subnet_env_gone(facts):
        return said(Verdict.WARN, "dead-network-there", evidence, fixes, why=why or "?", network=network.name)
    return said(Verdict.FAIL, "dead", evidence, fixes, why=why or "?")


def _subnet_env_gone(facts: NodeFacts) -> bool:
    file = subnet_env_file(facts)
    return isinstance(file, FileFact) and file.present is False


def _node_name_missing(context: Context) -> bool:
    """NODE_NAME stands nowhere that a new flanneld would find it. Pods and RKE2 give it themselves."""
    if context.profile.name in ("rke2", "kubeadm-hostprocess", "wins"):
        return False
    environment = context.facts.environment
    if isinstance(environment, Problem) or isinstance(environment.machine, Problem):
        return False
    return flanneld_node_name(context.facts) is None


def subnet_env(context: Context) -> Finding:
    """F3: the file that the CNI plugin needs for every pod."""
    other = flannel_applies(context)
    if other is not None:
        return other
    facts = context.facts
    file = subnet_env_file(facts)
    if isinstance(file, Problem):
        return unread(file)
    if file.problem or file.present is None:
        return unread(Problem("flannel.subnet_env", f"{file.path}: {file.problem}"))
    fixes = restart_fixes(facts, context.profile.name)
    if not file.present:
        return said(Verdict.FAIL, "missing", (Evidence("file", "–", file.path),), fixes, file=file.path)
    read = read_subnet_env(file.data)
    lines = tuple(Evidence(key, value, file.path) for key, value in read.values.items() if key.startswith("FLANNEL_"))
    evidence = (
        *lines,
        Evidence("modified", file.modified.isoformat(timespec="seconds"), file.path) if file.modified else None,
    )
    if read.faults:
        missing = ", ".join(read.missing)
        return said(Verdict.FAIL, read.faults[0], evidence, fixes, file=file.path, missing=missing or "–")
    return _judge_subnet(context, Told(str(read.subnet), file.path), read.mtu, evidence, fixes)


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
            if wide is not None and subnet.range is not None and not subnet.range.overlaps(wide):  # pyright: ignore[reportArgumentType]
                more = (*evidence, Evidence("range", str(wide), conf.path))
                return said(Verdict.WARN, "outside-net-conf", more, fixes, network=str(wide), **values)
    if context.profile.is_overlay and mtu is not None and mtu >= 1500:
        return said(Verdict.WARN, "mtu", evidence, fixes, **values)
    return said(Verdict.PASS, "whole", evidence, **values)


def source_vip(context: Context) -> Finding:
    """F1: the address kube-proxy sends from in overlay mode."""
    other = flannel_applies(context)
    if other is not None:
        return other
    facts = context.facts
    if context.profile.is_overlay is False:
        return said(Verdict.NOT_APPLICABLE, "not-overlay", context.profile.evidence)
    if isinstance(facts.flannel, Problem):
        return unread(facts.flannel)
    if isinstance(facts.flannel.source_vip, Problem):
        return unread(facts.flannel.source_vip)
    for file in unreadable(facts.flannel.source_vip):
        return unread(Problem("flannel.source_vip", f"{file.path}: {file.problem}"))
    if context.profile.is_overlay is None:
        return said(Verdict.UNKNOWN, "mode-unknown", context.profile.evidence)
    subnet = pod_subnet(facts) or _network_subnet(facts)
    if subnet is None:
        return said(Verdict.UNKNOWN, "pod-subnet-unknown", ())
    if not context.profile.keeps_source_vip_file:
        return _reserved_only(facts, subnet)
    files = present(facts.flannel.source_vip)
    return _judge_file(context, files[0], subnet) if files else _no_file(facts, subnet)


def _network_subnet(facts: NodeFacts) -> Told | None:
    network = pod_network(facts)
    if isinstance(network, HnsNetworkFact) and network.subnets:
        return Told(network.subnets[0], f"Get-HnsNetwork {network.name}")
    return None


def _reservations(facts: NodeFacts) -> tuple[ReservationFact, ...]:
    """Addresses that host-local holds for kube-proxy, not for a pod."""
    if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.reservations, Problem):
        return ()
    return tuple(one for one in facts.flannel.reservations if one.content.startswith(("dummy", "kube-proxy")))


def _reserved_only(facts: NodeFacts, subnet: Told) -> Finding:
    """RKE2 keeps no file: the reservation itself is the memory."""
    if isinstance(facts.flannel, FlannelFacts) and isinstance(facts.flannel.reservations, Problem):
        return unread(facts.flannel.reservations)
    own = _reservations(facts)
    told = tuple(Evidence("reservation", one.address, one.path) for one in own)
    if not own:
        return said(Verdict.NOT_APPLICABLE, "no-file-here", told)
    stale = [one for one in own if subnet.range is not None and not in_range(one.address, subnet.range)]
    values = {"vip": own[0].address, "subnet": subnet.value}
    if stale:
        return said(
            Verdict.FAIL, "stale-reservation", (*told, Evidence("pod-subnet", subnet.value, subnet.source)), **values
        )
    return said(Verdict.PASS, "fits", told, **values)


def _no_file(facts: NodeFacts, subnet: Told) -> Finding:
    running = processes(facts, "kube-proxy")
    if isinstance(running, Problem):
        return unread(running)
    if not running:
        return said(Verdict.NOT_APPLICABLE, "no-file-yet", ())
    vip = daemon_flag(facts, "kube-proxy", "source-vip")
    told = (
        Evidence("kube-proxy", f"--source-vip={vip or ''}", "Win32_Process"),
        Evidence("pod-subnet", subnet.value, subnet.source),
    )
    if vip and subnet.range is not None and in_range(vip, subnet.range):
        return said(Verdict.PASS, "fits", told, vip=vip, subnet=subnet.value)
    if vip is None:
        return said(Verdict.NOT_APPLICABLE, "no-file-here", told)
    return said(Verdict.FAIL, "no-vip", told, vip=vip or "–", subnet=subnet.value)


def _files_fixes(facts: NodeFacts, profile_name: str) -> tuple[str, ...]:
    """Moving the files helps where kube-proxy can be restarted afterwards: it writes them anew when it starts."""
    own = service(facts, "kube-proxy")
    return ("remove-stale-subnet-files",) if own is not None and profile_name not in ("rke2", "wins") else ()


def _judge_file(context: Context, file: FileFact, subnet: Told) -> Finding:
    facts = context.facts
    fixes = _files_fixes(facts, context.profile.name)
    vip = read_source_vip(file.data)
    evidence: tuple[Evidence | None, ...] = (
        Evidence("source-vip", vip or "–", file.path),
        Evidence("pod-subnet", subnet.value, subnet.source),
    )
    values = {"vip": vip or "–", "subnet": subnet.value, "file": file.path}
    if not vip:
        return said(Verdict.FAIL, "no-address", evidence, fixes, **values)
    if subnet.range is None or not in_range(vip, subnet.range):
        return said(Verdict.FAIL, "stale", evidence, fixes, **values)
    running = processes(facts, "kube-proxy")
    used = daemon_flag(facts, "kube-proxy", "source-vip")
    if not isinstance(running, Problem) and running and used is not None and used != vip:
        more = (*evidence, Evidence("kube-proxy", f"--source-vip={used}", "Win32_Process"))
        return said(Verdict.FAIL, "kube-proxy-differs", more, fixes, used=used or "–", **values)
    return _judge_memory(facts, file, subnet, evidence, fixes, values)


def _judge_memory(
    facts: NodeFacts,
    file: FileFact,
    subnet: Told,
    evidence: tuple[Evidence | None, ...],
    fixes: tuple[str, ...],
    values: dict[str, str],
) -> Finding:
    """The request beside the file, and host-local's reservation: stale ones do harm later."""
    if isinstance(facts.flannel, Problem):
        return unread(facts.flannel)
    requests, reserved = facts.flannel.source_vip_request, facts.flannel.reservations
    if isinstance(requests, Problem):
        return unread(requests)
    if isinstance(reserved, Problem):
        return unread(reserved)
    for request in present(requests):
        asked = read_source_vip_subnet(request.data)
        if ntpath.dirname(request.path) == ntpath.dirname(file.path) and asked is not None and asked != subnet.range:
            more = (*evidence, Evidence("request", str(asked), request.path))
            return said(Verdict.WARN, "request-stale", more, fixes, asked=str(asked), **values)
    held = [one for one in reserved if one.address == values["vip"]]
    if not held:
        return said(Verdict.WARN, "reservation-missing", evidence, fixes, **values)
    return said(Verdict.PASS, "fits", (*evidence, Evidence("reservation", held[0].address, held[0].path)), **values)


CHECKS = (
    Check(
        "flannel.flanneld-runs",
        (
            "daemons.processes",
            "daemons.services",
            "hns.networks",
            "network.adapters",
            "network.addresses",
            "environment.machine",
            "system.host_name",
        ),
        flanneld_runs,
        waits_for=("flannel", "cni", "profile"),
    ),
    Check(
        "flannel.subnet-env",
        ("flannel.subnet_env", "flannel.net_conf", "hns.networks", "daemons.processes", "cni.folders"),
        subnet_env,
    ),
    Check(
        "flannel.source-vip",
        (
            "flannel.source_vip",
            "flannel.source_vip_request",
            "flannel.reservations",
            "flannel.subnet_env",
            "daemons.processes",
            "daemons.services",
            "hns.networks",
            "cni.folders",
        ),
        source_vip,
    ),
)
