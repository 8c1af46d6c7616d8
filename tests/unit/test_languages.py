"""Every language says what English says: the same checks, reasons, fixes, errors and labels, with the same fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import cases_access
import cases_firewall
import cases_machine
import cases_proxy
import pytest
import yaml
from node_facts import judge

from checks.catalogue import Catalogue, load_catalogue
from checks.errors import BadFile
from checks.finding import Evidence, Finding, Verdict
from checks.inventory import parse_nodes
from checks.language import languages
from checks.terminal import columns

ROOT = Path(__file__).resolve().parents[2] / "resources" / "catalogue"
OTHERS = languages(ROOT)[1:]


def fields(*texts: str) -> set[str]:
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def texts(words: Catalogue) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every text a person can read, by its place; texts that fill the same fields together."""
    for check in words.checks.values():
        yield f"{check.id} title", (check.title,)
        yield f"{check.id} why", (check.why,)
        for name, reason in check.reasons.items():
            yield f"{check.id} {name}", (reason.summary, reason.saw, reason.todo)
    for fix in words.fixes.values():
        yield f"{fix.id} about", (fix.title, fix.verb, fix.about, fix.impact, fix.undo)
        for name, parameter in fix.parameters.items():
            yield f"{fix.id} parameter {name}", (parameter.label, parameter.hint, parameter.error)
        for kind, title in fix.steps.items():
            yield f"{fix.id} step {kind}", (title,)
        for code, sentence in fix.reasons.items():
            yield f"{fix.id} reason {code}", (sentence,)
    for code, error in words.errors.items():
        yield f"error {code}", (error.what, error.why, error.do)
    for name, label in words.labels.items():
        yield f"label {name}", (label,)


@pytest.fixture(scope="module", params=OTHERS)
def other(request) -> Catalogue:
    return load_catalogue(ROOT, request.param)


def test_there_is_korean():
    assert "ko" in OTHERS


def test_every_place_has_the_same_fields(other: Catalogue):
    english = dict(texts(load_catalogue(ROOT)))
    told = dict(texts(other))
    assert set(told) == set(english)
    different = {place: (fields(*english[place]), fields(*told[place])) for place in told}
    assert {place: pair for place, pair in different.items() if pair[0] != pair[1]} == {}


SAME = {"kube-proxy", "cli.value-prompt", "cli.step"}
"""Labels that are the same in every language."""


def test_nothing_is_left_in_english(other: Catalogue):
    english, told = dict(texts(load_catalogue(ROOT))), dict(texts(other))
    left: list[str] = []
    for place, words in english.items():
        for text, same in zip(words, told[place], strict=True):
            plain = "".join(literal for literal, *_ in Formatter().parse(text))
            is_words = sum(letter.isalpha() for letter in plain) > 2
            if text == same and is_words and place.removeprefix("label ") not in SAME:
                left.append(f"{place}: {text}")
    assert left == []


def test_help_stands_where_english_has_some(other: Catalogue):
    english = load_catalogue(ROOT).checks
    left = [one.id for one in other.checks.values() if english[one.id].help and one.help == english[one.id].help]
    assert left == []


def test_what_a_language_lacks_stays_english(tmp_path):
    for name in ("en", "xx"):
        (tmp_path / name).mkdir()
    for path in (ROOT / "en").glob("*.yaml"):
        (tmp_path / "en" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "links.yaml").write_bytes((ROOT / "links.yaml").read_bytes())
    for name, text in (("fixes", "[]"), ("errors", "{}"), ("labels", "verdict.pass: Goed")):
        (tmp_path / "xx" / f"{name}.yaml").write_text(text, encoding="utf-8")
    words = load_catalogue(tmp_path, "xx")
    assert words.labels["verdict.pass"] == "Goed"
    assert words.labels["verdict.fail"] == "Fail"
    assert words.check("flannel.subnet-env") == load_catalogue(ROOT).check("flannel.subnet-env")


def test_a_translation_that_decides_something_is_refused(tmp_path):
    for name in ("en", "xx"):
        (tmp_path / name).mkdir()
        for path in (ROOT / "en").glob("*.yaml"):
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BadFile) as told:
        load_catalogue(tmp_path, "xx")
    assert told.value.code == "catalogue"
    assert "severity" in told.value.detail or "tip" in told.value.detail


def test_a_length_of_time_is_spoken(words: Catalogue):
    finding = Finding("node.kubelet-runs", Verdict.PASS, "runs", (("daemon", "kubelet"), ("since", "6 d")))
    assert words.summary(finding) == "since 6 d"
    assert load_catalogue(ROOT, "ko").summary(finding) == "6일 전부터"
    off = Finding("node.clock-and-certificates", Verdict.FAIL, "clock-right", (("offset", "-47 s"),))
    assert words.summary(off) == "clock -47 s"
    assert load_catalogue(ROOT, "ko").summary(off) == "시계 -47초"


def test_every_place_to_ask_has_words(words: Catalogue, other: Catalogue):
    assert [one.id for one in words.links] == ["stack-overflow", "forum", "slack"]
    for language in (words, other):
        assert all(f"help.{one.id}" in language.labels for one in language.links)
        assert language.links == words.links


def test_korean_letters_take_two_columns():
    assert columns("통과") == 4
    assert columns("Pass") == 4


ANSWERS = {"yes", "no", "on", "off"}


def test_answers_in_evidence_are_said_in_its_words(other: Catalogue):
    cases = {**cases_access.CASES, **cases_firewall.CASES, **cases_machine.CASES, **cases_proxy.CASES}
    found = [judge(case.facts, case.node)[check] for check, some in cases.items() for case in some]
    quoted = {one for finding in found for one in finding.evidence}
    asked = {one for one in quoted if ANSWERS & set(one.value.replace(": ", ", ").split(", "))}
    assert {one.label for one in asked} == {
        "api-server",
        "direct-way",
        "firewall-profile",
        "hyper-v",
        "listens",
        "service",
    }
    told = {other.value(one) for one in asked}
    assert {one for one in told if ANSWERS & set(one.replace(": ", ", ").split(", "))} == set()
    assert load_catalogue(ROOT).value(Evidence("listens", "TCP 10250: yes", "x")) == "TCP 10250: yes"
    assert other.value(Evidence("log", "no: no, yes", "x")) == "no: no, yes", "what a node wrote stays as it is"


def constants(tree: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def is_named(one: ast.AST, name: str) -> bool:
    return isinstance(one, ast.Assign) and getattr(one.targets[0], "id", "") == name


def written_places() -> set[str]:
    """The words of every wrong place that the node list's reader can name."""
    found: set[str] = set()
    for name in ("inventory", "site_settings"):
        for one in ast.walk(ast.parse((ROOT.parents[1] / "checks" / f"{name}.py").read_text(encoding="utf-8"))):
            called = getattr(one.func, "attr", getattr(one.func, "id", "")) if isinstance(one, ast.Call) else ""
            if called in ("wrong", "Place") and isinstance(one.args[2], ast.Constant):
                found.add(one.args[2].value)
            elif is_named(one, "words"):
                found |= {text for text in constants(one.value) if " " in text.strip()}
            elif name == "site_settings" and (isinstance(one, ast.Return) or is_named(one, "wrong")):
                found |= {f"{{value}} {text}" for text in constants(one) if text.startswith(("is ", "must "))}
    return found


def test_every_wrong_place_of_a_node_list_has_words():
    labels, written = load_catalogue(ROOT).labels, written_places()
    assert {one for one in written if labels.get(one) != one} == set()
    listed = yaml.safe_load((ROOT / "en" / "labels-list.yaml").read_text(encoding="utf-8"))
    assert set(listed) - {"list.line"} == written


def test_wrong_places_are_told_in_korean():
    text = "nodes:\n  - {name: a, adress: x, port: 99999, sign_in: basic}\ncluster: {cluster_cidr: abc}\nmore: 1\n"
    with pytest.raises(BadFile) as caught:
        parse_nodes(text, "nodes.yaml")
    error = caught.value
    assert "line 2: $.nodes[0].adress: is not a key; did you mean address?" in error.detail
    assert load_catalogue(ROOT).detail(error) == error.detail
    told = load_catalogue(ROOT, "ko").detail(error).splitlines()
    assert len(told) == len(error.detail.splitlines()) == len(error.places)
    assert "2번째 줄: $.nodes[0].adress: 없는 키입니다. address을(를) 쓰려고 했나요?" in told
    assert not [line for line in told if re.search(r"\b(is|must|not|no|the)\b", line)]
    other = BadFile("node-list", detail="as the system says it", file="x")
    assert load_catalogue(ROOT, "ko").detail(other) == "as the system says it"
