"""What a person reads of a plan, what is sent of it, and what its results come to. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from checks.errand import listed
from checks.errors import Refused
from checks.finding import Verdict
from checks.fix import Change
from checks.masking import mask
from checks.plan import Fix, Outcome, Plan, Step, StepResult, StepState
from checks.session import Json

GOOD = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.INFO})
Ending = tuple[str, Verdict, str]
"""What a check says after a change: its id, its verdict and the reason's code ('' where it could not be asked)."""


def bare(change: Change) -> Change:
    return {name: value for name, value in change.items() if name not in ("title", "target")}


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def readable(changes: tuple[Change, ...], change: Mapping[str, Json]) -> tuple[tuple[Step, ...], bool]:
    """The steps a person reads, and whether any of them changes more than what runs."""
    previews = {str(one.get("id")): one for one in listed(change.get("steps"))}
    steps: list[Step] = []
    has_data = False
    for one in changes:
        preview = previews.get(str(one["id"]))
        if one["kind"] in ("watch", "guard") or preview is None or preview.get("needed") is not True:
            continue
        has_data |= one["kind"] in ("registry", "move", "write")
        before, after = _texts(preview.get("before")), _texts(preview.get("after"))
        steps.append(Step(str(one["id"]), str(one["title"]), str(one["target"]), before, after))
    return tuple(steps), has_data


def hide(changes: str, values: Mapping[str, str], secret: tuple[str, ...]) -> str:
    """The steps with every value that holds a password replaced by a mark that only its name fills again."""
    for name in secret:
        inside = json.dumps(values[name])[1:-1]
        changes = changes.replace(inside, f"@@{name}@@")
    return changes


def reveal(plan: Plan, secrets: Mapping[str, str]) -> list[Change]:
    """The steps as they are sent. Raises `Refused` where a secret is missing or is not the one that was shown."""
    changes, shown = plan.changes, dict(plan.parameters)
    for name in plan.secret_parameters:
        value = secrets.get(name, "")
        if not value:
            raise Refused("secret-missing", name=name)
        if mask(value) != shown[name]:
            raise Refused("bad-parameter", name=name, reason="differs", fix=plan.fix, node=plan.node)
        changes = changes.replace(f"@@{name}@@", json.dumps(value)[1:-1])
    return cast("list[Change]", json.loads(changes))


def results_of(plan: Plan, steps: tuple[StepResult, ...]) -> tuple[StepResult, ...]:
    """One result per step of the plan; what the node did not tell is unknown, after a failure it is still waiting.

    A step that was running when the node last told is unknown too.
    """
    told = {one.id: replace(one, state=_ended(one.state)) for one in steps}
    rest = StepState.WAITING if any(one.state is StepState.FAILED for one in told.values()) else StepState.UNKNOWN
    hidden = tuple(
        one for one in told.values() if one.state is StepState.FAILED and one.id not in {s.id for s in plan.steps}
    )
    return (*(told.get(step.id, StepResult(step.id, rest)) for step in plan.steps), *hidden)


def _ended(state: StepState) -> StepState:
    return StepState.UNKNOWN if state is StepState.RUNNING else state


def first_outcome(results: tuple[StepResult, ...], *, known: bool) -> Outcome:
    if any(one.state is StepState.FAILED for one in results):
        return Outcome.FAILED
    if not known or any(one.state is not StepState.DONE for one in results):
        return Outcome.UNKNOWN
    return Outcome.FIXED


def are_good(endings: Iterable[Ending], fix: Fix, notes: Iterable[str]) -> bool:
    """Whether the checks pass, but for warnings that the plan told beforehand and a person confirmed.

    Those that only tell (`Fix.tells`) need not pass: they must not fail.
    """
    told = {reason for note, reason in fix.leaves if note in notes}
    return all(
        verdict in GOOD
        or (verdict is Verdict.WARN and reason in told)
        or (check in fix.tells and verdict is not Verdict.FAIL)
        for check, verdict, reason in endings
    )


def judge(outcome: Outcome, *, is_good: bool) -> Outcome:
    """What the re-check makes of it: the checks decide, also where the answer was lost."""
    if is_good:
        return Outcome.FIXED
    return Outcome.UNKNOWN if outcome is Outcome.UNKNOWN else Outcome.NOT_FIXED
