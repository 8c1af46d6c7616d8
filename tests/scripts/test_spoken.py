"""What travels of a probe runs as what is shipped: the same words in the same lines, without comments."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_conventions import PARSER, SCRIPTS, walk

from checks.session import Request, Script
from checks.session.resident import encode, spoken

PROBES = sorted((SCRIPTS / "probes").glob("*.ps1"))


def words(text: str) -> list[tuple[int, str]]:
    """Every word of a script with its line; comments are none."""
    root = PARSER.parse(text.encode("utf-8")).root_node
    return [
        (node.start_point[0], node.text.decode("utf-8"))
        for node in walk(root)
        if not node.children and node.type != "comment" and node.text and node.text.strip()
    ]


def test_same_words_in_the_same_lines(probe_script: Path) -> None:
    text = probe_script.read_text(encoding="utf-8")
    told = spoken(text)
    assert words(told) == words(text)
    assert len(told) < len(text) * 0.85
    assert spoken(told) == told


def test_engine_finds_the_same_tokens(run_powershell, tmp_path: Path) -> None:
    for path in PROBES:
        text = path.read_text(encoding="utf-8")
        for name, one in (("whole", text), ("told", spoken(text))):
            (tmp_path / f"{path.stem}.{name}").write_text(one, encoding="utf-8")
    asked = """
        foreach ($whole in [IO.Directory]::GetFiles($PSScriptRoot, '*.whole')) {
            $found = foreach ($path in $whole, ($whole -replace 'whole$', 'told')) {
                $errors = $tokens = $null
                [void][Management.Automation.Language.Parser]::ParseFile($path, [ref]$tokens, [ref]$errors)
                $words = foreach ($one in $tokens) {
                    if ($one.Kind -notin 'Comment', 'NewLine') {
                        [string]$one.Extent.StartLineNumber + ' ' + $one.Kind + ' ' + $one.Text
                    }
                }
                [string]$errors.Count + "`n" + ($words -join "`n")
            }
            [IO.Path]::GetFileNameWithoutExtension($whole) + ' ' + ($found[0] -ceq $found[1]) + ' ' +
                $found[0].Substring(0, 1) + ' ' + ($found[0].Length -gt 1000)
        }
    """
    told = sorted(run_powershell(asked).splitlines())
    assert told == sorted(f"{path.stem} True 0 True" for path in PROBES)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_script_with_a_here_string_travels_whole(quote: str) -> None:
    text = f"$a = @{quote}  \n  # no comment\n{quote}@\n"
    assert spoken(text) == text


def test_what_changes_a_node_is_sent_as_it_was_shown() -> None:
    script = Script("Do-It", "  # why\n  'done'\n")
    lines = [encode("m", Request("1", script, {}, reads=reads), frozenset()) for reads in (True, False)]
    assert len(lines[0]) < len(lines[1])
