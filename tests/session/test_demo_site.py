"""The demo site on the wire: unmodified pywinrm talks to it, and one of its nodes does not answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import winrm

from checks.simulator.site import RunningDemo, start_demo


@pytest.fixture(scope="module")
def demo(resources) -> Iterator[RunningDemo]:
    running = start_demo(resources)
    yield running
    running.close()


def bare(demo: RunningDemo, name: str) -> winrm.Session:
    node = next(one for one in demo.nodes if one.name == name)
    sealed = {"message_encryption": "always", "server_cert_validation": "ignore"}
    trust = {"ca_trust_path": str(demo.certificate.file)} if node.https else sealed
    who = (demo.credentials.user, demo.credentials.password)
    return winrm.Session(node.url, auth=who, transport=node.sign_in.value, proxy=None, **trust)


@pytest.mark.parametrize("name", ["worker-01", "edge-1", "edge-2"])
def test_plain_pywinrm_gets_an_answer(demo: RunningDemo, name: str):
    node = next(one for one in demo.nodes if one.name == name)
    before = len(demo.wire(node).actions)
    answer = bare(demo, name).run_ps("1")
    assert (answer.std_out, answer.status_code) == (b"1\r\n", 0)
    assert demo.wire(node).actions[before:] == ["Create", "Command", "Receive", "Signal", "Delete"]


def test_https_nodes_have_a_pin_and_http_ones_ntlm(demo: RunningDemo):
    for node in demo.nodes:
        assert node.certificate.startswith("sha256:") == node.https
        assert node.https or node.sign_in == "ntlm"
    assert {node.https for node in demo.nodes} == {True, False}


def test_one_node_does_not_answer(demo: RunningDemo):
    (node,) = [node for node in demo.nodes if node.name not in demo.servers]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((node.address, node.effective_port), timeout=5)
