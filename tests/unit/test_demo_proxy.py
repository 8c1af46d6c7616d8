"""How a simulated node asks the proxy that its registry names."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.facts import Problem
from checks.probe import PROBES, ExtraPaths, decode
from checks.simulator.demo_load import load_demo_node
from checks.simulator.demo_probes import probe
from checks.simulator.demo_registry import RegistryValue
from checks.simulator.demo_state import MACHINE_ENVIRONMENT, NodeState

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
PLACE = (f"{MACHINE_ENVIRONMENT}\\HTTPS_PROXY", "HTTPS_PROXY")


def state_of(name: str, value: str) -> NodeState:
    state = load_demo_node(DEMO / f"{name}.yaml").state
    assert state is not None
    state.registry.set(MACHINE_ENVIRONMENT, RegistryValue("HTTPS_PROXY", "string", value), state.clock())
    return state


def ask(state: NodeState, *kubectl: str):
    parameters = PROBES["proxy"].parameters(ExtraPaths(proxy=PLACE, kubectl=kubectl))
    return decode("proxy", probe(state, PROBES["proxy"].script, parameters))


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("http://proxy.example.com:3128", "proxy.example.com:3128"),
        ("proxy.example.com", "proxy.example.com:80"),
        ("https://proxy.example.com/", "proxy.example.com:443"),
        ("socks5://proxy.example.com", "proxy.example.com:1080"),
        ("http://me:p@ss@[fd00::1]:3128", "[fd00::1]:3128"),
    ],
)
def test_an_address_is_host_and_port_alone(value: str, address: str):
    assert ask(state_of("edge-6", value)).address == address


@pytest.mark.parametrize("value", ["http://proxy:99999", " ", "http://"])
def test_what_is_no_address_is_a_problem(value: str):
    told = ask(state_of("edge-6", value))
    assert isinstance(told.address, Problem)
    assert isinstance(told.answer, Problem)


def test_only_the_kubectl_that_the_node_list_names_asks():
    state = state_of("edge-6", "http://proxy.example.com:3128")
    assert ask(state).answer.program == "C:\\k\\kubectl.exe"
    assert ask(state, "C:\\none\\kubectl.exe").answer.program == ""


def test_any_proxy_answers_where_a_fix_is_tried():
    assert ask(state_of("worker-05", "http://whatever:8080")).answer.exit_code == 0
    wrong = ask(state_of("edge-6", "http://me:secret@whatever:8080")).answer
    assert wrong.exit_code == 1
    assert "proxyconnect" in wrong.message
    assert "secret" not in wrong.message
