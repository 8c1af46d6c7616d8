"""One change on its way to a node: sent once, awaited, looked up where its answer was lost, and kept.

Nothing that may have reached the node is ever sent again. What became of it is read.
"""

from __future__ import annotations

import secrets as random_source
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import cast

from checks.errors import Cancelled, Refused, ScriptFailed, SignInRefused, ToolError
from checks.fix import Change
from checks.line import Line
from checks.plan import Plan, StepResult, StepState
from checks.session import Json, Request, Script, Session

OnResult = Callable[[StepResult], None]
RUN_S = 180.0
"""How long a node may take for all steps of a change."""
LOOK_S = 30.0
LOOK_AGAIN_S = 10.0
"""An answer that comes through an open session takes a moment, unless its connection was cut: then another is opened."""
PATIENCE_S = 20.0
"""How long a change that was sent may leave no trace before it counts as unknown."""
NOTHING: Mapping[str, Json] = {}
BACK_MINUTES = 10
"""After so long a node undoes a change that can cut it off, unless we come back and keep it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the node told of a change. `is_known` False: it has not told how the change ended."""

    change: Mapping[str, Json] = field(default_factory=dict[str, Json])
    is_known: bool = False
    is_given_up: bool = False
    """The person asked to stop, or the node no longer accepts who we are: nothing more is read now."""

    @property
    def steps(self) -> tuple[StepResult, ...]:
        return tuple(step_result(step) for step in listed(self.change.get("steps")))

    def text(self, name: str) -> str:
        return str(self.change.get(name) or "")


class Kept(StrEnum):
    """What became of the word that we are back and the change stays."""

    KEPT = "kept"
    WENT_BACK = "went_back"
    UNKNOWN = "unknown"


def step_result(step: Mapping[str, Json]) -> StepResult:
    states = {"done": StepState.DONE, "failed": StepState.FAILED, "running": StepState.RUNNING}
    state = states.get(str(step.get("state")), StepState.UNKNOWN)
    return StepResult(str(step.get("id")), state, str(step.get("message") or ""))


def listed(value: Json) -> list[Mapping[str, Json]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def ask(
    session: Session,
    script: Script,
    mode: str,
    plan_id: str,
    steps: Sequence[Change] = (),
    more: Mapping[str, Json] | None = None,
) -> Mapping[str, Json]:
    """Run the change script once and answer its `change`. Raises `ScriptFailed` where it failed as a whole."""
    parameters: dict[str, Json] = {"Mode": mode, "Id": plan_id, "Steps": cast("Json", list(steps)), **(more or {})}
    name = f"{mode}-{random_source.token_hex(4)}"
    request = Request(name, script, parameters, reads=mode == "rehearse")
    document: Mapping[str, Json] = {}
    for reply in session.run([request], RUN_S):
        if reply.kind == "problem":
            told = str(reply.document.get("message", ""))
            raise ScriptFailed("script-failed", detail=told, node=session.node.name, script=script.name)
        if reply.kind == "result":
            document = reply.document
    change = document.get("change")
    return change if isinstance(change, Mapping) else {}


def _nothing_left() -> bool:
    return False


def _watch(session: Session) -> Callable[[], bool]:
    """Answers later whether anything may have left since: not where no PowerShell was reached, nor without a message."""
    was_warm, before = session.is_warm, session.counts

    def may_have_left() -> bool:
        now = session.counts
        return now.requests > before.requests and (was_warm or session.is_warm or now.shells > before.shells)

    return may_have_left


class Errand:
    """One apply or undo of a plan. `was_sent` tells whether any of it may have reached the node."""

    def __init__(
        self,
        line: Line,
        scripts: Mapping[str, Script],
        plan: Plan,
        mode: str,
        sleep: Callable[[float], None],
    ) -> None:
        self._line = line
        self._scripts = scripts
        self._plan = plan
        self._mode = mode
        self._sleep = sleep
        self.was_sent = False
        self.back_at: datetime | None = None
        """When the node undoes the change by itself, as far as it told."""

    def run(self, steps: Sequence[Change], more: Mapping[str, Json], on_result: OnResult) -> Told:
        """Send the change once. Raises where nothing is in doubt: it never left, was refused, or left no trace."""
        session = self._line.session()
        may_have_left = _watch(session)
        try:
            change = ask(session, self._scripts["Invoke-Change"], self._mode, self._plan.id, steps, more)
        except ToolError as lost:
            self.was_sent = may_have_left()
            self._line.drop()
            if not self.was_sent:
                raise
            if isinstance(lost, Cancelled):
                return Told(is_given_up=True)
            return self._await(on_result, lost)
        finally:
            self.was_sent = self.was_sent or may_have_left()
        self._refuse(change)
        self._note_back(change.get("back_at"))
        if change.get("detached") is True:
            return self._await(on_result, None)
        return Told(change, bool(change))

    def look(self) -> Mapping[str, Json]:
        """What the node says of the change now. Raises `ToolError` where it can't be asked."""
        parameters: dict[str, Json] = {"Id": self._plan.id, "Mode": self._mode}
        name = f"look-{random_source.token_hex(4)}"
        request = Request(name, self._scripts["Get-ChangeResult"], parameters, reads=True)
        deadline_s = LOOK_AGAIN_S if self._line.is_open else LOOK_S
        found: Mapping[str, Json] = {}
        try:
            for reply in self._line.session().run([request], deadline_s):
                facts = reply.document.get("facts") if reply.kind == "result" else None
                found = facts if isinstance(facts, Mapping) else found
        except ToolError:
            self._line.drop()
            raise
        self._note_back(found.get("back_at"))
        return found

    def keep(self) -> tuple[Kept, str | None]:
        """Tell the node that we are back: the change stays. Answers what became of it, and what an undo expects.

        That is '' where none is possible any more, None where it was not told. Sent once. A word that was lost is looked up, a word that never left may be sent later.
        """
        if self.back_at is not None:
            self._line.drop()  # much hangs on this word: one that fails in a session of its own never left, and may go again
        for _ in range(3):
            may_have_left: Callable[[], bool] = _nothing_left
            try:
                session = self._line.session()
                may_have_left = _watch(session)
                change = ask(session, self._scripts["Invoke-Change"], "keep", self._plan.id)
            except (Cancelled, SignInRefused):
                return Kept.UNKNOWN, None
            except ToolError:
                has_left = may_have_left()
                self._line.drop()
                if has_left:
                    return self._is_kept(), None
                self._sleep(2.0)
                continue
            if str(change.get("refused") or "") == "went-back":
                return Kept.WENT_BACK, ""
            if not change or change.get("refused"):
                return Kept.UNKNOWN, None
            return Kept.KEPT, str(change.get("after_hash") or "")
        return Kept.UNKNOWN, None

    def _is_kept(self) -> Kept:
        for _ in range(3):
            try:
                word = str(self.look().get("back"))
            except (Cancelled, SignInRefused):
                break
            except ToolError:
                self._sleep(2.0)
                continue
            return {"kept": Kept.KEPT, "done": Kept.WENT_BACK}.get(word, Kept.UNKNOWN)
        return Kept.UNKNOWN

    def _await(self, on_result: OnResult, lost: ToolError | None) -> Told:
        """Poll for the result that a change leaves on the node, for a bounded time."""
        begun = time.monotonic()
        while time.monotonic() < begun + RUN_S:
            try:
                found = self.look()
            except (Cancelled, SignInRefused):  # asking again and again would lock the account
                return Told(is_given_up=True)
            except ToolError:
                found = NOTHING  # the network is being rebuilt: look again
            for step in listed(found.get("steps")):
                on_result(step_result(step))
            match found.get("state"):
                case "finished":
                    return self._finished(found.get("result"))
                case "stopped":
                    return Told(found)
                case "absent" if lost is not None:
                    if lost.code == "script-failed":
                        raise lost  # it ended before it began
                    if time.monotonic() > begun + PATIENCE_S:
                        return Told()
                case _:
                    pass
            self._sleep(1.0)
        return Told()

    def _finished(self, result: Json) -> Told:
        change = result.get("change") if isinstance(result, Mapping) else None
        if not isinstance(change, Mapping):
            return Told()
        self._refuse(change)
        return Told(change, True)

    def _refuse(self, change: Mapping[str, Json]) -> None:
        refused = str(change.get("refused") or "")
        if not refused:
            return
        codes = {
            "already-applied": "already-applied",
            "busy": "node-busy",
            "went-back": "undo-went-back",
            "state-moved": "state-moved" if self._mode == "apply" else "undo-moved",
        }
        code = codes.get(refused, "undo-nothing")
        raise Refused(code, node=self._plan.node, folder=str(change.get("folder") or ""))

    def _note_back(self, told: Json) -> None:
        if isinstance(told, str) and told:
            try:
                self.back_at = datetime.fromisoformat(told)
            except ValueError:
                return
