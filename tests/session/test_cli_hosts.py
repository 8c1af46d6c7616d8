"""The headless twin and Hyper-V hosts: who signs in there, and whose password never goes there."""

from __future__ import annotations

import io
import json

import pytest

from checks.cli import main
from checks.node import Credentials
from checks.simulator.demo import DemoBackend, DemoSite
from checks.simulator.server import SimulatorServer

PASSWORD = "s3cret-Pa55"
CHECK = "network.mac-spoofing"


@pytest.fixture(scope="module")
def site(resources, scripts):
    return DemoSite(resources / "demo", scripts)


@pytest.fixture
def node(site):
    own = next(one for one in site.nodes if one.name == "worker-07")
    with SimulatorServer(site.backend(own), Credentials("admin", PASSWORD)) as running:
        yield running


@pytest.fixture
def host(site, scripts):
    """`host(user, password)`: HV-01, which lets this account in."""
    running: list[SimulatorServer] = []

    def start(user: str, password: str) -> SimulatorServer:
        running.append(SimulatorServer(DemoBackend(site.hosts["HV-01"], scripts), Credentials(user, password)))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture
def told(node, tmp_path, capsys, monkeypatch):
    """`told(host, more)`: reason of the check where the node list gives this host, and what else it says of it."""

    def scan(host: SimulatorServer, more: str = "") -> str:
        path = tmp_path / "nodes.yaml"
        block = f"{{address: 127.0.0.1, port: {host.port}{more}}}"
        one = f"{{name: real-1, address: 127.0.0.1, port: {node.port}, user: admin, hyperv_host: {block}}}"
        path.write_text(f"nodes:\n  - {one}\n", encoding="utf-8")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PASSWORD.encode() + b"\n"), encoding="ascii"))
        words = ("scan", "--nodes", str(path), "--json", "--password-stdin", "--receipts", str(tmp_path / "receipts"))
        main(words)
        out = capsys.readouterr().out
        assert PASSWORD not in out
        (report,) = json.loads(out)["nodes"]
        assert report["error"] is None
        return next(one["reason"] for one in report["findings"] if one["check"] == CHECK)

    return scan


def test_the_same_user_signs_in_with_the_nodes_password(told, host):
    assert told(host("admin", PASSWORD)) == "off"


def test_another_users_password_is_the_keyrings(told, host, monkeypatch):
    own = host("reader", "an0ther")
    asked = []

    def find(node):
        asked.append((node.user, node.effective_port))
        return Credentials(node.user, "an0ther") if node.user == "reader" else None

    monkeypatch.setattr("checks.cli_site.find", find)
    assert told(own, ", user: reader") == "off"
    assert asked == [("reader", own.port)]


def test_standard_inputs_password_goes_to_no_other_user(told, host, monkeypatch):
    monkeypatch.setattr("checks.cli_site.find", lambda _: None)
    own = host("reader", PASSWORD)
    assert told(own, ", user: reader") == "host-no-password"
    assert own.wire.actions == []


def test_a_host_that_knows_another_password_is_asked_once(told, host, monkeypatch):
    monkeypatch.setattr("checks.cli_site.find", lambda _: None)
    own = host("admin", "an0ther")
    assert told(own) == "host-refused"
    assert own.wire.refused_sign_ins == 1
