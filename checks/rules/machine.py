"""Area node: Windows has what containers need, and room for them."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta

from checks.assigned import NODE_OBJECT, node_object
from checks.check import Check, Context, said, unread
from checks.cluster import Told
from checks.command_line import same_path, windows_path
from checks.daemons import all_processes, crashes, daemon_flag, processes, services, started
from checks.facts import ContainersFact, DiskFact, FileFact, HnsServiceFact, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import answer_of
from checks.thresholds import threshold

SYSTEM_DRIVE = "C:"
DISK_PRESSURE = "DiskPressure"
_CONFIGS = (
    "C:\\Program Files\\containerd\\config.toml",
    "C:\\var\\lib\\rancher\\rke2\\agent\\etc\\containerd\\config.toml",
)


def containers_feature(context: Context) -> Finding:
    """6.14: the services of the feature Containers are there, and no restart is owed."""
    facts = context.facts.machine
    if isinstance(facts, Problem):
        return unread(facts)
    there, pending = facts.containers, facts.pending_reboots
    if isinstance(there, Problem):
        return unread(there)
    evidence = (
        Evidence(
            "service", f"hns: {_yes(there.hns)}, vmcompute: {_yes(there.vmcompute)}", "HKLM\\SYSTEM\\...\\Services"
        ),
        Evidence("hyper-v", _yes(there.hyper_v), "HKLM\\SYSTEM\\...\\Services\\vmms"),
        None if isinstance(pending, Problem) else Evidence("restart-owed", ", ".join(pending) or "–", "HKLM\\SOFTWARE"),
    )
    missing = [name for name, is_there in (("hns", there.hns), ("vmcompute", there.vmcompute)) if not is_there]
    if missing:
        return _missing_services(there, pending, evidence, ", ".join(missing))
    if isinstance(pending, Problem):
        return unread(pending)
    if pending:
        return said(Verdict.WARN, "restart-owed", evidence, who=", ".join(pending))
    return said(Verdict.PASS, "there", evidence)


def _missing_services(
    there: ContainersFact, pending: tuple[str, ...] | Problem, evidence: tuple[Evidence | None, ...], missing: str
) -> Finding:
    more = (*evidence, Evidence("feature", f"Containers: {there.feature}", "Win32_OptionalFeature"))
    if there.feature == "installed" and pending and not isinstance(pending, Problem):
        return said(Verdict.FAIL, "restart-first", more, services=missing)
    return said(Verdict.FAIL, "absent", more, services=missing)


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def disk_has_room(context: Context) -> Finding:
    """6.22: room on C: and on the drive that holds the runtime's images."""
    facts = context.facts
    disks = answer_of(facts.machine, lambda one: one.disks)
    if isinstance(disks, Problem):
        return unread(disks)
    root = image_root(facts)
    wanted = {SYSTEM_DRIVE} if isinstance(root, Problem) else {SYSTEM_DRIVE, root.value[:2].upper()}
    judged = sorted((one for one in disks if one.drive in wanted), key=_free)
    place = () if isinstance(root, Problem) else (Evidence("image-store", root.value, root.source),)
    evidence = (*(_disk(one) for one in judged), *place)
    if judged and _free(judged[0]) < threshold("disk-free-warn"):
        is_full = _free(judged[0]) < threshold("disk-free-fail")
        values = {"drive": judged[0].drive, "free": f"{_free(judged[0]):.0f}", "left": _size(judged[0].free_bytes)}
        if is_full:
            return said(Verdict.FAIL, "full", evidence, **values)
        return said(Verdict.WARN, "filling", evidence, **values)
    if isinstance(root, Problem):
        return unread(root)
    lost = sorted(wanted - {one.drive for one in judged})
    if lost:
        return said(Verdict.UNKNOWN, "no-such-drive", place, drive=lost[0])
    least = judged[0]
    return said(
        Verdict.PASS, "room", evidence, drive=least.drive, free=f"{_free(least):.0f}", left=_size(least.free_bytes)
    )


def _free(disk: DiskFact) -> float:
    """Percent."""
    return 100.0 * disk.free_bytes / disk.size_bytes if disk.size_bytes else 0.0


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"


def _disk(disk: DiskFact) -> Evidence:
    told = f"{disk.drive} {_size(disk.free_bytes)} / {_size(disk.size_bytes)} ({_free(disk):.0f} %)"
    return Evidence("disk", told, "Win32_LogicalDisk")


def no_disk_pressure(context: Context) -> Finding:
    """6.22, as kubelet itself sees it: its limits may be others than ours, and it stays under pressure for minutes."""
    node = node_object(context.facts)
    if isinstance(node, Problem):
        return unread(node)
    told = next((one for one in node.conditions if one.type == DISK_PRESSURE), None)
    words = (told.status, told.reason, told.message) if told is not None else ("–",)
    evidence = (Evidence("condition", " · ".join((DISK_PRESSURE, *filter(None, words))), NODE_OBJECT),)
    if told is None or told.status not in ("True", "False"):
        return said(Verdict.UNKNOWN, "not-told", evidence)
    if told.status == "False":
        return said(Verdict.PASS, "none", evidence)
    since = told.changed.isoformat(timespec="seconds") if told.changed is not None else "?"
    return said(Verdict.FAIL, "pressure", evidence, since=since)


def image_root(facts: NodeFacts) -> Told | Problem:
    """The folder in which the runtime keeps images: from its flags, its configuration, else its default."""
    for answer in (services(facts), all_processes(facts)):
        if isinstance(answer, Problem):
            return answer
    for daemon, key in (("containerd", "root"), ("dockerd", "data-root")):
        told = daemon_flag(facts, daemon, key)
        if told and re.match(r"[A-Za-z]:", windows_path(told)):
            return Told(windows_path(told), f"{daemon} --{key}")
    files = answer_of(facts.profile, lambda one: one.containerd_config)
    if isinstance(files, Problem):
        return files
    named = daemon_flag(facts, "containerd", "config") or daemon_flag(facts, "containerd", "c")
    for path in (named,) if named else _CONFIGS:
        for file in files:
            if same_path(file.path, path) and (file.present or file.problem):
                return _configured_root(file)
    return Told("C:\\ProgramData", "default")


def _configured_root(file: FileFact) -> Told | Problem:
    if file.problem:
        return Problem("profile.containerd_config", f"{file.path}: {file.problem}")
    try:
        tree = tomllib.loads(file.data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Problem("profile.containerd_config", f"{file.path}: {error}")
    root = tree.get("root")
    if isinstance(root, str) and re.match(r"[A-Za-z]:", windows_path(root)):
        return Told(windows_path(root), file.path)
    return Told("C:\\ProgramData\\containerd", "default")


def hns_is_healthy(context: Context) -> Finding:
    """6.9: HNS runs, answers, does not pile up threads, and was not restarted under the daemons that use it."""
    facts = context.facts
    own = answer_of(facts.machine, lambda one: one.hns_service)
    if isinstance(own, Problem):
        return unread(own)
    state = Evidence("service", f"hns: {own.state}, PID {own.process_id}", "Win32_Service")
    fallen = crashes(facts, "hns")
    evidence = (state,) if fallen is None else (state, fallen)
    if own.state == "absent":
        return said(Verdict.FAIL, "absent", evidence)
    if own.state != "running":
        return said(Verdict.FAIL, "stopped", evidence, state=own.state)
    networks = answer_of(facts.hns, lambda one: one.networks)
    if own.threads is None or own.created is None:
        return unread(networks) if isinstance(networks, Problem) else said(Verdict.UNKNOWN, "no-process", evidence)
    evidence = (
        *evidence,
        Evidence("threads", str(own.threads), f"Win32_Process {own.process_id}"),
        Evidence("started", own.created.isoformat(timespec="seconds"), f"Win32_Process {own.process_id}"),
    )
    if own.threads > threshold("hns-threads"):
        if isinstance(networks, Problem):
            return said(Verdict.FAIL, "deadlocked", evidence, threads=str(own.threads))
        return said(Verdict.WARN, "many-threads", evidence, threads=str(own.threads))
    if isinstance(networks, Problem):
        return unread(networks)
    return _restarted(facts, own, evidence)


def _restarted(facts: NodeFacts, own: HnsServiceFact, evidence: tuple[Evidence, ...]) -> Finding:
    """Whoever programmed HNS before it was restarted has to do it again."""
    margin = timedelta(seconds=threshold("hns-start-margin"))
    for daemon in ("kube-proxy", "flanneld"):
        running = processes(facts, daemon)
        if isinstance(running, Problem):
            return unread(running)
        since = started(facts, daemon)
        if since is not None and own.created is not None and own.created > since + margin:
            more = (*evidence, Evidence("started", since.isoformat(timespec="seconds"), f"Win32_Process, {daemon}"))
            return said(Verdict.WARN, "restarted", more, daemon=daemon, at=own.created.isoformat(timespec="seconds"))
    return said(Verdict.PASS, "healthy", evidence, threads=str(own.threads))


CHECKS = (
    Check("node.containers-feature", ("machine.containers", "machine.pending_reboots"), containers_feature),
    Check(
        "node.disk-has-room",
        ("machine.disks", "profile.containerd_config", "daemons.services", "daemons.processes"),
        disk_has_room,
    ),
    Check("node.no-disk-pressure", ("cluster.node",), no_disk_pressure),
    Check("network.hns-is-healthy", ("machine.hns_service", "hns.networks", "daemons.processes"), hns_is_healthy),
)
