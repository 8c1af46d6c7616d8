"""Set proxy variables: for the machine, for the services that need them now, and restart only those."""

from __future__ import annotations

from checks.cluster import subnet_env_file
from checks.daemons import is_nssm, service, services
from checks.facts import TYPED_NOT_THERE, FileFact, Problem, ServiceFact
from checks.fix import Change, Inputs, refuse
from checks.fixes.guards import SERVICES, files_guards, guarded, service_guards, value_guard
from checks.no_proxy import entries
from checks.proxy import NAMES, SESSION_KEY, runtime_service, setting
from checks.rules.proxy_variables import TALKERS
from checks.session import Json

FIX = "set-proxy-variables"
MACHINE_KEY = SESSION_KEY.removeprefix("HKLM\\")


def _machine(name: str, value: str) -> Change:
    return {
        "id": f"machine-{name}",
        "kind": "registry",
        "title": "machine-variable",
        "target": name,
        "key": MACHINE_KEY,
        "name": name,
        "type": "String",
        "value": value,
    }


def environment_step(one: ServiceFact, lines: tuple[str, ...]) -> Change:
    """`NAME=value` lines merged into what a service gets: NSSM's extra environment, else the service's own value."""
    nssm = is_nssm(one)
    return {
        "id": f"environment-{one.name}",
        "kind": "registry",
        "title": "service-variables",
        "target": one.name,
        "key": f"{SERVICES}\\{one.name}\\Parameters" if nssm else f"{SERVICES}\\{one.name}",
        "name": "AppEnvironmentExtra" if nssm else "Environment",
        "type": "MultiString",
        "merge": True,
        "lines": list(lines),
    }


def dependents(inputs: Inputs, name: str) -> tuple[str, ...]:
    """Services that stop with this one and run again after it, in the order of their needs; the node finds them itself."""
    listed = services(inputs.facts)
    if isinstance(listed, Problem):
        return ()
    found: list[str] = []
    waiting = [name]
    while waiting:
        needed = waiting.pop(0).lower()
        for one in listed:
            if needed in (other.lower() for other in one.depends_on) and one.name not in found:
                if one.state == "running":
                    found.append(one.name)
                waiting.append(one.name)
    return tuple(found)


def refuse_disabled(fix: str, inputs: Inputs, *restarted: ServiceFact) -> None:
    """Raises `Refused` where a service that runs would be stopped, itself or with another, and could not be started again."""
    names = {name for one in restarted for name in (one.name, *dependents(inputs, one.name))}
    listed = services(inputs.facts)
    for one in () if isinstance(listed, Problem) else listed:
        if one.name in names and one.start_mode == "disabled" and one.state != "stopped":
            raise refuse(fix, inputs.node, "service-disabled")


def refuse_not_there(fix: str, inputs: Inputs, *told: ServiceFact | Problem | None) -> None:
    """Raises `Refused` where the node list names one of these services and the node lacks it: no other one is changed."""
    if any(isinstance(one, Problem) and one.code == TYPED_NOT_THERE for one in told):
        raise refuse(fix, inputs.node, "service-not-there")


def restart_step(name: str, also: tuple[str, ...] = (), *, may_stay_ill: bool = False) -> Change:
    """Stop a service with all that depends on it, then start it and those that ran.

    `may_stay_ill`: its program has ended, perhaps for another reason than what was changed; then the change goes on.
    """
    step: dict[str, Json] = {
        "id": f"restart-{name}",
        "kind": "service",
        "title": "restart-service",
        "target": ", ".join((name, *also)),
        "name": name,
        "action": "restart",
    }
    return {**step, "may_stay_ill": True} if may_stay_ill else step


def steps(inputs: Inputs) -> tuple[Change, ...]:
    own = runtime_service(inputs.facts)
    refuse_not_there(FIX, inputs, own, *(service(inputs.facts, daemon) for daemon in TALKERS))
    if own is None or isinstance(own, Problem):
        raise refuse(FIX, inputs.node, "no-runtime-service")
    values = {name: value for name, value in inputs.values.items() if value}
    changes: list[Change] = [_machine(name, value) for name, value in values.items()]
    touched: list[ServiceFact] = []
    changes.append(environment_step(own, tuple(f"{name}={value}" for name, value in values.items())))
    for daemon in TALKERS if own.name.lower() != "rke2" else ():
        one = service(inputs.facts, daemon)
        if one is None or isinstance(one, Problem) or not _gets_proxy(inputs, one):
            continue
        if _is_excepted(inputs, one, values["NO_PROXY"]):
            continue
        # It got a proxy at the last start of Windows: without the exceptions it asks the proxy for the API server.
        changes.append(environment_step(one, (f"NO_PROXY={values['NO_PROXY']}",)))
        touched.append(one)
    also = dependents(inputs, own.name)
    # What stands still gets the variables when it is started next.
    first = [one for one in touched if one.name not in also and one.name != own.name and one.state != "stopped"]
    refuse_disabled(FIX, inputs, own, *first)
    for one in first:
        also_its = dependents(inputs, one.name)
        changes.append(restart_step(one.name, also_its, may_stay_ill=one.state == "paused"))
    if own.state != "stopped":
        changes.append(restart_step(own.name, also))
    return guarded(changes, _guards(inputs, own))


def _guards(inputs: Inputs, own: ServiceFact) -> tuple[Change, ...]:
    """The proxy as it is set for the machine and each daemon, and the file that the pods' range was read from."""
    told = [service(inputs.facts, daemon) for daemon in TALKERS]
    daemons = [own, *(one for one in told if one is not None and not isinstance(one, Problem))]
    leased = subnet_env_file(inputs.facts)
    return (
        *(value_guard(MACHINE_KEY, name) for name in NAMES),
        *(guard for one in daemons for guard in service_guards(one)),
        *(files_guards((leased,)) if isinstance(leased, FileFact) and leased.present is not None else ()),
    )


def _gets_proxy(inputs: Inputs, one: ServiceFact) -> bool:
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        told = setting(inputs.facts, one, name)
        if told is not None and not isinstance(told, Problem):
            return True
    return False


def _is_excepted(inputs: Inputs, one: ServiceFact, wanted: str) -> bool:
    """Whether a daemon is told already, by its service or by the machine, what must not go through the proxy."""
    told = setting(inputs.facts, one, "NO_PROXY")
    if told is None or isinstance(told, Problem):
        return False
    return set(entries(wanted)) <= set(entries(told.value))
