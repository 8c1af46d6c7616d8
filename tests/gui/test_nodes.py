"""Nodes come, are changed and go; a connection is tried; wrong input and wrong files say what is wrong."""

from __future__ import annotations

from dataclasses import replace

from closing import settle
from pages import Window, clipboard
from PySide6.QtCore import Qt

from checks.host_settings import host_node
from checks.node import Credentials, Node, Typed
from checks.simulator.backend import Misbehaviour
from gui.node_desk import KEYRING
from gui.state import Phase


def fill(dialog, window: Window, of: str = "worker-01", name: str = "new-01") -> None:
    """The form as a person fills it in, for the simulated node `of`."""
    node = next(one for one in window.parts.demo.nodes if one.name == of)
    dialog.type("Name", name)
    dialog.type("Address", node.address)
    dialog.type("Port", str(node.port))
    dialog.type("User", window.parts.demo.credentials.user)
    dialog.type("Password", window.parts.demo.credentials.password)


def test_a_node_is_added_tried_and_scanned(start) -> None:
    window = start()
    window.click("Add node…")
    dialog = window.dialog("Add a node")
    fill(dialog, window)
    dialog.click("Test the connection")
    dialog.wait_text("Test again", "Server 2019")
    assert dialog.says("Name is known", "Port answers", "Sign-in is accepted", "A shell opens", "PowerShell answers")
    dialog.click("Add node")
    window.wait(lambda: window.parts.fleet.state("new-01").phase is Phase.DONE)
    assert window.window.workplace.current_node == "new-01"
    assert "new-01" in window.node_names()


def test_the_first_stage_that_fails_has_the_advice(start) -> None:
    window = start()
    window.choose_node("worker-04")
    window.order("Edit node…")
    dialog = window.dialog("Change worker-04")
    dialog.click("Test the connection")
    dialog.wait_text("worker-04 refused the connection", "not reached", "Test again")
    assert dialog.texts().count("not reached") == 3
    dialog.click("Copy for support")
    assert all(word in clipboard() for word in ("✓ Name is known", "✗ Port answers", "winrm quickconfig"))
    dialog.click("Cancel")


def test_a_wrong_password_is_told_apart(start) -> None:
    window = start()
    window.click("Add node…")
    dialog = window.dialog("Add a node")
    fill(dialog, window)
    dialog.type("Password", "guess")
    dialog.click("Test the connection")
    dialog.wait_text("new-01 refused the sign-in.", "Test again")
    assert "guess" not in dialog.texts().replace("Nodepane", "") or dialog.field("Password").text() == "guess"
    dialog.click("Copy for support")
    assert "guess" not in clipboard()
    dialog.click("Cancel")


def test_wrong_input_is_told_under_its_field_and_nothing_is_lost(start, resources) -> None:
    window = start()
    window.click("Add node…")
    dialog = window.dialog("Add a node")
    dialog.type("Name", "worker-01")
    dialog.type("Address", "10.2.0.300:80")
    dialog.type("Port", "99999")
    dialog.choose("Sign in with", "Basic (only with HTTPS)")
    dialog.click("Add node")
    assert dialog.says(
        "A node of this name is in the list already.",
        "A host name or an IP address is needed.",
        "A port is a number from 1 to 65535; empty means 5985.",
        "Basic would send the password readable over HTTP. Turn on HTTPS, or use NTLM.",
        "A user is needed.",
    )
    assert dialog.root.isVisible()
    assert dialog.field("Name").text() == "worker-01"
    assert dialog.field("Port").text() == "99999"
    dialog.tick("HTTPS")
    assert not dialog.says("Basic would send")
    assert dialog.says("empty means 5986")
    dialog.type("Certificate", "sha256:12")
    assert dialog.says("sha256: and 64 hex digits")
    dialog.press(Qt.Key.Key_Escape)
    assert len(window.node_names()) == len(list((resources / "demo").glob("*.yaml")))


def test_a_fingerprint_is_asked_for_compared_and_kept(start) -> None:
    window = start()
    secure = next(one for one in window.parts.demo.nodes if one.https)
    window.click("Add node…")
    dialog = window.dialog("Add a node")
    fill(dialog, window, secure.name)
    dialog.tick("HTTPS")
    dialog.click("Test the connection")
    dialog.wait_text("The certificate of new-01 is not trusted.")
    dialog.wait(lambda: "Test again" in dialog.buttons())
    dialog.click("Ask the node…")
    dialog.wait_text("Compare before you keep it.")
    dialog.click("Keep this fingerprint")
    assert dialog.field("Certificate").text() == secure.certificate
    dialog.click("Test again")
    dialog.wait(lambda: not dialog.says("is not trusted") and dialog.button("Test again").isEnabled())
    assert dialog.says("Certificate is trusted")
    dialog.click("Cancel")


def test_a_hyper_v_host_is_given_and_asked(start) -> None:
    window = start()
    demo = window.parts.demo
    demo.hosts["HV-01"].wire.actions.clear()
    window.choose_node("worker-07")
    window.order("Edit node…")
    dialog = window.dialog("Change worker-07")
    assert dialog.field("Hyper-V host").text() == "127.0.0.1"
    assert dialog.field("User there").isVisible()
    dialog.type("Hyper-V host", "")
    assert not dialog.says("User there")
    dialog.type("Hyper-V host", "10.2.0.300")
    dialog.click("Save")
    assert dialog.says("A host name or an IP address is needed.")
    dialog.type("Hyper-V host", "127.0.0.1")
    dialog.type("User there", "HV\\reader")
    dialog.type("Password there", "a-word")
    dialog.click("Save")
    window.wait(lambda: window.parts.fleet.state("worker-07").phase is Phase.DONE)
    host = host_node(window.parts.fleet.state("worker-07").node)
    assert (host.address, host.port, host.user) == ("127.0.0.1", demo.hosts["HV-01"].port, "HV\\reader")
    assert window.parts.connections.credentials(host) == Credentials("HV\\reader", "a-word")
    found = {one.check: one.reason for one in window.parts.fleet.state("worker-07").findings}
    assert found["network.mac-spoofing"] == "host-refused"


def test_a_node_without_its_host_is_saved_without(start) -> None:
    window = start()
    window.choose_node("worker-07")
    window.order("Edit node…")
    dialog = window.dialog("Change worker-07")
    dialog.type("Hyper-V host", "")
    dialog.click("Save")
    window.wait(lambda: window.parts.fleet.state("worker-07").phase is Phase.DONE)
    assert window.parts.fleet.state("worker-07").node.hyperv_host == ()
    found = {one.check: one.reason for one in window.parts.fleet.state("worker-07").findings}
    assert found["network.mac-spoofing"] == "ask-host"


def test_a_host_s_password_goes_with_the_last_node_that_asks_it(start) -> None:
    window = start()
    parts, forgotten = window.parts, []
    parts.desk.nodes._forget_password = forgotten.append
    node = parts.fleet.state("worker-07").node
    asked = tuple(replace(one, value="7") if one.name == "port" else one for one in node.hyperv_host)
    twins = [replace(node, name=name, hyperv_host=asked) for name in ("one", "two")]
    for twin in twins:
        parts.fleet.add(twin)
    [host] = {host_node(twin) for twin in twins}
    parts.connections.remember(host, Credentials(host.user, "a-word"))
    for name, kept in (("one", True), ("two", False)):
        window.choose_node(name)
        window.order("Remove node…")
        window.dialog("Nodepane").click(f"Remove {name}")
        window.wait(lambda: not parts.background.is_busy(KEYRING))
        assert (host not in forgotten) is kept
        assert (parts.connections.credentials(host).password == "a-word") is kept


def test_a_password_that_another_node_signs_in_with_is_kept(start) -> None:
    window = start()
    parts, forgotten = window.parts, []
    parts.desk.nodes._forget_password = forgotten.append
    node = parts.fleet.state("worker-07").node

    def twin(name: str, certificate: str, address: str) -> Node:
        pin = Typed("certificate", f"sha256:{certificate * 32}", "node")
        asked = tuple(replace(one, value="7") if one.name == "port" else one for one in node.hyperv_host)
        return replace(node, name=name, address=address, certificate=pin.value, hyperv_host=(*asked, pin))

    port = node.effective_port
    one, two = twin("one", "3f", "127.0.0.7"), twin("two", "9c", "127.0.0.7")
    three = replace(twin("three", "3f", "127.0.0.8"), hyperv_host=two.hyperv_host)
    assert host_node(one) != host_node(two)
    for each in (one, two, three):
        parts.fleet.add(each)
    for signed in (one, host_node(one)):
        parts.connections.remember(signed, Credentials(signed.user, "a-word"))
    gone: list[set[str]] = []
    for name in ("one", "two", "three"):
        window.choose_node(name)
        window.order("Remove node…")
        dialog = window.dialog("Nodepane")
        assert dialog.says("Its password is kept") is (name == "one")
        dialog.click(f"Remove {name}")
        window.wait(lambda: not parts.background.is_busy(KEYRING))
        gone.append({f"{each.address}:{each.effective_port}" for each in forgotten})
        forgotten.clear()
    assert gone == [set(), {f"127.0.0.7:{port}"}, {f"127.0.0.8:{port}", "127.0.0.1:7"}]


def test_editing_forgets_what_was_found_the_old_way(start) -> None:
    window = start(scan=True)
    window.choose_node("worker-01")
    window.press(Qt.Key.Key_F2)
    dialog = window.dialog("Change worker-01")
    dialog.type("Name", "first")
    dialog.click("Save")
    window.wait(lambda: window.parts.fleet.state("first").phase is Phase.DONE)
    assert window.parts.fleet.state("worker-01") is None
    assert window.window.workplace.current_node == "first"


def test_removing_asks_first_and_enter_does_not_do_it(start) -> None:
    window = start()
    window.choose_node("worker-02")
    window.order("Remove node…")
    dialog = window.dialog("Nodepane")
    assert dialog.says("Remove worker-02 from the list?", "Nothing changes on the node itself.")
    dialog.wait(dialog.button("Cancel").hasFocus)
    dialog.press(Qt.Key.Key_Return)
    settle()
    assert "worker-02" in window.node_names()
    window.order("Remove node…")
    window.dialog("Nodepane").click("Remove worker-02")
    assert "worker-02" not in window.node_names()
    assert window.window.workplace.current_node


def test_closing_the_dialog_during_a_trial_is_safe(start) -> None:
    window = start()
    window.parts.demo.servers["worker-01"].misbehaviour = Misbehaviour(latency_ms=150)
    window.click("Add node…")
    dialog = window.dialog("Add a node")
    fill(dialog, window)
    dialog.click("Test the connection")
    dialog.wait_text("Port answers")
    dialog.click("Cancel")
    window.wait(lambda: not window.parts.background.is_busy("connect-dialog"))
