"""Pictures of fixes, from the first reading to the way back, on the demo's nodes."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QLineEdit
from studio import Studio

from checks.errors import Refused
from checks.plan import Outcome, StepResult, StepState
from gui.app import Parts
from gui.fix_dialog import FixDialog
from gui.fix_flow import FixFlow, Stage
from gui.script_dialog import ScriptDialog

FIXES = (
    ("worker-05", "set-proxy-variables"),
    ("worker-03", "remove-stale-subnet-files"),
    ("worker-02", "restart-flanneld"),
)
PROXY = {"HTTPS_PROXY": "http://proxy.plant.example:3128"}


def take_fixes(studio: Studio, parts: Parts) -> None:
    for node, fix in FIXES:
        parts.desk.open_fix(node, fix)
        take_fix(studio, *parts.desk.flow_of(node))
    take_warned(studio, parts)


def take_fix(studio: Studio, flow: FixFlow, dialog: FixDialog) -> None:
    name = f"fix-{flow.fix.id.split('-')[0]}"
    studio.shoot(dialog, f"{name}-reading")
    studio.wait(lambda: flow.state.stage in (Stage.CHOOSE, Stage.REVIEW))
    if flow.state.stage is Stage.CHOOSE:
        studio.shoot(dialog, f"{name}-choose")
        if field := dialog.findChild(QLineEdit, "HTTPS_PROXY"):
            field.setText("proxy")
            studio.shoot(dialog, f"{name}-choose-wrong")
            flow.rehearse({"HTTPS_PROXY": "http://us:secret@proxy.plant.example:3128"})
            studio.wait(lambda: flow.state.stage is Stage.REVIEW)
            studio.shoot(dialog, f"{name}-review-password")
            flow.choose_again()
        flow.rehearse({**dict(flow.state.defaults), **PROXY} if field else {})
        studio.wait(lambda: flow.state.stage is Stage.REVIEW)
    studio.shoot(dialog, f"{name}-review")
    size = dialog.size()
    dialog.resize(dialog.minimumSize())
    studio.shoot(dialog, f"{name}-review-smallest")
    dialog.resize(size)
    dialog._show_script()
    for script in dialog.findChildren(ScriptDialog):
        studio.shoot(script, f"{name}-script")
        script.close()
    plan = flow.state.plan
    flow._put(replace(flow.state, stage=Stage.APPLYING, results={plan.steps[0].id: StepResult("", StepState.RUNNING)}))
    studio.shoot(dialog, f"{name}-apply")
    flow._put(replace(flow.state, stage=Stage.REVIEW, results={}))
    flow.apply()
    studio.wait(lambda: flow.state.stage in (Stage.DONE, Stage.STOPPED))
    done = flow.state
    studio.shoot(dialog, f"{name}-fixed")
    if done.receipt is not None and flow.fix.id == FIXES[0][1]:
        message = "Access to the registry key 'HKEY_LOCAL_MACHINE' is denied. (0x80070005)"
        results = {plan.steps[0].id: StepResult("", StepState.FAILED, message)}
        for outcome, verdicts in ((Outcome.FAILED, ()), (Outcome.NOT_FIXED, (("node.proxy-variables", "warn"),))):
            shown = results if outcome is Outcome.FAILED else done.results
            flow._put(
                replace(
                    done,
                    receipt=replace(done.receipt, outcome=outcome, id=outcome.value, verdicts=verdicts),
                    results=shown,
                )
            )
            studio.shoot(dialog, f"{name}-{outcome.value}")
        lost = {step.id: StepResult(step.id, StepState.UNKNOWN) for step in plan.steps}
        verdicts = (("node.proxy-variables", "unknown"),)
        receipt = replace(done.receipt, outcome=Outcome.UNKNOWN, id="y", verdicts=verdicts, backup_folder="")
        flow._put(replace(done, receipt=receipt, results=lost, undoable=None))
        studio.shoot(dialog, f"{name}-unknown")
        flow._put(replace(done, stage=Stage.STOPPED, error=Refused("state-moved", node=flow.node.name)))
        studio.shoot(dialog, f"{name}-refused")
        flow._put(done)
    flow.undo()
    studio.wait(lambda: flow.state.stage is Stage.DONE)
    studio.shoot(dialog, f"{name}-undone")
    dialog.close()


def take_warned(studio: Studio, parts: Parts) -> None:
    """A proxy address with a password, confirmed with its warning: fixed, and the warning stays."""
    node, fix = FIXES[0]
    parts.desk.open_fix(node, fix)
    flow, dialog = parts.desk.flow_of(node)
    studio.wait(lambda: flow.state.stage is Stage.CHOOSE)
    address = "http://us:secret@proxy.example:3128"
    flow.rehearse({**dict(flow.state.defaults), "HTTPS_PROXY": address, "HTTP_PROXY": address})
    studio.wait(lambda: flow.state.stage is Stage.REVIEW)
    studio.shoot(dialog, "fix-set-warned-review")
    flow.apply()
    studio.wait(lambda: flow.state.stage in (Stage.DONE, Stage.STOPPED))
    studio.shoot(dialog, "fix-set-warned")
    flow.undo()
    studio.wait(lambda: flow.state.stage is Stage.DONE)
    dialog.close()
