"""The law over all checks: what could not be read never makes a finding better, and never accuses anybody."""

from __future__ import annotations

from dataclasses import replace

import cases_access
import cases_addresses
import cases_builds
import cases_clock
import cases_cluster
import cases_cni_ready
import cases_containerd_config
import cases_dns
import cases_firewall
import cases_flannel
import cases_hyperv
import cases_images
import cases_interfaces
import cases_limits
import cases_machine
import cases_nat
import cases_network
import cases_network_names
import cases_node
import cases_node_ports
import cases_proxy
import cases_proxy_answers
import cases_removed_flags
import cases_source_vip
import cases_vxlan
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_once import Judge
from node_changes import Case, silent
from node_facts import LAYOUTS, context, fact, fact_paths, healthy, judge, with_fact, with_problem
from unread_items import LISTS, with_one_unread

from checks.facts import NodeFacts, Problem
from checks.finding import Verdict
from checks.probe import PROBES
from checks.profile import detect
from checks.rules import CHECKS
from checks.rules.fleet import FLEET_CHECKS
from checks.unread_parts import PARTS

CASES: tuple[Case, ...] = tuple(
    case
    for module in (
        cases_node,
        cases_proxy,
        cases_proxy_answers,
        cases_network,
        cases_nat,
        cases_flannel,
        cases_source_vip,
        cases_limits,
        cases_access,
        cases_cluster,
        cases_clock,
        cases_machine,
        cases_hyperv,
        cases_addresses,
        cases_dns,
        cases_images,
        cases_containerd_config,
        cases_removed_flags,
        cases_cni_ready,
        cases_network_names,
        cases_vxlan,
        cases_firewall,
        cases_builds,
        cases_interfaces,
        cases_node_ports,
    )
    for cases in module.CASES.values()
    for case in cases
)
NODES: tuple[NodeFacts, ...] = (*(healthy(layout) for layout in LAYOUTS), *(case.facts for case in CASES))
PATHS = fact_paths()
SETS = st.sets(st.sampled_from(PATHS), min_size=1, max_size=8)
GOOD = (Verdict.PASS, Verdict.INFO, Verdict.NOT_APPLICABLE)
USES = {check.id: frozenset(check.uses) for check in CHECKS}
PROBLEMS = {path: Problem(path, "access denied", "0x80070005") for path in PATHS}
judged = Judge()


def without(facts: NodeFacts, paths: set[str]) -> NodeFacts:
    for path in sorted(paths):
        facts = with_problem(facts, path, PROBLEMS[path])
    return facts


def hold_the_law(facts: NodeFacts, paths: set[str]) -> None:
    less = without(facts, paths)
    unread = {path for path in PATHS if isinstance(fact(less, path), Problem)}
    for check, was, now in judged.both(facts, less):
        is_lawful = (
            now.reason != "crashed"
            and (now.verdict is not Verdict.PASS or (was.verdict is Verdict.PASS and unread.isdisjoint(USES[check])))
            and (now.verdict not in GOOD or was.verdict in GOOD)
            and (now.verdict is not Verdict.FAIL or was.verdict not in GOOD)
        )
        assert is_lawful, (check, sorted(paths), was.verdict, was.reason, now.verdict, now.reason)


@pytest.mark.parametrize("path", LISTS)
def test_one_unread_file_makes_nothing_better(path: str):
    """Of a list that was answered: a rule may do without it, but then says what it said, or UNKNOWN."""
    for facts in NODES:
        for less in with_one_unread(facts, path):
            for check, was, now in judged.both(facts, less):
                is_lawful = (
                    now.reason != "crashed"
                    and (now.verdict is not Verdict.PASS or was.verdict is Verdict.PASS)
                    and (now.verdict not in GOOD or was.verdict in GOOD)
                    and (now.verdict is not Verdict.FAIL or was.verdict not in GOOD)
                )
                assert is_lawful, (check, path, was.verdict, was.reason, now.verdict, now.reason)


def test_every_finding_tells_what_it_rests_on():
    for facts in NODES:
        for check, one in judged(facts).items():
            assert one.evidence, (check, one.verdict, one.reason)


def test_remembering_changes_nothing():
    for number, facts in enumerate(NODES):
        less = without(facts, {PATHS[number % len(PATHS)]}) if number % 2 else facts
        expected = {check: replace(one, cause="") for check, one in judge(less).items()}
        assert judged(less) == expected
        assert {check: now for check, _, now in judged.both(facts, less)} == expected


@pytest.mark.parametrize("path", PATHS)
def test_one_unread_fact_makes_nothing_better(path: str):
    for facts in NODES:
        hold_the_law(facts, {path})


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(NODES), SETS)
def test_unread_facts_make_nothing_better(facts: NodeFacts, paths: set[str]):
    hold_the_law(facts, paths)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NODES), SETS, SETS)
def test_every_further_unread_fact_makes_nothing_better(facts: NodeFacts, paths: set[str], more: set[str]):
    hold_the_law(without(facts, paths), more)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(LAYOUTS), SETS)
def test_on_a_healthy_node_unread_facts_are_unknown_at_worst(layout: str, paths: set[str]):
    found = judged(without(healthy(layout), paths))
    told = {check: (one.verdict, one.reason) for check, one in found.items()}
    assert all(verdict is Verdict.UNKNOWN or verdict in GOOD for verdict, _ in told.values()), told


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_without_its_facts_is_unknown(check):
    for facts in NODES:
        less = without(facts, {*check.uses, *check.instead})
        found = judged.one(check, less)
        if found.verdict is not Verdict.UNKNOWN:
            # Only a layout that is known for another reason needs no facts.
            assert found.verdict is Verdict.NOT_APPLICABLE, found
            profile = context(less).profile
            assert profile.uses_flannel is False or profile.is_overlay is False, found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_each_fact_that_a_check_uses_is_one(check):
    assert {*check.uses, *check.instead} <= {path for path in PATHS if "." in path}
    assert set(check.whole) <= PARTS.keys() & set(check.uses)
    assert set(check.waits_for) <= {path for path in PATHS if "." not in path}


SPARED = {path for probe in PROBES.values() for _, paths in probe.spares for path in paths}
NOT_ASKED = {path: Problem(path, "not asked for", "not-asked") for path in SPARED}


def test_what_a_probe_can_spare_concerns_only_checks_that_use_it():
    """A re-check leaves it out (`Probe.spares`): no other check may say anything else without it, nor with none of it."""
    concerned = {check.id for check in CHECKS if SPARED & {*check.uses, *check.instead}}
    assert (SPARED, concerned) == ({"cluster.pods", "cluster.events"}, {"node.images-are-pulled"})
    differ: set[str] = set()
    for facts in NODES:
        not_asked, nothing = facts, facts
        for path in SPARED:
            not_asked, nothing = with_problem(not_asked, path, NOT_ASKED[path]), with_fact(nothing, path, ())
        for less in (not_asked, nothing):
            differ |= {check for check, was, now in judged.both(facts, less) if was != now}
            assert detect(less) == detect(facts)
            assert [one.read(less) for one in FLEET_CHECKS] == [one.read(facts) for one in FLEET_CHECKS]
    assert differ == concerned


def test_a_node_that_answers_nothing_is_unknown():
    assert {one.verdict for one in judge(silent(healthy("sdn-nssm"))).values()} == {Verdict.UNKNOWN}
