"""One guided fix on one node: rehearse → plan → apply → re-check → receipt → undo. Nothing is ever sent twice."""

from __future__ import annotations

import getpass
import json
import platform
import re
import secrets as random_source
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import cast

from checks.check import Context, all_checks, evaluate
from checks.errors import BadReply, CannotReachNode, Refused, ScriptFailed, SignInRefused, ToolError
from checks.facts import NodeFacts
from checks.finding import Verdict
from checks.fix import FIXES, Change, Inputs, canonical, steps_of
from checks.node import Node
from checks.plan import Fix, Outcome, Plan, Receipt, Step, StepResult, StepState
from checks.plan_file import sealed
from checks.profile import detect
from checks.proxy import has_password
from checks.receipt import ReceiptStore
from checks.scan import Scanner
from checks.session import Json, Request, Script, Session

OpenSession = Callable[[], Session]
OnResult = Callable[[StepResult], None]
GOOD = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.INFO})
RUN_S = 180.0
"""How long a node may take for all steps of a change."""
_PASSWORD = re.compile(r"(://[^/:\s]*:)\S+@")


def mask(value: str) -> str:
    """A proxy address without its password, as it may be shown and kept."""
    return _PASSWORD.sub(r"\1***@", value)


class Repair:
    """Shared by window and headless twin; one call at a time per node."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        receipts: ReceiptStore,
        scanner: Scanner,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._scripts = scripts
        self._receipts = receipts
        self._scanner = scanner
        self._sleep = sleep

    def script_text(self, fix_id: str) -> str:
        """The exact script that a fix runs on the node."""
        return self._scripts[FIXES[fix_id].script].text

    def rehearse(
        self, session: Session, node: Node, fix_id: str, facts: NodeFacts, parameters: Mapping[str, str]
    ) -> Plan:
        """What the fix would do, read on the node; changes nothing. Raises `Refused` where it does not apply."""
        fix = FIXES[fix_id]
        values = self._values(fix, node, facts, parameters)
        texts = {name: script.text for name, script in self._scripts.items()}
        profile = detect(facts, node.profile)
        changes = steps_of(fix_id)(Inputs(node, facts, profile, values, texts))
        stamp = self._scanner.now().astimezone(UTC).strftime("%Y%m%dT%H%M%S")
        plan_id = f"{stamp}-{fix_id}-{random_source.token_hex(3)}"
        sent = [_bare(change) for change in changes]
        change = _change(self._ask(session, "rehearse", plan_id, sent))
        steps, has_data = _plan_steps(changes, change)
        if not has_data and self._is_good(node, facts, fix):
            steps = ()
        secret = tuple(name for name, value in values.items() if has_password(value))
        plan = Plan(
            id=plan_id,
            fix=fix_id,
            node=node.name,
            address=node.address,
            created=self._scanner.now(),
            parameters=tuple((name, mask(value)) for name, value in values.items()),
            secret_parameters=secret,
            steps=steps,
            changes=_hide(canonical(tuple(sent)), values, secret),
            state_hash=str(change.get("state_hash", "")),
            script_sha256=self._scripts[fix.script].sha256,
            notes=self._notes(fix, values),
        )
        return sealed(plan)

    def apply(
        self, open_session: OpenSession, node: Node, plan: Plan, secrets: Mapping[str, str], on_result: OnResult
    ) -> Receipt:
        """Do what the plan says and look whether it helped. Always leaves a receipt once anything was sent."""
        fix = FIXES[plan.fix]
        if plan.script_sha256 != self._scripts[fix.script].sha256:
            raise Refused("state-moved", node=node.name)
        started = self._scanner.now()
        if plan.changes_nothing:
            return self._keep(plan, "apply", Outcome.UNCHANGED, (), (), started, "", "")
        steps = _reveal(plan, secrets)
        parameters: dict[str, Json] = {"ExpectedHash": plan.state_hash, "Detach": fix.can_cut_network}
        change = self._run(open_session, "apply", plan, steps, parameters, on_result)
        results = _results(plan, change)
        for result in results:
            on_result(result)
        folder, after = (str(change.get(name) or "") for name in ("folder", "after_hash"))
        outcome = _outcome(results, known=bool(change))
        verdicts: tuple[tuple[str, str], ...] = ()
        if outcome is not Outcome.FAILED:
            verdicts = self._recheck(open_session, node, fix)
            outcome = _judge(outcome, verdicts)
        return self._keep(plan, "apply", outcome, results, verdicts, started, folder, after)

    def undo(self, open_session: OpenSession, node: Node, receipt: Receipt, on_result: OnResult) -> Receipt:
        """Put back what a change replaced, while the node is still as the change left it."""
        plan, fix = receipt.plan, FIXES[receipt.plan.fix]
        if receipt.kind != "apply" or not receipt.after_hash or self._receipts.is_undone(receipt.id):
            raise Refused("undo-nothing", node=node.name)
        started = self._scanner.now()
        parameters: dict[str, Json] = {"ExpectedHash": receipt.after_hash, "Detach": fix.can_cut_network}
        change = self._run(open_session, "undo", plan, [], parameters, on_result)
        results = _results(plan, change)
        for result in results:
            on_result(result)
        failed = any(one.state is StepState.FAILED for one in results)
        outcome = Outcome.FAILED if failed else Outcome.UNDONE if change else Outcome.UNKNOWN
        try:
            verdicts = self._verdicts(open_session, node, fix)
        except SignInRefused:
            verdicts = _unknown(fix)
        return self._keep(
            plan, "undo", outcome, results, verdicts, started, receipt.backup_folder, "", undo_of=receipt.id
        )

    def _values(self, fix: Fix, node: Node, facts: NodeFacts, parameters: Mapping[str, str]) -> dict[str, str]:
        values: dict[str, str] = {}
        for one in fix.parameters:
            value = parameters.get(one.name, "").strip() or one.default(facts)
            wrong = "missing" if one.required and not value else one.check(value)
            if wrong:
                raise Refused("bad-parameter", name=one.name, reason=wrong, fix=fix.id, node=node.name)
            values[one.name] = value
        return values

    def _notes(self, fix: Fix, values: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(note for one in fix.parameters if (note := one.warn(values[one.name]))))

    def _is_good(self, node: Node, facts: NodeFacts, fix: Fix) -> bool:
        context = Context(facts, detect(facts, node.profile), node, self._scanner.now())
        return all(evaluate(one, context).verdict in GOOD for one in all_checks() if one.id in fix.checks)

    def _request(self, mode: str, plan_id: str, steps: list[Change], more: Mapping[str, Json]) -> Request:
        parameters: dict[str, Json] = {"Mode": mode, "Id": plan_id, "Steps": cast("Json", steps), **more}
        name = f"{mode}-{random_source.token_hex(4)}"
        return Request(name, self._scripts["Invoke-Change"], parameters, reads=mode == "rehearse")

    def _ask(
        self, session: Session, mode: str, plan_id: str, steps: list[Change], more: Mapping[str, Json] | None = None
    ) -> Mapping[str, Json]:
        """Run the change script once and answer its document. Raises `ScriptFailed` where it failed as a whole."""
        request = self._request(mode, plan_id, steps, more or {})
        document: Mapping[str, Json] = {}
        for reply in session.run([request], RUN_S):
            if reply.kind == "problem":
                told = str(reply.document.get("message", ""))
                raise ScriptFailed("script-failed", detail=told, node=session.node.name, script=request.script.name)
            if reply.kind == "result":
                document = reply.document
        return document

    def _run(
        self,
        open_session: OpenSession,
        mode: str,
        plan: Plan,
        steps: list[Change],
        more: Mapping[str, Json],
        on_result: OnResult,
    ) -> Mapping[str, Json]:
        """Send the change once. A lost answer is looked up on the node; an empty answer means that it stays unknown."""
        for step in plan.steps[:1]:
            on_result(StepResult(step.id, StepState.RUNNING))
        session = open_session()
        try:
            change = _change(self._ask(session, mode, plan.id, steps, more))
        except (CannotReachNode, BadReply, ScriptFailed) as lost:
            if not session.counts.shells or lost.code == "script-failed":
                raise  # no PowerShell was ever reached, or it answered: nothing is in doubt
            return self._await(open_session, mode, plan, on_result, lost)
        finally:
            session.close()
        refused = str(change.get("refused") or "")
        if refused == "already-applied":
            raise Refused("already-applied", node=plan.node)
        if refused == "state-moved":
            moved = "state-moved" if mode == "apply" else "undo-moved"
            raise Refused(moved, node=plan.node, folder=str(change.get("folder", "")))
        if refused:
            raise Refused("undo-nothing", node=plan.node)
        if change.get("detached") is True:
            return self._await(open_session, mode, plan, on_result, None)
        return change

    def _await(
        self, open_session: OpenSession, mode: str, plan: Plan, on_result: OnResult, lost: ToolError | None
    ) -> Mapping[str, Json]:
        """Poll for the result that a detached or cut-off change leaves on the node, for a bounded time."""
        until = time.monotonic() + RUN_S
        while time.monotonic() < until:
            try:
                found = self._look(open_session, mode, plan)
            except SignInRefused:
                return {}
            for step in _list(found.get("steps")):
                on_result(_step_result(step))
            result = found.get("result")
            if found.get("state") == "finished" and isinstance(result, Mapping):
                return _change(result)
            if found.get("state") == "absent" and lost is not None:
                return {}  # sent, and no trace of it: unknown, and not sent again
            self._sleep(1.0)
        return {}

    def _look(self, open_session: OpenSession, mode: str, plan: Plan) -> Mapping[str, Json]:
        name, words = f"look-{random_source.token_hex(4)}", {"Id": plan.id, "Mode": mode}
        request = Request(name, self._scripts["Get-ChangeResult"], words, reads=True)
        session = open_session()
        try:
            for reply in session.run([request], 30.0):
                facts = reply.document.get("facts") if reply.kind == "result" else None
                if isinstance(facts, Mapping):
                    return facts
        except SignInRefused:
            raise  # asking again and again would lock the account
        except ToolError:
            return {}  # the network is being rebuilt: look again
        finally:
            session.close()
        return {}

    def _verdicts(self, open_session: OpenSession, node: Node, fix: Fix) -> tuple[tuple[str, str], ...]:
        """One scan's verdicts of the checks that decide."""
        session: Session | None = None
        try:
            session = open_session()
            report = self._scanner.read(session, node)
            if isinstance(report.error, SignInRefused):
                raise report.error
            found = {one.check: one.verdict.value for one in report.findings}
            return tuple((check, found.get(check, Verdict.UNKNOWN.value)) for check in fix.checks)
        except SignInRefused:
            raise
        except ToolError:
            pass  # not reachable now: unknown, and asked again while there is time
        finally:
            if session is not None:
                session.close()
        return _unknown(fix)

    def _recheck(self, open_session: OpenSession, node: Node, fix: Fix) -> tuple[tuple[str, str], ...]:
        """The same checks decide, with a bounded wait for the node to settle."""
        until = time.monotonic() + fix.wait_s
        while True:
            try:
                verdicts = self._verdicts(open_session, node, fix)
            except SignInRefused:
                return _unknown(fix)  # asking again and again would lock the account
            if all(verdict in GOOD for _, verdict in verdicts) or time.monotonic() >= until:
                return verdicts
            self._sleep(2.0)

    def _keep(
        self,
        plan: Plan,
        kind: str,
        outcome: Outcome,
        results: tuple[StepResult, ...],
        verdicts: tuple[tuple[str, str], ...],
        started: datetime,
        folder: str,
        after: str,
        undo_of: str = "",
    ) -> Receipt:
        receipt = Receipt(
            id=f"{plan.id}-{kind}-{random_source.token_hex(2)}",
            kind=kind,
            plan=plan,
            outcome=outcome,
            results=results,
            verdicts=verdicts,
            started=started,
            finished=self._scanner.now(),
            person=getpass.getuser(),
            computer=platform.node(),
            backup_folder=folder,
            after_hash=after,
            undo_of=undo_of,
        )
        return self._receipts.append(receipt)


def _unknown(fix: Fix) -> tuple[tuple[str, str], ...]:
    return tuple((check, Verdict.UNKNOWN.value) for check in fix.checks)


def _bare(change: Change) -> Change:
    return {name: value for name, value in change.items() if name not in ("title", "target")}


def _change(document: Mapping[str, Json]) -> Mapping[str, Json]:
    change = document.get("change")
    return change if isinstance(change, Mapping) else {}


def _list(value: Json) -> list[Mapping[str, Json]]:
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _plan_steps(changes: tuple[Change, ...], change: Mapping[str, Json]) -> tuple[tuple[Step, ...], bool]:
    """The steps a person reads, and whether any of them changes more than what runs."""
    previews = {str(one.get("id")): one for one in _list(change.get("steps"))}
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


def _hide(changes: str, values: Mapping[str, str], secret: tuple[str, ...]) -> str:
    """The steps with every value that holds a password replaced by a mark that only its name fills again."""
    for name in secret:
        inside = json.dumps(values[name])[1:-1]
        changes = changes.replace(inside, f"@@{name}@@")
    return changes


def _reveal(plan: Plan, secrets: Mapping[str, str]) -> list[Change]:
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


def _step_result(step: Mapping[str, Json]) -> StepResult:
    states = {"done": StepState.DONE, "failed": StepState.FAILED, "running": StepState.RUNNING}
    state = states.get(str(step.get("state")), StepState.UNKNOWN)
    return StepResult(str(step.get("id")), state, str(step.get("message") or ""))


def _results(plan: Plan, change: Mapping[str, Json]) -> tuple[StepResult, ...]:
    """One result per step of the plan; what the node did not tell is unknown, after a failure it is still waiting."""
    told = {one.id: one for one in map(_step_result, _list(change.get("steps")))}
    rest = StepState.WAITING if any(one.state is StepState.FAILED for one in told.values()) else StepState.UNKNOWN
    hidden = tuple(
        one for one in told.values() if one.state is StepState.FAILED and one.id not in {s.id for s in plan.steps}
    )
    return (*(told.get(step.id, StepResult(step.id, rest)) for step in plan.steps), *hidden)


def _outcome(results: tuple[StepResult, ...], *, known: bool) -> Outcome:
    if any(one.state is StepState.FAILED for one in results):
        return Outcome.FAILED
    if not known or any(one.state is not StepState.DONE for one in results):
        return Outcome.UNKNOWN
    return Outcome.FIXED


def _judge(outcome: Outcome, verdicts: tuple[tuple[str, str], ...]) -> Outcome:
    """What the re-check makes of it: the checks decide, also where the answer was lost."""
    if all(verdict in GOOD for _, verdict in verdicts):
        return Outcome.FIXED
    return Outcome.UNKNOWN if outcome is Outcome.UNKNOWN else Outcome.NOT_FIXED
