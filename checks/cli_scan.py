"""`nodepane-cli scan`: several nodes at once, told in the order of the list."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from checks.catalogue import fill
from checks.cli_site import Site
from checks.errors import ToolError
from checks.node import Node
from checks.report import BAD, report_lines, scan_document
from checks.scan import NodeReport, unread_report
from checks.session import Session

AT_ONCE = 32
"""Nodes read at the same time: each thread only waits for its node."""


def scan_nodes(site: Site, names: tuple[str, ...], as_json: bool) -> tuple[bool, bool]:
    """Scan and print. Answers whether there are findings, and whether a node could not be read."""
    nodes = tuple(site.node(name) for name in names) or site.nodes
    for node in nodes:
        _prepare(site, node)
    sessions: list[Session] = []
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        try:
            running = [pool.submit(_scan, site, node, sessions.append) for node in nodes]
            reports = [one.result() for one in running]
        except KeyboardInterrupt:
            for session in sessions:
                session.cancel()
            raise
    if as_json:
        document = scan_document(reports, site.words, datetime.now(UTC))
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(site, reports)
    return any(_is_bad(report) for report in reports), any(report.error for report in reports)


def _prepare(site: Site, node: Node) -> None:
    """Ask for passwords one after the other, before anything runs at once; a node without one fails in its own report."""
    try:
        site.credentials(node)
    except ToolError:
        if len(site.nodes) == 1:
            raise


def _scan(site: Site, node: Node, keep: Callable[[Session], None]) -> NodeReport:
    try:
        session = site.open_session(node)
    except ToolError as error:
        return unread_report(node, error, datetime.now(UTC))
    keep(session)
    try:
        return site.scanner.read(session, node)
    finally:
        session.close()


def _is_bad(report: NodeReport) -> bool:
    return bool(report.error) or any(finding.verdict in BAD for finding in report.findings)


def _print(site: Site, reports: list[NodeReport]) -> None:
    for report in reports:
        print("\n".join(report_lines(report, site.words)))
        print()
    counts = {
        "nodes": str(len(reports)),
        "bad": str(sum(_is_bad(report) and not report.error for report in reports)),
        "unreachable": str(sum(bool(report.error) for report in reports)),
    }
    print(fill(site.words.label("cli.scan-total"), counts))
