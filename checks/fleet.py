"""What all reports of a site say together, put into each report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from checks.rules.fleet import FLEET_CHECKS, Member, compare
from checks.scan import NodeReport
from checks.turn import let_pass

FLEET_IDS = frozenset(check.id for check in FLEET_CHECKS)


def with_fleet(reports: Sequence[NodeReport]) -> tuple[NodeReport, ...]:
    """The same reports, each with its findings of area fleet; those of an earlier comparison are replaced."""
    found = compare([Member(report.node, report.facts) for report in reports])
    told: list[NodeReport] = []
    for report in reports:
        let_pass()
        own = tuple(one for one in report.findings if one.check not in FLEET_IDS)
        more = tuple(one.dated(report.started) for one in found[report.node.name])
        told.append(replace(report, findings=(*own, *more)))
    return tuple(told)
