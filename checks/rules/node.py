"""Area node: the daemons run."""

from __future__ import annotations

from datetime import timedelta

from checks.check import Check, Context, said, unread
from checks.daemons import crashes, daemon_flag, is_nssm, line_unread, processes, service, services, typed_runtime
from checks.facts import Problem, ServiceFact
from checks.finding import Evidence, Finding, Verdict
from checks.overrides import typed_service
from checks.profile import flannel_unread

DAEMON_USES = ("daemons.services", "daemons.processes")


def _since(seconds: float) -> str:
    """'6 d', '3 h', '12 min', '40 s': as long as it is useful."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(max(seconds, 0))} s"


def judge_daemon(context: Context, name: str) -> Finding:
    """Whether one daemon runs, once, under a service that will start it again."""
    running = processes(context.facts, name)
    own = service(context.facts, name)
    if isinstance(running, Problem):
        return unread(running)
    missing = typed_service_absent(context, name)
    if missing is not None:
        return missing
    if isinstance(own, Problem):
        return unread(own)
    typed = typed_service(context.node, name)
    place = f"Win32_Service ({typed.source})" if typed is not None else "Win32_Service"
    if own is None and context.profile.name == "rke2":
        parent = service(context.facts, "rke2")  # whose child it is
        own = parent if isinstance(parent, ServiceFact) else None
    told = Evidence("service", f"{own.name}: {own.state}, {own.start_mode}", place) if own else None
    fallen = crashes(context.facts, name)
    if not running:
        return _not_running(name, own, (told, fallen))
    first = running[0]
    process = Evidence("process", first.command_line or first.name, f"Win32_Process {first.process_id}")
    start = Evidence("started", first.created.isoformat(timespec="seconds"), "Win32_Process") if first.created else None
    evidence = (process, start, told, fallen)
    if len(running) > 1:
        return said(Verdict.WARN, "several", evidence, daemon=name, count=str(len(running)))
    if own is not None and own.start_mode == "disabled":
        return said(Verdict.WARN, "start-disabled", evidence, daemon=name, service=own.name)
    age = (context.now - first.created) / timedelta(seconds=1) if first.created else None
    return said(Verdict.PASS, "runs", evidence, daemon=name, since=_since(age) if age is not None else "?")


def typed_service_absent(context: Context, daemon: str) -> Finding | None:
    """That the node list names a service which this node lacks: a fault where the daemon does not run either."""
    typed, found, running = (
        typed_service(context.node, daemon),
        services(context.facts),
        processes(context.facts, daemon),
    )
    if typed is None or isinstance(found, Problem) or isinstance(running, Problem):
        return None
    if any(one.name.casefold() == typed.value.casefold() for one in found):
        return None
    process = Evidence("process", (running[0].command_line or running[0].name) if running else "–", "Win32_Process")
    absent = Evidence("service", f"{typed.value}: –", typed.source)
    verdict = Verdict.WARN if running else Verdict.FAIL
    return said(verdict, "typed-service-absent", (absent, process), daemon=daemon, service=typed.value)


def _not_running(name: str, own: ServiceFact | None, told: tuple[Evidence | None, ...]) -> Finding:
    if own is None:
        return said(Verdict.FAIL, "absent", (Evidence("process", "–", "Win32_Process"),), daemon=name)
    values = {"daemon": name, "service": own.name, "code": str(own.exit_code)}
    if own.start_mode == "disabled":
        return said(Verdict.FAIL, "disabled", told, **values)
    if own.state == "paused" and is_nssm(own):
        return said(Verdict.FAIL, "paused", told, **values)
    if own.state in ("start-pending", "continue-pending"):
        return said(Verdict.WARN, "starting", told, **values)
    if own.state == "running":
        return said(Verdict.FAIL, "service-without-process", told, **values)
    return said(Verdict.FAIL, "stopped", told, **values)


def kubelet_runs(context: Context) -> Finding:
    return judge_daemon(context, "kubelet")


def kube_proxy_runs(context: Context) -> Finding:
    finding = judge_daemon(context, "kube-proxy")
    if finding.reason != "absent":
        return finding
    if context.profile.uses_flannel is False:
        return said(Verdict.NOT_APPLICABLE, "other-proxy", finding.evidence)
    # Whether another program does its work can't be told before it is known whose network this is.
    trouble = flannel_unread(context.facts) if context.profile.uses_flannel is None else None
    return unread(trouble) if trouble is not None else finding


def containerd_runs(context: Context) -> Finding:
    """The runtime that this node uses: containerd, or Docker on nodes that still have it."""
    facts = context.facts
    containerd, docker = service(facts, "containerd"), service(facts, "dockerd")
    alive = processes(facts, "containerd")
    if isinstance(alive, Problem):
        return unread(alive)
    if isinstance(containerd, Problem):
        other = not alive and processes(facts, "dockerd")
        return typed_service_absent(context, "dockerd" if other else "containerd") or unread(containerd)
    typed = typed_runtime(facts)
    if typed is not None:
        return judge_daemon(context, "dockerd" if typed == "dockerd" else "containerd")
    if docker is None:
        return judge_daemon(context, "containerd")
    if containerd is None and not alive:
        return judge_daemon(context, "dockerd")
    # Both are there: kubelet was told which one it is to use.
    hidden = line_unread(facts, "kubelet")
    if hidden is not None:
        return unread(hidden)
    dockershim = daemon_flag(facts, "kubelet", "network-plugin") is not None
    return judge_daemon(context, "dockerd" if dockershim else "containerd")


CHECKS = (
    Check("node.kubelet-runs", DAEMON_USES, kubelet_runs),
    Check("node.containerd-runs", DAEMON_USES, containerd_runs),
    Check("node.kube-proxy-runs", DAEMON_USES, kube_proxy_runs, waits_for=("flannel", "cni", "profile", "hns")),
)
