"""Shapes of HNS and adapters that the planted nodes do not show: declared commands on a real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.facts import HnsEndpointFact, HnsFacts, HnsNetworkFact, HnsRemoteSubnet, NetworkFacts, Problem
from checks.probe import decode

PROBES = Path(__file__).resolve().parents[2] / "resources" / "scripts" / "probes"
RUNNING = "Set-SimulatedCommand Get-Service { param($p) [pscustomobject]@{ Name = 'hns'; Status = 'Running' } }\n"

SCHEMA_2 = {
    "ID": "A1",
    "Name": "flannel.4096",
    "Type": "Overlay",
    "SchemaVersion": {"Major": 2, "Minor": 0},
    "Ipams": [
        {
            "Type": "Static",
            "Subnets": [
                {
                    "IpAddressPrefix": "10.9.1.0/24",
                    "Routes": [{"NextHop": "10.9.1.1", "DestinationPrefix": "0.0.0.0/0"}],
                }
            ],
        }
    ],
    "Policies": [
        {"Type": "HostRoute", "Settings": {}},
        {"Type": "NetAdapterName", "Settings": {"NetworkAdapterName": "Ethernet"}},
        {"Type": "ProviderAddress", "Settings": {"ProviderAddress": "192.0.2.40"}},
        {
            "Type": "RemoteSubnetRoute",
            "Settings": {"DestinationPrefix": "10.9.0.0/24", "ProviderAddress": "192.0.2.39", "IsolationId": 4096},
        },
    ],
}

SCHEMA_2_ENDPOINTS = [
    {
        "ID": "E1",
        "Name": "pod",
        "HostComputeNetwork": "A1",
        "Flags": 0,
        "IpConfigurations": [{"IpAddress": "10.9.1.7", "PrefixLength": 24}],
        "Policies": [{"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.9.0.0/16", "10.96.0.0/12"]}}],
    },
    {"ID": "E2", "Name": "Ethernet", "HostComputeNetwork": "A1", "Flags": 1, "IpConfigurations": []},
]


def declared(command: str, answer: object, syntax: str) -> str:
    text = json.dumps(answer).replace("'", "''")
    return (
        f"Set-SimulatedCommand {command} {{ param($p) "
        f"foreach ($one in (ConvertFrom-Json -InputObject '{text}')) {{ $one }} }} -Syntax '{syntax}'\n"
    )


def cmdlets(networks: object, endpoints: object, lists: object) -> str:
    return (
        RUNNING
        + declared("Get-HnsNetwork", networks, "[[-Id] <string>]")
        + declared("Get-HnsEndpoint", endpoints, "[[-Id] <string>]")
        + declared("Get-HnsPolicyList", lists, "[[-Id] <string>]")
    )


Ask = Callable[[str, str], Any]


@pytest.fixture
def ask(run_powershell: Callable[..., str]) -> Ask:
    def run(field: str, node: str) -> Any:
        script = {"hns": "Get-HnsFact", "network": "Get-NetworkFact"}[field]
        text = (PROBES / f"{script}.ps1").read_text(encoding="utf-8")
        return decode(field, json.loads(run_powershell(text, node)))

    return run


def test_schema_2(ask: Ask) -> None:
    lists = [{"ID": "L", "FrontendVIPs": ["10.96.0.10"]}]
    assert ask("hns", cmdlets([SCHEMA_2], SCHEMA_2_ENDPOINTS, lists)) == HnsFacts(
        networks=(
            HnsNetworkFact(
                id="A1",
                name="flannel.4096",
                type="Overlay",
                management_ip="192.0.2.40",
                subnets=("10.9.1.0/24",),
                gateways=("10.9.1.1",),
                adapter_name="Ethernet",
                health_error=None,
                remote_subnets=(HnsRemoteSubnet("10.9.0.0/24", "192.0.2.39"),),
            ),
        ),
        endpoints=(
            HnsEndpointFact(
                "E1", "pod", "A1", "flannel.4096", "10.9.1.7", False, None, ("10.9.0.0/16", "10.96.0.0/12")
            ),
            HnsEndpointFact("E2", "Ethernet", "A1", "flannel.4096", None, True, None, None),
        ),
        endpoint_count=2,
        load_balancer_vips=("10.96.0.10",),
    )


def test_schema_1_endpoints(ask: Ask) -> None:
    endpoints = [
        {"ID": "R", "Name": "r", "VirtualNetwork": "N", "VirtualNetworkName": "cbr0", "IsRemoteEndpoint": True},
        {
            "ID": "P",
            "Name": "p",
            "VirtualNetwork": "N",
            "VirtualNetworkName": "cbr0",
            "IPAddress": "10.9.1.3",
            "State": 3,
            "Policies": ['{"Type":"OutBoundNAT","ExceptionList":["10.9.0.0/16"]}', {"Type": "L2Driver"}],
        },
        {"ID": "Q", "Name": "q", "VirtualNetwork": "N", "Policies": [{"Type": "OutBoundNAT"}]},
    ]
    lists = [{"Policies": [{"Type": "ELB", "VIPs": ["10.96.0.10"]}]}, {"Policies": [{"VIPs": ["10.96.0.1"]}]}, {}]
    facts = ask("hns", cmdlets([], endpoints, lists))
    assert facts.networks == ()
    assert not isinstance(facts.endpoints, Problem), facts.endpoints
    # Those of the node itself come first, so that a cap takes away none of them.
    assert [one.id for one in facts.endpoints] == ["P", "Q", "R"]
    assert [one.nat_exceptions for one in facts.endpoints] == [("10.9.0.0/16",), (), None]
    assert [one.is_remote for one in facts.endpoints] == [False, False, True]
    assert facts.endpoints[0].state == 3
    assert facts.load_balancer_vips == ("10.96.0.1", "10.96.0.10")


def test_one_failing_question_spoils_no_other(ask: Ask) -> None:
    node = cmdlets([SCHEMA_2], [], []) + (
        "Set-SimulatedCommand Get-HnsEndpoint { param($p) throw 'element not found (0x490)' } "
        "-Syntax '[[-Id] <string>]'\n"
    )
    facts = ask("hns", node)
    assert [one.name for one in facts.networks] == ["flannel.4096"]
    assert facts.endpoints == Problem("hns.endpoints", "element not found (0x490)")
    assert isinstance(facts.endpoint_count, Problem)
    assert facts.load_balancer_vips == ()


@pytest.mark.parametrize(
    "form",
    [
        lambda objects: "".join(json.dumps(one, indent=2) + "\n" for one in objects),
        lambda objects: json.dumps(objects),
        lambda objects: json.dumps({"Success": True, "Output": objects}),
        lambda objects: "some words first\n" + "".join(json.dumps(one) for one in objects),
    ],
    ids=["one after another", "a list", "an envelope", "after words"],
)
def test_hnsdiag_without_cmdlets(ask: Ask, form: Callable[[list[object]], str]) -> None:
    odd = {
        "ID": "B2",
        "Name": 'br"ace}{',
        "Type": "nat",
        "ManagementIP": "",
        "Subnets": [{"AddressPrefix": "172.16.0.0/12"}],
    }
    said = form([SCHEMA_2, odd]).replace("'", "''")
    node = RUNNING + (
        "Set-SimulatedCommand hnsdiag.exe { param($words) $global:LASTEXITCODE = 0\n"
        f"if ($words[1] -eq 'networks') {{ '{said}' -split \"`n\" }}\n"
        "elseif ($words[1] -eq 'loadbalancers') { $global:LASTEXITCODE = 1 }\n"
        "else { 'List endpoints...', 'Endpoint : E1' } }\n"
    )
    facts = ask("hns", node)
    assert [(one.name, one.subnets) for one in facts.networks] == [
        ("flannel.4096", ("10.9.1.0/24",)),
        ('br"ace}{', ("172.16.0.0/12",)),
    ]
    assert facts.networks[1].management_ip is None
    # What is not JSON is not guessed at.
    assert isinstance(facts.endpoints, Problem)
    assert isinstance(facts.endpoint_count, Problem)
    assert isinstance(facts.load_balancer_vips, Problem)


def test_nothing_to_ask_with(ask: Ask) -> None:
    facts = ask("hns", RUNNING)
    assert isinstance(facts.networks, Problem)
    assert isinstance(facts.load_balancer_vips, Problem)


def test_a_stopped_service_is_not_asked(ask: Ask) -> None:
    node = cmdlets([SCHEMA_2], [], []) + (
        "Set-SimulatedCommand Get-Service { param($p) [pscustomobject]@{ Name = 'hns'; Status = 'Stopped' } }\n"
    )
    facts = ask("hns", node)
    assert {problem.code for problem in (facts.networks, facts.endpoints, facts.endpoint_count)} == {"0x80070426"}


def test_adapter_states_come_from_numbers(ask: Ask) -> None:
    adapters = [
        {
            "Name": "a",
            "InterfaceOperationalStatus": 1,
            "InterfaceAdminStatus": 1,
            "State": 2,
            "Status": "Betriebsbereit",
        },
        {"Name": "b", "InterfaceOperationalStatus": 2, "InterfaceAdminStatus": 1, "State": 2, "Status": "끊김"},
        {"Name": "c", "InterfaceOperationalStatus": 2, "InterfaceAdminStatus": 2, "State": 3, "Status": "?"},
        {"Name": "d", "InterfaceOperationalStatus": 6, "InterfaceAdminStatus": 1, "State": 0, "Status": "?"},
        {"Name": "e", "InterfaceOperationalStatus": 5, "Status": "?"},
        {"Name": "f", "Status": "Disconnected"},
    ]
    for index, one in enumerate(adapters):
        one.update({"InterfaceDescription": None, "InterfaceIndex": index, "MacAddress": None, "Virtual": None})
    addresses = [
        {"IPAddress": "fe80::1%4", "PrefixLength": 64, "InterfaceAlias": "a", "InterfaceIndex": 4},
        {"IPAddress": "10.2.0.3", "PrefixLength": 24, "InterfaceAlias": "a", "InterfaceIndex": 4},
    ]
    prefixes = ["10.9.1.0/24", "127.0.0.0/8", "224.0.0.0/4", "10.2.0.3/32", "fe80::/64", "::1/128", "0.0.0.0/0"]
    routes = [{"DestinationPrefix": one, "NextHop": "10.2.0.1", "InterfaceIndex": 4} for one in prefixes]
    node = (
        declared("Get-NetAdapter", adapters, "[[-Name] <string[]>] [-IncludeHidden]")
        + declared("Get-NetIPAddress", addresses, "[[-IPAddress] <string[]>]")
        + declared("Get-NetRoute", routes, "[[-DestinationPrefix] <string[]>]")
    )
    facts = ask("network", node)
    assert isinstance(facts, NetworkFacts)
    assert [one.status for one in facts.adapters] == ["up", "down", "disabled", "not-present", "other", "down"]
    assert [(one.address, one.family) for one in facts.addresses] == [("fe80::1", "ipv6"), ("10.2.0.3", "ipv4")]
    assert [one.prefix for one in facts.routes] == ["0.0.0.0/0", "10.9.1.0/24"]


def test_missing_cmdlets_are_problems(ask: Ask) -> None:
    facts = ask("network", "")
    assert isinstance(facts.adapters, Problem)
    assert isinstance(facts.addresses, Problem)
    assert isinstance(facts.routes, Problem)
