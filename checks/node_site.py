"""What is known of a node's cluster, of its layout and of the places on it: each with its origin, or why it is not known.

Nothing is judged here. What the node list says counts, then what the node shows, then what holds where nobody says otherwise.
"""

from __future__ import annotations

from dataclasses import replace

from checks.cluster import RKE2_DEFAULT
from checks.cluster_context import ContextValue
from checks.facts import TYPED_NOT_THERE
from checks.host_settings import typed_host
from checks.node import Node, Typed
from checks.node_places import names, places
from checks.node_unknown import why
from checks.profile import TITLES, detect, layout_unread
from checks.scan_report import NodeReport
from checks.site_rows import Note, Origin, SiteRow, SiteSection, label, nothing
from checks.site_settings import CLUSTER_KEYS, typed_values


def overruled(row: SiteRow, typed: Typed | None) -> SiteRow:
    """The row with what the node list says in its place; what the node said of that very place stays beside it."""
    if typed is None:
        return row
    kept = tuple(note for note in row.notes if note.code in ("absent", "not-read", TYPED_NOT_THERE))
    return SiteRow(row.label, typed.value, Origin.TYPED, typed.scope, kept)


def node_site(node: Node, report: NodeReport | None) -> tuple[SiteSection, ...]:
    """Everything in a fixed order. Of a node that was not read: what is typed, and which values of its cluster are missing."""
    if report is None or not report.profile:
        return _unread(node, "never" if report is None else "unread")
    profile = detect(report.facts, node.profile)
    return (
        SiteSection("cluster", tuple(_context_row(one, node, report) for one in report.context)),
        SiteSection("layout", _layout(node, report)),
        SiteSection("places", _typed_over(node, "paths", places(report.facts, profile))),
        SiteSection("names", _typed_over(node, "names", names(report.facts))),
    )


def _unread(node: Node, code: str) -> tuple[SiteSection, ...]:
    cluster = tuple(overruled(nothing(name, code), _typed(node, name)) for name in CLUSTER_KEYS)
    typed = SiteRow(label("profile"), _title(node.profile), Origin.TYPED, "node")

    def given(block: str) -> tuple[SiteRow, ...]:
        return tuple(overruled(nothing(one.name, code), one) for one in typed_values(node, block))

    sections = (
        SiteSection("cluster", cluster),
        SiteSection("layout", (typed,) if node.profile else ()),
        SiteSection("places", given("paths")),
        SiteSection("names", given("names")),
    )
    return tuple(one for one in sections if one.rows)


def _typed(node: Node, name: str) -> Typed | None:
    if name == "hyperv_host":
        return typed_host(node)
    return next((one for one in node.cluster if one.name == name), None)


def _context_row(one: ContextValue, node: Node, report: NodeReport) -> SiteRow:
    typed = _typed(node, one.name)
    shows = (Note("shows", one.found),) if one.found else ()
    if typed is not None:
        return SiteRow(label(one.name), one.value, Origin.TYPED, typed.scope, shows)
    if one.value:
        origin = Origin.DEFAULT if one.source == RKE2_DEFAULT else Origin.FOUND
        return SiteRow(label(one.name), one.value, origin, one.source)
    return replace(nothing(one.name, ""), notes=(why(report.facts, one.name),))


def _title(profile: str) -> str:
    title = TITLES.get(profile, "")
    return f"{title} ({profile})" if title else profile


def _layout(node: Node, report: NodeReport) -> tuple[SiteRow, ...]:
    """The layout and what told it."""
    profile = detect(report.facts, node.profile)
    first, *rest = profile.evidence
    trouble = layout_unread(report.facts)
    notes = (Note("guess", trouble.message),) if trouble is not None else ()
    head = SiteRow(label("profile"), _title(profile.name), Origin.FOUND, first.source, notes)
    if node.profile:
        head = replace(head, origin=Origin.TYPED, source="node", notes=())
        rest = [one for one in rest if one.label != "profile"]
    return (head, *(SiteRow(one.label, one.value, Origin.FOUND, one.source) for one in rest))


def _typed_over(node: Node, block: str, rows: tuple[SiteRow, ...]) -> tuple[SiteRow, ...]:
    typed = {label(one.name): one for one in typed_values(node, block)}
    return tuple(overruled(row, typed.get(row.label)) for row in rows)
