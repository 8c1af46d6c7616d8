"""Area flannel: the daemon and the file it leaves."""

from __future__ import annotations

from datetime import timedelta

from checks.check import Check, Context, said, unread
from checks.cluster import (
    Told,
    flanneld_node_name,
    node_name,
    owns_address,
    subnet_env_file,
)
from checks.command_line import is_on, same_path
from checks.daemons import command_line, daemon_flag, processes, service
from checks.facts import FileFact, FlannelFacts, HnsNetworkFact, NodeFacts, Problem, ProcessFact
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import (
    present,
    read_net_conf,
    read_subnet_env,
)
from checks.profile import USES
from checks.ranges import Range, contains, parse_range
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
    ("invalid VXLAN backend config", "bad-vxlan"),
    ("VNI is", "bad-vxlan"),
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
    return _unfinished(context, first, evidence, fixes) or _judge_flags(context, evidence, fixes)


def _unfinished(
    context: Context, first: ProcessFact, evidence: tuple[Evidence | None, ...], fixes: tuple[str, ...]
) -> Finding | None:
    """flanneld writes subnet.env anew at every start; an older file means that this start has not come that far."""
    file = subnet_env_file(context.facts)
    if isinstance(file, Problem):
        return unread(file)
    if not file.present or file.modified is None or first.created is None:
        return None
    if file.modified >= first.created or context.now - first.created < SETTLES:
        return None
    more = (*evidence, Evidence("modified", file.modified.isoformat(timespec="seconds"), file.path))
    return said(Verdict.WARN, "unfinished", more, fixes, file=file.path)


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
    conf = _net_conf(facts)
    if conf is not None:
        fault = read_net_conf(conf.data).faults[0]
        told = (*evidence, Evidence("fault", fault, conf.path))
        return said(Verdict.FAIL, "bad-net-conf", told, file=conf.path)
    if isinstance(network, HnsNetworkFact) and not _subnet_env_gone(facts):
        return said(Verdict.WARN, "dead-network-there", evidence, fixes, why=why or "?", network=network.name)
    return said(Verdict.FAIL, "dead", evidence, fixes, why=why or "?")


def _net_conf(facts: NodeFacts) -> FileFact | None:
    """The net-conf.json that flanneld reads, where it can't be read as one."""
    if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.net_conf, Problem):
        return None
    told = daemon_flag(facts, "flanneld", "net-config-path") or "C:\\etc\\kube-flannel\\net-conf.json"
    for file in present(facts.flannel.net_conf):
        if same_path(file.path, told) and read_net_conf(file.data).faults:
            return file
    return None


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
    if context.profile.is_overlay and mtu is not None and mtu >= 1500:
        return said(Verdict.WARN, "mtu", evidence, fixes, **values)
    return said(Verdict.PASS, "whole", evidence, **values)


CHECKS = (
    Check(
        "flannel.flanneld-runs",
        (
            *USES,
            "hns.networks",
            "network.adapters",
            "network.addresses",
            "environment.machine",
            "system.host_name",
            "flannel.subnet_env",
            "flannel.net_conf",
            "cni.folders",
        ),
        flanneld_runs,
    ),
    Check(
        "flannel.subnet-env",
        (*USES, "flannel.subnet_env", "flannel.net_conf", "hns.networks", "cni.folders"),
        subnet_env,
    ),
)
