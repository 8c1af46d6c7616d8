"""Service steps of a change on a simulated node: what stops with a service runs again with it (`Invoke-Change.ps1`)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from checks.session import Json
from checks.simulator.demo_binding import Thrown
from checks.simulator.demo_services import ServiceError, dependents, start_service, stop_service
from checks.simulator.demo_state import NodeState, Service
from checks.simulator.demo_steps import Step, told

Dependent = dict[str, Json]
"""A service that needs another and does not stand still: `name`, and whether it `runs`."""


@dataclass(slots=True)
class Stopped:
    """What one call of the script has stopped together with a service, and what it found amiss meanwhile."""

    by_name: dict[str, list[Dependent]] = field(default_factory=dict[str, list[Dependent]])
    problems: list[Json] = field(default_factory=list[Json])

    def remember(self, name: str, found: Iterable[Dependent]) -> None:
        self.by_name.setdefault(name.lower(), []).extend(found)

    def of(self, name: str) -> list[Dependent]:
        return self.by_name.get(name.lower(), [])


def service_of(state: NodeState, name: str) -> Service:
    """Find a service. Raises `Thrown` as `Get-Service` does."""
    service = state.service(name)
    if service is None:
        words = f"Cannot find any service with service name '{name}'."
        raise Thrown(words, "InvalidOperationException", "0x80131509")
    return service


def find_dependents(state: NodeState, name: str) -> list[Dependent]:
    """The services that need this one, directly or not, and do not stand still."""
    found: list[Dependent] = []
    waiting = [service_of(state, name)]
    while waiting:
        for one in dependents(state, waiting.pop(0)):
            if one.state != "Stopped" and all(other["name"] != one.name for other in found):
                found.append({"name": one.name, "runs": one.state == "Running"})
                waiting.append(one)
    return found


def start_named(state: NodeState, name: str) -> None:
    service = service_of(state, name)
    if service.state != "Running":
        if service.state != "Stopped":
            stop_service(state, service)
        try:
            start_service(state, service)
        except ServiceError as error:
            raise Thrown(str(error)) from error
    if service.state != "Running":
        raise Thrown(f"the service {name} is {service.state}")


def stop_whole(state: NodeState, name: str, stopped: Stopped) -> None:
    """Stop a service with all that needs it, and remember these."""
    service = service_of(state, name)
    if service.state != "Stopped":
        stopped.remember(name, find_dependents(state, name))
        stop_service(state, service)


def _start_dependents(state: NodeState, name: str, stopped: Stopped) -> None:
    """What ran runs again; what was ill before may stay so."""
    once = {told(one, "name"): one for one in reversed(stopped.of(name))}
    for one in reversed(once.values()):
        _start_again(state, one, stopped)


def _start_again(state: NodeState, one: Dependent, stopped: Stopped) -> None:
    try:
        start_named(state, told(one, "name"))
    except Thrown as thrown:
        if one["runs"] is True:
            raise
        stopped.problems.append({"fact": "service", "message": str(thrown), "code": ""})


def patiently(step: Step, start: Callable[[], None]) -> None:
    """As often as the step says: flanneld may come up only when it is started once more."""
    attempts = step.get("attempts")
    for _ in range(attempts - 1 if isinstance(attempts, int) else 0):
        with contextlib.suppress(Thrown):
            start()
            return
    start()


def do_service(state: NodeState, step: Step, stopped: Stopped) -> None:
    name = told(step, "name")
    match told(step, "action"):
        case "stop":
            stop_whole(state, name, stopped)
        case "start":
            start_named(state, name)
            _start_dependents(state, name, stopped)
        case "restart":
            stop_whole(state, name, stopped)
            own: Dependent = {"name": name, "runs": step.get("may_stay_ill") is not True}
            patiently(step, lambda: _start_again(state, own, stopped))
            _start_dependents(state, name, stopped)
        case _:
            pass
