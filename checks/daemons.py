"""Kubernetes' daemons on a node: which service and process is which, and the command line that counts."""

from __future__ import annotations

import ntpath
from datetime import datetime

from checks.command_line import flag, role
from checks.derived import derived
from checks.facts import TYPED_NOT_THERE, DaemonFacts, NodeFacts, Problem, ProcessFact, ServiceFact
from checks.finding import Evidence
from checks.given import answer_of

SERVICE_NAMES = {
    "kubelet": ("kubelet",),
    "kube-proxy": ("kube-proxy", "kubeproxy"),
    "flanneld": ("flanneld",),
    "containerd": ("containerd",),
    "dockerd": ("docker",),
    "rke2": ("rke2",),
    "hns": ("hns",),
}

RUNTIMES = ("rke2", "containerd", "dockerd")
"""Daemons of which one is the container runtime, in the order in which they are looked for."""


def service_key(daemon: str) -> str:
    """What the node list calls the service of a daemon: one key for all container runtimes."""
    return f"{'runtime' if daemon in RUNTIMES else daemon.replace('-', '_')}_service"


def daemons(facts: NodeFacts) -> DaemonFacts | Problem:
    return facts.daemons


def services(facts: NodeFacts) -> tuple[ServiceFact, ...] | Problem:
    return answer_of(facts.daemons, lambda one: one.services)


def all_processes(facts: NodeFacts) -> tuple[ProcessFact, ...] | Problem:
    return answer_of(facts.daemons, lambda one: one.processes)


@derived
def processes(facts: NodeFacts, name: str) -> tuple[ProcessFact, ...] | Problem:
    """Running processes of a daemon."""
    found = all_processes(facts)
    return found if isinstance(found, Problem) else tuple(one for one in found if one.role == name)


def configured_line(service: ServiceFact) -> str:
    """What a service starts: NSSM's application and parameters, else its image path."""
    if service.nssm is None or not service.nssm.application:
        return service.path_name
    application = service.nssm.application
    quoted = f'"{application}"' if " " in application and not application.startswith('"') else application
    return f"{quoted} {service.nssm.app_parameters or ''}".strip()


@derived
def service(facts: NodeFacts, name: str) -> ServiceFact | Problem | None:
    """The service that runs a daemon: as the node list says, else by what it starts, then by its name.

    A Problem also where the node list names one that this node does not have: others are not the daemon's then.
    """
    found = services(facts)
    if isinstance(found, Problem):
        return found
    typed = next((one for one in found if one.typed_for == name), None)
    if typed is not None:
        return typed
    key = service_key(name)
    apart = dict(found[0].typed_apart).get(key) if found else None
    if apart is not None:
        return Problem(f"names.{key}", f"there is no service {apart}, as the node list names it", TYPED_NOT_THERE)
    by_line = [one for one in found if role(configured_line(one)) == name]
    if by_line:
        return by_line[0]
    names = SERVICE_NAMES.get(name, (name,))
    return next((one for one in found if one.name.lower() in names), None)


@derived
def typed_runtime(facts: NodeFacts) -> str | None:
    """The container runtime of the service that the node list names as such."""
    found = services(facts)
    typed = () if isinstance(found, Problem) else tuple(one.typed_for for one in found)
    return next((one for one in RUNTIMES if one in typed), None)


@derived
def command_line(facts: NodeFacts, name: str) -> str | None:
    """The running daemon's command line, else the one its service is set to start; None where neither is known."""
    running = processes(facts, name)
    if not isinstance(running, Problem) and running and running[0].command_line is not None:
        return running[0].command_line
    own = service(facts, name)
    if own is None or isinstance(own, Problem):
        return None
    line = configured_line(own)
    return line if role(line) == name else None


def daemon_flag(facts: NodeFacts, name: str, key: str) -> str | None:
    return flag(command_line(facts, name), key)


def line_unread(facts: NodeFacts, name: str) -> Problem | None:
    """Why a daemon's command line may be another than the one we know; None where it is known, or where there is none."""
    running = processes(facts, name)
    if isinstance(running, Problem):
        return running
    if running:
        hidden = Problem("daemons.processes", f"{name}'s command line could not be read")
        return hidden if running[0].command_line is None else None
    own = service(facts, name)
    return own if isinstance(own, Problem) else None


def crashes(facts: NodeFacts, name: str) -> Evidence | None:
    """How often a daemon's service ended unexpectedly of late; nothing where the event log tells none, or was not read."""
    own = service(facts, name)
    found = answer_of(facts.daemons, lambda one: one.crashes)
    if own is None or isinstance(own, Problem) or isinstance(found, Problem):
        return None
    crash = next((one for one in found if one.service.casefold() == own.name.casefold()), None)
    if crash is None or not crash.count:
        return None
    last = f", {crash.last.isoformat(timespec='seconds')}" if crash.last is not None else ""
    return Evidence("crashes", f"{crash.count}{last}", "Get-WinEvent System 7031, 7034")


def started(facts: NodeFacts, name: str) -> datetime | None:
    running = processes(facts, name)
    return None if isinstance(running, Problem) or not running else running[0].created


def is_nssm(one: ServiceFact) -> bool:
    return one.nssm is not None and ntpath.basename(one.path_name.strip('"')).lower().startswith("nssm")
