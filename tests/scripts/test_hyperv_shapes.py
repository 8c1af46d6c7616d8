"""Hyper-V hosts, which no planted node is: `Get-VMNetworkAdapter` declared on a real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.facts import HyperVFacts, Problem, VirtualAdapterFact
from checks.probe import HOST_PROBE, decode

SCRIPT = Path(__file__).resolve().parents[2] / "resources" / "scripts" / "probes" / f"{HOST_PROBE.script}.ps1"
Ask = Callable[..., Any]
HOST = """
Set-SimulatedCommand Get-VMNetworkAdapter {
    param($p)
    $all = @(
        [pscustomobject]@{ VMName = 'worker-03'; VMId = 'a'; Name = 'Network Adapter'; MacAddress = '00155D01020D'; SwitchName = 'LAN'; MacAddressSpoofing = 'Off' }
        [pscustomobject]@{ VMName = 'worker [03]'; VMId = 'b'; Name = '\ub124\ud2b8\uc6cc\ud06c \uc5b4\ub311\ud130'; MacAddress = '00155D01020D'; SwitchName = $null; MacAddressSpoofing = 'On' }
        [pscustomobject]@{ VMName = 'other'; VMId = 'c'; Name = 'x'; MacAddress = '00155D010301'; SwitchName = 'LAN'; MacAddressSpoofing = 'On' }
        [pscustomobject]@{ VMName = 'odd'; VMId = 'd'; Name = 'y'; MacAddress = '00155D010302'; SwitchName = 'LAN'; MacAddressSpoofing = '2' }
    )
    $all | Where-Object { $_.VMName -like [string]$p['VMName'] }
}
""".encode().decode("unicode_escape")
DENIED = """
Set-SimulatedCommand Get-VMNetworkAdapter {
    param($p)
    throw (New-Object System.Management.Automation.ErrorRecord ((New-Object System.Exception '\uad8c\ud55c\uc774 \uc5c6\uc2b5\ub2c8\ub2e4'), 'AccessDenied', 'PermissionDenied', $null))
}
""".encode().decode("unicode_escape")
STOPPED = "Set-SimulatedCommand Get-VMNetworkAdapter { param($p) throw 'the management service does not run' }\n"
OWN = VirtualAdapterFact("worker-03", "a", "Network Adapter", "00155D01020D", "LAN", False)


@pytest.fixture
def ask(run_powershell: Callable[..., str]) -> Ask:
    """`ask(node, machine, *macs)`: facts, as the host would give them."""

    def run(node: str, machine: str, *macs: str) -> Any:
        text = SCRIPT.read_text(encoding="utf-8")
        head, _, body = text.partition("Set-StrictMode")
        told = ", ".join(f"'{mac}'" for mac in macs)
        called = (
            f"& {{ {head[head.index('[CmdletBinding()]') :]}Set-StrictMode{body} }} -Machine '{machine}' -Mac @({told})"
        )
        return decode(HOST_PROBE.field, json.loads(run_powershell(called, node)))

    return run


def test_the_named_machine_is_told_and_no_other(ask: Ask) -> None:
    facts = ask(HOST, "worker-03", "00-15-5D-01-02-0D")
    assert isinstance(facts, HyperVFacts)
    assert facts.module is True
    assert facts.adapters == (OWN,)
    assert facts.host


def test_a_name_with_brackets_is_no_pattern(ask: Ask) -> None:
    facts = ask(HOST, "worker [03]", "00:15:5d:01:02:0d")
    assert [(one.machine, one.switch, one.spoofing) for one in facts.adapters] == [("worker [03]", "", True)]


def test_without_a_name_or_with_a_wrong_one_all_are_looked_through(ask: Ask) -> None:
    for name in ("", "renamed"):
        assert {one.machine for one in ask(HOST, name, "00155D01020D").adapters} == {"worker-03", "worker [03]"}
    more = ask(HOST, "worker-03", "00155D01020D", "00155D010301")
    assert {one.machine for one in more.adapters} == {"worker-03", "worker [03]", "other"}


def test_neither_on_nor_off_is_neither(ask: Ask) -> None:
    assert [one.spoofing for one in ask(HOST, "odd", "00155D010302").adapters] == [None]


def test_nothing_is_told_of_machines_that_were_not_asked_for(ask: Ask) -> None:
    assert ask(HOST, "other", "00155D0102FF").adapters == ()
    assert ask(HOST, "other").adapters == ()


def test_no_right_to_look_is_told_by_its_category_in_any_language(ask: Ask) -> None:
    adapters = ask(DENIED, "worker-03", "00155D01020D").adapters
    assert isinstance(adapters, Problem)
    assert adapters.code == "0x80070005"


def test_another_trouble_is_told_in_its_words(ask: Ask) -> None:
    adapters = ask(STOPPED, "worker-03", "00155D01020D").adapters
    assert isinstance(adapters, Problem)
    assert adapters.message == "the management service does not run"
    assert adapters.code != "0x80070005"


def test_a_computer_without_the_module(ask: Ask) -> None:
    facts = ask("", "worker-03", "00155D01020D")
    assert facts.module is False
    assert isinstance(facts.adapters, Problem)
