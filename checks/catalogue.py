"""Words of checks, fixes, errors and labels: YAML in `resources/catalogue/<language>/`, one language loaded at a time.

Files: `checks-<area>.yaml` (list of checks), `fixes.yaml` (list of fixes), `errors.yaml` and `labels*.yaml` (maps).
Unknown keys are errors that name file and path; all files' errors are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

import msgspec
import yaml

from checks.catalogue_words import CheckTranslation, CheckWords, ErrorWords, FixWords, Link, ReasonWords
from checks.conversion import convert
from checks.errors import BadFile, Place, ToolError
from checks.finding import Evidence, Finding, Verdict
from checks.language import ENGLISH
from checks.own_texts import FIELDS, HEADLINE, MESSAGES, SOURCES, VALUES, OwnTexts, own_texts

T = TypeVar("T")

# The one in C reads the words in a fifth of the time, where this computer's PyYAML has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DURATION = re.compile(r"([+-]?\d+) (d|h|min|s)")
_ERROR = re.compile(r"([a-z][a-z-]*) \((\w+=.*)\)", re.DOTALL)
"""A `ToolError` as a text, where it stands as the reason why something was not read."""
_TOLD = frozenset({"not-read", "typed-not-there", "local-copy"})
"""Labels of evidence that quotes a problem."""
_PLACES = frozenset({"source", "places", "one", "other", "who"})
"""Fields of findings that tell where something stands."""
_NOTHING = OwnTexts({})


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def fill(template: str, fields: Mapping[str, str]) -> str:
    """`{name}` replaced by its field; a field that is not known becomes an ellipsis, never an exception."""
    return Formatter().vformat(template, (), _Blank(fields))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All words of one language."""

    language: str
    checks: Mapping[str, CheckWords]
    fixes: Mapping[str, FixWords]
    errors: Mapping[str, ErrorWords]
    labels: Mapping[str, str]
    links: tuple[Link, ...] = ()
    own: Mapping[str, OwnTexts] = field(default_factory=dict[str, OwnTexts])
    """Words for texts of our own in what was read, by their kind."""

    def check(self, check_id: str) -> CheckWords:
        return self.checks[check_id]

    def fix(self, fix_id: str) -> FixWords:
        return self.fixes[fix_id]

    def label(self, name: str) -> str:
        """A short word (evidence labels, verdicts as `verdict.fail`, areas as `area.node`); the name itself if unknown."""
        return self.labels.get(name, name)

    def told(self, message: str) -> str:
        """A message: what our own code says in words, all else as it was read."""
        found = _ERROR.fullmatch(message)
        if found is not None and found[1] in self.errors:
            fields = (part.partition("=") for part in re.split(r", (?=\w+=)", found[2]))
            return self.error(found[1], {name: value for name, _, value in fields})[0]
        return self._own(MESSAGES).say(message)

    def value(self, evidence: Evidence) -> str:
        """An evidence's value: answers such as yes and no (labels `value.<label>.<answer>`) in words, all else as it was read."""
        if evidence.label in _TOLD:
            return self.told(evidence.value)
        return self._own(f"{VALUES}.{evidence.label}").say(evidence.value)

    def source(self, source: str) -> str:
        """Where something was read: paths and commands as they are, what we call a place in words."""
        return self._own(SOURCES).say(source)

    def headline(self, text: str) -> str:
        """A part of a report's headline, or a layout."""
        return self._own(HEADLINE).say(text)

    def _own(self, kind: str) -> OwnTexts:
        return self.own.get(kind, _NOTHING)

    def verdict(self, verdict: Verdict) -> str:
        return self.label(f"verdict.{verdict.value}")

    def _reason(self, finding: Finding) -> ReasonWords:
        words = self.checks.get(finding.check)
        found = words.reasons.get(finding.reason) if words else None
        return found or ReasonWords(
            self.label(f"reason.{finding.reason}.summary"), self.label(f"reason.{finding.reason}.saw")
        )

    def summary(self, finding: Finding) -> str:
        return fill(self._reason(finding).summary, self.fields(finding))

    def saw(self, finding: Finding) -> str:
        return fill(self._reason(finding).saw, self.fields(finding))

    def todo(self, finding: Finding) -> str:
        return fill(self._reason(finding).todo, self.fields(finding))

    def fields(self, finding: Finding) -> dict[str, str]:
        """What fills a finding's sentences, as it is said in them."""
        return {name: self._spoken(name, value) for name, value in finding.values}

    def _spoken(self, name: str, value: str) -> str:
        """A length of time ("6 d") and what is our own in this language's words; any other value as it is."""
        found = _DURATION.fullmatch(value)
        if found is not None:
            return fill(self.label(f"duration.{found[2]}"), {"count": found[1]})
        if name == "why":
            return self.told(value)
        said = self._own(f"{FIELDS}.{name}").say(value)
        return self.source(said) if name in _PLACES else said

    def detail(self, error: ToolError) -> str:
        """An error's technical text: places in a file and what is our own in this language's words, all else as it is."""
        places = error.places if isinstance(error, BadFile) else ()
        if self.language == ENGLISH:
            return error.detail
        if not places:
            return "\n".join(self.told(line) for line in error.detail.split("\n"))
        return "\n".join(self._place(one) for one in places)

    def _place(self, one: Place) -> str:
        words = fill(self.label(one.words), dict(one.fields))
        line = fill(self.label("list.line"), {"line": str(one.line)}) if one.line else ""
        return ": ".join(part for part in (line, one.path, words) if part)

    def error(self, code: str, fields: Mapping[str, str]) -> tuple[str, str, str]:
        """What happened, why we think so, what to do."""
        words = self.errors.get(code) or self.errors["unexpected"]
        known = {"code": code, **fields}
        fix = self.fixes.get(fields.get("fix", ""))
        if fix is not None:
            reason = fields.get("reason", "")
            known |= {"fix": fix.title, "reason": fix.reasons.get(reason, reason)}
        return fill(words.what, known), fill(words.why, known), fill(words.do, known)


def _read(path: Path, kind: type[T], problems: list[str]) -> T | None:
    try:
        raw: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
        return convert(raw, kind)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        problems.append(f"{path.name}: {error}")
        return None


def load_catalogue(folder: Path, language: str = ENGLISH) -> Catalogue:
    """Read all words of `language` below `folder`. Raises `BadFile` (code `catalogue`) naming every wrong file and path.

    What another language lacks stays English: a person reads it, rather than nothing.
    """
    problems: list[str] = []
    links = _read(folder / "links.yaml", tuple[Link, ...], problems) or ()
    words = replace(_read_english(folder / ENGLISH, problems), links=links)
    if language != ENGLISH:
        words = _translated(words, folder / language, problems)
    if problems:
        raise BadFile("catalogue", detail="\n".join(problems), file=str(folder / language))
    return replace(words, own=own_texts(words.labels))


def _read_english(home: Path, problems: list[str]) -> Catalogue:
    checks: dict[str, CheckWords] = {}
    for path in sorted(home.glob("checks-*.yaml")):
        for words in _read(path, list[CheckWords], problems) or []:
            if words.id in checks:
                problems.append(f"{path.name}: {words.id} stands twice")
            checks[words.id] = words
    return Catalogue(ENGLISH, checks, *_read_rest(home, problems))


def _read_rest(
    home: Path, problems: list[str]
) -> tuple[Mapping[str, FixWords], Mapping[str, ErrorWords], Mapping[str, str]]:
    """Fixes, errors and labels: the same shape in every language."""
    fixes = {words.id: words for words in _read(home / "fixes.yaml", list[FixWords], problems) or []}
    errors = _read(home / "errors.yaml", dict[str, ErrorWords], problems) or {}
    labels: dict[str, str] = {}
    for path in sorted(home.glob("labels*.yaml")):
        labels.update(_read(path, dict[str, str], problems) or {})
    return fixes, errors, labels


def _translated(english: Catalogue, home: Path, problems: list[str]) -> Catalogue:
    checks = dict(english.checks)
    for path in sorted(home.glob("checks-*.yaml")):
        for told in _read(path, list[CheckTranslation], problems) or []:
            known = checks.get(told.id)
            if known is None:
                problems.append(f"{path.name}: {told.id} has no English words")
                continue
            checks[told.id] = msgspec.structs.replace(
                known,
                title=told.title,
                why=told.why,
                reasons={**known.reasons, **told.reasons},
                help=told.help or known.help,
                learn_more=told.learn_more or known.learn_more,
            )
    fixes, errors, labels = _read_rest(home, problems)
    return replace(
        english,
        language=home.name,
        checks=checks,
        fixes={**english.fixes, **fixes},
        errors={**english.errors, **errors},
        labels={**english.labels, **labels},
    )
