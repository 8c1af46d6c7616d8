"""A scan as JSON and as text: every verdict, every error, in every language, as the schema says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import pytest

from checks.catalogue import load_catalogue
from checks.errors import CannotReachNode, ToolError
from checks.finding import Evidence, Finding, Verdict
from checks.node import Node
from checks.report import BAD, error_document, error_lines, report_lines, scan_document
from checks.rules import CHECKS
from checks.scan import NodeReport, unread_report
from checks.terminal import tabbed

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
NODE = Node("worker-01", "10.2.0.11")
CHECK = "flannel.flanneld-runs"


@pytest.fixture(scope="module")
def valid(resources):
    schema = json.loads((resources / "scan.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema).validate


@pytest.fixture(params=["en", "ko"])
def language(request, resources):
    return load_catalogue(resources / "catalogue", request.param)


def report(*findings: Finding, error: ToolError | None = None) -> NodeReport:
    empty = unread_report(NODE, CannotReachNode("silent", node=NODE.name), NOW)
    return replace(empty, findings=findings, error=error, headline=("Server 2022",))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_as_the_schema_says(valid, language, verdict):
    evidence = (
        Evidence("process", "", "Win32_Process", NOW.astimezone(timezone(timedelta(hours=9)))),
        Evidence("process", 'a "quoted" 값\n', "C:\\k\\flanneld.exe"),
    )
    finding = Finding(CHECK, verdict, "a-reason-nobody-wrote", (("name", "x"),), evidence, ("restart-flanneld",))
    document = scan_document([report(finding)], language, NOW)
    valid(json.loads(json.dumps(document, ensure_ascii=False)))
    (shown,) = document["nodes"][0]["findings"]
    assert shown["verdict"] == verdict.value
    assert [one["time"] for one in shown["evidence"]] == ["2026-03-04T05:06:07+00:00", None]


def codes(words) -> list[str]:
    return sorted(words.errors)


def test_every_error_is_as_the_schema_says_and_in_three_parts(valid, language):
    for code in codes(language):
        error = ToolError(code, detail="HTTP 500", node="n", fault="1")
        told = error_document(error, language)
        assert all(told[part] for part in ("what", "why", "do")), code
        valid(scan_document([report(error=error)], language, NOW))
        assert len(error_lines(error, language)) == 4


def test_every_error_code_of_the_code_has_words(language, resources):
    raised: set[str] = set()
    kinds = "CannotReachNode|SignInRefused|NotPermitted|ScriptFailed|BadReply|BadFile|Refused|Cancelled|ToolError"
    for path in (resources.parent / "checks").rglob("*.py"):
        raised |= set(re.findall(rf'\b(?:{kinds})\(\s*"([a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    assert len(raised) > 40
    assert raised <= set(language.errors)


def test_a_node_that_was_not_read_is_unknown_everywhere(valid, words):
    unread = unread_report(NODE, CannotReachNode("no-answer", node=NODE.name, address="10.2.0.11", port="5985"), NOW)
    document = scan_document([unread], words, NOW)
    valid(document)
    (node,) = document["nodes"]
    assert (node["profile"], node["headline"], node["requests"]) == ("", [], 0)
    assert [one["check"] for one in node["findings"]] == [check.id for check in CHECKS]
    assert {one["verdict"] for one in node["findings"]} == {"unknown"}
    lines = list(report_lines(unread, words))
    assert any("did not answer" in line for line in lines)


def test_text_has_the_worst_first_and_advice_only_where_it_is_needed(words):
    ids = [check.id for check in CHECKS if words.check(check.id).area.value == "flannel"][:3]
    verdicts = (Verdict.PASS, Verdict.FAIL, Verdict.WARN)
    findings = [
        Finding(one, verdict, "r", fixes=("restart-flanneld",)) for one, verdict in zip(ids, verdicts, strict=True)
    ]
    lines = list(report_lines(report(*findings), words))
    titles = [next(index for index, line in enumerate(lines) if words.check(one).title in line) for one in ids]
    assert titles[1] < titles[2] < titles[0]
    assert sum("restart-flanneld" in line for line in lines) == 2


def test_in_a_window_a_tab_parts_the_columns(words):
    found = [Finding("flannel.source-vip", Verdict.FAIL, "stale"), Finding("flannel.subnet-env", Verdict.PASS, "whole")]
    parted = [line for line in report_lines(report(*found), words, tabbed) if "\t" in line]
    assert [line.partition("\t")[0] for line in parted] == ["    Fail", "    ", "    ", "    Pass"]
    lines = [line for line in report_lines(report(*found), words) if line.startswith("    ")]
    at = {line.index(tab.partition("\t")[2]) for line, tab in zip(lines, parted, strict=True)}
    assert at == {len("    Not applicable  ")}


def test_what_keeps_a_scan_from_being_good():
    assert set(Verdict) - BAD == {Verdict.PASS, Verdict.INFO, Verdict.NOT_APPLICABLE}
