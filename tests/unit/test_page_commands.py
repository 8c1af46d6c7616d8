"""The commands of the old page: each stands in the help of its tip's checks, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT.parent / "shared" / "reference" / "seed.ko.md"
COMMAND = re.compile(r"\s*(?:Get-|Remove-|\[Environment|[Cc]:\\)")
COMMANDS = (
    ("W2a", "ping <IP>"),
    ("W2a", "curl <IP>"),
    ("W4", "--hostname-override=$(hostname)"),
    ("W6", 'Get-HnsNetwork | ? Name -ieq "cbr0"'),
    ("W6", 'Get-NetAdapter | ? Name -Like "vEthernet (Ethernet*"'),
    ("W9", '[Environment]::SetEnvironmentVariable("HTTPS_PROXY", "http://proxy.example.com:443/", '
           "[EnvironmentVariableTarget]::Machine)"),
    ("F1", "Remove-Item C:\\k\\SourceVip.json"),
    ("F1", "Remove-Item C:\\k\\SourceVipRequest.json"),
    ("F2", '[Environment]::SetEnvironmentVariable("NODE_NAME", '),
    ("F2", "C:\\flannel\\flanneld.exe --kubeconfig-file="),
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("tip", "command"), COMMANDS)
def test_it_stands_in_the_help_of_its_tip(language: str, tip: str, command: str) -> None:
    catalogue = load_catalogue(ROOT / "resources" / "catalogue", language)
    texts = [" ".join(one.help.split()) for one in catalogue.checks.values() if one.tip == tip]
    assert any(command in text for text in texts), (tip, command)


@pytest.mark.skipif(not PAGE.is_file(), reason="no folder ../shared beside this clone: the page is not here")
def test_none_of_the_page_is_left_out() -> None:
    """Every line of it that is a command; HTTP_PROXY is set as HTTPS_PROXY is."""
    text = PAGE.read_text(encoding="utf-8")
    assert all(command in text for _, command in COMMANDS)
    lines = [line.strip() for line in text.splitlines() if COMMAND.match(line)]
    left = [line for line in lines if not any(command in line for _, command in COMMANDS) and "HTTP_PROXY" not in line]
    assert (len(lines), left) == (9, [])
