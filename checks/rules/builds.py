"""Area node: this build of Windows has no fault that is known to concern pods."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.facts import Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of
from checks.windows_builds import FaultyBuild, shipped_builds

OLDEST = 17763
"""Windows Server 2019, the first release that flannel's nodes of today run on."""
_VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"


def build_without_known_faults(context: Context) -> Finding:
    """6.8: the table of known-bad builds, by build and revision."""
    system = answer_of(context.facts.system, lambda one: all_of(one.build, one.ubr))
    if isinstance(system, Problem):
        return unread(system)
    build, revision = system
    version = f"{build}.{revision}"
    told = Evidence("build", version, _VERSION)
    if build < OLDEST:
        return said(Verdict.FAIL, "too-old", (told,), version=version)
    unsure: FaultyBuild | None = None
    for one in shipped_builds():
        if not one.holds(build, revision) or (one.overlay and context.profile.is_overlay is False):
            continue
        if one.overlay and context.profile.is_overlay is None:
            unsure = one
            continue
        evidence = (told, Evidence("known-fault", _window(one), one.source))
        values = {"version": version, "fixed": f"{one.build}.{one.until}", "update": one.knowledge_base}
        return said(Verdict.INFO if one.limit else Verdict.WARN, one.reason, evidence, **values)
    if unsure is not None:
        return said(Verdict.UNKNOWN, "mode-unknown", (told,), version=version, update=unsure.knowledge_base)
    return said(Verdict.PASS, "none-known", (told,), version=version)


def _window(one: FaultyBuild) -> str:
    until = f" – {one.build}.{one.until}" if one.until is not None else " –"
    return f"{one.build}.{one.since}{until}"


CHECKS = (
    Check(
        "node.build-without-known-faults",
        ("system.build", "system.ubr", "hns.networks"),
        build_without_known_faults,
        waits_for=("flannel", "cni", "daemons", "profile"),
    ),
)
