"""Planted nodes of one cluster held against each other: what clashes is told on each of them, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fleet_pairs import PAIRS, Pair

from checks.fleet import FLEET_IDS, with_fleet

pytestmark = pytest.mark.node


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_both_nodes_are_told_what_clashes(bench, planted, pair: Pair):
    reports = []
    for number, spec in enumerate((pair.first, pair.second)):
        report = bench(planted(spec)).scan()
        assert report.error is None
        reports.append(replace(report, node=replace(report.node, name=f"node-{number}")))
    for report in with_fleet(reports):
        told = {one.check: f"{one.verdict.value} {one.reason}" for one in report.findings if one.check in FLEET_IDS}
        assert told == pair.expected
