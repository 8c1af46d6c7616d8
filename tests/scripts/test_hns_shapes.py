"""Shapes of HNS and adapters that the planted nodes do not show: declared commands on a real engine."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hns_answers import RUNNING, cmdlets, declared

from checks.facts import (
    HnsEndpointFact,
    HnsFacts,
    HnsLoadBalancerFact,
    HnsNetworkFact,
    HnsRemoteSubnet,
    NameServersFact,
    NetworkFacts,
    Problem,
)
from checks.probe import decode

PROBES = Path(__file__).resolve().parents[2] / "resources" / "scripts" / "probes"

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
        "Dns": {"Domain": "x", "Search": ["svc.cluster.local"], "ServerList": ["10.96.0.10", "10.96.0.11"]},
        "Routes": [{"NextHop": "10.9.1.1", "DestinationPrefix": "0.0.0.0/0"}],
        "Policies": [{"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.9.0.0/16", "10.96.0.0/12"]}}],
    },
    {"ID": "E2", "Name": "Ethernet", "HostComputeNetwork": "A1", "Flags": 1, "IpConfigurations": []},
]

SCHEMA_2_BALANCERS = [
    {
        "ID": "N",
        "HostComputeEndpoints": ["E1"],
        "FrontendVIPs": [],
        "PortMappings": [{"Protocol": 6, "ExternalPort": 30080, "InternalPort": 80, "Flags": 2}],
        "Flags": 0,
    },
    {
        "ID": "L",
        "HostComputeEndpoints": ["E1", "E2"],
        "SourceVIP": "10.9.1.2",
        "FrontendVIPs": ["10.96.0.10"],
        "PortMappings": [
            {"Protocol": 6, "ExternalPort": 53, "InternalPort": 5353},
            {"Protocol": 17, "ExternalPort": 53, "InternalPort": 5353},
        ],
        "Flags": 1,
    },
]


Ask = Callable[[str, str], Any]


@pytest.fixture
def ask(run_powershell: Callable[..., str]) -> Ask:
    def run(field: str, node: str) -> Any:
        script = {"hns": "Get-HnsFact", "network": "Get-NetworkFact"}[field]
        text = (PROBES / f"{script}.ps1").read_text(encoding="utf-8")
        return decode(field, json.loads(run_powershell(text, node)))

    return run


def test_schema_2(ask: Ask) -> None:
    balancer = HnsLoadBalancerFact("L", ("10.96.0.10",), 6, 53, 5353, None, True, False, "10.9.1.2", 2)
    assert ask("hns", cmdlets([SCHEMA_2], SCHEMA_2_ENDPOINTS, SCHEMA_2_BALANCERS)) == HnsFacts(
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
                "E1",
                "pod",
                "A1",
                "flannel.4096",
                "10.9.1.7",
                False,
                None,
                ("10.9.0.0/16", "10.96.0.0/12"),
                "10.9.1.1",
                ("10.96.0.10", "10.96.0.11"),
            ),
            HnsEndpointFact("E2", "Ethernet", "A1", "flannel.4096", None, True, None, None),
        ),
        endpoint_count=2,
        load_balancers=(
            balancer,
            replace(balancer, protocol=17),
            HnsLoadBalancerFact("N", (), 6, 30080, 80, None, False, True, None, 1),
        ),
        load_balancer_count=2,
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
            "GatewayAddress": "10.9.1.1",
            "DNSServerList": "10.96.0.10, 10.2.0.1",
            "Policies": ['{"Type":"OutBoundNAT","ExceptionList":["10.9.0.0/16"]}', {"Type": "L2Driver"}],
        },
        {"ID": "Q", "Name": "q", "VirtualNetwork": "N", "Policies": [{"Type": "OutBoundNAT"}]},
    ]
    dns = {"Type": "ELB", "VIPs": ["10.96.0.10"], "ExternalPort": 53, "InternalPort": 53, "Protocol": 17, "IsDSR": True}
    lists = [
        {"ID": "A", "Policies": [{"VIPs": ["10.96.0.1"], "SourceVIP": "10.9.1.2", "LocalRoutedVIP": False}]},
        {"ID": "B", "Policies": [dns], "State": 2, "References": ["/endpoints/P"]},
        {},
    ]
    facts = ask("hns", cmdlets([], endpoints, lists))
    assert facts.networks == ()
    assert not isinstance(facts.endpoints, Problem), facts.endpoints
    # Those of the node itself come first, so that a cap takes away none of them.
    assert [one.id for one in facts.endpoints] == ["P", "Q", "R"]
    assert [one.nat_exceptions for one in facts.endpoints] == [("10.9.0.0/16",), (), None]
    assert [one.is_remote for one in facts.endpoints] == [False, False, True]
    assert facts.endpoints[0].state == 3
    assert [(one.gateway, one.dns_servers) for one in facts.endpoints] == [
        ("10.9.1.1", ("10.96.0.10", "10.2.0.1")),
        (None, ()),
        (None, ()),
    ]
    # Those of DNS come first, for the same reason.
    assert facts.load_balancers == (
        HnsLoadBalancerFact("B", ("10.96.0.10",), 17, 53, 53, 2, True, False, None, 1),
        HnsLoadBalancerFact("A", ("10.96.0.1",), None, None, None, None, False, False, "10.9.1.2", 0),
    )
    assert facts.load_balancer_count == 3
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
    assert (facts.load_balancers, facts.load_balancer_count, facts.load_balancer_vips) == ((), 0, ())


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


LIBRARY = r"""
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* As vmcompute.dll does: texts of 16 bits in, an answer on the task's heap out. */
int HNSCall(const uint16_t *method, const uint16_t *path, const uint16_t *request, uint16_t **answer) {
    static const struct { const char *path, *json; } known[] = { KNOWN };
    char asked[64] = {0};
    for (int i = 0; path[i] && i < 63; i++) asked[i] = (char)path[i];
    const char *json = "{\"Success\":false,\"Error\":\"not found\",\"ErrorCode\":2151350278}";
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (method[0] == 'G' && !request[0] && !strcmp(known[i].path, asked)) json = known[i].json;
    *answer = calloc(strlen(json) + 1, 2);
    for (size_t i = 0; json[i]; i++) (*answer)[i] = (unsigned char)json[i];
    return 0;
}
"""


def test_the_library_itself_without_cmdlets(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to make a library with")
    said = {"/globals/version": {"Major": 9, "Minor": 3}, "/networks": [SCHEMA_2], "/policylists": SCHEMA_2_BALANCERS}
    known = ", ".join(
        f"{{{json.dumps(path)}, {json.dumps(json.dumps({'Success': True, 'Output': output}))}}}"
        for path, output in said.items()
    )
    (tmp_path / "hns.c").write_text(LIBRARY.replace("KNOWN", known), encoding="ascii")
    # Only here are the backslashes part of one file's name.
    library = f"{tmp_path}/windows\\System32\\vmcompute.dll"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, tmp_path / "hns.c"], check=True, timeout=60)
    monkeypatch.setenv("SYSTEMROOT", f"{tmp_path}/windows")
    facts = ask("hns", RUNNING)
    assert [one.name for one in facts.networks] == ["flannel.4096"]
    assert [one.port for one in facts.load_balancers] == [53, 53, 30080]
    assert facts.endpoints == Problem("hns.endpoints", "HNSCall /endpoints 2151350278: not found")


def test_node_ports_are_told_of_very_many_load_balancers(ask: Ask) -> None:
    node = cmdlets([SCHEMA_2], [], []) + (
        "Set-SimulatedCommand Get-HnsPolicyList { param($p) 1..3000 | ForEach-Object { [pscustomobject]@{ ID = $_; State = 2; "
        "Policies = @([pscustomobject]@{ Type = 'ELB'; Protocol = 6; ExternalPort = $(if ($_ -eq 3000) { 53 } else { $_ + 1000 }); "
        "VIPs = @(if ($_ -ne 2999) { '10.96.0.1' }) }) } } } -Syntax '[[-Id] <string>]'\n"
    )
    facts = ask("hns", node)
    assert [(one.port, one.vips) for one in facts.load_balancers[:3]] == [
        (53, ("10.96.0.1",)),
        (3999, ()),
        (1001, ("10.96.0.1",)),
    ]
    assert (len(facts.load_balancers), facts.load_balancer_count) == (2048, 3000)


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
    clients = [
        {"InterfaceAlias": "a", "InterfaceIndex": 4, "AddressFamily": 2, "ServerAddresses": ["10.2.0.1", "10.2.0.2"]},
        {"InterfaceAlias": "a", "InterfaceIndex": 4, "AddressFamily": 23, "ServerAddresses": ["fec0::1"]},
        {"InterfaceAlias": "b", "InterfaceIndex": 5, "AddressFamily": 2, "ServerAddresses": []},
    ]
    prefixes = ["10.9.1.0/24", "127.0.0.0/8", "224.0.0.0/4", "10.2.0.3/32", "fe80::/64", "::1/128", "0.0.0.0/0"]
    routes = [{"DestinationPrefix": one, "NextHop": "10.2.0.1", "InterfaceIndex": 4} for one in prefixes]
    node = (
        declared("Get-NetAdapter", adapters, "[[-Name] <string[]>] [-IncludeHidden]")
        + declared("Get-NetIPAddress", addresses, "[[-IPAddress] <string[]>]")
        + declared("Get-DnsClientServerAddress", clients, "[[-InterfaceAlias] <string[]>]")
        + declared("Get-NetRoute", routes, "[[-DestinationPrefix] <string[]>]")
    )
    facts = ask("network", node)
    assert isinstance(facts, NetworkFacts)
    assert [one.status for one in facts.adapters] == ["up", "down", "disabled", "not-present", "other", "down"]
    assert [(one.address, one.family) for one in facts.addresses] == [("fe80::1", "ipv6"), ("10.2.0.3", "ipv4")]
    assert [one.prefix for one in facts.routes] == ["0.0.0.0/0", "10.9.1.0/24"]
    assert facts.name_servers == (
        NameServersFact("a", 4, "ipv4", ("10.2.0.1", "10.2.0.2")),
        NameServersFact("a", 4, "ipv6", ("fec0::1",)),
    )


def test_missing_cmdlets_are_problems(ask: Ask) -> None:
    facts = ask("network", "")
    assert isinstance(facts.adapters, Problem)
    assert isinstance(facts.addresses, Problem)
    assert isinstance(facts.routes, Problem)
