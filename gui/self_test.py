"""`nodepane --self-test`: the real windows on the demo site, unseen: scans, repairs, undoes, prints JSON, exits 0 or 1."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

LIMIT_S = 90.0
REPAIRS = {
    "set-proxy-variables": {"HTTPS_PROXY": "http://proxy.plant.example:3128"},
    "remove-stale-subnet-files": {},
    "restart-flanneld": {},
}


@dataclass(slots=True)
class Result:
    """What the self-test prints. `problems` empty: all went as it should."""

    ok: bool = False
    seconds: float = 0.0
    windows: list[str] = field(default_factory=list[str])
    nodes: dict[str, dict[str, object]] = field(default_factory=dict[str, "dict[str, object]"])
    repairs: dict[str, dict[str, object]] = field(default_factory=dict[str, "dict[str, object]"])
    problems: list[str] = field(default_factory=list[str])


def run(options: argparse.Namespace) -> int:
    """Everything offscreen, with its own event loop; the answer goes to standard output as one JSON document."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication(sys.argv[:1])
    began = time.monotonic()
    result = Result()
    crashed: list[str] = []
    before, sys.excepthook = sys.excepthook, lambda kind, error, _: crashed.append(f"{kind.__name__}: {error}")
    try:
        _walk(app, options, result)
    except Exception as error:
        result.problems.append(f"{type(error).__name__}: {error}")
    finally:
        sys.excepthook = before
    result.problems += crashed
    result.ok = not result.problems
    result.seconds = round(time.monotonic() - began, 1)
    print(json.dumps(asdict(result), indent=2, ensure_ascii=False))  # noqa: T201 (its output)
    return 0 if result.ok else 1


def _walk(app, options: argparse.Namespace, result: Result) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    from checks.finding import Verdict
    from gui.app import build
    from gui.state import Phase

    until = time.monotonic() + LIMIT_S

    def wait(done: Callable[[], bool], what: str) -> None:
        while not done():
            if time.monotonic() > until:
                raise TimeoutError(what)
            app.processEvents()
            time.sleep(0.005)

    parts = build(app, options)
    try:
        parts.window.show()
        result.windows.append(parts.window.objectName())
        if parts.window.grab().isNull():
            result.problems.append("the window paints nothing")
        parts.fleet.scan_all()
        ended = (Phase.DONE, Phase.FAILED)
        wait(lambda: all(one.phase in ended for one in parts.fleet.states()), "the scan did not end")
        for state in parts.fleet.states():
            counts = {verdict.value: state.count(verdict) for verdict in Verdict if state.count(verdict)}
            error = state.error.code if state.error else None
            result.nodes[state.node.name] = {"phase": state.phase.value, "counts": counts, "error": error}
            result.problems += _wrong_with(state)
        if sum(one.phase is Phase.DONE for one in parts.fleet.states()) < 5:
            result.problems.append("fewer than five nodes of the demo could be read")
        _open_windows(parts, result)
        # What is broken already would only make the repairs wait for it.
        for state in parts.fleet.states() if not result.problems else ():
            for fix in dict.fromkeys(fix for finding in state.findings for fix in finding.fixes):
                if fix not in result.repairs:
                    _repair(parts, state.node.name, fix, wait, result)
        result.problems += [f"no node to try {fix} on" for fix in REPAIRS if fix not in result.repairs]
    finally:
        parts.window.close()
        parts.close()


def _wrong_with(state) -> list[str]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """What no node of the demo may show: an error that is not its own, or a check that fell over."""
    wrong = [f"{state.node.name}: {one.check} crashed" for one in state.findings if one.reason == "crashed"]
    if state.error is not None and state.error.code != "connection-refused":
        wrong.append(f"{state.node.name}: {state.error} {state.error.detail}")
    return wrong


def _open_windows(parts, result: Result) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Every dialog that needs no change of a node: opened, painted, closed."""
    from PySide6.QtWidgets import QDialog

    from checks.errors import ToolError
    from gui.crash_dialog import CrashDialog

    desk, name = parts.desk, parts.fleet.states()[0].node.name
    for opening in (
        desk.nodes.add,
        lambda: desk.nodes.edit(name),
        lambda: desk.nodes.remove(name),
        desk.open_history,
        desk.open_report,
        lambda: desk.show_error(ToolError("unexpected", code="self-test")),
        CrashDialog("self-test", parts.theme, parts.window).open,
    ):
        opening()
        for dialog in [one for one in parts.window.findChildren(QDialog) if one.isVisible()]:
            if dialog.objectName() not in result.windows:
                result.windows.append(dialog.objectName())
            if dialog.grab().isNull():
                result.problems.append(f"{dialog.objectName()} paints nothing")
            dialog.close()


def _repair(parts, name: str, fix: str, wait: Callable[..., None], result: Result) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """One fix through its dialog: chosen, reviewed, applied, undone."""
    from gui.fix_flow import Stage

    parts.desk.open_fix(name, fix)
    flow, dialog = parts.desk.flow_of(name)
    if dialog.objectName() not in result.windows:
        result.windows.append(dialog.objectName())

    def reach(*stages: Stage) -> None:
        wait(lambda: flow.state.stage in (*stages, Stage.STOPPED), f"{fix} did not get to {stages[0].value}")
        if flow.state.stage is Stage.STOPPED:
            raise RuntimeError(f"{fix} on {name}: {flow.state.error}")

    reach(Stage.CHOOSE, Stage.REVIEW)
    if flow.state.stage is Stage.CHOOSE:
        flow.rehearse({**dict(flow.state.defaults), **REPAIRS.get(fix, {})})
        wait(lambda: flow.state.stage not in (Stage.CHOOSE, Stage.REHEARSING), f"{fix} was not rehearsed")
    reach(Stage.REVIEW)
    steps = len(flow.state.plan.steps) if flow.state.plan else 0
    flow.apply()
    reach(Stage.DONE)
    applied = flow.state.receipt.outcome.value if flow.state.receipt else "none"
    flow.undo()
    reach(Stage.DONE)
    undone = flow.state.receipt.outcome.value if flow.state.receipt else "none"
    result.repairs[fix] = {"node": name, "steps": steps, "applied": applied, "undone": undone}
    if (applied, undone) != ("fixed", "undone"):
        result.problems.append(f"{fix} on {name}: {applied}, {undone}")
    dialog.close()
