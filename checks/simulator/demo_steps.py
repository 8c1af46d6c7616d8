"""Steps of a change on a simulated node: what each finds, would leave, does, and puts back (`Invoke-Change.ps1`)."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from ntpath import basename, dirname
from typing import cast

from checks.session import Json
from checks.simulator.demo_reach import with_lines, words_of
from checks.simulator.demo_rules import Start, decode_text, remove_processes, start_program
from checks.simulator.demo_services import RUNS, ServiceError, start_service, stop_service
from checks.simulator.demo_state import DiskFile, NodeState, RegistryValue, Service, Task

Step = Mapping[str, Json]
ROOT = "C:\\ProgramData\\Nodepane"
MACHINE = "HKLM\\"

_KINDS = {"string": "String", "expand": "ExpandString", "multi": "MultiString", "dword": "DWord", "qword": "QWord"}
_OWN_KINDS = {shown: kind for kind, shown in _KINDS.items()}
_SECRET = re.compile(r"((?:://|=)[^/:\s=]*:)[^\s]+@")


class StepFailed(Exception):
    """A step could not be done; its text is what PowerShell says."""


def hide(text: str) -> str:
    return _SECRET.sub(r"\1***@", text)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def compact_json(value: Json) -> str:
    """JSON as `ConvertTo-Json -Compress` of Windows PowerShell 5.1 writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r"[<>&']", lambda found: f"\\u{ord(found[0]):04x}", text)


def told(step: Step, name: str) -> str:
    value = step.get(name)
    return "" if value is None else str(value)


def listed(value: Json) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(one) for one in value]
    return [] if value is None else [str(value)]


def watched(state: NodeState, step: Step) -> dict[str, DiskFile]:
    """The watched file, or the files of the watched folder, that begin with the told words; by full name."""
    path = told(step, "path")
    own = state.disk.file(path)
    found = {path: own} if own else {}
    if state.disk.is_folder(path):
        found = {f"{path}\\{basename(file.path)}": file for file in state.disk.files_in(path)}
    begins = told(step, "begins")
    return {name: file for name, file in found.items() if decode_text(file.data).startswith(begins)}


def _file_hash(state: NodeState, path: str) -> str:
    file = state.disk.file(path)
    return digest(file.data) if file else ""


def find_task(state: NodeState, name: str) -> Task | None:
    return next((task for task in state.tasks.values() if task.name.lower() == name.lower()), None)


def find_state(state: NodeState, step: Step) -> dict[str, Json]:
    """What a step finds: compared and kept, never shown."""
    match told(step, "kind"):
        case "registry":
            value = state.registry.get(MACHINE + told(step, "key"), told(step, "name"))
            if value is None:
                return {"present": False, "type": "", "value": []}
            return {"present": True, "type": _KINDS.get(value.kind, "Binary"), "value": list(value.lines)}
        case "move" | "write":
            path = told(step, "path")
            return {"present": state.disk.file(path) is not None, "hash": _file_hash(state, path)}
        case "watch":
            files = sorted(f"{name} {digest(file.data)}" for name, file in watched(state, step).items())
            return {"present": bool(files), "files": list[Json](files)}
        case "task":
            task = find_task(state, told(step, "name"))
            return {"present": task is not None, "command": f"{task.execute} {task.arguments}" if task else ""}
        case _:
            return {"present": True}


def state_hash(state: NodeState, steps: Sequence[Step]) -> str:
    found: list[Json] = [
        {"id": told(step, "id"), "state": find_state(state, step)}
        for step in steps
        if told(step, "kind") not in ("service", "process")
    ]
    return digest(compact_json(found).encode())


def new_lines(step: Step, before: Mapping[str, Json]) -> list[str]:
    """The value that a registry step leaves: the told one, or lines merged by name into what is there."""
    if step.get("merge") is not True:
        return [told(step, "value")]
    given = listed(step.get("lines"))
    names = [line.partition("=")[0].lower() for line in given]
    left = dict(enumerate(given))
    lines: list[str] = []
    for line in listed(before["value"]):
        at = line.find("=")
        name = (line[:at] if at > 0 else line).lower()
        if name not in names:
            lines.append(line)
        lines += [left.pop(place) for place, one in enumerate(names) if one == name and place in left]
    return [*lines, *left.values()]


def preview(state: NodeState, step: Step, folder: str) -> dict[str, Json]:
    """What a step would do, as lines of a difference. Raises `StepFailed` where its service is missing."""
    before: list[str] = []
    after: list[str] = []
    needed = True
    found = find_state(state, step)
    is_there = found["present"] is True
    match told(step, "kind"):
        case "registry":
            new = new_lines(step, found)
            needed = not (is_there and listed(found["value"]) == new)
            before = [hide(line) for line in listed(found["value"])]
            after = [hide(line) for line in new]
        case "move":
            needed = is_there
            if is_there:
                before, after = [f"{told(step, 'path')}  SHA-256 {found['hash']}"], [f"{folder}\\files"]
        case "write":
            new_hash = digest(told(step, "text").encode())
            needed = not (is_there and found["hash"] == new_hash)
            before = [f"SHA-256 {found['hash']}"] if is_there else []
            after = [f"SHA-256 {new_hash}"]
        case "task":
            command = f"{told(step, 'execute')} {told(step, 'arguments')}"
            needed = not (is_there and str(found["command"]).lower() == command.lower())
            before, after = [str(found["command"])] if is_there else [], [command]
        case "watch":
            needed = False
        case "process":
            before = [one.name for one in state.all_processes() if one.id in _named(state, told(step, "name"))]
            needed = bool(before)
        case "service":
            service_of(state, told(step, "name"))
        case _:
            pass
    return {"id": told(step, "id"), "needed": needed, "before": before, "after": after}


def service_of(state: NodeState, name: str) -> Service:
    service = state.service(name)
    if service is None:
        raise StepFailed(f"the service {name} is not there")
    return service


def _start(state: NodeState, name: str) -> None:
    service = service_of(state, name)
    if service.state != "Running":
        if service.state != "Stopped":
            stop_service(state, service)
        try:
            start_service(state, service)
        except ServiceError as error:
            raise StepFailed(str(error)) from error
    if service.state != "Running":
        raise StepFailed(f"the service {name} is {service.state}")


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
    own = _OWN_KINDS.get(kind, "string")
    data = tuple(lines) if own == "multi" else int(lines[0]) if own in ("dword", "qword") else lines[0]
    value = RegistryValue(told(step, "name"), own, data)
    state.registry.set(MACHINE + told(step, "key"), value, state.clock())


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


def _named(state: NodeState, name: str) -> set[int]:
    names = {name.lower(), f"rancher-wins-{name}".lower()}
    return {process.id for process in state.all_processes() if process.name.lower() in names}


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
    if waits and not _named(state, waits):
        raise StepFailed(f"{waits} did not stay")


def do_step(state: NodeState, step: Step, folder: str) -> bool:
    """One step forward; whether it changed something. Raises `StepFailed`."""
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
            remove_processes(state, _named(state, told(step, "name")))
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
                remove_processes(state, _named(state, told(step, "process")))
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
        copy = state.disk.file(_kept_path(folder, "files", name))
        if state.disk.file(name) is None and copy:
            state.disk.write(name, copy.data, copy.modified)


def keep_watched(state: NodeState, step: Step, folder: str) -> None:
    """Copy watched files into the change's folder before anything is done."""
    if told(step, "kind") == "watch":
        for name, file in watched(state, step).items():
            state.disk.write(_kept_path(folder, "files", name), file.data, file.modified)


def _put_back(state: NodeState, folder: str, path: str, expected: str) -> None:
    source = state.disk.file(_kept_path(folder, "files", path))
    if source is None or digest(source.data) != expected:
        raise StepFailed(f"the kept copy of {path} was changed")
    state.disk.write(path, source.data, source.modified)
