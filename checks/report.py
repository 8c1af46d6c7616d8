"""A scan as a JSON document (`resources/scan.schema.json`) and as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from checks.catalogue import Catalogue, fill
from checks.errors import ToolError
from checks.finding import Area, Evidence, Finding, Verdict
from checks.scan import NodeReport
from checks.session import Json
from checks.site_context import site_document
from checks.terminal import Cell, aligned, columns

BAD = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN})
"""Verdicts that keep a scan from being "all good": unknown is never good."""


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _evidence(evidence: Evidence) -> Mapping[str, Json]:
    read = _time(evidence.read_at)
    return {"label": evidence.label, "value": evidence.value, "source": evidence.source, "time": read}


def _finding(finding: Finding, words: Catalogue) -> Mapping[str, Json]:
    return {
        "check": finding.check,
        "tip": words.check(finding.check).tip,
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "summary": words.summary(finding),
        "evidence": [_evidence(one) for one in finding.evidence],
        "fixes": list(finding.fixes),
        "cause": finding.cause or None,
    }


def error_document(error: ToolError, words: Catalogue) -> Mapping[str, Json]:
    """An error in its three parts, with its code."""
    what, why, todo = words.error(error.code, error.fields)
    return {"code": error.code, "what": what, "why": why, "do": todo, "detail": words.detail(error)}


def report_document(report: NodeReport, words: Catalogue) -> Mapping[str, Json]:
    """One node of the JSON document."""
    return {
        "name": report.node.name,
        "address": report.node.address,
        "profile": report.profile,
        "headline": list(report.headline),
        "started": _time(report.started),
        "seconds": round(report.duration_s, 3),
        "requests": report.requests,
        "probes": [
            {"script": one.script, "seconds": round(one.seconds, 3), "budget": one.budget_s, "overdue": one.is_overdue}
            for one in report.probes
        ],
        "context": [
            {"name": one.name, "value": one.value, "source": one.source, "found": one.found or None}
            for one in report.context
            if one.value
        ],
        "findings": [_finding(finding, words) for finding in report.findings],
        "error": error_document(report.error, words) if report.error else None,
    }


def scan_document(reports: Sequence[NodeReport], words: Catalogue, now: datetime) -> Mapping[str, Json]:
    """The whole document that `scan --json` prints."""
    nodes = [report_document(report, words) for report in reports]
    return {"schema": 1, "generated": _time(now), "site": site_document(reports), "nodes": nodes}


def error_lines(error: ToolError, words: Catalogue) -> tuple[str, ...]:
    """What happened, why we think so, what to do, and the technical detail where there is one."""
    lines = [*words.error(error.code, error.fields)]
    lines.extend(f"  {line}" for line in words.detail(error).splitlines())
    return tuple(lines)


def report_lines(report: NodeReport, words: Catalogue, cell: Cell = aligned) -> Iterator[str]:
    """One node's checklist as text: worst first inside each area, consequences indented under their cause."""
    yield " · ".join((report.node.name, report.node.address, *map(words.headline, report.headline)))
    if report.error:
        yield from (f"  {line}" for line in error_lines(report.error, words))
    yield from _context_lines(report, words, cell)
    width = max(columns(words.verdict(verdict)) for verdict in Verdict)
    followers = _followers(report.findings)
    for area in Area:
        own = [one for one in report.findings if words.check(one.check).area is area and not _is_folded(one, followers)]
        if own:
            yield f"  {words.label(f'area.{area.value}')}"
        for finding in sorted(own, key=lambda one: one.verdict.rank):
            yield from _finding_lines(finding, words, cell, width)
            for one in sorted(followers.get(finding.check, ()), key=lambda one: one.verdict.rank):
                yield from _finding_lines(one, words, cell, width, "    ")
    yield from _probe_lines(report, words)


def _context_lines(report: NodeReport, words: Catalogue, cell: Cell) -> Iterator[str]:
    """What is known of the cluster, with its source; what is neither typed nor found stands in one line."""
    if not report.context:
        return
    yield f"  {words.label('context.title')}"
    labels = {one.name: words.label(f"context.{one.name}") for one in report.context}
    width = max(columns(label) for label in labels.values())
    for one in report.context:
        if one.value:
            other = fill(words.label("context.found"), {"value": one.found}) if one.found else ""
            yield f"    {cell(labels[one.name], width)}{one.value}  ({'; '.join(part for part in (words.source(one.source), other) if part)})"
    missing = [labels[one.name] for one in report.context if not one.value]
    if missing:
        yield f"    {words.label('context.unknown')}: {', '.join(missing)}"


def _probe_lines(report: NodeReport, words: Catalogue) -> Iterator[str]:
    """What was given up, and what took longest of what was not."""
    slowest = max((one for one in report.probes if not one.is_overdue), key=lambda one: one.seconds, default=None)
    told = [("report.overdue", one) for one in report.probes if one.is_overdue]
    told += [("report.slowest", slowest)] if slowest is not None else []
    for label, one in told:
        values = {"script": one.script, "seconds": f"{one.seconds:.1f}", "budget": f"{one.budget_s:.0f}"}
        yield f"  {fill(words.label(label), values)}"


def _followers(findings: Sequence[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    """Consequences by their cause, as far as that is in the list."""
    there = {one.check for one in findings}
    causes = {one.cause for one in findings} & there
    return {cause: tuple(one for one in findings if one.cause == cause) for cause in causes}


def _is_folded(finding: Finding, followers: Mapping[str, tuple[Finding, ...]]) -> bool:
    return finding.cause in followers


def _finding_lines(finding: Finding, words: Catalogue, cell: Cell, width: int, indent: str = "") -> Iterator[str]:
    yield f"    {cell(words.verdict(finding.verdict), width)}{indent}{words.check(finding.check).title}: {words.summary(finding)}"
    if finding.verdict in BAD:
        yield from (f"    {cell('', width)}{indent}{text}" for text in _advice(finding, words))


def _advice(finding: Finding, words: Catalogue) -> Iterator[str]:
    yield words.saw(finding)
    todo = words.todo(finding)
    if todo:
        yield "→ " + todo
    for fix in finding.fixes:
        yield f"→ {words.label('cli.offered-fix')}: {fix}"
