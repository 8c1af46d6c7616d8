"""Area flannel: the daemon and the file it leaves."""

from __future__ import annotations

import re
from datetime import timedelta

from checks.check import Check, Context, said, unread
from checks.cluster import (
    Told,
    flanneld_node_name,
    node_name,
    owns_address,
    subnet_env_file,
    usable_kubeconfigs,
)
from checks.command_line import is_on, same_path
from checks.daemons import command_line, crashes, daemon_flag, processes, service
from checks.facts import FileFact, HnsNetworkFact, NodeFacts, Problem, ProcessFact, ServiceFact
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import (
    present,
    read_net_conf,
)
from checks.flanneld_log import NO_RESTART, REASONS, told
from checks.profile import USES
from checks.rules.network import flannel_applies, pod_network, restart_fixes
from checks.rules.node import typed_service_absent

_START = re.compile(r"(?:^|[\\/\s\"'])start\.ps1(?![\w.])", re.IGNORECASE)
"""StartKubelet.ps1 runs as long as kubelet does and waits for nothing."""
SETTLES = timedelta(seconds=60)
"""flanneld waits up to 45 s for its network to come up."""


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
    missing = typed_service_absent(context, "flanneld")
    if missing is not None and (other is None or other.verdict is Verdict.UNKNOWN):
        return missing
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
        return said(Verdict.WARN, "starting", evidence) if young else _stuck(facts, evidence, fixes)
    return _unfinished(context, first, evidence, fixes) or _judge_flags(context, evidence, fixes)


def _stuck(facts: NodeFacts, evidence: tuple[Evidence | None, ...], fixes: tuple[str, ...]) -> Finding:
    why, log = told(facts)
    if why in REASONS:
        return said(Verdict.FAIL, why, (*evidence, log), () if why in NO_RESTART else fixes)
    return said(Verdict.FAIL, "stuck", (*evidence, log), fixes)


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
    named = _names_apart(facts)
    if named is not None:
        given, name = named
        more = (*evidence, *_shown(named))
        return said(Verdict.WARN, "node-name-differs", more, fixes, told=given.value, name=name.value)
    apart = _net_confs_apart(facts)
    if apart is not None:
        own, other = apart
        more = (*evidence, Evidence("range", own.value, own.source), Evidence("range", other.value, other.source))
        return said(Verdict.WARN, "net-confs-differ", more, file=own.source, other=other.source)
    own = flanneld_node_name(facts) or node_name(facts)
    return said(Verdict.PASS, "runs", evidence, name=own.value if own else "?")


def _names_apart(facts: NodeFacts) -> tuple[Told, Told] | None:
    """NODE_NAME as flanneld's service gives it, and the node's name, where they differ."""
    given, name = flanneld_node_name(facts), node_name(facts)
    return (given, name) if given is not None and name is not None and given.value != name.value else None


def _shown(apart: tuple[Told, Told]) -> tuple[Evidence, Evidence]:
    given, name = apart
    return Evidence("NODE_NAME", given.value, given.source), Evidence("node-name", name.value, name.source)


def _kubeconfig_gone(facts: NodeFacts) -> bool:
    """Whether the kubeconfig that flanneld is told is not there, or names no API server."""
    told, usable = daemon_flag(facts, "flanneld", "kubeconfig-file"), usable_kubeconfigs(facts)
    if not told or isinstance(usable, Problem):
        return False
    return not any(same_path(told, one) for one in usable)


def _net_confs_apart(facts: NodeFacts) -> tuple[Told, Told] | None:
    """flanneld's net-conf.json and the one that start.ps1 wrote the chosen range into, where their ranges differ.

    The first run of the SDN scripts copies the file before it writes the range.
    """
    if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.net_conf, Problem):
        return None
    found = [Told(str(read_net_conf(one.data).network), one.path) for one in present(facts.flannel.net_conf)]
    own = next((one for one in found if same_path(one.source, "C:\\etc\\kube-flannel\\net-conf.json")), None)
    chosen = next((one for one in found if same_path(one.source, "C:\\k\\net-conf.json")), None)
    return (own, chosen) if own and chosen and own.range != chosen.range else None


def _dead(context: Context, network: HnsNetworkFact | Problem | None, shown: Evidence | None) -> Finding:
    facts = context.facts
    fixes = restart_fixes(facts, context.profile.name)
    why, log = told(facts)
    fallen = crashes(facts, "flanneld")
    evidence = (
        Evidence("process", "–", "Win32_Process"),
        _service_state(facts),
        fallen,
        shown,
        log,
        _waiting_console(facts),
    )
    parent = service(facts, "rke2") if context.profile.name == "rke2" else None
    if isinstance(parent, ServiceFact) and parent.state == "stopped":
        verdict = Verdict.WARN if isinstance(network, HnsNetworkFact) else Verdict.FAIL
        down = Evidence("service", f"{parent.name}: {parent.state}", "Win32_Service")
        return said(verdict, "parent-down", (*evidence, down), service=parent.name)
    wrong = wrong_flags(facts) if shown is not None else ()
    if wrong:
        return said(Verdict.FAIL, "wrong-flags", evidence, fixes, flags=", ".join(wrong))
    if _node_name_missing(context):
        return said(Verdict.FAIL, "no-node-name", evidence, fixes)
    there = isinstance(network, HnsNetworkFact) and not _subnet_env_gone(facts)
    verdict = Verdict.WARN if there else Verdict.FAIL
    apart = _names_apart(facts)
    if apart is not None:
        given, name = apart
        return said(verdict, "dead-name-differs", (*evidence, *_shown(apart)), fixes, told=given.value, name=name.value)
    if _kubeconfig_gone(facts):
        # Another kubeconfig that names an API server is what the restart proposes.
        return said(verdict, "no-kubeconfig", evidence, fixes if usable_kubeconfigs(facts) else ())
    conf = _net_conf(facts)
    if conf is not None:
        more = (*evidence, Evidence("fault", read_net_conf(conf.data).faults[0], conf.path))
        return said(Verdict.FAIL, "bad-net-conf", more, file=conf.path)
    if why in REASONS:
        return said(verdict, why, evidence, () if why in NO_RESTART else fixes)
    if isinstance(network, HnsNetworkFact) and there:
        return said(Verdict.WARN, "dead-network-there", evidence, fixes, network=network.name)
    return said(Verdict.FAIL, "dead", evidence, fixes)


def _service_state(facts: NodeFacts) -> Evidence | None:
    own = service(facts, "flanneld")
    if own is None or isinstance(own, Problem):
        return None
    return Evidence("service", f"{own.name}: {own.state}, exit code {own.exit_code}", "Win32_Service")


def _waiting_console(facts: NodeFacts) -> Evidence | None:
    """A console of start.ps1 that says it waits for the network: it does so for ever, flanneld or not."""
    consoles = processes(facts, "start-script")
    for one in () if isinstance(consoles, Problem) else consoles:
        if _START.search(one.command_line or ""):
            return Evidence("start-script", one.command_line or one.name, "Win32_Process")
    return None


def _net_conf(facts: NodeFacts) -> FileFact | None:
    """The net-conf.json that flanneld reads, where it can't be read as one."""
    if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.net_conf, Problem):
        return None
    path = daemon_flag(facts, "flanneld", "net-config-path") or "C:\\etc\\kube-flannel\\net-conf.json"
    for file in present(facts.flannel.net_conf):
        if same_path(file.path, path) and read_net_conf(file.data).faults:
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


CHECKS = (
    Check(
        "flannel.flanneld-runs",
        (
            *USES,
            "hns.networks",
            "network.adapters",
            "network.addresses",
            "environment.machine",
            "profile.api_servers",
            "system.host_name",
            "flannel.subnet_env",
            "flannel.net_conf",
            "cni.folders",
        ),
        flanneld_runs,
        whole=("flannel.net_conf",),
    ),
)
