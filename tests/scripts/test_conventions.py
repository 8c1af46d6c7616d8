"""Conventions that hold for every script, checked on its syntax tree, without a PowerShell engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

SCRIPTS = Path(__file__).resolve().parents[2] / "resources" / "scripts"
PARSER = Parser(Language(tree_sitter_powershell.language()))

FORBIDDEN = ("$input", "Invoke-Expression", "Write-Host", "Invoke-WebRequest", "DownloadString", "Start-Process", "`\n")

# What a probe may call although its verb changes things elsewhere: nothing on the node is written.
HARMLESS = {"Set-StrictMode", "New-Object", "Import-Module", "Add-Problem"}
WRITING_VERBS = re.compile(
    "Add|Clear|Close|Copy|Disable|Enable|Export|Initialize|Install|Invoke|Move|New|Optimize|Out|Publish|Push|Register"
    "|Remove|Rename|Repair|Reset|Resize|Restart|Restore|Resume|Save|Send|Set|Start|Stop|Suspend|Tee|Uninstall"
    "|Unregister|Update|Write"
)
WRITING_CALLS = re.compile(
    r"WriteAll|AppendAll|WriteLine|CreateSubKey|SetValue|DeleteValue|DeleteSubKey|\.Delete\(|\.MoveTo\(|::Move\("
    r"|::Copy\(|CopyTo|CreateDirectory|OpenWrite|CreateText|AppendText|SetAttributes|SetLastWrite|SetAccessControl"
    r"|SetEnvironmentVariable|'Create'|'Append'|'OpenOrCreate'|'Truncate'|'Write'|Add-Type|::Start\(|\.Start\(|\.Kill\("
)


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def commands(text: str) -> list[str]:
    tree = PARSER.parse(text.encode("utf-8"))
    return [
        node.text.decode("utf-8")
        for node in walk(tree.root_node)
        if node.type == "command_name" and node.text is not None
    ]


def without_comments(text: str) -> str:
    data = text.encode("utf-8")
    kept = bytearray(data)
    for node in walk(PARSER.parse(data).root_node):
        if node.type == "comment":
            kept[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    return kept.decode("utf-8")


def test_parses_without_error(script: Path) -> None:
    tree = PARSER.parse(script.read_bytes())
    wrong = [(node.start_point, node.type) for node in walk(tree.root_node) if node.type == "ERROR" or node.is_missing]
    assert wrong == []


def test_is_plain_ascii_in_short_lines(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.isascii()
    assert "\t" not in text
    assert "\r" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_names_commands_fully(script: Path) -> None:
    named = re.compile(r"[A-Z][A-Za-z]+-[A-Z]\w+|[\w-]+\.exe|\$\w+")
    assert [name for name in commands(script.read_text(encoding="utf-8")) if not named.fullmatch(name)] == []


def test_uses_nothing_forbidden(script: Path) -> None:
    text = without_comments(script.read_text(encoding="utf-8"))
    assert [word for word in FORBIDDEN if word.lower() in text.lower()] == []


@pytest.mark.parametrize("folder", ["probes", "fixes"])
def test_begins_in_the_agreed_order(folder: str) -> None:
    order = (
        "<#",
        ".SYNOPSIS",
        ".DESCRIPTION",
        ".OUTPUTS",
        "#>",
        "[CmdletBinding()]",
        "param(",
        "Set-StrictMode -Version 2.0",
        "$ErrorActionPreference = 'Stop'",
        "$ProgressPreference = 'SilentlyContinue'",
    )
    for path in sorted((SCRIPTS / folder).glob("*.ps1")):
        text = path.read_text(encoding="utf-8")
        places = [text.find(word) for word in order]
        assert places[0] == 0, path.name
        assert -1 not in places, (path.name, order[places.index(-1)])
        assert places == sorted(places), path.name


def test_probe_only_reads(probe_script: Path) -> None:
    text = without_comments(probe_script.read_text(encoding="utf-8"))
    wrong = [name for name in commands(text) if WRITING_VERBS.fullmatch(name.split("-")[0]) and name not in HARMLESS]
    assert wrong == []
    assert WRITING_CALLS.findall(text) == []
    assert re.findall(r">+(?!=)\s*(?!\s*\$null)[\w$'\"\\]", re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)) == []
    assert "New-Object" not in text or re.search(r"New-Object -ComObject", text) is None


def test_probe_ends_with_its_one_document(probe_script: Path) -> None:
    text = probe_script.read_text(encoding="utf-8")
    assert text.count("ConvertTo-Json") == 1
    ending = text[text.index("ConvertTo-Json") :]
    assert f"script = '{probe_script.stem}'; facts = $facts; problems = [object[]]$problems.ToArray()" in ending
    assert "-Compress -Depth 20 -InputObject" in ending


def test_shared_functions_are_the_same_everywhere(functions: Callable[[str], dict[str, str]]) -> None:
    """Scripts travel one by one, so what they share is copied; copies that differ would be traps."""
    shared = {
        "Add-Problem",
        "Read-Fact",
        "Hide-LineSecret",
        "Hide-ByteSecret",
        "Resolve-LocalPath",
        "Get-AskedPath",
        "Read-LocalFile",
        "Read-FileFact",
    }
    seen: dict[str, set[str]] = {name: set() for name in shared}
    for path in sorted((SCRIPTS / "probes").glob("*.ps1")):
        for name, body in functions(path.read_text(encoding="utf-8")).items():
            if name in shared:
                seen[name].add(body)
    assert {name: len(bodies) for name, bodies in seen.items()} == dict.fromkeys(shared, 1)
