"""Machines that the planted nodes do not show: declared commands on a real engine."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.facts import ContainersFact, DiskFact, FirewallRuleFact, GuestFact, HnsServiceFact, Problem
from checks.probe import PROBES, decode

SCRIPTS = Path(__file__).resolve().parents[2] / "resources" / "scripts" / "probes"
Ask = Callable[[str, str], Any]


@pytest.fixture
def ask(run_powershell: Callable[..., str]) -> Ask:
    def run(field: str, node: str) -> Any:
        text = (SCRIPTS / f"{PROBES[field].script}.ps1").read_text(encoding="utf-8")
        return decode(field, json.loads(run_powershell(text, node)))

    return run


def firewall(
    rules: str, filters: str, programs: str = "", profile: str = "'True'; DefaultInboundAction = 'Block'"
) -> str:
    return (
        f"Set-SimulatedCommand Get-NetFirewallProfile {{ param($p) [pscustomobject]@{{ Name = 'Domain'; Enabled = {profile} }} }}\n"
        f"Set-SimulatedCommand Get-NetFirewallRule {{ param($p) {rules} }}\n"
        f"Set-SimulatedCommand Get-NetFirewallPortFilter {{ param($p) {filters} }}\n"
        + (f"Set-SimulatedCommand Get-NetFirewallApplicationFilter {{ param($p) {programs} }}\n" if programs else "")
        + "Set-SimulatedCommand Get-NetTCPConnection { param($p) [pscustomobject]@{ LocalPort = 10250 } }\n"
    )


def rule(name: str, action: str = "'Allow'", profile: str = "Any") -> str:
    return f"[pscustomobject]@{{ Name = '{name}'; InstanceID = '{name}'; Action = {action}; Profile = '{profile}' }}; "


def ports(name: str, protocol: str, port: str) -> str:
    return f"[pscustomobject]@{{ InstanceID = '{name}'; Protocol = '{protocol}'; LocalPort = {port} }}; "


def program(name: str, path: str) -> str:
    return f"[pscustomobject]@{{ InstanceID = '{name}'; Program = '{path}' }}; "


def test_five_thousand_firewall_rules(ask: Ask) -> None:
    many = '1..5000 | ForEach-Object { [pscustomobject]@{ Name = "r$_"; InstanceID = "r$_"; %s } }; '
    rules = many % "Action = 'Allow'; Profile = 'Any'"
    node = firewall(
        rules + rule("own"), many % "Protocol = 'TCP'; LocalPort = '445'" + ports("own", "TCP", "'10000-10300'")
    )
    began = time.monotonic()
    facts = ask("firewall", node)
    assert time.monotonic() - began < PROBES["firewall"].budget_s
    assert [(one.name, one.kubelet, one.overlay) for one in facts.rules] == [("own", "port", "")]


def test_firewall_rules_are_found_by_their_filters(ask: Ask) -> None:
    rules = (
        rule("list") + rule("numbers", "2", "Domain, Private") + rule("block", "'Block'") + rule("service") + rule("wide")
        + rule("kubelet") + rule("below")
    )  # fmt: skip
    filters = (
        ports("list", "TCP", "@('80', '10250')") + ports("numbers", "17", "'4789'") + ports("block", "UDP", "'4000-5000'")
        + ports("service", "Any", "'Any'") + ports("wide", "Any", "'Any'") + ports("kubelet", "TCP", "'Any'")
        + ports("below", "TCP", "'1-10249'") + ports("off", "TCP", "'10250'")
    )  # fmt: skip
    programs = (
        program("service", "%SystemRoot%\\x.exe") + program("wide", "Any") + program("kubelet", "C:\\k\\kubelet.exe")
    )
    facts = ask("firewall", firewall(rules, filters, programs, "1; DefaultInboundAction = 4"))
    assert [(one.enabled, one.lets_in) for one in facts.profiles] == [(True, False)]
    assert facts.kubelet_listens is True
    any_profile = ("any",)
    assert facts.rules == (
        FirewallRuleFact("list", True, False, any_profile, "port", "", None),
        FirewallRuleFact("numbers", True, False, ("domain", "private"), "", "port", None),
        FirewallRuleFact("block", False, True, any_profile, "", "port", None),
        FirewallRuleFact("wide", True, False, any_profile, "any", "any", ""),
        FirewallRuleFact("kubelet", True, False, any_profile, "any", "", "C:\\k\\kubelet.exe"),
    )


def test_a_machine_without_the_module_of_the_firewall(ask: Ask) -> None:
    facts = ask("firewall", "")
    assert isinstance(facts.profiles, Problem)
    assert isinstance(facts.rules, Problem)
    assert isinstance(facts.kubelet_listens, Problem)


CIM = """
Set-SimulatedCommand Get-CimInstance {
    param($p)
    switch ([string]$p['ClassName']) {
        'Win32_Service' { if ($p['Filter'] -match 'hns') { [pscustomobject]@{ State = 'Running'; ProcessId = 1640; StartMode = 'Manual' } } }
        'Win32_Process' { [pscustomobject]@{ ThreadCount = 231; CreationDate = [DateTime]::SpecifyKind([DateTime]'2026-11-01 08:00', 'Utc') } }
        'Win32_LogicalDisk' {
            [pscustomobject]@{ DeviceID = 'c:'; Size = 1000; FreeSpace = 90 }
            [pscustomobject]@{ DeviceID = 'E:'; Size = $null; FreeSpace = $null }
        }
        'Win32_SystemEnclosure' { [pscustomobject]@{ SMBIOSAssetTag = ' 7783-7084 ' } }
        'Win32_OptionalFeature' { [pscustomobject]@{ InstallState = 2 } }
    }
}
"""


@pytest.fixture
def without_registry(run_powershell: Callable[..., str]) -> Ask:
    """The engine here has no registry: keys are given as a list of those that are there."""

    def run(node: str, keys: str) -> Any:
        text = (SCRIPTS / "Get-MachineFact.ps1").read_text(encoding="utf-8")
        opened = "$local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')"
        body = text[text.index("function Test-Key") : text.index("Read-Fact -FactName containers")]
        assert opened in text
        text = text.replace(opened, "$local = New-Object -TypeName psobject")
        text = text.replace(body, f"function Test-Key([string] $Path) {{ @({keys}) -contains $Path }}\n\n")
        text = text.replace("$local.OpenSubKey('SOFTWARE\\Microsoft\\Virtual Machine\\Guest\\Parameters')", "$null")
        return decode("machine", json.loads(run_powershell(text, node)))

    return run


def test_a_machine_without_the_feature(without_registry: Any) -> None:
    owed = "'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending'"
    facts = without_registry(CIM, f"'SYSTEM\\CurrentControlSet\\Services\\vmms', {owed}")
    assert facts.containers == ContainersFact(False, False, "absent", True)
    assert facts.pending_reboots == ("component-servicing",)
    assert facts.disks == (DiskFact("C:", 1000, 90),)
    service = facts.hns_service
    assert isinstance(service, HnsServiceFact)
    assert (service.state, service.process_id, service.threads) == ("running", 1640, 231)
    assert service.created is not None
    assert service.created.isoformat() == "2026-11-01T08:00:00+00:00"
    assert facts.clock_service.state == "absent"
    assert facts.guest == GuestFact("", "", "7783-7084")


def test_access_denied_spoils_only_what_it_denies(without_registry: Any) -> None:
    denied = (
        "Set-SimulatedCommand Get-CimInstance { param($p) throw (New-Object -TypeName UnauthorizedAccessException) }\n"
    )
    facts = without_registry(denied, "'SYSTEM\\CurrentControlSet\\Services\\hns'")
    # The feature's own state only explains what the services tell.
    assert facts.containers == ContainersFact(True, False, "not-read", False)
    assert facts.pending_reboots == ()
    for answer in (facts.disks, facts.hns_service, facts.clock_service, facts.guest):
        assert isinstance(answer, Problem)
        assert answer.code == "0x80070005"


def certificate(until: str) -> tuple[str, str]:
    """A certificate and its key as PEM."""
    from datetime import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "system:node:n1")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
        .not_valid_after(datetime.fromisoformat(until)).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem).decode(), secret.decode()


def test_a_certificate_leaves_its_key_behind(run_powershell: Callable[..., str], functions: Any) -> None:
    text = (SCRIPTS / "Get-AccessFact.ps1").read_text(encoding="utf-8")
    public, secret = certificate("2027-01-01T00:00:00+00:00")
    given = base64.b64encode((secret + public).encode()).decode()
    said = run_powershell(
        functions(text)["Read-Certificate"]
        + f"\n$text = [Text.Encoding]::ASCII.GetString([Convert]::FromBase64String('{given}'))\n"
        + "$bad = '-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----'\n"
        + "ConvertTo-Json -Compress -Depth 4 -InputObject @((Read-Certificate 'a' $text), (Read-Certificate 'b' 'x'), "
        + "(Read-Certificate 'c' $bad))"
    )
    good, none, bad = json.loads(said)
    assert (good["not_before"], good["not_after"]) == ("2026-01-01T00:00:00.0000000Z", "2027-01-01T00:00:00.0000000Z")
    assert none["problem"] == "no certificate in it"
    assert bad["problem"]
    assert bad["not_after"] is None
    assert secret.splitlines()[1] not in said


def test_a_list_of_no_processes_is_no_answer(ask: Ask) -> None:
    facts = ask("daemons", "Set-SimulatedCommand Get-CimInstance { param($p) }\n")
    assert isinstance(facts.processes, Problem)
    assert facts.processes.message == "Windows listed no process"
    assert isinstance(facts.services, Problem)


@pytest.mark.parametrize("line", ["$null", "''"])
def test_a_command_line_that_is_not_told(ask: Ask, line: str) -> None:
    told = f"@{{ Name = 'kubelet.exe'; ProcessId = 8; ParentProcessId = 4; CommandLine = {line}; ExecutablePath = $null; CreationDate = $null }}"
    facts = ask("daemons", f"Set-SimulatedCommand Get-CimInstance {{ param($p) [pscustomobject]{told} }}\n")
    assert [(one.role, one.command_line) for one in facts.processes] == [("kubelet", None)]
