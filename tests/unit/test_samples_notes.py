"""Samples that are notes: names of log files, the console of the SDN scripts, and commands whose answers are prose."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from cases_network import NAT
from node_changes import put
from node_facts import healthy, judge
from samples import text

from checks.catalogue import load_catalogue

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
LOGS, CONSOLE, PROSE = (
    "kubelet/log-file-names.txt",
    "kubelet/no-network-adapter-console-constructed.txt",
    "netsh/README-note.txt",
)


def script(name: str) -> str:
    return (RESOURCES / "scripts" / "probes" / f"{name}.ps1").read_text(encoding="utf-8")


AGENT = "C:\\var\\lib\\rancher\\rke2\\agent"


def test_the_logs_of_every_layout_are_looked_for():
    texts = (script("Get-RuntimeFact") + script("Get-FlannelFact")).replace("$agent", AGENT[2:])
    told = text(LOGS).replace("...\\", f"{AGENT}\\logs\\")
    wanted = [one for one in re.findall(r"C:(\\[^,\s]+\.log)", told) if "containerd" not in one]
    assert len(wanted) == 9
    assert [one for one in wanted if f"'{one}'" not in texts and f'"{one}"' not in texts] == []
    (real,) = re.findall(r"^(kubelet\.exe\.\S+\.\d{8}-\d{6}) ", told, re.MULTILINE)
    (pattern,) = re.findall(r"'(kubelet\.exe\.[^']+)'", texts)
    assert fnmatch(real, pattern)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_the_console_says_leads_to_the_check(language):
    said = text(CONSOLE).splitlines()[0]
    assert said.startswith("Failed to find a suitable network adapter")
    assert said in load_catalogue(RESOURCES / "catalogue", language).check("network.hns-network-exists").help
    found = judge(put("hns.networks", (NAT,))(healthy("sdn-native")))["network.hns-network-exists"]
    assert (found.verdict.value, found.reason) == ("fail", "missing")


def test_no_script_reads_the_prose_of_netsh():
    commands = re.findall(r"netsh (int ipv4 show \w+)", text(PROSE))
    assert len(commands) == 2
    readers = [
        one for one in (RESOURCES / "scripts").rglob("*.ps1") if "netsh" in one.read_text(encoding="utf-8").lower()
    ]
    assert readers == []
