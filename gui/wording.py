"""Turns ids, verdicts, errors and times into words: the catalogue's, and Qt's translations for the window's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, QObject

from checks.errors import Cancelled, CannotReachNode, NotPermitted, SignInRefused, ToolError
from checks.finding import Area, Evidence, Finding, Verdict
from gui.state import NodeState, Phase

if TYPE_CHECKING:
    from checks.catalogue import Catalogue
    from checks.plan import Step, StepState
    from checks.probe_time import ProbeTime
    from checks.scan_report import NodeReport

_CODE = re.compile(r"`([^`]+)`")


def now_utc() -> datetime:
    return datetime.now(UTC)


class Wording(QObject):
    """Words of one language. `clock` gives the time that relative times count from."""

    def __init__(
        self,
        catalogue: Catalogue | Callable[[], Catalogue],
        clock: Callable[[], datetime] = now_utc,
        parent: QObject | None = None,
    ) -> None:
        """A `catalogue` that is still to be loaded is asked for with the first word of a check."""
        super().__init__(parent)
        self._load = catalogue if callable(catalogue) else None
        self._known = None if callable(catalogue) else catalogue
        self._clock = clock

    @property
    def catalogue(self) -> Catalogue:
        if self._known is None:
            assert self._load is not None
            self._known = self._load()
        return self._known

    def speak(self, catalogue: Catalogue) -> None:
        """Words of another language from now on."""
        self._known = catalogue

    # Checks and findings

    def verdict(self, verdict: Verdict) -> str:
        return self.catalogue.verdict(verdict)

    def area(self, area: Area) -> str:
        return self.catalogue.label(f"area.{area.value}")

    def title(self, check_id: str) -> str:
        """The statement that is true when the check passes; the id where there are no words."""
        words = self.catalogue.checks.get(check_id)
        return words.title if words else check_id

    def place(self, check_id: str) -> str:
        """Tip and area: "F1 · Flannel"."""
        words = self.catalogue.checks.get(check_id)
        return " · ".join(part for part in (words.tip, self.area(words.area)) if part) if words else ""

    def summary(self, finding: Finding) -> str:
        return self.catalogue.summary(finding)

    def saw(self, finding: Finding) -> str:
        """What we saw, as rich text with the node's own values in bold."""
        return self._rich(self.catalogue.saw(finding), finding)

    def todo(self, finding: Finding) -> str:
        """What to do, as rich text; empty where there is nothing to do."""
        return self._rich(self.catalogue.todo(finding), finding)

    def why(self, check_id: str) -> str:
        words = self.catalogue.checks.get(check_id)
        return words.why if words else ""

    def help(self, check_id: str) -> str:
        """Markdown: how to check by hand."""
        words = self.catalogue.checks.get(check_id)
        return words.help if words else ""

    def learn_more(self, check_id: str) -> str:
        words = self.catalogue.checks.get(check_id)
        return words.learn_more if words else ""

    def fix_title(self, fix_id: str) -> str:
        words = self.catalogue.fixes.get(fix_id)
        return words.title if words else fix_id

    def fix_verb(self, fix_id: str) -> str:
        words = self.catalogue.fixes.get(fix_id)
        return words.verb if words else fix_id

    def fix_about(self, fix_id: str) -> tuple[str, str, str]:
        """What it does, what stops meanwhile and for how long, how it is undone."""
        words = self.catalogue.fixes.get(fix_id)
        return (words.about, words.impact, words.undo) if words else ("", "", "")

    def fix_reason(self, fix_id: str, code: str) -> str:
        """The sentence for a refusal or a warning of this fix."""
        words = self.catalogue.fixes.get(fix_id)
        return words.reasons.get(code, code) if words else code

    def parameter(self, fix_id: str, name: str) -> tuple[str, str]:
        """Label and hint of an input."""
        words = self.catalogue.fixes.get(fix_id)
        found = words.parameters.get(name) if words else None
        return (found.label, found.hint) if found else (name, "")

    def _step(self, fix_id: str, kind: str) -> str:
        words = self.catalogue.fixes.get(fix_id)
        return words.steps.get(kind, kind) if words else kind

    def step_text(self, fix_id: str, step: Step) -> str:
        """A step's title as plain text."""
        return self._step(fix_id, step.kind).replace("{target}", step.target)

    def step_title(self, fix_id: str, step: Step) -> str:
        """A step's title as rich text, what it works on in the fixed-width font."""
        import html

        title = self._step(fix_id, step.kind)
        return html.escape(title, quote=False).replace("{target}", f"<code>{html.escape(step.target)}</code>")

    def step_state(self, state: StepState) -> str:
        return "" if state.value == "waiting" else self.catalogue.label(f"step-state.{state.value}")

    def label(self, evidence: Evidence) -> str:
        return self.catalogue.label(evidence.label)

    def value(self, evidence: Evidence) -> str:
        return self.catalogue.value(evidence)

    def source(self, evidence: Evidence) -> str:
        return self.catalogue.source(evidence.source)

    def told(self, message: str) -> str:
        """A message from a node, in words where it is our own."""
        return self.catalogue.told(message)

    def headline(self, report: NodeReport) -> str:
        return " · ".join(map(self.catalogue.headline, report.headline))

    def _rich(self, text: str, finding: Finding) -> str:
        """Escaped, values bold, `code` in the fixed-width font."""
        import html

        safe = html.escape(text, quote=False)
        values = sorted(
            {html.escape(v, quote=False) for v in self.catalogue.fields(finding).values() if len(v) > 1},
            key=len,
            reverse=True,
        )
        if values:
            pattern = "|".join(re.escape(value) for value in values)
            # Latin letters and digits only: in Korean a particle follows a value without a space.
            whole = rf"(?<![A-Za-z0-9_.])(?:{pattern})(?![A-Za-z0-9_])"
            safe = re.sub(whole, lambda match: f"<b>{match.group()}</b>", safe)
        return _CODE.sub(r"<code>\1</code>", safe).replace("\n", "<br>")

    # Errors

    def error(self, error: ToolError) -> tuple[str, str, str]:
        """What happened, why we think so, what to do."""
        return self.catalogue.error(error.code, error.fields)

    def detail(self, error: ToolError) -> str:
        """An error's technical text."""
        return self.catalogue.detail(error)

    def error_in_short(self, error: ToolError | None) -> str:
        """The few words beside a node's address."""
        if isinstance(error, SignInRefused):
            return self.tr("sign-in refused")
        if isinstance(error, NotPermitted):
            return self.tr("not permitted")
        if isinstance(error, Cancelled):
            return self.tr("stopped")
        if isinstance(error, CannotReachNode):
            return self.tr("does not answer")
        return self.tr("could not be read")

    # Times and amounts

    def ago(self, moment: datetime) -> str:
        """As in "12 s ago"; `exact` has the time itself."""
        seconds = max(0.0, (self._clock() - moment).total_seconds())
        if seconds < 3:
            return self.tr("just now")
        if seconds < 60:
            return self.tr("{count} s ago").format(count=int(seconds))
        if seconds < 3600:
            return self.tr("{count} min ago").format(count=int(seconds // 60))
        if seconds < 86400:
            return self.tr("{count} h ago").format(count=int(seconds // 3600))
        return self.tr("{count} d ago").format(count=int(seconds // 86400))

    def exact(self, moment: datetime) -> str:
        """Date and time to the second, in this computer's time zone and the language's manner."""
        local = moment.astimezone()
        date = QLocale().toString(QDate(local.year, local.month, local.day), QLocale.FormatType.ShortFormat)
        return f"{date} {local:%H:%M:%S}"

    def seconds(self, duration_s: float) -> str:
        if duration_s < 10:
            return self.tr("{count} s").format(count=QLocale().toString(duration_s, "f", 1))
        return self.tr("{count} s").format(count=round(duration_s))

    def nodes(self, count: int) -> str:
        return self.tr("1 node") if count == 1 else self.tr("{count} nodes").format(count=count)

    # Nodes

    def group(self, name: str) -> str:
        return name or self.tr("Nodes")

    def node_line(self, state: NodeState) -> str:
        """Address and the one thing worth knowing beside it: "10.2.0.13 · Server 2019", "10.2.0.14 · does not answer"."""
        return " · ".join(part for part in (state.node.address, self._node_word(state)) if part)

    def _node_word(self, state: NodeState) -> str:
        if state.phase is Phase.FAILED:
            return self.error_in_short(state.error)
        if state.phase is Phase.WAITING:
            return self.tr("waiting")
        if state.phase is Phase.SCANNING:
            return self.tr("scanning…")
        if state.report is not None and state.report.headline:
            # "Server 2019 · 17763.6532" and "SDN scripts, overlay": the release and the kind of network.
            release = state.report.headline[0].partition(" · ")[0].removeprefix("Server ")
            network = state.report.headline[1].rpartition(", ")[2] if len(state.report.headline) > 1 else ""
            return " · ".join(part for part in (release, self.catalogue.headline(network)) if part)
        if state.phase is Phase.CANCELLED:
            return self.tr("stopped")
        return self.tr("not scanned yet") if state.phase is Phase.NEVER else ""

    def scan_line(self, state: NodeState) -> str:
        """As in "Scanned 12 s ago in 1.4 s · one PowerShell, 3 requests"."""
        if state.phase is Phase.SCANNING:
            return self.tr("Scanning now: {count} checks to go").format(count=len(state.pending))
        if state.phase is Phase.WAITING:
            return self.tr("Waiting for its turn")
        if state.phase is Phase.CANCELLED:
            return self.tr("The last scan was stopped")
        report = state.report
        if report is None or state.scanned_at is None:
            return ""
        times = self.tr("Scanned {ago} in {duration}").format(
            ago=self.ago(state.scanned_at), duration=self.seconds(report.duration_s)
        )
        return f"{times} · {self._cost(report.shells, report.requests)}"

    def scan_details(self, state: NodeState) -> str:
        """The exact time of the scan, and what each probe took of the time it is given."""
        if state.scanned_at is None:
            return ""
        probes = state.report.probes if state.report is not None else ()
        lines = [self.exact(state.scanned_at), *(self._probe_line(one) for one in probes)]
        return "\n".join(lines)

    def _probe_line(self, one: ProbeTime) -> str:
        """As in "Get-HnsFact: 0.4 s of 60 s"."""
        if one.is_overdue:
            words = self.tr("{script}: given up after {budget}")
        else:
            words = self.tr("{script}: {time} of {budget}")
        return words.format(script=one.script, time=self.seconds(one.seconds), budget=self.seconds(one.budget_s))

    def _cost(self, shells: int, requests: int) -> str:
        shell = {0: self.tr("no new PowerShell"), 1: self.tr("one PowerShell")}.get(
            shells, self.tr("{count} PowerShells").format(count=shells)
        )
        told = self.tr("1 request") if requests == 1 else self.tr("{count} requests").format(count=requests)
        return f"{shell}, {told}"

    # Copies

    def evidence_text(self, evidence: Evidence) -> str:
        time = f" ({self.exact(evidence.read_at)})" if evidence.read_at else ""
        return f"{self.label(evidence)}: {self.value(evidence)} — {self.source(evidence)}{time}"
