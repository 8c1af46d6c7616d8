"""Answers of the scripts that change a node (`fixes/*.ps1`), for a simulated node: they change its state."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from checks.session import Json
from checks.simulator.demo_binding import Thrown, bind
from checks.simulator.demo_change_result import change_result
from checks.simulator.demo_rules import decode_text
from checks.simulator.demo_service_steps import Stopped, find_dependents, patiently, service_of
from checks.simulator.demo_state import NodeState, Task
from checks.simulator.demo_steps import ROOT, Step, compact_json, find_state, hide, preview, state_hash, told
from checks.simulator.demo_work import do_step, keep_watched, missing_key, start_named_task, undo_step

Parameters = Mapping[str, Json]

_KEPT = ("id", "kind", "key", "name", "path", "begins", "action", "process")


def fix(state: NodeState, script: str, parameters: Parameters) -> dict[str, Json] | None:
    """Answer a script that changes nodes by name; None when it is none. Raises `Thrown` where it would throw."""
    with state.lock:
        run_due(state, state.clock())
        if script == "Invoke-Change":
            return _Change(state, bind(script, parameters)).run()
        if script == "Get-ChangeResult":
            return change_result(state, bind(script, parameters))
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
    back_at: str = ""


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
        minutes = parameters.get("BackMinutes")
        self.back_minutes = minutes if isinstance(minutes, int) else 0
        self.folder = f"{ROOT}\\{self.id}"
        self.stopped = Stopped()

    def run(self) -> dict[str, Json]:
        match self.mode.lower():
            case "apply":
                return self._apply()
            case "undo" | "back":
                return self._undo()
            case "keep":
                return self._settle()
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
                "back_at": answer.back_at,
                "folder": self.folder,
            },
            "problems": list(self.stopped.problems),
        }
        result = f"{self.mode}-result.json"
        is_over = self.mode.lower() in ("apply", "undo", "back") and not answer.detached
        is_first = self.is_task and not self._has(result)
        if is_over and self.state.disk.is_folder(self.folder) and (not answer.refused or is_first):
            self._write(result, compact_json(document))
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
            self._write(f"{self.mode}-progress.json", compact_json(results))
            if self.mode.lower() == "apply":
                self._write_left()
            if result["state"] == "failed":
                break
        return results

    def _apply(self) -> dict[str, Json]:
        if self._has("record.json") or (not self.is_task and self._has("apply.json")):
            return self._refuse("already-applied")
        if self._hash() != self.expected:
            if self.is_task:
                self.state.tasks.pop(f"nodepane {self.id} back".lower(), None)
            return self._refuse("state-moved")
        if not self.is_task:
            self._remove_finished()
        if self.detach and not self.is_task:
            return self._detach()
        kept: list[Json] = [self._keep(step) for step in self._working]
        self._write("record.json", compact_json({"id": self.id, "kept": kept}))
        self._write_left()
        results = self._work([(told(step, "id"), lambda step=step: self._forward(step)) for step in self._working])
        return self._outcome(results)

    def _keep(self, step: Step) -> Json:
        """What going back needs: the old value, never the new one."""
        keep_watched(self.state, step, self.folder)
        runs: Json = None
        ran: list[Json] = []
        made = ""
        match told(step, "kind"):
            case "service":
                runs = service_of(self.state, told(step, "name")).state == "Running"
                ran = [*find_dependents(self.state, told(step, "name"))]
            case "registry":
                made = missing_key(self.state, told(step, "key"))
            case _:
                pass
        bare = {name: step[name] for name in _KEPT if step.get(name) is not None}
        return {"step": bare, "before": find_state(self.state, step), "runs": runs, "ran": ran, "made": made}

    def _write_left(self) -> None:
        """The sums over what the change has left so far; the second without files that come again by themselves."""
        left = {"most": self._hash("guard", "watch"), "own": self._hash("guard", "watch", "move")}
        self._write("left.json", compact_json(left))

    def _left(self, name: str) -> str:
        left = self._read("left.json")
        return told(left, name) if isinstance(left, Mapping) else ""

    def _remove_finished(self) -> None:
        """Take away our one-shot tasks whose work is over; never the one that runs this."""
        for key, task in list(self.state.tasks.items()):
            found = re.fullmatch(r"Nodepane ([A-Za-z0-9-]{1,80}) (apply|undo|back)", task.name)
            if found is None or (self.is_task and (found[1], found[2]) == (self.id, self.mode)):
                continue
            over = (f"{found[2]}-result.json", "undone", *(("kept",) if found[2] == "back" else ()))
            if any(self.state.disk.exists(f"{ROOT}\\{found[1]}\\{name}") for name in over):
                del self.state.tasks[key]

    def _forward(self, step: Step) -> bool:
        changed = do_step(self.state, step, self.folder, self.stopped)
        if told(step, "kind") == "task":
            patiently(step, lambda: start_named_task(self.state, step))
            return True
        return changed

    def _outcome(self, results: list[Json]) -> dict[str, Json]:
        changed = any(isinstance(one, Mapping) and one["changed"] is True for one in results)
        return self._document(
            _Answer(changed=changed, steps=results, state_hash=self.expected, after_hash=self._hash("guard"))
        )

    def _undo(self) -> dict[str, Json]:
        is_by_time = self.mode.lower() == "back"
        if is_by_time:
            self._remove_finished()
        if not self._has("record.json"):
            return self._refuse("nothing-kept")
        if self._has("undone"):
            return self._refuse("went-back" if self._has("went-back") else "already-undone")
        if is_by_time and self._has("kept"):
            return self._refuse("kept")
        every = self._recorded()
        expected = self.expected = self._left("most") if is_by_time else self.expected
        is_same = (not is_by_time and self._hash() == expected) or self._hash("watch") == expected
        if not expected or not is_same:
            return self._refuse("state-moved")
        if not self.is_task:
            self._remove_finished()
        if self.detach and not self.is_task:
            return self._detach()
        watches = [one for one in every if told(cast("Step", one["step"]), "kind") == "watch"]
        results = self._work(
            [
                (told(cast("Step", one["step"]), "id"), lambda one=one: self._back(one, watches))
                for one in _undo_order(every)
            ]
        )
        if not any(isinstance(one, Mapping) and one["state"] == "failed" for one in results):
            for name in ("went-back", "undone") if is_by_time else ("undone",):
                self._write(name, "")
        self._remove_finished()
        return self._outcome(results)

    def _recorded(self) -> list[Step]:
        """What was kept; its steps become those that are compared."""
        record = self._read("record.json")
        every = _steps(record.get("kept")) if isinstance(record, Mapping) else []
        self.steps = [cast("Step", one["step"]) for one in every]
        return every

    def _settle(self) -> dict[str, Json]:
        """Whoever applied came back: the change stays, its tasks go, and what an undo will expect is told."""
        if not self._has("record.json"):
            return self._refuse("nothing-kept")
        if self._has("undone"):
            self._remove_finished()
            return self._refuse("went-back" if self._has("went-back") else "already-undone")
        self._write("kept", "")
        self._remove_finished()
        self._recorded()
        found = self._hash()
        is_ours = self._hash("watch", "move") == self._left("own")
        return self._document(_Answer(state_hash=found, after_hash=found if is_ours else ""))

    def _back(self, kept: Step, watches: Sequence[Step]) -> bool:
        return undo_step(self.state, kept, self.folder, self.stopped, watches)

    def _detach(self) -> dict[str, Json]:
        """Leave script and parameters in the folder and run them in a task, which a lost connection does not end."""
        back_at = ""
        if self.mode.lower() == "apply" and self.back_minutes:
            due = self.state.clock() + timedelta(minutes=self.back_minutes)
            back_at = due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
            told_back: dict[str, Json] = {"Mode": "back", "Id": self.id, "Steps": [], "ExpectedHash": "", "At": back_at}
            self._register("back", told_back, due)
        parameters: dict[str, Json] = {
            "Mode": self.mode,
            "Id": self.id,
            "Steps": list(self.steps),
            "ExpectedHash": self.expected,
        }
        self._register(self.mode, parameters, None)
        _run_own(self.state, parameters)
        return self._document(_Answer(detached=True, back_at=back_at))

    def _register(self, what: str, parameters: dict[str, Json], due: datetime | None) -> None:
        script, told_in = f"{self.folder}\\{what}.ps1", f"{self.folder}\\{what}.json"
        self._write(f"{what}.ps1", "# the script as it was sent")
        self._write(f"{what}.json", compact_json(parameters))
        name = f"Nodepane {self.id} {what}"
        line = f'-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "{script}" -ParameterFile "{told_in}"'
        self.state.tasks[name.lower()] = Task(name, "powershell.exe", line, last_result=0x41303 if due else 0, due=due)


def _run_own(state: NodeState, parameters: Parameters) -> None:
    with contextlib.suppress(Thrown):  # the task ends without a result; nobody hears why
        _Change(state, parameters, is_task=True).run()


def run_due(state: NodeState, now: datetime) -> None:
    """Run the tasks of ours whose time has come; Windows starts each once."""
    with state.lock:
        for task in [one for one in state.tasks.values() if one.due is not None and one.due <= now]:
            task.due, task.last_result = None, 0
            file = state.disk.file(task.arguments.rpartition(' "')[2].rstrip('"'))
            parameters = cast("Json", json.loads(decode_text(file.data))) if file else None
            if isinstance(parameters, Mapping):
                _run_own(state, parameters)


def _undo_order(kept: Sequence[Step]) -> list[Step]:
    """First stop what must not run meanwhile, then put things back, last first, then start again."""

    def field(one: Step, name: str) -> str:
        return told(cast("Step", one["step"]), name)

    services = [one for one in kept if field(one, "kind") == "service"]
    stops = [one for one in services if field(one, "action") == "stop"]
    starts = [one for one in services if field(one, "action") != "stop"]
    things = [one for one in kept if field(one, "kind") not in ("service", "process")]
    return [*stops, *reversed(things), *starts]
