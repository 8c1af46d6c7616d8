"""One guided fix on one node: rehearse → plan → apply → re-check → receipt → undo. Nothing is ever sent twice."""

from __future__ import annotations

import getpass
import platform
import secrets as random_source
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from checks.check import Context, evaluate
from checks.errand import BACK_MINUTES, Errand, Kept, OnResult, Told, ask
from checks.errors import Refused, SignInRefused, ToolError
from checks.facts import NodeFacts
from checks.finding import Verdict
from checks.fix import Change, Inputs, canonical
from checks.fix_list import FIXES, steps_of
from checks.line import Line, OpenSession
from checks.masking import mask
from checks.node import Node
from checks.plan import Fix, Outcome, Plan, Receipt, StepResult, StepState
from checks.plan_file import sealed
from checks.plan_steps import (
    Ending,
    are_good,
    bare,
    first_outcome,
    hide,
    judge,
    readable,
    results_of,
    reveal,
)
from checks.profile import detect
from checks.proxy import has_password
from checks.receipt import ReceiptStore
from checks.recheck import ask_checks, unknown_endings
from checks.rules import CHECKS
from checks.scan import Scanner
from checks.session import Json, Script, Session


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
        sent = [bare(change) for change in changes]
        change = ask(session, self._scripts["Invoke-Change"], "rehearse", plan_id, sent)
        steps, has_data = readable(changes, change)
        notes = self._notes(fix, values)
        if not has_data and are_good(self._endings(node, facts, fix), fix, notes):
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
            changes=hide(canonical(tuple(sent)), values, secret),
            state_hash=str(change.get("state_hash", "")),
            script_sha256=self._scripts[fix.script].sha256,
            notes=notes,
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
        steps = reveal(plan, secrets)
        parameters: dict[str, Json] = {"ExpectedHash": plan.state_hash, "Detach": fix.can_cut_network}
        goes_back = fix.can_cut_network and fix.can_undo
        if goes_back:
            parameters["BackMinutes"] = BACK_MINUTES
        with Line(open_session) as line:
            decide = (*fix.checks, *fix.tells, *self._running(line, node, fix))
            errand = Errand(line, self._scripts, plan, "apply", self._sleep)
            with self._noting(errand, plan, "apply", started, goes_back=goes_back):
                told = self._send(errand, plan, steps, parameters, on_result)
                results = results_of(plan, told.steps)
                outcome = first_outcome(results, known=told.is_known)
                endings: tuple[Ending, ...] = ()
                is_refused = False
                if outcome is not Outcome.FAILED and not told.is_given_up:
                    endings, is_refused = self._recheck(line, node, plan, decide)
                    outcome = judge(outcome, is_good=are_good(endings, fix, plan.notes))
                kept, after = errand.keep() if told.is_known and not is_refused else (Kept.UNKNOWN, None)
        if kept is Kept.WENT_BACK:
            return self._keep(plan, "apply", Outcome.UNDONE, results, endings, started, told.text("folder"), "")
        if after is None:
            after = told.text("after_hash")
        back_at = self._back_at(errand) if goes_back and kept is Kept.UNKNOWN else None
        if back_at is not None and outcome is not Outcome.FAILED:
            outcome = Outcome.UNKNOWN
        folder = told.text("folder")
        return self._keep(plan, "apply", outcome, results, endings, started, folder, after, goes_back=back_at)

    def undo(self, open_session: OpenSession, node: Node, receipt: Receipt, on_result: OnResult) -> Receipt:
        """Put back what a change replaced, while the node is still as the change left it."""
        plan, fix = receipt.plan, FIXES[receipt.plan.fix]
        if not receipt.left_something or self._receipts.is_undone(receipt.id):
            raise Refused("undo-nothing", node=node.name)
        started = self._scanner.now()
        expected = receipt.after_hash or self._left(open_session, plan)
        parameters: dict[str, Json] = {"ExpectedHash": expected, "Detach": fix.can_cut_network}
        with Line(open_session) as line:
            errand = Errand(line, self._scripts, plan, "undo", self._sleep)
            with self._noting(errand, plan, "undo", started, undo_of=receipt.id):
                told = self._send(errand, plan, [], parameters, on_result)
                results = results_of(plan, told.steps)
                failed = any(one.state is StepState.FAILED for one in results)
                outcome = Outcome.FAILED if failed else Outcome.UNDONE if told.is_known else Outcome.UNKNOWN
                endings: tuple[Ending, ...] = ()
                try:
                    endings = () if told.is_given_up else ask_checks(self._scanner, line, node, fix.checks)
                    if told.is_known and fix.can_cut_network:
                        errand.keep()  # its tasks have done their work; if this is lost, the next change takes them away
                except SignInRefused:
                    endings = unknown_endings(fix.checks)
        folder = receipt.backup_folder or told.text("folder")
        return self._keep(plan, "undo", outcome, results, endings, started, folder, "", undo_of=receipt.id)

    def _left(self, open_session: OpenSession, plan: Plan) -> str:
        """What an unanswered change left, as its node tells it. Raises `Refused` where it does not."""
        with Line(open_session) as line:
            found = Errand(line, self._scripts, plan, "apply", self._sleep).look()
        if found.get("back") == "done":
            raise Refused("undo-went-back", node=plan.node)
        if found.get("state") == "absent" or found.get("is_undone") is True:
            raise Refused("undo-nothing", node=plan.node)
        result = found.get("result")
        change = result.get("change") if isinstance(result, Mapping) else None
        after = change.get("after_hash") if isinstance(change, Mapping) else found.get("left")
        if found.get("state") not in ("finished", "stopped") or not after:
            raise Refused("undo-unknown", node=plan.node)
        return str(after)

    def _send(
        self, errand: Errand, plan: Plan, steps: list[Change], more: Mapping[str, Json], on_result: OnResult
    ) -> Told:
        for step in plan.steps[:1]:
            on_result(StepResult(step.id, StepState.RUNNING))
        told = errand.run(steps, more, on_result)
        for result in results_of(plan, told.steps):
            on_result(result)
        return told

    @contextmanager
    def _noting(
        self, errand: Errand, plan: Plan, kind: str, started: datetime, undo_of: str = "", *, goes_back: bool = False
    ) -> Generator[None]:
        """Whatever ends this program's part once something was sent: a receipt says that the rest is unknown."""
        try:
            yield
        except ToolError:
            raise  # nothing was sent, or the node said that it did nothing
        except BaseException:
            if errand.was_sent:
                back_at = self._back_at(errand) if goes_back else None
                self._keep(plan, kind, Outcome.UNKNOWN, (), (), started, "", "", undo_of=undo_of, goes_back=back_at)
            raise

    def _back_at(self, errand: Errand) -> datetime:
        """When the node undoes the change, as it said; else at the latest so long after now."""
        return errand.back_at or self._scanner.now() + timedelta(minutes=BACK_MINUTES)

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

    def _endings(self, node: Node, facts: NodeFacts, fix: Fix) -> tuple[Ending, ...]:
        """What the checks that decide say of these facts."""
        context = Context(facts, detect(facts, node.profile), node, self._scanner.now())
        found = [evaluate(one, context) for one in CHECKS if one.id in fix.checks]
        return tuple((one.check, one.verdict, one.reason) for one in found)

    def _running(self, line: Line, node: Node, fix: Fix) -> tuple[str, ...]:
        """Which checks of what the fix restarts pass now, so that they have to pass afterwards, too. Raises `ToolError`."""
        if not fix.keeps:
            return ()
        report = self._scanner.read(line.session(), node, fix.keeps)
        if report.error is not None:
            raise report.error
        return tuple(one.check for one in report.findings if one.verdict is Verdict.PASS)

    def _recheck(self, line: Line, node: Node, plan: Plan, checks: tuple[str, ...]) -> tuple[tuple[Ending, ...], bool]:
        """How the checks that decide end, with a bounded wait for the node to settle.

        And whether the node no longer accepts who we are: asking again would lock the account.
        """
        fix = FIXES[plan.fix]
        until = time.monotonic() + fix.wait_s
        while True:
            try:
                endings = ask_checks(self._scanner, line, node, checks)
            except SignInRefused:
                return unknown_endings(checks), True
            if are_good(endings, fix, plan.notes) or time.monotonic() >= until:
                return endings, False
            self._sleep(2.0)

    def _keep(
        self,
        plan: Plan,
        kind: str,
        outcome: Outcome,
        results: tuple[StepResult, ...],
        endings: tuple[Ending, ...],
        started: datetime,
        folder: str,
        after: str,
        undo_of: str = "",
        goes_back: datetime | None = None,
    ) -> Receipt:
        receipt = Receipt(
            id=f"{plan.id}-{kind}-{random_source.token_hex(2)}",
            kind=kind,
            plan=plan,
            outcome=outcome,
            results=results,
            verdicts=tuple((check, verdict.value) for check, verdict, _ in endings),
            started=started,
            finished=self._scanner.now(),
            person=getpass.getuser(),
            computer=platform.node(),
            backup_folder=folder,
            after_hash=after,
            undo_of=undo_of,
            goes_back=goes_back,
        )
        return self._receipts.append(receipt)
