"""Documents of probes become facts, and nothing a node answers becomes a good default or an exception."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.facts import EgressFacts, EnvironmentFacts, HnsFacts, NodeFacts, Problem, SystemFacts, VariableFact
from checks.probe import HOST_PROBE, PROBES, ExtraPaths, decode
from checks.scan import BESIDE

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def document(field: str, facts: object, problems: object = ()) -> dict[str, object]:
    return {"schema": 1, "script": PROBES[field].script, "facts": facts, "problems": problems}


def test_each_field_of_a_scan_has_its_probe(resources: Path) -> None:
    # The clock is measured by the scan itself, and others are asked elsewhere.
    assert {*PROBES, "clock", *BESIDE} == {one.name for one in fields(NodeFacts)}
    shipped = {path.stem for path in (resources / "scripts" / "probes").glob("*.ps1")}
    assert {*(probe.script for probe in PROBES.values()), HOST_PROBE.script} == shipped


def test_asks_what_else_needs_first_and_the_network_last() -> None:
    assert list(PROBES)[:2] == ["system", "daemons"]
    assert list(PROBES)[-3:] == ["runtime", "proxy", "egress"]


def test_names_only_paths_that_are_there() -> None:
    more = ExtraPaths(net_conf=("C:\\x\\net-conf.json",), cni_folders=("C:\\cni",))
    told = {field: dict(probe.parameters(more)) for field, probe in PROBES.items()}
    assert told["flannel"] == {"NetConf": ["C:\\x\\net-conf.json"]}
    assert told["cni"] == {"Folder": ["C:\\cni"]}
    assert told["profile"] == {}
    assert told["egress"] == {"Target": "registry.k8s.io", "Port": 443}


def test_every_parameter_is_one_of_its_script(resources: Path) -> None:
    every = ExtraPaths(*[("C:\\x",)] * len(fields(ExtraPaths)))
    for probe in PROBES.values():
        text = (resources / "scripts" / "probes" / f"{probe.script}.ps1").read_text(encoding="utf-8")
        head = text[: text.index("Set-StrictMode")]
        for name in probe.parameters(every):
            assert f"${name}" in head, (probe.script, name)
        assert head.count("[string[]] $") + head.count("[string] $") + head.count("[int] $") == len(
            probe.parameters(every)
        )


def test_answers_become_typed_facts() -> None:
    facts = decode(
        "environment",
        document(
            "environment",
            {
                "machine": [{"name": "HTTP_PROXY", "value": "http://me:***@proxy:3128", "has_password": True}],
                "machine_changed": "2026-11-24T12:23:39.0177470Z",
            },
        ),
    )
    assert facts == EnvironmentFacts(
        machine=(VariableFact("HTTP_PROXY", "http://me:***@proxy:3128", True),),
        machine_changed=datetime(2026, 11, 24, 12, 23, 39, 17747, tzinfo=UTC),
    )


def test_a_problem_stands_in_the_place_of_its_fact() -> None:
    trouble = {"fact": "reached", "message": "access denied", "code": "0x80070005"}
    facts = decode("egress", document("egress", {"target": "h:443", "reached": True}, [trouble]))
    assert facts == EgressFacts("h:443", Problem("egress.reached", "access denied", "0x80070005"))


def test_a_missing_or_ill_typed_answer_is_a_problem() -> None:
    facts = decode("hns", document("hns", {"networks": [{"id": "x"}], "endpoint_count": "7", "endpoints": []}))
    assert isinstance(facts, HnsFacts)
    assert facts.endpoints == ()
    assert isinstance(facts.networks, Problem)
    assert isinstance(facts.endpoint_count, Problem)
    assert facts.load_balancer_vips == Problem("hns.load_balancer_vips", "not answered", "missing")


def test_null_is_no_answer() -> None:
    facts = decode("system", document("system", dict.fromkeys([one.name for one in fields(SystemFacts)])))
    assert all(isinstance(getattr(facts, one.name), Problem) for one in fields(SystemFacts))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "text",
        {},
        {"schema": 2, "script": "Get-EgressFact", "facts": {}, "problems": []},
        {"schema": True, "script": "Get-EgressFact", "facts": {}, "problems": []},
        {"schema": 1, "script": "Get-HnsFact", "facts": {}, "problems": []},
        {"schema": 1, "script": "Get-EgressFact", "facts": None, "problems": []},
    ],
)
def test_another_document_is_a_problem_as_a_whole(answer: object) -> None:
    found = decode("egress", answer)
    assert isinstance(found, Problem)
    assert found.fact == "egress"


@given(st.sampled_from(sorted(PROBES)), ANY_JSON)
def test_any_json_is_a_problem(field: str, answer: object) -> None:
    assert isinstance(decode(field, json.loads(json.dumps(answer))), Problem)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_is_answered_only_what_was_answered_is_a_fact(data: st.DataObject) -> None:
    probe = PROBES[data.draw(st.sampled_from(sorted(PROBES)))]
    names = [one.name for one in fields(probe.facts_type)]
    facts = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), ANY_JSON))
    problems = data.draw(
        ANY_JSON | st.lists(st.fixed_dictionaries({"fact": st.sampled_from(names) | ANY_JSON, "message": ANY_JSON}))
    )
    found = decode(probe.field, document(probe.field, facts, problems))
    assert isinstance(found, probe.facts_type)
    listed = problems if isinstance(problems, list) else []
    told = [entry.get("fact") for entry in listed if isinstance(entry, dict)]
    for name in names:
        if name not in facts or facts[name] is None or name in told:
            assert isinstance(getattr(found, name), Problem)
