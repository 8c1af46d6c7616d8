"""Area node: the runtime can read its configuration, and no second runtime is in its way."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.cluster import cluster_cidr, service_cidr
from checks.containerd import Config, ConfigFile, config
from checks.daemons import processes, service
from checks.facts import HnsNetworkFact, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of
from checks.images import runtime_kind
from checks.programs import shown, version
from checks.ranges import contains, parse_range
from checks.tables import containerd_table

_STRICT = (2,)
"""containerd 2 refuses bytes that are no UTF-8; 1.x reads over them."""


def accepted(own: tuple[int, ...]) -> tuple[int, ...]:
    """File versions that this containerd takes; empty where nobody has noted them."""
    release = containerd_table().release(own)
    return release.accepts if release is not None else ()


def is_refused(found: Config, own: tuple[int, ...]) -> bool:
    """Whether containerd ends over its configuration."""
    taken = accepted(own)
    wrong = any(taken and file.version not in taken for file in found.files)
    return found.broken is not None or wrong or (own >= _STRICT and any(not one.toml.is_utf8 for one in found.files))


def containerd_config(context: Context) -> Finding:
    """6.16: every file in force as Go reads it, and of a version that this containerd takes."""
    kind = runtime_kind(context.facts)
    if isinstance(kind, Problem):
        return unread(kind)
    if kind == "docker":
        return said(Verdict.NOT_APPLICABLE, "docker", (Evidence("runtime", "Docker", "Win32_Service"),))
    own = version(context.facts, "containerd")
    found = config(context.facts, own)
    if isinstance(found, Problem):
        return unread(found)
    broken = found.broken
    if broken is not None:
        return _broken(broken)
    if isinstance(own, Problem):
        return unread(own)
    return _version(found, own) or _content(found, own)


def _told(file: ConfigFile, more: str = "") -> tuple[Evidence, ...]:
    return (Evidence("file", more or f"version {file.version}", file.path),)


def _broken(file: ConfigFile) -> Finding:
    values = {"file": file.path, "detail": file.toml.detail}
    evidence = _told(file, file.toml.detail)
    if file.toml.fault == "marked":
        return said(Verdict.FAIL, "marked", evidence, **values)
    if file.toml.fault == "backslash":
        return said(Verdict.FAIL, "backslash", evidence, **values)
    return said(Verdict.FAIL, "not-toml", evidence, **values)


def _version(found: Config, own: tuple[int, ...]) -> Finding | None:
    """A file of a version, or with bytes, that this containerd does not take."""
    taken = accepted(own)
    for file in found.files:
        values = {"file": file.path, "named": str(file.version), "version": shown(own)}
        evidence = (*_told(file), Evidence("runtime", f"containerd {shown(own)}", "--version"))
        if taken and file.version < min(taken):
            return said(Verdict.FAIL, "too-old", evidence, **values)
        if taken and file.version > max(taken):
            return said(Verdict.FAIL, "too-new", evidence, **values)
        if not file.toml.is_utf8:
            verdict = Verdict.FAIL if own >= _STRICT else Verdict.WARN
            return said(verdict, "not-utf8", evidence, **values)
    return None


def _content(found: Config, own: tuple[int, ...]) -> Finding:
    values = {"file": found.path, "version": shown(own)}
    runtime = Evidence("runtime", f"containerd {shown(own)}", "--version")
    without = found.without_cri
    if without is not None:
        evidence = (Evidence("file", "disabled_plugins", without.path), runtime)
        return said(Verdict.FAIL, "without-cri", evidence, **{**values, "file": without.path})
    misplaced = found.misplaced
    if misplaced is not None:
        file, key = misplaced
        evidence = (Evidence("file", key, file.path), runtime)
        told = {**values, "file": file.path, "key": key, "named": str(file.version)}
        return said(Verdict.WARN, "wrong-section", evidence, **told)
    if not found.files:
        return said(Verdict.PASS, "defaults", (Evidence("file", "–", found.path), runtime), **values)
    listed = tuple(one for file in found.files for one in _told(file))
    return said(Verdict.PASS, "readable", (*listed, runtime), **values)


def docker_left(context: Context) -> Finding:
    """6.31: Docker beside containerd takes away HNS endpoints that are not its own, and its nat network may overlap."""
    facts = context.facts
    told = all_of(runtime_kind(facts), service(facts, "dockerd"), processes(facts, "dockerd"))
    answers = all_of(told, answer_of(facts.hns, lambda one: one.networks))
    if isinstance(answers, Problem):
        return unread(answers)
    (kind, docker, running), networks = answers
    for network in networks:
        found = _overlap(context, network)
        if found is not None:
            return found
    if kind == "docker":
        return said(Verdict.PASS, "docker", (Evidence("runtime", "Docker", "Win32_Service"),))
    if running or (docker is not None and docker.state == "running"):
        told = running[0].command_line or running[0].name if running else "service: running"
        return said(Verdict.WARN, "running", (Evidence("process", told, "Win32_Process, Win32_Service"),))
    if docker is None:
        return said(Verdict.PASS, "absent", (Evidence("service", "–", "Win32_Service"),))
    told = Evidence("service", f"{docker.name}: {docker.state}, {docker.start_mode}", "Win32_Service")
    if docker.start_mode == "auto":
        return said(Verdict.WARN, "will-start", (told,), service=docker.name)
    return said(Verdict.PASS, "stopped", (told,), service=docker.name)


def _overlap(context: Context, network: HnsNetworkFact) -> Finding | None:
    """A nat network, as Docker makes one, whose range holds addresses of pods or services."""
    if network.type.lower() != "nat":
        return None
    for told in (cluster_cidr(context.facts), service_cidr(context.facts, context.profile)):
        own = told.range if told is not None else None
        for subnet in network.subnets:
            other = parse_range(subnet)
            if told is None or own is None or other is None:
                continue
            if contains(own, other) or contains(other, own):
                evidence = (
                    Evidence("network", f"{network.name} {subnet}", "HNS"),
                    Evidence("range", told.value, told.source),
                )
                return said(
                    Verdict.FAIL, "nat-overlaps", evidence, network=network.name, subnet=subnet, range=told.value
                )
    return None


CHECKS = (
    Check(
        "node.containerd-config",
        ("daemons.services", "daemons.processes", "profile.containerd_config", "runtime.programs"),
        containerd_config,
    ),
    Check(
        "node.docker-left",
        (
            "daemons.services",
            "daemons.processes",
            "hns.networks",
            "flannel.subnet_env",
            "flannel.net_conf",
            "cni.folders",
        ),
        docker_left,
        waits_for=("profile",),
        whole=("cni.folders",),
    ),
)
