"""Rows of a node's cluster, layout and places in words: the value, and where it comes from or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.finding import Evidence
from checks.masking import mask

if TYPE_CHECKING:
    from checks.catalogue import Catalogue
    from checks.site_rows import Note, SiteRow, SiteSection


def evidence_of(row: SiteRow, words: Catalogue) -> Evidence:
    """As the evidence of a finding is shown: label, value, source. A proxy's password that was typed in the node list is hidden."""
    told = (_origin(row, words), *(_note(one, words) for one in row.notes))
    value = words.headline(row.value) if row.label == "here.profile" else row.value
    return Evidence(row.label, mask(value), mask(" · ".join(part for part in told if part)))


def section_title(section: SiteSection, words: Catalogue) -> str:
    return words.label(f"here.part.{section.name}")


def _origin(row: SiteRow, words: Catalogue) -> str:
    from checks.catalogue import fill

    if row.origin == "none":
        return ""
    if row.origin == "found":
        return fill(words.label("here.from.found"), {"source": words.source(row.source)})
    if row.origin == "typed":
        return words.label(f"here.from.{row.source}")
    return words.label("here.from.rke2" if row.source else "here.from.default")


def _note(note: Note, words: Catalogue) -> str:
    from checks.catalogue import fill

    return fill(words.label(f"here.note.{note.code}"), {"value": words.told(note.value)})
