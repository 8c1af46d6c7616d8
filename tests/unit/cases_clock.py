"""Clock and certificates: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from node_changes import Case, Change, first, in_line, more, put, unread
from node_facts import PKI
from node_files import BOOT, NOW

from checks.facts import CertificateFact, ClockFacts
from checks.finding import Verdict

FAIL, WARN, PASS, UNKNOWN = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.UNKNOWN
PEM = f"{PKI}\\kubelet-client-current.pem"


def ahead(least: float, most: float) -> Change:
    return put("clock", ClockFacts(least, most))


def lasts(since: datetime, until: datetime, source: str = PEM) -> Change:
    return put("access.certificates", (CertificateFact(source, since, until),))


def also(source: str, until: datetime) -> Change:
    return more("access.certificates", CertificateFact(source, BOOT - timedelta(days=365), until))


DAY = timedelta(days=1)
CLOCK = (
    Case("healthy", "sdn-nssm", (), PASS, "fine"),
    Case("tokens only", "sdn-nssm", (put("access.certificates", ()),), PASS, "clock-right"),
    Case("29 s ahead", "sdn-nssm", (ahead(28, 30),), PASS, "fine"),
    Case("31 s ahead", "sdn-nssm", (ahead(30.5, 31),), WARN, "clock-drifts"),
    Case("31 s behind", "sdn-nssm", (ahead(-32, -30.5),), WARN, "clock-drifts"),
    Case("five minutes ahead", "sdn-nssm", (ahead(300, 301),), WARN, "clock-drifts"),
    Case("more than five minutes ahead", "sdn-nssm", (ahead(301, 302),), FAIL, "clock-off"),
    Case("an hour behind", "sdn-nssm", (ahead(-3601, -3600),), FAIL, "clock-off"),
    Case("a slow answer", "sdn-nssm", (ahead(-40, 1),), UNKNOWN, "clock-unsure"),
    Case("a slow answer that tells enough", "sdn-nssm", (ahead(-29, 1),), PASS, "fine"),
    Case("time service unread", "sdn-nssm", (unread("machine.clock_service"),), PASS, "fine"),
    Case("machine unread", "sdn-nssm", (unread("machine"),), PASS, "fine"),
    Case("expired", "sdn-nssm", (lasts(NOW - 400 * DAY, NOW - DAY),), FAIL, "expired"),
    Case(
        "expired, and the clock is off", "sdn-nssm", (lasts(NOW - 400 * DAY, NOW - DAY), ahead(40, 41)), FAIL, "expired"
    ),
    Case("valid from tomorrow", "sdn-nssm", (lasts(NOW + DAY, NOW + 365 * DAY),), FAIL, "not-yet-valid"),
    Case("a tenth is left", "sdn-nssm", (lasts(NOW - 90 * DAY, NOW + 10 * DAY),), PASS, "fine"),
    Case("less than a tenth is left", "sdn-nssm", (lasts(NOW - 91 * DAY, NOW + 9 * DAY),), WARN, "expires-soon"),
    Case("in flanneld's kubeconfig", "sdn-nssm", (also("C:\\k\\config", NOW - DAY),), FAIL, "expired"),
    Case("in a kubeconfig of nobody", "sdn-nssm", (also("C:\\old\\config", NOW - DAY),), WARN, "left-over-expired"),
    Case(
        "kubelet's flag differs",
        "sdn-nssm",
        (in_line("kubelet", "\\k\\config", "\\k\\own"), also("C:\\k\\own", NOW - DAY)),
        FAIL,
        "expired",
    ),
    Case(
        "unreadable",
        "sdn-nssm",
        (first("access.certificates", not_after=None, problem="locked"),),
        UNKNOWN,
        "certificate-unread",
    ),
    Case("no dates", "sdn-nssm", (first("access.certificates", not_before=None),), UNKNOWN, "certificate-unread"),
    Case("certificates unread", "sdn-nssm", (unread("access.certificates"),), UNKNOWN, "not-read"),
    Case("certificates unread, clock off", "sdn-nssm", (unread("access"), ahead(999, 999)), FAIL, "clock-off"),
    Case("clock not measured", "sdn-nssm", (unread("clock"),), UNKNOWN, "not-read"),
    Case("not known how little", "sdn-nssm", (unread("clock.ahead_at_least_s"),), UNKNOWN, "not-read"),
    Case("not known how much", "sdn-nssm", (unread("clock.ahead_at_most_s"),), UNKNOWN, "not-read"),
)

CASES = {"node.clock-and-certificates": CLOCK}
