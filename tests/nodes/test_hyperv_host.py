"""A planted guest of Hyper-V and a planted computer that is its host: asked over a second session beside the scan."""

from __future__ import annotations

import pytest
from node_bench import WHO

from checks.finding import Verdict
from checks.host_question import HyperVHosts
from checks.node import Node, Typed
from checks.probe import HOST_PROBE
from checks.scan import Scanner
from checks.session.winrm import WinRmSession

pytestmark = pytest.mark.node
CHECK = "network.mac-spoofing"
GUEST = {"os": {"hyperVHost": "HV-01"}}
MAC = "00155D01020D"


def adapters(vm: str, spoofing: str, mac: str = MAC) -> list[dict[str, str]]:
    return [
        {"vm": vm, "name": "Network Adapter", "mac": mac, "spoofing": spoofing, "switch": "LAN"},
        {"vm": "other", "name": "Network Adapter", "mac": "00155D0102FF", "spoofing": "Off", "switch": "LAN"},
    ]


@pytest.mark.parametrize(
    ("hyperv", "verdict", "reason"),
    [
        (adapters("WORKER-03", "On"), Verdict.PASS, "on"),
        (adapters("WORKER-03", "Off"), Verdict.WARN, "off"),
        (adapters("WORKER-03", "On", "00155D010299"), Verdict.UNKNOWN, "machine-not-found"),
    ],
    ids=["on", "off", "elsewhere"],
)
def test_what_the_host_says_is_judged(bench, planted, scripts, hyperv, verdict, reason):
    guest, host = bench(planted(GUEST)), bench(planted({"os": {"model": "PowerEdge"}, "hyperv": hyperv}, "HV-01"))
    told = (Typed("address", host.node.address, "node"), Typed("port", str(host.node.port), "node"))
    node = Node("worker-03", guest.node.address, guest.node.port, user=WHO.user, hyperv_host=told)
    hosts = HyperVHosts(
        lambda host, node: WHO, lambda node, who: WinRmSession(node, who, scripts), scripts[HOST_PROBE.script], 60.0
    )
    report = Scanner(scripts, asides=(hosts.aside(),)).read(guest.line.session(), node)
    assert report.error is None
    found = next(one for one in report.findings if one.check == CHECK)
    assert (found.verdict, found.reason) == (verdict, reason), found
    assert found.value("host") == "HV-01"
