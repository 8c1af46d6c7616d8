"""A planted node that forwards a NodePort, tried from this computer: its addresses hold the loopback that it is reached at."""

from __future__ import annotations

import socket

import pytest

from checks.finding import Verdict
from checks.node_ports import node_ports_aside
from checks.scan import Scanner
from checks.session.knock import knock

pytestmark = pytest.mark.node
CHECK = "network.node-ports-answer"
DECLARED = """
Set-SimulatedCommand Get-HnsPolicyList {
    param($p)
    [pscustomobject]@{
        ID = 'A1'; State = 2; References = @('/endpoints/e1')
        Policies = @([pscustomobject]@{ Type = 'ELB'; Protocol = 6; ExternalPort = %d; InternalPort = 80; LocalRoutedVIP = $true })
    }
} -Syntax '[[-Id] <string>] [-Detailed]'
Set-SimulatedCommand Get-NetIPAddress {
    param($p)
    foreach ($one in @('10.2.0.13', '127.0.0.1')) {
        [pscustomobject]@{ IPAddress = $one; PrefixLength = 24; InterfaceAlias = 'vEthernet (Ethernet)'; InterfaceIndex = 12; AddressFamily = 'IPv4' }
    }
}
"""


@pytest.mark.parametrize(
    ("listens", "verdict", "reason"),
    [(True, Verdict.PASS, "answer"), (False, Verdict.WARN, "refused")],
    ids=["answers", "refused"],
)
def test_what_answers_is_told(bench, planted, scripts, monkeypatch, tmp_path, listens, verdict, reason):
    own = bench(planted("healthy-overlay"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
        if not listens:
            server.close()
        declared = tmp_path / "declared.ps1"
        declared.write_text(DECLARED % port, encoding="utf-8")
        monkeypatch.setenv("NODE_SCRIPT", str(declared))
        report = Scanner(scripts, asides=(node_ports_aside(knock),)).read(own.line.session(), own.node)
    assert report.error is None
    found = next(one for one in report.findings if one.check == CHECK)
    assert (found.verdict, found.reason) == (verdict, reason), found
    assert any(one.value.startswith(f"127.0.0.1:{port} ") for one in found.evidence)
