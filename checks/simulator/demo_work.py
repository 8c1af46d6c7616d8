"""Steps of a change on a simulated node: what each does, and how it is put back (`Invoke-Change.ps1`)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from ntpath import basename, dirname
from typing import cast

from checks.session import Json
from checks.simulator.demo_binding import Thrown
from checks.simulator.demo_reach import with_lines, words_of
from checks.simulator.demo_rules import Start, decode_text, remove_processes, start_program
from checks.simulator.demo_services import RUNS, ServiceError, start_service, stop_service
from checks.simulator.demo_state import DiskFile, NodeState, RegistryValue, Service, Task
from checks.simulator.demo_steps import (
    KINDS,
    MACHINE,
    Step,
    digest,
    find_state,
    find_task,
    listed,
    named,
    new_lines,
    preview,
    told,
    watched,
)

_OWN_KINDS = {shown: kind for kind, shown in KINDS.items()}
_BITS = {"dword": 32, "qword": 64}


def service_of(state: NodeState, name: str) -> Service:
    """Find a service. Raises `Thrown` as `Get-Service` does."""
    service = state.service(name)
    if service is None:
        words = f"Cannot find any service with service name '{name}'."
        raise Thrown(words, "InvalidOperationException", "0x80131509")
    return service


def _start(state: NodeState, name: str) -> None:
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


def _stop(state: NodeState, name: str) -> None:
    service = service_of(state, name)
    if service.state != "Stopped":
        stop_service(state, service)


def _do_service(state: NodeState, step: Step) -> None:
    name = told(step, "name")
    match told(step, "action"):
        case "stop":
            _stop(state, name)
        case "start":
            _start(state, name)
        case "restart":
            _stop(state, name)
            for one in (name, *listed(step.get("dependents"))):
                if one:
                    _start(state, one)
        case _:
            pass


def _set_registry(state: NodeState, step: Step, kind: str, lines: Sequence[str]) -> None:
    own = _OWN_KINDS.get(kind, "binary")
    data = tuple(lines) if own == "multi" else lines[0]
    if own in _BITS:
        data = _number(lines[0], _BITS[own])
    if own == "binary" or data is None:
        raise Thrown(
            "The type of the value object did not match the specified RegistryValueKind or the object could not be "
            "properly converted."
        )
    value = RegistryValue(told(step, "name"), own, data)
    state.registry.set(MACHINE + told(step, "key"), value, state.clock())


def _number(text: str, bits: int) -> int | None:
    """Read a signed number as .NET does and keep it as the registry does."""
    if not re.fullmatch(r"\s*[+-]?\d+\s*", text) or not -(2 ** (bits - 1)) <= int(text) < 2 ** (bits - 1):
        return None
    return int(text) % 2**bits


def _kept_path(folder: str, place: str, path: str) -> str:
    name = re.sub(r"[:/\\]", "_", path)
    return f"{folder}\\{place}\\{name}"


def _move_kept(state: NodeState, folder: str, place: str, path: str) -> None:
    """Move a file into the change's folder; a copy keeps the time of its writing."""
    file = state.disk.file(path)
    if file is None:
        return
    target = _kept_path(folder, place, path)
    if state.disk.exists(target):
        target = f"{target}.{uuid.uuid4().hex}"
    state.disk.write(target, file.data, file.modified)
    state.disk.remove(path)


def run_task(state: NodeState, task: Task) -> None:
    """Start a task of SYSTEM: PowerShell with a script of ours, or a program."""
    words = words_of(task.arguments)
    script = next((word for word in words if word.lower().endswith(".ps1")), "")
    if "powershell" in task.execute.lower() and basename(script).lower().startswith("start-flanneld"):
        start = _start_flanneld(state, f"{dirname(script)}\\settings.json")
    else:
        start = start_program(state, f"{task.execute} {task.arguments}".strip(), state.machine_environment(), 640)
    task.last_result = RUNS if start.is_running else start.exit_code


def _start_flanneld(state: NodeState, path: str) -> Start:
    """What `Start-Flanneld.ps1` does: the program of its settings with the node's name in its environment."""
    file = state.disk.file(path)
    if file is None:
        return Start(False, 1)
    settings = cast("dict[str, Json]", json.loads(decode_text(file.data)))
    words = [told(settings, "program"), *listed(settings.get("arguments"))]
    line = " ".join(f'"{word}"' if re.search(r"\s", word) else word for word in words)
    named = [f"NODE_NAME={told(settings, 'node_name')}"]
    return start_program(state, line, with_lines(state.machine_environment(), named), 0)


def _do_task(state: NodeState, step: Step) -> None:
    name = told(step, "name")
    task = Task(name, told(step, "execute"), told(step, "arguments"), at_startup=True)
    state.tasks[name.lower()] = task


def start_named_task(state: NodeState, step: Step) -> None:
    task = find_task(state, told(step, "name"))
    if task:
        run_task(state, task)
    waits = told(step, "process")
    if waits and not named(state, waits):
        raise Thrown(f"{waits} did not stay")


def do_step(state: NodeState, step: Step, folder: str) -> bool:
    """One step forward; whether it changed something. Raises `Thrown`."""
    if preview(state, step, folder)["needed"] is not True:
        return False
    match told(step, "kind"):
        case "registry":
            found = find_state(state, step)
            kind = str(found["type"]) if found["present"] is True else told(step, "type")
            _set_registry(state, step, kind, new_lines(step, found))
        case "move":
            _move_kept(state, folder, "files", told(step, "path"))
        case "write":
            _move_kept(state, folder, "files", told(step, "path"))
            state.disk.write(told(step, "path"), told(step, "text").encode(), state.clock())
        case "service":
            _do_service(state, step)
        case "process":
            remove_processes(state, named(state, told(step, "name")))
        case "task":
            _do_task(state, step)
        case _:
            pass
    return True


def undo_step(state: NodeState, kept: Step, folder: str) -> bool:
    """Put back what a step found. `kept`: the step, what was before, and whether its service ran."""
    step, before = cast("Step", kept["step"]), cast("Step", kept["before"])
    was_there = before.get("present") is True
    path = told(step, "path")
    match told(step, "kind"):
        case "registry" if was_there:
            _set_registry(state, step, told(before, "type"), listed(before.get("value")))
        case "registry":
            state.registry.remove(MACHINE + told(step, "key"), told(step, "name"), state.clock())
        case "move" | "write":
            _move_kept(state, folder, "replaced", path)
            if was_there:
                _put_back(state, folder, path, told(before, "hash"))
        case "watch":
            _undo_watch(state, step, before, folder)
        case "task":
            if not was_there:
                state.tasks.pop(told(step, "name").lower(), None)
            if told(step, "process"):
                remove_processes(state, named(state, told(step, "process")))
        case "service":
            if told(step, "action") == "stop" or kept.get("runs") is not True:
                _stop(state, told(step, "name"))
            else:
                _do_service(state, step)
        case _:
            pass
    return True


def _undo_watch(state: NodeState, step: Step, before: Step, folder: str) -> None:
    """Put watched files back: those that are new or different go, those that are missing come from their copies."""
    was = {name: known for name, _, known in (line.rpartition(" ") for line in listed(before.get("files")))}
    for name, file in watched(state, step).items():
        if was.get(name) != digest(file.data):
            _move_kept(state, folder, "replaced", name)
    for name in was:
        if state.disk.file(name) is None:
            copy = _kept_file(state, folder, name)
            state.disk.write(name, copy.data, copy.modified)


def keep_watched(state: NodeState, step: Step, folder: str) -> None:
    """Copy watched files into the change's folder before anything is done."""
    if told(step, "kind") == "watch":
        for name, file in watched(state, step).items():
            state.disk.write(_kept_path(folder, "files", name), file.data, file.modified)


def _put_back(state: NodeState, folder: str, path: str, expected: str) -> None:
    source = _kept_file(state, folder, path)
    if digest(source.data) != expected:
        raise Thrown(f"the kept copy of {path} was changed")
    state.disk.write(path, source.data, source.modified)


def _kept_file(state: NodeState, folder: str, path: str) -> DiskFile:
    kept = _kept_path(folder, "files", path)
    file = state.disk.file(kept)
    if file is None:
        raise Thrown(f"Could not find file '{kept}'.")
    return file
