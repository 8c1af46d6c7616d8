"""What the headless twin says of its own options, in the language of its output."""

from __future__ import annotations

import pytest

from checks.cli import main
from checks.cli_options import told_language


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), ""),
        (("scan", "--language", "ko"), "ko"),
        (("scan", "--language=en", "--demo"), "en"),
        (("scan", "--language"), ""),
    ],
)
def test_the_language_is_known_before_anything_is_parsed(words, told):
    assert told_language(words) == told


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "names of nodes; all when left out"), ("ko", "노드 이름. 생략하면 모두")],
)
def test_help_is_in_the_language_of_the_output(capsys, language, said):
    with pytest.raises(SystemExit) as ended:
        main(["scan", "--language", language, "--help"])
    assert ended.value.code == 0
    assert said in capsys.readouterr().out


def test_misuse_is_told_in_it_too(capsys):
    for words in (["fix", "--language", "ko", "x"], ["fix", "x", "--apply", "p.json", "--language=ko"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
        assert "FIX" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["scan", "--language", "xx"])
    assert ended.value.code == 2
