"""Undo is byte for byte: kinds of registry values, keys that had to be made, times and attributes of oddly named files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from run_script import NodeShell, ScriptError

from checks.session import Script

pytestmark = pytest.mark.node

KEY = "SOFTWARE\\Nodepane test"
PREPARE = r"""
$key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('SOFTWARE\Nodepane test')
$key.SetValue('empty', '', 'String')
$key.SetValue('plain', 'C:\%TEMP%\x', 'String')
$key.SetValue('expand', '%SystemRoot%\x', 'ExpandString')
$key.SetValue('none', [string[]]@(), 'MultiString')
$key.SetValue('lines', [string[]]@('A=1', 'http_proxy=old', 'Http_Proxy=older', 'B=x y'), 'MultiString')
$key.SetValue('wrong', 'A=1', 'String')
$key.SetValue('number', -1, 'DWord')
$key.SetValue('bytes', [byte[]]@(0, 255, 7), 'Binary')
$key.Dispose()
[void][IO.Directory]::CreateDirectory('C:\odd\a')
foreach ($name in 'a_b.txt', 'a\b.txt', ('ro [1] & gro' + [char]0xDF + '.txt'), (('l' * 180) + '.txt'), 'written.txt', 'watched.txt') {
    [IO.File]::WriteAllText('C:\odd\' + $name, 'FLANNEL_' + $name + "`r`n")
    [IO.File]::SetCreationTimeUtc('C:\odd\' + $name, [DateTime]'2020-01-02T03:04:05Z')
    [IO.File]::SetLastWriteTimeUtc('C:\odd\' + $name, [DateTime]'2021-02-03T04:05:06Z')
}
foreach ($name in ('ro [1] & gro' + [char]0xDF + '.txt'), 'watched.txt', 'written.txt') { [IO.File]::SetAttributes('C:\odd\' + $name, 'ReadOnly, Hidden') }
"""
PICTURE = r"""
$waiting = New-Object System.Collections.Queue
$waiting.Enqueue([Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SOFTWARE\Nodepane test'))
while ($waiting.Count) {
    $key = $waiting.Dequeue()
    $key.Name
    foreach ($name in ($key.GetValueNames() | Sort-Object)) {
        $value = $key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')
        '{0} {1} {2} {3}' -f $name, $key.GetValueKind($name), @($value).Length, (@($value) -join '|')
    }
    foreach ($name in ($key.GetSubKeyNames() | Sort-Object)) { $waiting.Enqueue($key.OpenSubKey($name)) }
}
foreach ($path in ([IO.Directory]::GetFiles('C:\odd', '*', 'AllDirectories') | Sort-Object)) {
    $file = New-Object IO.FileInfo $path
    '{0} {1} {2} {3} {4}' -f $path, $file.Attributes, $file.LastWriteTimeUtc.Ticks, $file.CreationTimeUtc.Ticks, [IO.File]::ReadAllText($path)
}
"""


def value(name: str, kind: str, new: str = "new", key: str = KEY) -> dict[str, Any]:
    return {"id": f"{key}-{name}", "kind": "registry", "key": key, "name": name, "type": kind, "value": new}


def merged(name: str) -> dict[str, Any]:
    step = value(name, "MultiString")
    del step["value"]
    return {**step, "merge": True, "lines": ["HTTP_PROXY=new", "C=3"]}


def file(kind: str, name: str, **more: str) -> dict[str, Any]:
    return {"id": f"{kind}-{name}", "kind": kind, "path": f"C:\\odd\\{name}", **more}


STEPS = [
    {"id": "guard", "kind": "guard", "on": "registry", "key": KEY, "name": "bytes"},
    file("watch", "watched.txt", begins="FLANNEL_"),
    value("empty", "String"),
    value("plain", "ExpandString"),
    value("expand", "String"),
    value("absent", "String"),
    value("number", "String"),
    value("bytes", "String"),
    merged("none"),
    merged("lines"),
    merged("wrong"),
    value("one", "String", key=f"{KEY}\\New\\Deep"),
    value("two", "String", key=f"{KEY}\\New\\Deep"),
    file("move", "a_b.txt"),
    file("move", "a\\b.txt"),
    file("move", "ro [1] & gro\u00df.txt"),
    file("move", "l" * 180 + ".txt"),
    file("write", "written.txt", text="new\n"),
    file("write", "fresh\\made.txt", text="new\n"),
]


@pytest.fixture
def shell(winnode, fresh):
    running = NodeShell(winnode, fresh("healthy-overlay"))
    yield running
    running.close()


def test_undo_is_byte_for_byte(shell: NodeShell, scripts: Mapping[str, Script]) -> None:
    text = scripts["Invoke-Change"].text

    def change(mode: str, **more: object) -> dict[str, Any]:
        return shell.document(text, Mode=mode, Id="bytes-1", **more)["change"]

    shell.run(PREPARE)
    before = shell.run(PICTURE)
    told = change("rehearse", Steps=STEPS)
    assert shell.run(PICTURE) == before
    assert all(one["needed"] for one in told["steps"] if not one["id"].startswith("watch"))

    done = change("apply", Steps=STEPS, ExpectedHash=told["state_hash"])
    assert [one["message"] for one in done["steps"] if one["state"] != "done"] == []
    lines = shell.run(PICTURE).splitlines()
    assert "lines MultiString 4 A=1|HTTP_PROXY=new|B=x y|C=3" in lines
    assert "none MultiString 2 HTTP_PROXY=new|C=3" in lines
    assert "wrong MultiString 3 A=1|HTTP_PROXY=new|C=3" in lines
    assert "plain String 1 new" in lines  # plain text is never expanded
    assert "expand String 1 new" in lines
    assert f"HKEY_LOCAL_MACHINE\\{KEY}\\New\\Deep" in lines
    assert len([one for one in lines if one.startswith("C:\\odd\\")]) == 3

    shell.run(r"[IO.File]::SetAttributes('C:\odd\watched.txt', 'Normal'); [IO.File]::Delete('C:\odd\watched.txt')")
    assert change("undo", ExpectedHash=done["after_hash"])["refused"] == "state-moved"
    kept = change("keep")
    assert kept["after_hash"] not in ("", done["after_hash"])
    back = change("undo", ExpectedHash=kept["after_hash"])
    assert [one["message"] for one in back["steps"] if one["state"] != "done"] == []
    assert shell.run(PICTURE) == before
    assert change("keep")["refused"] == "already-undone"


FOREIGN = r"""
[IO.File]::WriteAllText('C:\run\flannel\subnet.env', "# copied`nFLANNEL_NETWORK=10.244.0.0/16`nFLANNEL_SUBNET=10.244.5.1/24`n")
[IO.File]::SetLastWriteTimeUtc('C:\run\flannel\subnet.env', [DateTime]'2021-02-03T04:05:06Z')
"""
LEASE = r"""
$file = New-Object IO.FileInfo 'C:\run\flannel\subnet.env'
'{0} {1}' -f $file.LastWriteTimeUtc.Ticks, [IO.File]::ReadAllText($file.FullName)
"""


def test_what_stood_there_has_the_last_word_over_a_daemon_that_runs_again(shell: NodeShell, scripts) -> None:
    text = scripts["Invoke-Change"].text
    watched: dict[str, Any] = {"id": "w", "kind": "watch", "path": "C:\\run\\flannel\\subnet.env", "begins": ""}
    steps = [watched, {"id": "s", "kind": "service", "name": "flanneld", "action": "restart"}]

    def change(mode: str, **more: object) -> dict[str, Any]:
        return shell.document(text, Mode=mode, Id="lease-1", **more)["change"]

    shell.run(FOREIGN)
    before = shell.run(LEASE)
    told = change("rehearse", Steps=steps)
    done = change("apply", Steps=steps, ExpectedHash=told["state_hash"])
    assert "FLANNEL_SUBNET=10.244.3.1/24" in shell.run(LEASE)
    back = change("undo", ExpectedHash=done["after_hash"])
    assert [one["state"] for one in back["steps"]] == ["done", "done"]
    assert shell.run(LEASE) == before


def test_one_change_at_a_time(shell: NodeShell, scripts: Mapping[str, Script]) -> None:
    step = value("other", "String")
    text = scripts["Invoke-Change"].text.replace("'back') { 900 } else { 60 }", "'back') { 900 } else { 1 }")
    assert text != scripts["Invoke-Change"].text
    told = shell.document(text, Mode="rehearse", Id="busy-1", Steps=[step])["change"]
    hold = r"[void][IO.Directory]::CreateDirectory('C:\ProgramData\Nodepane'); $global:held = [IO.File]::Open('C:\ProgramData\Nodepane\lock', 'OpenOrCreate', 'ReadWrite', 'None')"
    shell.run(hold)
    refused = shell.document(text, Mode="apply", Id="busy-1", Steps=[step], ExpectedHash=told["state_hash"])["change"]
    assert refused["refused"] == "busy"
    assert shell.document(scripts["Get-ChangeResult"].text, Id="busy-1")["facts"]["state"] == "absent"
    shell.run("$global:held.Dispose()")
    done = shell.document(text, Mode="apply", Id="busy-1", Steps=[step], ExpectedHash=told["state_hash"])["change"]
    assert done["changed"]
    with pytest.raises(ScriptError):
        shell.run(text, Mode="nonsense")
