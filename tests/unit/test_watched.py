"""What still holds from the scan before is what a first scan would find; and nothing is concluded twice for nothing."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from node_facts import NODE, NOW, context, healthy, with_problem
from test_unknown_is_never_good import NODES, PATHS

import checks.scan_judge
from checks.check import evaluate
from checks.facts import NodeFacts, Problem, VariableFact
from checks.finding import Finding
from checks.node import Node
from checks.profile import detect, extra_paths, headline
from checks.rules import CHECKS
from checks.scan import Scanner
from checks.scan_judge import Judge
from checks.watched import NOW as TIME
from checks.watched import Memory, Watched

HEALTHY = healthy("sdn-nssm")


def stamped(finding: Finding, when=NOW) -> Finding:
    told = tuple(replace(one, read_at=one.read_at or when) for one in finding.evidence)
    return replace(finding, evidence=told)


def judge(memory: Memory, when=NOW, now=NOW) -> Judge:
    return Judge(memory, NODE, when, lambda _: now)


def read_again(memory: Memory, facts: NodeFacts) -> NodeFacts:
    """As a scan gets them: decoded anew, each fact that is equal to the one before replaced by it."""
    told = {
        one.name: memory.answered(one.name, b"", lambda name=one.name: getattr(facts, name)) for one in fields(facts)
    }
    return NodeFacts(**told)


@pytest.mark.parametrize("seed", range(3))
def test_remembering_changes_no_finding(seed: int):
    """Nodes of all cases one after the other, as if each were the state of the same node at its next scan."""
    chance = random.Random(seed)
    memory = Memory()
    for number, state in enumerate(chance.sample(NODES, 100)):
        for path in chance.sample(PATHS, chance.choice((0, 0, 1, 5))):
            state = with_problem(state, path)
        if chance.random() < 0.3:
            state = replace(state, **{chance.choice(fields(state)).name: Problem("x", "did not answer")})
        facts = read_again(memory, state)
        assert facts == state
        now = NOW + timedelta(hours=number)
        plain = replace(context(state), node=NODE, now=now, profile=detect(state, NODE.profile))
        one = judge(memory, now=now)
        assert one.profile(facts) == plain.profile
        for check in CHECKS:
            assert one.finding(check, facts) == stamped(evaluate(check, plain)), check.id
        assert one.concluded("paths", facts, lambda about: extra_paths(about.facts)) == extra_paths(state)
        told = one.concluded("head", facts, lambda about: headline(about.facts, about.profile))
        assert told == headline(state, plain.profile)


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    seen: list[str] = []

    def counting(check, about):
        seen.append(check.id)
        return evaluate(check, about)

    monkeypatch.setattr(checks.scan_judge, "evaluate", counting)
    return seen


def test_unchanged_node_is_not_judged_again_and_its_evidence_is_new(asked: list[str]):
    memory, later = Memory(), NOW + timedelta(minutes=5)
    first = judge(memory)
    facts = read_again(memory, HEALTHY)
    before = {check.id: first.finding(check, facts) for check in CHECKS}
    asked.clear()
    system = replace(HEALTHY.system, node_time=later)
    facts = read_again(memory, replace(HEALTHY, system=system))
    second = judge(memory, when=later, now=later)
    after = {check.id: second.finding(check, facts) for check in CHECKS}
    # What asks for the time is another matter each time.
    assert 0 < len(set(asked)) == len(asked) < 10
    for check, finding in after.items():
        old = before[check]
        assert [one.value for one in finding.evidence] == [one.value for one in old.evidence]
        for was, one in zip(old.evidence, finding.evidence, strict=True):
            assert one.read_at == (later if was.read_at == NOW else was.read_at)


def test_one_changed_fact_is_judged_by_who_reads_it(asked: list[str]):
    memory = Memory()
    first = judge(memory)
    facts = read_again(memory, HEALTHY)
    for check in CHECKS:
        first.finding(check, facts)
    asked.clear()
    proxy = VariableFact("HTTP_PROXY", "http://10.0.0.9:3128")
    changed = replace(HEALTHY, environment=replace(HEALTHY.environment, machine=(proxy,)))
    facts = read_again(memory, changed)
    second = judge(memory)
    for check in CHECKS:
        second.finding(check, facts)
    assert any("proxy" in one for one in asked)
    assert len(asked) < len(CHECKS) / 4


def test_rule_that_crashed_is_asked_again(monkeypatch):
    asked: list[str] = []

    def crash(about):
        asked.append(about.facts.system.build)
        raise MemoryError

    check = replace(CHECKS[0], rule=crash)
    memory = Memory()
    facts = read_again(memory, HEALTHY)
    for _ in range(2):
        assert judge(memory).finding(check, facts).reason == "crashed"
    assert len(asked) == 2


def test_same_bytes_are_decoded_once_and_unknown_ones_each_time():
    memory = Memory()
    made: list[int] = []

    def decode() -> object:
        made.append(1)
        return HEALTHY.system

    for digest in (b"a", b"a", b"b", b"", b"", b"b"):
        assert memory.answered("system", digest, decode) == HEALTHY.system
    assert len(made) == 5


def test_derived_answer_counts_as_read_by_everybody_who_uses_it():
    memory = Memory()
    watched = Watched(HEALTHY, {TIME: NOW})
    for key in ("one", "two"):
        memory.concluded(key, watched, lambda: extra_paths(watched.facts))
    other = Watched(replace(HEALTHY, daemons=Problem("daemons", "silent")), {TIME: NOW})
    for key in ("one", "two"):
        found = memory.concluded(key, other, lambda: extra_paths(other.facts))
        assert found == extra_paths(replace(HEALTHY, daemons=Problem("daemons", "silent")))


def test_records_are_told_apart_as_ever():
    facts = Watched(HEALTHY, {TIME: NOW}).facts
    assert isinstance(facts.system, type(HEALTHY.system))
    assert not isinstance(facts.system, Problem)
    assert facts.system.build == HEALTHY.system.build
    with pytest.raises(AttributeError):
        _ = facts.system.no_such_fact


def test_node_whose_settings_changed_is_judged_anew(scripts):
    scanner = Scanner(scripts)
    node = Node("worker-01", "10.2.0.11")
    memory = scanner.memory(node)
    assert scanner.memory(Node("worker-01", "10.2.0.11")) is memory
    assert scanner.memory(replace(node, profile="rke2")) is not memory
    assert scanner.memory(node) is not memory
