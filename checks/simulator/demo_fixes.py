"""Answers of the scripts that change a node (`fixes/*.ps1`), for a simulated node: they change its state."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from checks.session import Json
from checks.simulator.demo_binding import Thrown, bind
from checks.simulator.demo_rules import decode_text
from checks.simulator.demo_state import NodeState, Task
from checks.simulator.demo_steps import ROOT, Step, compact_json, find_state, hide, preview, state_hash, told
from checks.simulator.demo_work import do_step, keep_watched, service_of, start_named_task, undo_step

Parameters = Mapping[str, Json]

_KEPT = ("id", "kind", "key", "name", "path", "begins", "action", "dependents", "process")


def fix(state: NodeState, script: str, parameters: Parameters) -> dict[str, Json] | None:
    """Answer a script that changes nodes by name; None when it is none. Raises `Thrown` where it would throw."""
    with state.lock:
        if script == "Invoke-Change":
            return _Change(state, bind(script, parameters)).run()
        if script == "Get-ChangeResult":
            return _change_result(state, bind(script, parameters))
    return None


def _steps(value: Json) -> list[Step]:
    """Read a list of objects; PowerShell takes a single one for a list of one."""
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [one for one in value if isinstance(one, Mapping)]
    return []


@dataclass(slots=True)
class _Answer:
    changed: bool = False
    detached: bool = False
    refused: str = ""
    steps: Sequence[Json] = ()
    state_hash: str = ""
    after_hash: str = ""


class _Change:
    """One call of `Invoke-Change.ps1`."""

    def __init__(self, state: NodeState, parameters: Parameters, is_task: bool = False) -> None:
        self.state = state
        self.is_task = is_task
        self.mode = told(parameters, "Mode")
        self.id = told(parameters, "Id")
        self.steps = _steps(parameters.get("Steps"))
        self.expected = told(parameters, "ExpectedHash")
        self.detach = parameters.get("Detach") is True
        self.folder = f"{ROOT}\\{self.id}"

    def run(self) -> dict[str, Json]:
        match self.mode.lower():
            case "apply":
                return self._apply()
            case "undo":
                return self._undo()
            case _:
                steps = [preview(self.state, step, self.folder) for step in self._working]
                return self._document(_Answer(steps=steps, state_hash=self._hash()))

    @property
    def _working(self) -> list[Step]:
        """The steps that do something: guards are compared only."""
        return [step for step in self.steps if told(step, "kind") != "guard"]

    def _hash(self, *without: str) -> str:
        return state_hash(self.state, self.steps, *without)

    def _read(self, name: str) -> Json:
        file = self.state.disk.file(f"{self.folder}\\{name}")
        return cast("Json", json.loads(decode_text(file.data))) if file else None

    def _write(self, name: str, text: str) -> None:
        self.state.disk.write(f"{self.folder}\\{name}", text.encode(), self.state.clock())

    def _has(self, name: str) -> bool:
        return self.state.disk.exists(f"{self.folder}\\{name}")

    def _document(self, answer: _Answer) -> dict[str, Json]:
        document: dict[str, Json] = {
            "schema": 1,
            "script": "Invoke-Change",
            "change": {
                "mode": self.mode,
                "changed": answer.changed,
                "detached": answer.detached,
                "refused": answer.refused,
                "steps": list(answer.steps),
                "state_hash": answer.state_hash,
                "after_hash": answer.after_hash,
                "folder": self.folder,
            },
            "problems": [],
        }
        if self.is_task:
            self._write(f"{self.mode}-result.json", compact_json(document))
        return document

    def _refuse(self, reason: str) -> dict[str, Json]:
        return self._document(_Answer(refused=reason, state_hash=self._hash()))

    def _work(self, ordered: Sequence[tuple[str, Callable[[], bool]]]) -> list[Json]:
        """Work in order; stop at the first failure."""
        results: list[Json] = []
        for step_id, work in ordered:
            try:
                result: dict[str, Json] = {"id": step_id, "state": "done", "changed": work(), "message": ""}
            except Thrown as failed:
                result = {"id": step_id, "state": "failed", "changed": False, "message": hide(str(failed))}
            results.append(result)
            if self.is_task:
                self._write(f"{self.mode}-progress.json", compact_json(results))
            if result["state"] == "failed":
                break
        return results

    def _apply(self) -> dict[str, Json]:
        if self._has("record.json"):
            return self._refuse("already-applied")
        if self._hash() != self.expected:
            return self._refuse("state-moved")
        if self.detach and not self.is_task:
            return self._detach()
        kept: list[Json] = [self._keep(step) for step in self._working]
        self._write("record.json", compact_json({"id": self.id, "kept": kept}))
        results = self._work([(told(step, "id"), lambda step=step: self._forward(step)) for step in self._working])
        return self._outcome(results)

    def _keep(self, step: Step) -> Json:
        """What going back needs: the old value, never the new one."""
        keep_watched(self.state, step, self.folder)
        runs = None
        if told(step, "kind") == "service":
            runs = service_of(self.state, told(step, "name")).state == "Running"
        bare = {name: step[name] for name in _KEPT if step.get(name) is not None}
        return {"step": bare, "before": find_state(self.state, step), "runs": runs}

    def _forward(self, step: Step) -> bool:
        changed = do_step(self.state, step, self.folder)
        if told(step, "kind") == "task":
            start_named_task(self.state, step)
            return True
        return changed

    def _outcome(self, results: list[Json]) -> dict[str, Json]:
        changed = any(isinstance(one, Mapping) and one["changed"] is True for one in results)
        return self._document(
            _Answer(changed=changed, steps=results, state_hash=self.expected, after_hash=self._hash("guard"))
        )

    def _undo(self) -> dict[str, Json]:
        if not self._has("record.json"):
            return self._refuse("nothing-kept")
        if self._has("undone"):
            return self._refuse("already-undone")
        record = self._read("record.json")
        every = _steps(record.get("kept")) if isinstance(record, Mapping) else []
        self.steps = [cast("Step", one["step"]) for one in every]
        if self._hash() != self.expected:
            return self._refuse("state-moved")
        if self.detach and not self.is_task:
            return self._detach()
        results = self._work(
            [(told(cast("Step", one["step"]), "id"), lambda one=one: self._back(one)) for one in _undo_order(every)]
        )
        if not any(isinstance(one, Mapping) and one["state"] == "failed" for one in results):
            self._write("undone", "")
        return self._outcome(results)

    def _back(self, kept: Step) -> bool:
        return undo_step(self.state, kept, self.folder)

    def _detach(self) -> dict[str, Json]:
        """Leave script and parameters in the folder and run them in a task, which a lost connection does not end."""
        self._write(f"{self.mode}.ps1", "# the script as it was sent")
        parameters: dict[str, Json] = {
            "Mode": self.mode,
            "Id": self.id,
            "Steps": list(self.steps),
            "ExpectedHash": self.expected,
        }
        self._write(f"{self.mode}.json", compact_json(parameters))
        name = f"Nodepane {self.id} {self.mode}"
        script, told_in = f"{self.folder}\\{self.mode}.ps1", f"{self.folder}\\{self.mode}.json"
        line = f'-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "{script}" -ParameterFile "{told_in}"'
        self.state.tasks[name.lower()] = Task(name, "powershell.exe", line, last_result=0)
        with contextlib.suppress(Thrown):  # the task ends without a result; nobody hears why
            _Change(self.state, parameters, is_task=True).run()
        return self._document(_Answer(detached=True))


def _undo_order(kept: Sequence[Step]) -> list[Step]:
    """First stop what must not run meanwhile, then put things back, last first, then start again."""

    def field(one: Step, name: str) -> str:
        return told(cast("Step", one["step"]), name)

    services = [one for one in kept if field(one, "kind") == "service"]
    stops = [one for one in services if field(one, "action") == "stop"]
    starts = [one for one in services if field(one, "action") != "stop"]
    things = [one for one in kept if field(one, "kind") not in ("service", "process")]
    return [*stops, *reversed(things), *starts]


def _change_result(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    """What `Get-ChangeResult.ps1` tells of a change that runs, or ran, in a task."""
    folder = f"{ROOT}\\{told(parameters, 'Id')}"
    mode = told(parameters, "Mode").lower()
    facts: dict[str, Json] = {"state": "absent", "steps": [], "result": None}

    def read(name: str) -> Json:
        file = state.disk.file(f"{folder}\\{name}")
        return cast("Json", json.loads(decode_text(file.data))) if file else None

    is_begun = state.disk.exists(f"{folder}\\{mode}.json")
    if is_begun or (mode == "apply" and state.disk.exists(f"{folder}\\record.json")):
        facts["state"] = "running"
    progress = read(f"{mode}-progress.json")
    if isinstance(progress, list):
        facts["steps"] = progress
    result = read(f"{mode}-result.json")
    if result is not None:
        facts["result"], facts["state"] = result, "finished"
    return {"schema": 1, "script": "Get-ChangeResult", "facts": facts, "problems": []}
