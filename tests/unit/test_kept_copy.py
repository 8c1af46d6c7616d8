"""What a file came to is kept for exactly its bytes, and a copy that is damaged is as good as none."""

import json

import pytest

from checks.kept_copy import FORM, keep, kept

RAW = "nodes: [{name: 노드}]\r\n".encode()


def test_the_same_bytes_need_no_parser(tmp_path):
    copy = tmp_path / "new" / "nodes.json"
    assert kept(copy, RAW) is None
    keep(copy, RAW, {"a": [1, "둘"]})
    assert kept(copy, RAW) == {"a": [1, "둘"]}
    assert [one.name for one in copy.parent.iterdir()] == ["nodes.json"]


@pytest.mark.parametrize("other", [RAW + b" ", RAW.replace(b"\r", b""), b""])
def test_other_bytes_are_parsed_anew(tmp_path, other):
    keep(tmp_path / "copy.json", RAW, 1)
    assert kept(tmp_path / "copy.json", other) is None


def test_a_copy_of_another_form_is_not_read(tmp_path):
    copy = tmp_path / "copy.json"
    keep(copy, RAW, 1)
    copy.write_text(copy.read_text().replace(f'"form": {FORM}', f'"form": {FORM + 1}'))
    assert kept(copy, RAW) is None


@pytest.mark.parametrize("text", ["", "[1", "[]", "7", "null", "{}", "[" * 5000, "\x00"])
def test_a_damaged_copy_is_as_good_as_none(tmp_path, text):
    (tmp_path / "copy.json").write_text(text)
    assert kept(tmp_path / "copy.json", RAW) is None


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "copy.json", RAW, 1)
    assert kept(tmp_path / "file" / "copy.json", RAW) is None


def test_a_language_that_was_kept_is_heeded_until_the_file_changes(tmp_path):
    from checks.preferences import Preferences, load_preferences

    (tmp_path / "settings.yaml").write_text("language: ko\n")
    assert load_preferences(tmp_path) == load_preferences(tmp_path) == Preferences("ko")
    assert json.loads((tmp_path / "cache" / "settings.json").read_text())["value"] == "ko"
    (tmp_path / "settings.yaml").write_text("language: en\n")
    assert load_preferences(tmp_path) == Preferences("en")
