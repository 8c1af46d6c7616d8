"""Steps of a change on a simulated node: what each does, and how it is put back (`Invoke-Change.ps1`)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from ntpath import basename, dirname
from typing import cast

from checks.session import Json
from checks.simulator.demo_binding import Thrown
from checks.simulator.demo_disk import DiskFile
from checks.simulator.demo_reach import with_lines, words_of
from checks.simulator.demo_registry import RegistryValue
from checks.simulator.demo_rules import Start, decode_text, remove_processes, start_program
from checks.simulator.demo_service_steps import Stopped, do_service, stop_whole
from checks.simulator.demo_services import RUNS
from checks.simulator.demo_state import NodeState, Task
from checks.simulator.demo_steps import (
    KINDS,
    MACHINE,
    Step,
    digest,
    find_state,
    find_task,
    listed,
    named,
    new_kind,
    new_lines,
    preview,
    told,
    watched,
)

_OWN_KINDS = {shown: kind for kind, shown in KINDS.items()}
_BITS = {"dword": 32, "qword": 64}


def _set_registry(state: NodeState, step: Step, kind: str, lines: Sequence[str]) -> None:
    own = _OWN_KINDS.get(kind, "binary")
    data = tuple(lines) if own == "multi" else lines[0]
    if own in _BITS:
        data = _number(lines[0], _BITS[own])
    if own == "binary":
        data = bytes(int(line) for line in lines)
    if data is None:
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
    return f"{folder}\\{place}\\{digest(path.lower().encode())[:16]}-{basename(path)[:80]}"


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


def do_step(state: NodeState, step: Step, folder: str, stopped: Stopped) -> bool:
    """One step forward; whether it changed something. Raises `Thrown`."""
    if preview(state, step, folder)["needed"] is not True:
        return False
    match told(step, "kind"):
        case "registry":
            found = find_state(state, step)
            _set_registry(state, step, new_kind(step, found), new_lines(step, found))
        case "move":
            _move_kept(state, folder, "files", told(step, "path"))
        case "write":
            _move_kept(state, folder, "files", told(step, "path"))
            state.disk.write(told(step, "path"), told(step, "text").encode(), state.clock())
        case "service":
            do_service(state, step, stopped)
        case "process":
            remove_processes(state, named(state, told(step, "name")))
        case "task":
            _do_task(state, step)
        case _:
            pass
    return True


def undo_step(state: NodeState, kept: Step, folder: str, stopped: Stopped, watches: Sequence[Step] = ()) -> bool:
    """Put back what a step found. `kept`: the step, what was before, its service's state, and keys that were made.

    `watches`: what has the last word on files that a restarted daemon writes anew.
    """
    step, before = cast("Step", kept["step"]), cast("Step", kept["before"])
    was_there = before.get("present") is True
    match told(step, "kind"):
        case "registry" if was_there:
            _set_registry(state, step, told(before, "type"), listed(before.get("value")))
        case "registry":
            state.registry.remove(MACHINE + told(step, "key"), told(step, "name"), state.clock())
            _remove_made(state, told(step, "key"), told(kept, "made"))
        case "move" | "write":
            _undo_file(state, folder, told(step, "path"), before)
        case "watch":
            _undo_watch(state, step, before, folder)
        case "task":
            if not was_there:
                state.tasks.pop(told(step, "name").lower(), None)
            if told(step, "process"):
                remove_processes(state, named(state, told(step, "process")))
        case "service":
            _undo_service(state, kept, step, stopped)
            for one in watches if told(step, "action") == "restart" and kept.get("runs") is True else ():
                _undo_watch(state, cast("Step", one["step"]), cast("Step", one["before"]), folder)
        case _:
            pass
    return True


def _undo_service(state: NodeState, kept: Step, step: Step, stopped: Stopped) -> None:
    name = told(step, "name")
    if told(step, "action") == "stop" or kept.get("runs") is not True:
        stop_whole(state, name, stopped)
        return
    ran = kept.get("ran")
    stopped.remember(name, [dict(one) for one in ran if isinstance(one, Mapping)] if isinstance(ran, Sequence) else ())
    do_service(state, step, stopped)


def missing_key(state: NodeState, path: str) -> str:
    """The highest key on the way to this one that is not there yet; '' where it is there."""
    missing = ""
    while path and state.registry.key(MACHINE + path) is None and not state.registry.has_below(MACHINE + path):
        missing, path = path, dirname(path)
    return missing


def _remove_made(state: NodeState, path: str, top: str) -> None:
    """Take away keys that a step had to make, as long as nothing is in them."""
    while top and len(path) >= len(top):
        key = state.registry.key(MACHINE + path)
        if state.registry.has_below(MACHINE + path) or (key is not None and key.values):
            return
        state.registry.remove_key(MACHINE + path)
        path = dirname(path)


def _undo_file(state: NodeState, folder: str, path: str, before: Step) -> None:
    was_there = before.get("present") is True
    source = state.disk.file(_kept_path(folder, "files", path))
    if was_there and source is not None and digest(source.data) != told(before, "hash"):
        raise Thrown(f"the kept copy of {path} was changed")
    if state.disk.file(path) is not None:
        if was_there and source is None:
            return
        _move_kept(state, folder, "replaced", path)
    if was_there:
        source = _kept_file(state, folder, path)
        state.disk.remove(source.path)
        state.disk.write(path, source.data, source.modified)


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


def _kept_file(state: NodeState, folder: str, path: str) -> DiskFile:
    kept = _kept_path(folder, "files", path)
    file = state.disk.file(kept)
    if file is None:
        raise Thrown(f"Could not find file '{kept}'.")
    return file
