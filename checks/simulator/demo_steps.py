"""Steps of a change on a simulated node: what each finds, and what it would leave (`Invoke-Change.ps1`)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from ntpath import basename

from checks.session import Json
from checks.simulator.demo_binding import Thrown
from checks.simulator.demo_disk import DiskFile
from checks.simulator.demo_registry import RegistryValue
from checks.simulator.demo_rules import decode_text
from checks.simulator.demo_state import NodeState, Task

Step = Mapping[str, Json]
ROOT = "C:\\ProgramData\\Nodepane"
MACHINE = "HKLM\\"

KINDS = {"string": "String", "expand": "ExpandString", "multi": "MultiString", "dword": "DWord", "qword": "QWord"}
_SECRET = re.compile(r"((?:://|=)(?![\w.+-]*://)[^/:\s=]*:)[^\s]+@")


def hide(text: str) -> str:
    return _SECRET.sub(r"\1***@", text)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def compact_json(value: Json) -> str:
    """JSON as `ConvertTo-Json -Compress` of Windows PowerShell 5.1 writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&'\x85\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


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


def _lines(value: RegistryValue) -> list[str]:
    """A registry value as .NET tells it: numbers are signed, bytes stand one by one."""
    if isinstance(value.data, bytes):
        return [str(byte) for byte in value.data]
    if isinstance(value.data, int):
        bits = 64 if value.kind == "qword" else 32
        return [str((value.data + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1))]
    return list(value.lines)


def find_state(state: NodeState, step: Step) -> dict[str, Json]:
    """What a step finds: compared and kept, never shown."""
    kind = told(step, "kind")
    match told(step, "on") if kind == "guard" else kind:
        case "registry":
            value = state.registry.get(MACHINE + told(step, "key"), told(step, "name"))
            if value is None:
                return {"present": False, "type": "", "value": []}
            return {"present": True, "type": KINDS.get(value.kind, "Binary"), "value": list[Json](_lines(value))}
        case "move" | "write" | "file":
            path = told(step, "path")
            return {"present": state.disk.file(path) is not None, "hash": _file_hash(state, path)}
        case "watch":
            files = sorted(f"{name} {digest(file.data)}" for name, file in watched(state, step).items())
            return {"present": bool(files), "files": list[Json](files)}
        case "task":
            task = find_task(state, told(step, "name"))
            return {"present": task is not None, "command": f"{task.execute} {task.arguments}" if task else ""}
        case "presence":
            return {"present": state.disk.file(told(step, "path")) is not None}
        case "process":
            ids = named(state, told(step, "name"))
            lines = sorted(one.command_line or "" for one in state.all_processes() if one.id in ids)
            return {"present": bool(lines), "lines": list[Json](lines)}
        case "installed":
            return {"present": state.service(told(step, "name")) is not None}
        case "address":
            return {"present": any(one.address == told(step, "name") for one in state.addresses)}
        case _:
            return {"present": True}


def state_hash(state: NodeState, steps: Sequence[Step], *without: str) -> str:
    """The sum over what steps find, without steps of the named kinds."""
    found: list[Json] = [
        {"id": told(step, "id"), "state": find_state(state, step)}
        for step in steps
        if told(step, "kind") not in ("service", "process", *without)
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


def new_kind(step: Step, before: Mapping[str, Json]) -> str:
    """The kind of the new value: lists stay lists, expanded text stays so, and plain text is never expanded."""
    kind = told(step, "type")
    return "String" if kind == "ExpandString" and before["type"] == "String" else kind


def preview(state: NodeState, step: Step, folder: str) -> dict[str, Json]:
    """What a step would do, as lines of a difference. Raises `Thrown` where its service is missing."""
    before: list[str] = []
    after: list[str] = []
    needed = True
    found = find_state(state, step)
    is_there = found["present"] is True
    match told(step, "kind"):
        case "registry":
            new = new_lines(step, found)
            fits = is_there and str(found["type"]).lower() == new_kind(step, found).lower()
            needed = not (fits and listed(found["value"]) == new)
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
            before = [one.name for one in state.all_processes() if one.id in named(state, told(step, "name"))]
            needed = bool(before)
        case "service":
            if state.service(told(step, "name")) is None:
                raise Thrown(f"the service {told(step, 'name')} is not there")
        case _:
            pass
    return {"id": told(step, "id"), "needed": needed, "before": before, "after": after}


def named(state: NodeState, name: str) -> set[int]:
    """Ids of the processes of that name, also as wins starts them."""
    names = {name.lower(), f"rancher-wins-{name}".lower()}
    return {process.id for process in state.all_processes() if process.name.lower() in names}
