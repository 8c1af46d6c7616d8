"""Which language is spoken, and that a choice is kept."""

from __future__ import annotations

import pytest

from checks.language import choose_language, system_language
from checks.preferences import Preferences, load_preferences, save_preferences


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "C.UTF-8"}, ""),
        ({"LANG": "POSIX"}, ""),
        ({"LC_ALL": "de_DE@euro", "LANG": "ko_KR"}, "de"),
        ({"LC_ALL": "", "LC_MESSAGES": "ko", "LANG": "en_US"}, "ko"),
        ({}, ""),
    ],
)
def test_this_computer_says_its_language(environment, language):
    assert system_language(environment) == language


def test_the_first_wish_with_words_counts():
    assert choose_language(("en", "ko"), "", "fr", "ko") == "ko"
    assert choose_language(("en", "ko"), "en", "ko") == "en"
    assert choose_language(("en", "ko"), "fr", "") == "en"


def test_a_choice_is_kept(tmp_path):
    assert load_preferences(tmp_path) == Preferences()
    assert save_preferences(tmp_path / "new", Preferences(language="ko"))
    assert load_preferences(tmp_path / "new").language == "ko"


@pytest.mark.parametrize("text", ["language: [1", "- a", "languages: ko", "language: 7", "\x00"])
def test_a_damaged_file_is_as_good_as_none(tmp_path, text):
    (tmp_path / "settings.yaml").write_text(text, encoding="utf-8")
    assert load_preferences(tmp_path) == Preferences()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert not save_preferences(tmp_path / "file", Preferences(language="ko"))
