"""Area node: the image that every pod begins with, and the tool in it that port-forward needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from checks.check import Check, Context, said, unread
from checks.command_line import flag
from checks.containerd import Setting, config
from checks.daemons import command_line, line_unread
from checks.facts import NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.images import Image, local_builds, parse_image, pause_image, runs_older, runtime_kind
from checks.programs import log_line, shown, version
from checks.rules.containerd_config import is_refused
from checks.tables import Tag, containerd_table, flag_table, image_table, numbers, releases

_VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
_SANDBOX = ("no-manifest", "os-mismatch")
_NO_NAME = "failed to start sandbox container"
"""Docker says of a pause image that it does not fit without naming it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is judged: one image on one Windows under one runtime."""

    told: Setting
    build: int
    containerd: tuple[int, ...]
    """Empty under Docker."""

    @property
    def image(self) -> Image:
        return parse_image(self.told.value)

    @property
    def evidence(self) -> tuple[Evidence | None, ...]:
        own = Evidence("runtime", f"containerd {shown(self.containerd)}", "--version") if self.containerd else None
        return (
            Evidence("image", self.told.value, self.told.source),
            Evidence("build", str(self.build), _VERSION),
            own,
        )

    @property
    def values(self) -> dict[str, str]:
        windows = releases().get(self.build, "Windows")
        return {"image": self.told.value, "build": str(self.build), "windows": windows}


def _ask(context: Context) -> _Asked | Finding:
    """The image in force; a finding where it can't be told."""
    facts = context.facts
    kind, told = runtime_kind(facts), pause_image(facts)
    own = version(facts, "containerd")
    system = facts.system
    build = system if isinstance(system, Problem) else system.build
    for one in (kind, build, told):
        if isinstance(one, Problem):
            return unread(one)
    assert isinstance(build, int)
    if kind == "containerd":
        if isinstance(own, Problem):
            return unread(own)
        found = config(facts, own)
        if not isinstance(found, Problem) and is_refused(found, own):
            return said(Verdict.UNKNOWN, "config-unusable", (Evidence("file", found.path, "read as bytes"),))
    if told is None or isinstance(told, Problem):
        where = "kubelet" if kind == "docker" else "containerd"
        return said(Verdict.UNKNOWN, "default-unknown", (Evidence("image", "–", where),), program=where)
    is_docker = kind == "docker" or isinstance(own, Problem)
    return _Asked(told, build, () if is_docker or isinstance(own, Problem) else own)


def pause_image_fits(context: Context) -> Finding:
    """N1: the tag's builds against this Windows, by the rule of this containerd."""
    asked = _ask(context)
    if isinstance(asked, Finding):
        return asked
    found = _by_tables(context, asked) or _by_copy(context, asked)
    if found.verdict is not Verdict.FAIL:
        found = _at_next_start(context, asked) or found
    if found.verdict is not Verdict.PASS:
        return found
    return _frozen(asked) or _kubelet_differs(context, asked) or found


def _by_tables(context: Context, asked: _Asked) -> Finding | None:
    """What the tables tell of the tag; where there may be more in it, the copy on this node knows better."""
    known = asked.image.known
    if known is None or (known.partial and isinstance(local_builds(context.facts, asked.told.value), Tag)):
        return None
    return _judge(asked, known, asked.evidence)


def _judge(asked: _Asked, tag: Tag, evidence: tuple[Evidence | None, ...]) -> Finding | None:
    """What these builds mean here; None where there may be more of them, and none of these fits."""
    table, values = image_table(), asked.values
    builds = ", ".join(str(one) for one in tag.builds)
    evidence = (*evidence, Evidence("builds", builds or "–", _source(asked.image)))
    if asked.build in tag.builds:
        return said(Verdict.PASS, "fits", evidence, builds=builds, **values)
    older = [one for one in tag.builds if table.compatible_from <= one < asked.build]
    if asked.build >= table.compatible_from and older:
        if asked.containerd and not runs_older(asked.build, asked.containerd):
            own = shown(asked.containerd)
            return said(Verdict.FAIL, "old-containerd", evidence, older=str(older[-1]), version=own, **values)
        return said(Verdict.WARN, "newer-host", evidence, older=str(older[-1]), **values)
    if tag.partial:
        return None
    if not tag.builds:
        return said(Verdict.FAIL, "linux-only", evidence, **values)
    return said(Verdict.FAIL, "no-build", evidence, builds=builds, **values)


def _source(image: Image) -> str:
    return image.family.source if image.family is not None and image.known is not None else "crictl inspecti"


def _by_copy(context: Context, asked: _Asked) -> Finding:
    """The tables do not know the tag: the copy on this node, else kubelet's log, else nobody knows."""
    reference = asked.told.value
    copy = local_builds(context.facts, reference)
    if isinstance(copy, Tag):
        found = _judge(asked, copy, asked.evidence)
        if found is not None:
            return found
    line = log_line(context.facts, *_SANDBOX)
    if line and (reference in line or _NO_NAME in line):
        evidence = (*asked.evidence, Evidence("log", line[:400], "kubelet"))
        return said(Verdict.FAIL, "log-refused", evidence, **asked.values)
    why = copy.message if isinstance(copy, Problem) else "–"
    evidence = (*asked.evidence, Evidence("local-copy", why, "crictl inspecti"))
    if asked.image.family is not None and asked.image.known is None and asked.image.family.whole:
        return said(Verdict.WARN, "tag-unknown", evidence, **asked.values)
    return said(Verdict.UNKNOWN, "image-unknown", evidence, **asked.values)


def _frozen(asked: _Asked) -> Finding | None:
    if not asked.image.is_frozen:
        return None
    return said(Verdict.WARN, "frozen", asked.evidence, **asked.values)


def _kubelet_differs(context: Context, asked: _Asked) -> Finding | None:
    """kubelet's flag beside containerd: there it only keeps an image from being cleaned up."""
    if not asked.containerd:
        return None
    hidden = line_unread(context.facts, "kubelet")
    if hidden is not None:
        return unread(hidden)
    told = flag(command_line(context.facts, "kubelet"), "pod-infra-container-image")
    if not told or parse_image(told) == asked.image:
        return None
    evidence = (*asked.evidence, Evidence("image", told, "kubelet --pod-infra-container-image"))
    return said(Verdict.WARN, "kubelet-differs", evidence, other=told, **asked.values)


def _at_next_start(context: Context, asked: _Asked) -> Finding | None:
    """RKE2 writes containerd's file anew from its own setting when it starts."""
    other = _rke2_image(context.facts)
    if context.profile.name != "rke2" or not other or parse_image(other) == asked.image:
        return None
    later = replace(asked, told=Setting(other, "C:\\etc\\rancher\\rke2\\config.yaml"))
    known = later.image.known
    judged = _judge(later, known, later.evidence) if known is not None else None
    if judged is not None and judged.verdict is Verdict.FAIL:
        return judged
    evidence = (*asked.evidence, Evidence("image", other, later.told.source))
    return said(Verdict.WARN, "rke2-differs", evidence, other=other, **asked.values)


def _rke2_image(facts: NodeFacts) -> str:
    if isinstance(facts.profile, Problem) or isinstance(facts.profile.rke2_settings, Problem):
        return ""
    return next((one.value for one in facts.profile.rke2_settings if one.name == "pause-image"), "")


def port_forward_tool(context: Context) -> Finding:
    """W8: before containerd 2.0, port-forward runs wincat.exe in the pause image."""
    facts = context.facts
    kind, own, kubelet = runtime_kind(facts), version(facts, "containerd"), version(facts, "kubelet")
    if isinstance(kind, Problem):
        return unread(kind)
    if kind == "containerd":
        if isinstance(own, Problem):
            return unread(own)
        if own >= numbers(containerd_table().dials_itself_from):
            told = (Evidence("runtime", f"containerd {shown(own)}", "--version"),)
            return said(Verdict.NOT_APPLICABLE, "not-needed", told, version=shown(own))
    if isinstance(kubelet, Problem):
        return unread(kubelet)
    first = flag_table().port_forward
    if kubelet < numbers(first.kubernetes):
        told = (Evidence("version", shown(kubelet), "kubelet --version"),)
        return said(Verdict.FAIL, "kubelet-too-old", told, version=shown(kubelet), first=first.kubernetes)
    asked = _ask(context)
    if isinstance(asked, Finding):
        return asked
    family = asked.image.family
    evidence = (*asked.evidence, Evidence("tool", family.tool_source, "tables") if family else None)
    has_tool = asked.image.has_tool
    if has_tool is None:
        return said(Verdict.UNKNOWN, "image-unknown", evidence, **asked.values)
    if not has_tool:
        return said(Verdict.FAIL, "no-tool", evidence, **asked.values)
    line = log_line(facts, "no-tool")
    if line:
        evidence = (*evidence, Evidence("log", line[:400], "kubelet"))
        return said(Verdict.WARN, "log-says-missing", evidence, **asked.values)
    return said(Verdict.PASS, "has-tool", evidence, **asked.values)


_USES = (
    "daemons.services",
    "daemons.processes",
    "profile.containerd_config",
    "runtime.programs",
    "system.build",
)

CHECKS = (
    Check("node.pause-image-fits", (*_USES, "profile.rke2_settings"), pause_image_fits),
    Check("node.port-forward-tool", (*_USES, "runtime.kubelet_log"), port_forward_tool),
)
