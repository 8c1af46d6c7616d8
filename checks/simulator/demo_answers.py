"""Pieces of a script's answer that several simulated scripts share: times, files, problems."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from ntpath import normpath

from checks.session import Json
from checks.simulator.demo_reach import variable
from checks.simulator.demo_secrets import NoText, hide_in_bytes
from checks.simulator.demo_state import NodeState

MOST_BYTES = 262144
"""Longest file that a probe reads."""


class Trouble(Exception):
    """A question that can't be answered. `code` as the script writes it, '' where Windows gave none."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def stamp(time: datetime) -> str:
    """As .NET's `ToUniversalTime().ToString('o')`: seven digits and Z."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def document(script: str, questions: Mapping[str, Callable[[], Json]]) -> dict[str, Json]:
    """Make a probe's document: each question asked on its own, its answer a fact or a problem."""
    facts: dict[str, Json] = {}
    problems: list[Json] = []
    for name, question in questions.items():
        try:
            answer = question()
            if answer is None:
                raise Trouble("Windows gave no answer")
            facts[name] = answer
        except Trouble as trouble:
            problems.append({"fact": name, "message": str(trouble)[:400], "code": trouble.code})
    return {"schema": 1, "script": script, "facts": facts, "problems": problems}


def expand(state: NodeState, text: str) -> str:
    """`%NAME%` replaced by what a program started now would see; unknown names stay."""
    if "%" not in text:
        return text
    known = {
        "SystemDrive": "C:",
        "SystemRoot": "C:\\Windows",
        "windir": "C:\\Windows",
        "ProgramData": "C:\\ProgramData",
        "ProgramFiles": "C:\\Program Files",
        **state.machine_environment(),
    }
    if "%" not in text:
        return text
    return re.sub(r"%([^%]+)%", lambda found: variable(known, found[1]) or found[0], text)


def full_path(state: NodeState, path: str) -> str:
    """Make a path full as daemons mean it: without a drive it is on C:. Raises `Trouble`."""
    return _full(expand(state, path.strip().strip('"')))


@lru_cache(maxsize=4096)
def _full(path: str) -> str:
    full = path.replace("/", "\\")
    if full.startswith("\\") and not full.startswith("\\\\"):
        full = "C:" + full
    if not re.match(r"[A-Za-z]:\\", full):
        raise Trouble("this is no full path on this computer")
    return normpath(full)


def asked_paths(state: NodeState, default: Iterable[str], more: Iterable[str] = ()) -> list[str]:
    """Paths made full, each once; one that can't be made full stays as it was told."""
    seen: dict[str, str] = {}
    for path in (*default, *more):
        if not path:
            continue
        try:
            full = full_path(state, path)
        except Trouble:
            full = path
        seen.setdefault(full.lower(), full)
    return list(seen.values())


def file_fact(state: NodeState, path: str) -> dict[str, Json]:
    fact: dict[str, Json] = {
        "path": path,
        "present": None,
        "size_bytes": 0,
        "modified": None,
        "content": "",
        "problem": "",
    }
    try:
        path = full_path(state, path)
        fact["path"] = path
        file = state.disk.file(path)
        fact["present"] = state.disk.exists(path)
        if file is None:
            if fact["present"]:
                raise Trouble("this is a folder")
            return fact
        fact["size_bytes"] = len(file.data)
        fact["modified"] = stamp(file.modified)
        if len(file.data) > MOST_BYTES:
            raise Trouble("too big")
        fact["content"] = base64.b64encode(hide_in_bytes(file.data)).decode("ascii")
    except (Trouble, NoText) as trouble:
        fact["problem"] = str(trouble)
    return fact


def texts(value: Json) -> tuple[str, ...]:
    """Read a parameter `[string[]]`: a list of texts, or one."""
    if value is None:
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(str(one) for one in value)
    return (str(value),)
