"""What became of a change on a simulated node: the answer of `Get-ChangeResult.ps1`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from checks.session import Json
from checks.simulator.demo_rules import decode_text
from checks.simulator.demo_state import NodeState
from checks.simulator.demo_steps import ROOT, told


def change_result(state: NodeState, parameters: Mapping[str, Json]) -> dict[str, Json]:
    """State, steps and result of a change by its files, and whether it is undone by time."""
    folder = f"{ROOT}\\{told(parameters, 'Id')}"
    mode = told(parameters, "Mode").lower()
    facts: dict[str, Json] = {
        "state": "absent",
        "steps": [],
        "result": None,
        "left": "",
        "back": "none",
        "back_at": "",
        "is_undone": False,
    }

    def has(name: str) -> bool:
        return state.disk.exists(f"{folder}\\{name}")

    def read(name: str) -> Json:
        file = state.disk.file(f"{folder}\\{name}.json")
        return cast("Json", json.loads(decode_text(file.data))) if file else None

    if has(f"{mode}.json"):
        facts["state"] = "running"
    if has(f"{mode}-progress.json") or (mode == "apply" and has("record.json")):
        facts["state"] = "stopped"  # between two calls nothing runs here
    progress = read(f"{mode}-progress")
    if isinstance(progress, list):
        facts["steps"] = progress
    result = read(f"{mode}-result")
    if result is not None:
        facts["result"], facts["state"] = result, "finished"
    left = read("left")
    if isinstance(left, Mapping):
        facts["left"] = told(left, "most")
    facts["is_undone"] = has("undone")
    back = read("back")
    if isinstance(back, Mapping):
        facts["back_at"] = told(back, "At")
        marks = (("went-back", "done"), ("kept", "kept"), ("back-result.json", "refused"))
        facts["back"] = next((word for name, word in marks if has(name)), "waiting")
    return {"schema": 1, "script": "Get-ChangeResult", "facts": facts, "problems": []}
