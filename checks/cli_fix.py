"""`nodepane-cli fix` and `undo`: rehearse into a plan file, apply it, undo a receipt."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from checks.catalogue import fill
from checks.cli_site import Site
from checks.errors import BadFile, Refused
from checks.fix_list import FIXES
from checks.plan import Outcome, Plan, Receipt, StepResult, StepState
from checks.plan_file import load, save
from checks.proxy import has_password

_EXITS = {
    Outcome.FIXED: 0,
    Outcome.UNCHANGED: 0,
    Outcome.UNDONE: 0,
    Outcome.NOT_FIXED: 1,
    Outcome.FAILED: 5,
    Outcome.UNKNOWN: 5,
}


def _values(site: Site, fix_id: str, node: str, pairs: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` pairs; `-` asks. A password in a URL is refused here: command lines are seen by others."""
    known = [parameter.name for parameter in FIXES[fix_id].parameters]
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in known:
            raise BadFile("no-such-parameter", name=name, fix=fix_id, known=", ".join(known))
        if value == "-":
            value = site.ask("cli.value-prompt", name=name, node=node)
        elif has_password(value):
            raise Refused("password-on-command-line", name=name)
        values[name] = value
    return values


def rehearse_fix(site: Site, fix_id: str, node_name: str, pairs: tuple[str, ...], out: Path) -> None:
    """Read of the node what the fix is made from, rehearse it there and write the plan. Nothing is changed on the node."""
    if fix_id not in FIXES:
        raise BadFile("no-such-fix", fix=fix_id, known=", ".join(FIXES))
    node = site.node(node_name)
    values = _values(site, fix_id, node.name, pairs)
    session = site.open_session(node)
    try:
        report = site.scanner.read(session, node, FIXES[fix_id].reads)
        if report.error:
            raise report.error
        plan = site.repair.rehearse(session, node, fix_id, report.facts, values)
    finally:
        session.close()
    _show(site, plan)
    save(plan, out)
    site.output.line(fill(site.words.label("cli.plan-written"), {"node": node.name, "file": str(out)}))


def _show(site: Site, plan: Plan) -> None:
    words = site.words.fix(plan.fix)
    site.output.line(f"{words.title}: {plan.node}")
    site.output.line(words.impact)
    for number, step in enumerate(plan.steps, 1):
        site.output.line(f"{number}. {fill(words.steps.get(step.kind, step.kind), {'target': step.target})}")
        for line in (*(f"   - {line}" for line in step.before), *(f"   + {line}" for line in step.after)):
            site.output.line(line)
    for note in plan.notes:
        site.output.line(fill(site.words.label("cli.note"), {"text": words.reasons.get(note, note)}))
    if plan.changes_nothing:
        site.output.line(fill(site.words.label("cli.plan-empty"), {"node": plan.node}))


class _Steps:
    """A line for each step of a plan as it ends: once, however often the node tells it."""

    def __init__(self, site: Site, plan: Plan, *, undo: bool = False) -> None:
        self._site = site
        self._plan = plan
        self._done = "step-state.put-back" if undo else f"step-state.{StepState.DONE.value}"
        self._told: dict[str, StepState] = {}

    def tell(self, result: StepResult) -> None:
        if result.state in (StepState.WAITING, StepState.RUNNING) or self._told.get(result.id) is result.state:
            return
        words = self._site.words
        step = next((one for one in self._plan.steps if one.id == result.id), None)
        if step is None and result.state is not StepState.FAILED:
            return  # what goes on between the steps that were shown
        self._told[result.id] = result.state
        kinds = words.fix(self._plan.fix).steps
        if step is not None:
            title = fill(kinds.get(step.kind, step.kind), {"target": step.target})
        else:
            title = fill(words.label("cli.step-between"), {"id": result.id})
        state = words.label(self._done if result.state is StepState.DONE else f"step-state.{result.state.value}")
        line = fill(words.label("cli.step"), {"state": state, "title": title})
        self._site.output.line(line + (f": {words.told(result.message)}" if result.message else ""))


def _tell_receipt(site: Site, receipt: Receipt) -> int:
    fields = {
        "node": receipt.plan.node,
        "outcome": site.words.label(f"outcome.{receipt.outcome.value}"),
        "receipt": receipt.id,
        "folder": receipt.backup_folder,
    }
    site.output.line(fill(site.words.label("cli.applied"), fields))
    for check, verdict in receipt.verdicts:
        told = {"title": site.words.check(check).title, "verdict": site.words.label(f"verdict.{verdict}")}
        site.output.line(fill(site.words.label("cli.ending"), told))
    if receipt.backup_folder:
        site.output.line(fill(site.words.label("cli.backup"), fields))
    if receipt.goes_back is not None:
        at = receipt.goes_back.astimezone().strftime("%H:%M")
        site.output.line(fill(site.words.label("goes-back"), {**fields, "time": at}))
    if receipt.left_something and FIXES[receipt.plan.fix].can_undo:
        site.output.line(fill(site.words.label("cli.undo-hint"), fields))
    return _EXITS[receipt.outcome]


@contextmanager
def _steady(site: Site) -> Generator[None]:
    """One Ctrl-C does not leave a change half told: it says so and waits for the receipt. A second one ends the wait."""

    def first(number: int, frame: object) -> None:
        site.output.error(site.words.label("cli.change-runs"))
        signal.signal(signal.SIGINT, before)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def apply_plan(site: Site, path: Path) -> int:
    """Apply a plan file. Refused when the node is not as the plan saw it."""
    plan = load(path)
    node = site.node(plan.node)
    if node.address != plan.address:
        raise Refused("plan-other-address", node=node.name, planned=plan.address, address=node.address)
    secrets = {name: site.ask("cli.value-prompt", name=name, node=node.name) for name in plan.secret_parameters}
    with _steady(site):
        receipt = site.repair.apply(lambda: site.open_session(node), node, plan, secrets, _Steps(site, plan).tell)
    return _tell_receipt(site, receipt)


def undo_receipt(site: Site, receipt_id: str) -> int:
    """Undo what a receipt records, while the node is still as that change left it."""
    receipt = site.receipts.find(receipt_id)
    if receipt is None:
        raise BadFile("no-such-receipt", receipt=receipt_id)
    node = site.node(receipt.plan.node)
    with _steady(site):
        undone = site.repair.undo(
            lambda: site.open_session(node), node, receipt, _Steps(site, receipt.plan, undo=True).tell
        )
    return _tell_receipt(site, undone)
