"""A guided fix as a person goes through it, on the demo's nodes."""

from __future__ import annotations

from pathlib import Path

from pages import Page, Window

PROXY = "http://proxy.plant.example:3128"
SECRET = "s3cr:t!x"
SECRET_PROXY = f"http://plant:{SECRET}@proxy.plant.example:3128"
MACHINE = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
VERBS = {
    "set-proxy-variables": "Set variables on worker-05",
    "remove-stale-subnet-files": "Remove files on worker-03",
    "restart-flanneld": "Restart flanneld on worker-02",
}


def open_fix(window: Window, node: str, fix: str) -> Page:
    """From the finding's button, as a person goes."""
    window.choose_node(node)
    words = window.window.workplace._wording.fix_title(fix)
    finding = next(one for one in window.parts.fleet.state(node).findings if fix in one.fixes)
    window.choose_check(window.window.workplace._wording.title(finding.check))
    window.click(f"{words}…")
    return window.dialog(f"{words} on {node}")


def scan(window: Window, node: str) -> None:
    window.choose_node(node)
    window.order("Scan again")
    window.wait_text("Scanned just now")


def review_proxy(window: Window, url: str = PROXY) -> Page:
    dialog = open_fix(window, "worker-05", "set-proxy-variables")
    dialog.wait_text("Proxy for HTTPS")
    dialog.type("Proxy for HTTPS (images are pulled over HTTPS)", url)
    dialog.click("Review the plan")
    dialog.wait_text("What stops, and for how long.")
    return dialog


def bad(window: Window, node: str) -> set[str]:
    ill = ("fail", "warn", "unknown")
    return {one.check for one in window.parts.fleet.state(node).findings if one.verdict.value in ill}


def receipts_folder(window: Window) -> Path:
    return window.parts.receipts()._file.parent
