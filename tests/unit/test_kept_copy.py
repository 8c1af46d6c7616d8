"""What a file came to is kept for exactly its bytes, and a copy that is damaged is as good as none."""

import json
import os
from pathlib import Path

import pytest

from checks import kept_copy
from checks.kept_copy import keep, kept, program, stamp_of

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


def test_a_copy_of_another_program_is_not_read(tmp_path, monkeypatch):
    copy = tmp_path / "copy.json"
    keep(copy, RAW, 1)
    monkeypatch.setattr(kept_copy, "program", lambda: "another")
    assert kept(copy, RAW) is None
    keep(copy, RAW, 2)
    assert kept(copy, RAW) == 2


def test_where_the_program_cannot_be_told_nothing_is_kept(tmp_path, monkeypatch):
    copy = tmp_path / "copy.json"
    monkeypatch.setattr(kept_copy, "program", lambda: "")
    keep(copy, RAW, 1)
    assert not copy.exists()
    copy.write_text(json.dumps({"program": "", "digest": kept_copy.digest(RAW), "value": 1}))
    assert kept(copy, RAW) is None


@pytest.mark.parametrize("change", ["bytes", "time", "name", "more"])
def test_each_change_of_a_module_makes_another_program(tmp_path, change):
    file = tmp_path / "inventory.py"
    file.write_text("a = 1\n")
    (tmp_path / "notes.txt").write_text("")
    before = stamp_of(tmp_path)
    (tmp_path / "notes.txt").write_text("no module")
    assert stamp_of(tmp_path) == before
    if change == "bytes":
        file.write_text("a = 10\n")
    elif change == "time":
        os.utime(file, ns=(1, 1))
    elif change == "name":
        file.rename(tmp_path / "inventories.py")
    else:
        (tmp_path / "node.py").write_text("")
    assert stamp_of(tmp_path) != before


def test_a_packed_program_is_told_by_its_file(tmp_path):
    packed = tmp_path / "nodepane.exe"
    packed.write_bytes(b"MZ")
    before = stamp_of(packed)
    packed.write_bytes(b"MZ2")
    assert stamp_of(packed) != before


def test_the_program_is_told_by_the_modules_that_parse():
    assert program() == stamp_of(Path(kept_copy.__file__).parent)


@pytest.mark.parametrize(
    "text",
    [
        "nodes: [{name: a}]\nproxy: http://admin:geheim@proxy.example.com:3128\n",
        "nodes: [{name: a}]  # proxy is admin:geheim@proxy.example.com\n",
        'proxy: "http://admin:g%40heim@[2001:db8::1]:3128"',
        "proxy: http://:geheim@proxy\n",
        "proxy: http://admin:ge\"he'im@proxy\n",
    ],
)
def test_nothing_is_kept_of_a_file_that_may_hold_a_password(tmp_path, text):
    copy = tmp_path / "copy.json"
    copy.write_text('{"form": 1, "bytes": "nodes: admin:geheim@proxy", "value": 1}')
    keep(copy, text.encode(), {"name": "a"})
    assert not list(tmp_path.iterdir())
    keep(copy, RAW, {"proxy": "http://admin:geheim@proxy"})
    assert not list(tmp_path.iterdir())


def test_names_with_a_domain_are_no_passwords(tmp_path):
    raw = b"nodes:\n  - {name: a, address: 'fe80::2%3', user: admin@corp.example.com}\n"
    keep(tmp_path / "copy.json", raw, [{"user": "admin@corp.example.com", "address": "fe80::2%3"}])
    assert kept(tmp_path / "copy.json", raw) is not None


def test_the_copy_does_not_repeat_the_file(tmp_path):
    keep(tmp_path / "copy.json", b"language: ko  # a note of mine", "ko")
    assert "note" not in (tmp_path / "copy.json").read_text()


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
