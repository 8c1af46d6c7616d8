"""`nodepane-cli scan`: several nodes at once, told in the order of the list."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from checks.catalogue import fill
from checks.cli_site import Site
from checks.errors import BadFile, Cancelled, ToolError
from checks.fleet import with_fleet
from checks.node import Node
from checks.report import BAD, report_lines, scan_document
from checks.scan import NodeReport, unread_report
from checks.session import Session
from checks.site_context import site_lines

AT_ONCE = 32
"""Nodes read at the same time: each thread only waits for its node."""


def scan_nodes(site: Site, names: tuple[str, ...], as_json: bool) -> tuple[bool, bool]:
    """Scan and print. Answers whether there are findings, and whether a node could not be read."""
    nodes = tuple(dict.fromkeys(site.node(name) for name in names)) or site.nodes
    if not nodes:
        raise BadFile("no-nodes")
    for node in nodes:
        site.prepare(node)
    reports = with_fleet(_read_all(site, nodes))
    if as_json:
        document = scan_document(reports, site.words, datetime.now(UTC))
        site.output.line(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(site, reports)
    return any(_is_bad(report) for report in reports), any(report.error for report in reports)


def _read_all(site: Site, nodes: tuple[Node, ...]) -> list[NodeReport]:
    """All reports, in the order of `nodes`. Ctrl-C ends what runs, and starts nothing more."""
    stop = threading.Event()
    sessions: list[Session] = []
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        running = [pool.submit(_scan, site, node, sessions, stop) for node in nodes]
        try:
            return [one.result() for one in running]
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for session in tuple(sessions):
                session.cancel()
            raise


def _scan(site: Site, node: Node, sessions: list[Session], stop: threading.Event) -> NodeReport:
    try:
        session = site.open_session(node)
    except ToolError as error:
        return unread_report(node, error, datetime.now(UTC))
    sessions.append(session)
    try:
        if stop.is_set():
            raise Cancelled("cancelled", node=node.name)
        return site.scanner.read(session, node, stop=stop)
    finally:
        session.close()


def _is_bad(report: NodeReport) -> bool:
    return bool(report.error) or any(finding.verdict in BAD for finding in report.findings)


def _print(site: Site, reports: Sequence[NodeReport]) -> None:
    for report in reports:
        site.output.line("\n".join(report_lines(report, site.words)))
        site.output.line()
    summary = list(site_lines(reports, site.words))
    if summary:
        site.output.line("\n".join((*summary, "")))
    counts = {
        "nodes": str(len(reports)),
        "bad": str(sum(_is_bad(report) and not report.error for report in reports)),
        "unreachable": str(sum(bool(report.error) for report in reports)),
    }
    site.output.line(fill(site.words.label("cli.scan-total"), counts))
