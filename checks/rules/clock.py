"""Area node: the clock is right and the certificates last."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.command_line import same_path
from checks.facts import CertificateFact, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of
from checks.rules.access import own_kubeconfigs
from checks.thresholds import threshold


def clock_and_certificates(context: Context) -> Finding:
    """6.21: the worst of what the clock and each certificate give."""
    facts = context.facts
    clock = _clock(facts)
    certificates = answer_of(facts.access, lambda one: one.certificates)
    if isinstance(certificates, Problem):
        return min((clock, unread(certificates)), key=lambda one: one.verdict.rank)
    judged = [clock, *(_certificate(context, one) for one in certificates)]
    worst = min(judged, key=lambda one: one.verdict.rank)
    if worst.verdict is not Verdict.PASS:
        return worst
    evidence = tuple(quoted for one in judged for quoted in one.evidence)
    first = min((one.not_after for one in certificates if one.not_after is not None), default=None)
    if first is None:
        return said(Verdict.PASS, "clock-right", evidence, offset=clock.value("offset"))
    return said(Verdict.PASS, "fine", evidence, offset=clock.value("offset"), date=first.date().isoformat())


def _clock(facts: NodeFacts) -> Finding:
    clock = answer_of(facts.clock, lambda one: all_of(one.ahead_at_least_s, one.ahead_at_most_s))
    if isinstance(clock, Problem):
        return unread(clock)
    least, most = clock
    offset = f"{round((least + most) / 2):+d} s"
    evidence = [Evidence("clock", f"{offset} (± {(most - least) / 2:.1f} s)", "UTC of the node and of this computer")]
    service = answer_of(facts.machine, lambda one: one.clock_service)
    if not isinstance(service, Problem):
        mode = ", disabled" if service.disabled else ""
        evidence.append(Evidence("service", f"W32Time: {service.state}{mode}", "Win32_Service"))
    surely = 0.0 if least <= 0 <= most else min(abs(least), abs(most))
    if surely > threshold("clock-off-fail"):
        return said(Verdict.FAIL, "clock-off", evidence, offset=offset)
    if surely > threshold("clock-off-warn"):
        return said(Verdict.WARN, "clock-drifts", evidence, offset=offset)
    if max(abs(least), abs(most)) > threshold("clock-off-warn"):
        return said(Verdict.UNKNOWN, "clock-unsure", evidence, offset=offset, took=f"{most - least:.0f}")
    return said(Verdict.PASS, "clock-right", evidence, offset=offset)


def _certificate(context: Context, one: CertificateFact) -> Finding:
    if one.problem or one.not_before is None or one.not_after is None:
        told = (Evidence("not-read", one.problem or "?", one.source),)
        return said(Verdict.UNKNOWN, "certificate-unread", told, source=one.source, why=one.problem or "?")
    evidence = (Evidence("certificate", f"{one.not_before:%Y-%m-%d} – {one.not_after:%Y-%m-%d}", one.source),)
    values = {"source": one.source, "date": one.not_after.date().isoformat()}
    if one.not_after < context.now:
        if _is_left_over(context.facts, one):
            return said(Verdict.WARN, "left-over-expired", evidence, **values)
        return said(Verdict.FAIL, "expired", evidence, **values)
    if one.not_before > context.now:
        return said(Verdict.FAIL, "not-yet-valid", evidence, **{**values, "date": one.not_before.date().isoformat()})
    life = one.not_after - one.not_before
    if (one.not_after - context.now) / life * 100 < threshold("certificate-left-warn"):
        return said(Verdict.WARN, "expires-soon", evidence, **values)
    return said(Verdict.PASS, "fine", evidence, **values)


def _is_left_over(facts: NodeFacts, one: CertificateFact) -> bool:
    """A kubeconfig that no daemon of this node names."""
    if one.source.lower().endswith((".pem", ".crt")):
        return False
    return not any(same_path(one.source, path) for path in own_kubeconfigs(facts))


CHECKS = (
    Check(
        "node.clock-and-certificates",
        ("clock.ahead_at_least_s", "clock.ahead_at_most_s", "access.certificates"),
        clock_and_certificates,
        waits_for=("machine", "daemons", "system"),
    ),
)
