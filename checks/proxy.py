"""Who on a node reads which proxy variables, and since when (domain facts, section 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.command_line import variable
from checks.daemons import processes, service, typed_runtime
from checks.derived import derived
from checks.facts import NodeFacts, Problem, ServiceFact
from checks.given import answer_of
from checks.no_proxy import excepts_host
from checks.probe import EGRESS_PORT, EGRESS_TARGET

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
SESSION_KEY = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"
SERVICES_KEY = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
_PASSWORD = re.compile(r"^(?:[a-z]+://)?[^/@:]*:[^@]*@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable as one daemon gets it, and where it stands. `own`: its service's value, not the machine's."""

    name: str
    value: str
    source: str
    own: bool


def has_password(value: str) -> bool:
    """Whether a proxy address carries a password (masked or not)."""
    return bool(_PASSWORD.match(value))


def replaces_environment(one: ServiceFact) -> bool:
    """Whether NSSM gives the daemon its `AppEnvironment` in place of everything that a service inherits."""
    return one.nssm is not None and any(one.nssm.app_environment or ())


def own_lines(one: ServiceFact) -> tuple[tuple[tuple[str, ...], str], ...]:
    """A service's own variables in the order in which they win, with their registry places."""
    found: list[tuple[tuple[str, ...], str]] = []
    if one.nssm is not None:
        for lines, name in (
            (one.nssm.app_environment_extra, "AppEnvironmentExtra"),
            (one.nssm.app_environment, "AppEnvironment"),
        ):
            if lines:
                found.append((lines, f"{SERVICES_KEY}\\{one.name}\\Parameters\\{name}"))
    if one.environment and not replaces_environment(one):
        found.append((one.environment, f"{SERVICES_KEY}\\{one.name}\\Environment"))
    return tuple(found)


def given_twice(one: ServiceFact) -> tuple[str, ...]:
    """Proxy variables that one list of a service holds more than once, in any case, with different values."""
    found: list[str] = []
    for lines, _ in own_lines(one):
        for name in NAMES:
            values = {line.partition("=")[2] for line in lines if line.partition("=")[0].strip().upper() == name}
            if len(values) > 1:
                found.append(name)
    return tuple(dict.fromkeys(found))


def machine(facts: NodeFacts, name: str) -> str | Problem | None:
    """A machine variable in any case; None where it is absent."""
    told = answer_of(facts.environment, lambda one: one.machine)
    if isinstance(told, Problem):
        return told
    return next((one.value for one in told if one.name.upper() == name), None)


def setting(facts: NodeFacts, one: ServiceFact | None, name: str) -> Setting | Problem | None:
    """What a daemon gets for `name`: its service's own value, else the machine's. None: nothing."""
    for lines, source in own_lines(one) if one is not None else ():
        value = variable(lines, name)
        if value is not None:
            return Setting(name, value, source, True) if value else None
    if one is not None and replaces_environment(one):
        return None
    value = machine(facts, name)
    if isinstance(value, Problem):
        return value
    return Setting(name, value, f"{SESSION_KEY}\\{name}", False) if value else None


def pull_setting(facts: NodeFacts, one: ServiceFact | None, name: str) -> Setting | Problem | None:
    """What RKE2's containerd gets for image pulls: the variable with CONTAINERD_ in front, which rke2 takes off."""
    return setting(facts, one, f"CONTAINERD_{name}")


@derived
def runtime(facts: NodeFacts) -> str | Problem:
    """The daemon that pulls images: as the node list says, else rke2's own containerd, containerd, or dockerd."""
    typed = typed_runtime(facts)
    if typed is not None:
        return typed
    for name in ("rke2", "containerd", "dockerd"):
        own, running = service(facts, name), processes(facts, name)
        if isinstance(own, Problem):
            return own
        if isinstance(running, Problem):
            return running
        if own is not None or running:
            return name
    return Problem("daemons", "no container runtime was found", "no-runtime")


@derived
def runtime_service(facts: NodeFacts) -> ServiceFact | Problem | None:
    name = runtime(facts)
    return name if isinstance(name, Problem) else service(facts, name)


@derived
def registry_proxy(facts: NodeFacts) -> Setting | Problem | None:
    """The proxy by which the runtime asks registries, over HTTPS: HTTP_PROXY does not count, nor one that they are excepted from.

    None: it asks them directly.
    """
    own = runtime_service(facts)
    if isinstance(own, Problem):
        return own
    proxy, exceptions = _for_pulls(facts, own, "HTTPS_PROXY"), _for_pulls(facts, own, "NO_PROXY")
    if isinstance(proxy, Problem) or proxy is None:
        return proxy
    if isinstance(exceptions, Problem):
        return exceptions
    value = exceptions.value if exceptions else ""
    return None if excepts_host(value, EGRESS_TARGET, str(EGRESS_PORT)) else proxy


def _for_pulls(facts: NodeFacts, own: ServiceFact | None, name: str) -> Setting | Problem | None:
    """What the runtime gets: rke2's containerd has its own variables before those of rke2."""
    told = pull_setting(facts, own, name) if runtime(facts) == "rke2" else None
    return setting(facts, own, name) if told is None else told


def proxy_place(facts: NodeFacts) -> tuple[str, ...]:
    """Where the registry holds the variable with that proxy, and its name; empty where there is none or it is not known."""
    told = registry_proxy(facts)
    return (told.source, told.name) if isinstance(told, Setting) else ()


def follow_ups(facts: NodeFacts) -> frozenset[str]:
    """Which way to registries decides, and is asked therefore: the runtime's proxy, or without any the direct way out.

    Neither, while it is not known whether the runtime is given a proxy.
    """
    told = registry_proxy(facts)
    if isinstance(told, Problem):
        return frozenset()
    return frozenset(("egress",) if told is None else ("proxy",))
