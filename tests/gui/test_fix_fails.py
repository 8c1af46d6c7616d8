"""Guided fixes that do not come about, or not as planned: what is said, and what is left."""

from __future__ import annotations

from fixing import MACHINE, VERBS, open_fix, review_proxy, scan
from PySide6.QtWidgets import QPushButton

from checks.errors import CannotReachNode
from checks.finding import Verdict
from checks.repair import Repair
from checks.session import Counts
from checks.simulator.demo_binding import Thrown
from checks.simulator.demo_registry import RegistryValue


def test_a_plan_whose_node_has_moved_is_refused(start) -> None:
    window = start()
    scan(window, "worker-05")
    dialog = review_proxy(window)
    state = next(one.state for one in window.parts.demo.site.nodes if one.name == "worker-05")
    state.registry.set(MACHINE, RegistryValue("HTTPS_PROXY", "string", "http://other:1"), state.clock())
    dialog.click(VERBS["set-proxy-variables"])
    dialog.wait_text("worker-05 is not as the plan saw it.", "Rehearse the fix again")
    assert window.parts.receipts().all() == ()
    assert VERBS["set-proxy-variables"] not in dialog.buttons()
    dialog.click("Try again")
    dialog.wait_text("Proxy for HTTPS")
    dialog.click("Cancel")


def test_a_step_that_fails_is_told_and_can_be_undone(start, quick, monkeypatch) -> None:
    from checks.simulator import demo_fixes

    real = demo_fixes.do_step

    def do_step(state, step, *rest):
        if step["kind"] == "service":
            raise Thrown("Access is denied.", "UnauthorizedAccessException", "0x80070005")
        return real(state, step, *rest)

    monkeypatch.setattr(demo_fixes, "do_step", do_step)
    window = start()
    scan(window, "worker-05")
    dialog = review_proxy(window)
    dialog.click(VERBS["set-proxy-variables"])
    dialog.wait_text("A step failed.", "Access is denied.", "Undo puts back what was done.")
    monkeypatch.setattr(demo_fixes, "do_step", real)
    dialog.click("Undo on worker-05")
    dialog.wait_text("Undone.")
    dialog.click("Close")


def test_a_lost_answer_is_unknown_and_never_sent_again(start, quick, monkeypatch) -> None:
    """The node is asked what happened, finds no trace, and the change is not sent a second time."""
    sent: list[str] = []

    def ask(session, script, mode, *rest):
        sent.append(mode)
        monkeypatch.setattr(type(session), "counts", property(lambda _: Counts(requests=1000, shells=1)))
        raise CannotReachNode("connection-lost", node="worker-05")

    monkeypatch.setattr("checks.errand.ask", ask)
    monkeypatch.setattr("checks.errand.PATIENCE_S", 0.0)
    monkeypatch.setattr(Repair, "_recheck", lambda *_: ((("node.proxy-variables", Verdict.UNKNOWN, ""),), False))
    window = start()
    scan(window, "worker-05")
    dialog = review_proxy(window)
    dialog.click(VERBS["set-proxy-variables"])
    dialog.wait_text("It is not known what happened.", "It is not sent again.", "not known")
    assert sent == ["apply"]
    # What it left is asked of the node, which knows of nothing.
    dialog.click("Undo on worker-05")
    dialog.wait_text("There is nothing to undo on worker-05.")
    assert sent == ["apply"]
    dialog.click("Close")


def test_a_node_that_goes_away_before_the_plan_says_so(start) -> None:
    window = start()
    scan(window, "worker-05")
    window.parts.connections.close("worker-05")
    window.parts.demo.servers["worker-05"].close()
    dialog = open_fix(window, "worker-05", "set-proxy-variables")
    dialog.wait_text("worker-05 refused the connection", "Try again")
    assert not [
        one for one in dialog.root.findChildren(QPushButton) if one.isVisible() and "Set variables" in one.text()
    ]
    dialog.click("Close")
