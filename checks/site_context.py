"""The cluster's values over all nodes: which there are, from where, and on which nodes, so that differences can be seen.

Nothing is judged here: nodes of several clusters differ rightly, and those of one are held together by area fleet's checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.catalogue import Catalogue, fill
from checks.hyperv_host import same_host
from checks.scan import NodeReport
from checks.session import Json
from checks.site_settings import CLUSTER_KEYS
from checks.terminal import Cell, aligned, columns

MOST_NAMES = 6
"""Nodes that a line of text names; JSON has them all."""


@dataclass(frozen=True, slots=True)
class SiteValue:
    """One value of one name."""

    value: str
    sources: tuple[str, ...]
    nodes: tuple[str, ...]
    is_overruled: bool = False
    """These nodes show it, and the node list says otherwise."""


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """All values of one name; the one that most nodes have comes first."""

    name: str
    values: tuple[SiteValue, ...]
    unknown: tuple[str, ...]
    """Nodes of which it is neither typed nor found."""


def site_context(reports: Sequence[NodeReport]) -> tuple[SiteEntry, ...]:
    """Every name in a fixed order; empty where no node was read."""
    read = [report for report in reports if report.context]
    return tuple(_entry(name, read) for name in CLUSTER_KEYS) if read else ()


def _entry(name: str, reports: Sequence[NodeReport]) -> SiteEntry:
    found: dict[tuple[str, bool], tuple[dict[str, None], list[str]]] = {}
    unknown: list[str] = []
    for report in reports:
        one = next((value for value in report.context if value.name == name), None)
        if one is None or not one.value:
            unknown.append(report.node.name)
            continue
        told = [(one.value, one.source, False)] + ([(one.found, "", True)] if one.found else [])
        for value, source, overruled in told:
            key = next((key for key in found if key[1] is overruled and _same(name, key[0], value)), (value, overruled))
            sources, nodes = found.setdefault(key, ({}, []))
            if source:
                sources[source] = None
            nodes.append(report.node.name)
    ordered = sorted(found.items(), key=lambda item: (item[0][1], -len(item[1][1])))
    values = tuple(SiteValue(value, tuple(sources), tuple(nodes), over) for (value, over), (sources, nodes) in ordered)
    return SiteEntry(name, values, tuple(unknown))


def _same(name: str, one: str, other: str) -> bool:
    return same_host(one, other) if name == "hyperv_host" else one == other


def site_document(reports: Sequence[NodeReport]) -> Sequence[Json]:
    """The part `site` of the JSON document."""
    return [
        {
            "name": entry.name,
            "values": [
                {
                    "value": one.value,
                    "sources": list(one.sources),
                    "nodes": list(one.nodes),
                    "overruled": one.is_overruled,
                }
                for one in entry.values
            ],
            "unknown": list(entry.unknown),
        }
        for entry in site_context(reports)
    ]


def site_lines(reports: Sequence[NodeReport], words: Catalogue, cell: Cell = aligned) -> Iterator[str]:
    """The same as text; nothing where fewer than two nodes were read, whose own lines tell it all."""
    entries = site_context(reports)
    if sum(bool(report.context) for report in reports) < 2:
        return
    yield words.label("site.title")
    labels: Mapping[str, str] = {entry.name: words.label(f"context.{entry.name}") for entry in entries}
    width = max(columns(label) for label in labels.values())
    for entry in entries:
        lines = [_line(one, words) for one in entry.values]
        if entry.unknown:
            lines.append(fill(words.label("site.unknown"), {"nodes": _names(entry.unknown, words)}))
        for number, line in enumerate(lines):
            yield f"  {cell('' if number else labels[entry.name], width)}{line}"


def _line(one: SiteValue, words: Catalogue) -> str:
    nodes = _names(one.nodes, words)
    if one.is_overruled:
        return fill(words.label("site.overruled"), {"value": one.value, "nodes": nodes})
    return f"{one.value}  ({'; '.join((', '.join(map(words.source, one.sources)), nodes))})"


def _names(nodes: Sequence[str], words: Catalogue) -> str:
    if len(nodes) <= MOST_NAMES:
        return ", ".join(nodes)
    return fill(
        words.label("site.more"), {"nodes": ", ".join(nodes[:MOST_NAMES]), "count": str(len(nodes) - MOST_NAMES)}
    )
