"""The service manager, NSSM and the task scheduler of a simulated node."""

from __future__ import annotations

import re

from checks.simulator.demo_reach import role_of, with_lines, words_of
from checks.simulator.demo_rules import (
    SERVICE_MANAGER,
    Start,
    add_process,
    append_log,
    note,
    remove_processes,
    start_program,
)
from checks.simulator.demo_state import NodeState, Service, Task

RUNS = 0x41301
"""Last result of a scheduled task that runs now."""


class ServiceError(Exception):
    """What Windows says when a service does not start. `code` as the fully qualified error id begins."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def shown_name(state: NodeState, service: Service) -> str:
    return f"{state.registry.text(service.key, 'DisplayName') or service.name} ({service.name})"


def dependents(state: NodeState, service: Service) -> list[Service]:
    """Services that need this one."""
    needs = ((one, state.registry.lines(one.key, "DependOnService")) for one in state.services.values())
    return [one for one, names in needs if service.name.lower() in (name.lower() for name in names)]


def service_environment(state: NodeState, service: Service) -> dict[str, str]:
    """Tell what the program of a service gets: machine variables as of boot, then its own, then NSSM's."""
    registry = state.registry
    variables = with_lines(state.boot_environment, registry.lines(service.key, "Environment"))
    if is_nssm(state, service):
        instead = registry.lines(service.parameters_key, "AppEnvironment")
        if instead and instead[0]:
            variables = with_lines({}, instead)
        variables = with_lines(variables, registry.lines(service.parameters_key, "AppEnvironmentExtra"))
    return variables


def is_nssm(state: NodeState, service: Service) -> bool:
    words = words_of(state.registry.text(service.key, "ImagePath"))
    return bool(words) and role_of(words[0]) == "nssm"


def service_command(state: NodeState, service: Service) -> str:
    """Tell the command line that runs in the end."""
    registry = state.registry
    if not is_nssm(state, service):
        return registry.text(service.key, "ImagePath")
    application = registry.text(service.parameters_key, "Application")
    application = f'"{application}"' if re.search(r"\s", application) else application
    return f"{application} {registry.text(service.parameters_key, 'AppParameters')}".strip()


def start_service(state: NodeState, service: Service) -> None:
    """Start a service and those it needs. Raises `ServiceError` when it does not stay."""
    if service.state != "Stopped":
        return
    error = ServiceError(
        "CouldNotStartService",
        f"Service '{shown_name(state, service)}' cannot be started due to the following error: "
        f"Cannot start service {service.name} on computer '.'.",
    )
    start_mode = state.registry.get(service.key, "Start")
    if start_mode and start_mode.number == 4:
        raise error
    for name in state.registry.lines(service.key, "DependOnService"):
        needed = state.service(name)
        if needed and needed.state != "Running":
            start_service(state, needed)
    line = service_command(state, service)
    if re.search(r"svchost\.exe|\\drivers\\|lsass\.exe|spoolsv\.exe", line, re.IGNORECASE):
        service.state, service.process_id = "Running", state.new_process_id()
        return
    variables = service_environment(state, service)
    parent = SERVICE_MANAGER
    is_wrapped = is_nssm(state, service)
    if is_wrapped:
        image = state.registry.text(service.key, "ImagePath")
        parent = add_process(state, image, variables, SERVICE_MANAGER, service.name)
    start = start_program(state, line, variables, parent, service.name)
    append_log(state, state.registry.text(service.parameters_key, "AppStderr") if is_wrapped else "", start.log)
    note(state, service, start.log)
    service.exit_code = 0 if start.is_running else start.exit_code
    if is_wrapped:
        # NSSM itself lives on; it gives up restarting and shows the service as paused.
        service.process_id = parent
        service.state = "Running" if start.is_running else "Paused"
    elif start.is_running:
        service.process_id, service.state = start.id, "Running"
    else:
        service.process_id, service.state = 0, "Stopped"
        raise error


def stop_service(state: NodeState, service: Service, force: bool = True) -> list[Service]:
    """Stop a service and, with `force`, those that need it; these are returned."""
    running = [one for one in dependents(state, service) if one.state != "Stopped"]
    if running and not force:
        raise ServiceError(
            "ServiceHasDependentServices",
            f"Cannot stop service '{shown_name(state, service)}' because it has dependent services. It can only be "
            "stopped if the Force flag is set.",
        )
    for dependent in running:
        stop_service(state, dependent)
    own = {process.id for process in state.processes if process.service == service.name}
    if service.process_id:
        remove_processes(state, own | {service.process_id})
    service.state, service.process_id, service.exit_code = "Stopped", 0, 0
    return running


def restart_service(state: NodeState, service: Service) -> None:
    """With those that need it, as `Restart-Service -Force` does."""
    before = stop_service(state, service)
    start_service(state, service)
    for dependent in before:
        start_service(state, dependent)


def start_task(state: NodeState, task: Task, extra: dict[str, str] | None = None) -> Start:
    """Run a task's program now, with the machine's variables of now and those its action sets."""
    line = f"{task.execute} {task.arguments}".strip()
    start = start_program(state, line, {**state.machine_environment(), **(extra or {})}, SERVICE_MANAGER)
    task.last_result = RUNS if start.is_running else start.exit_code
    return start
