"""Area node: images of the pods on this node are pulled, and why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks.check import Check, Context, said, unread
from checks.crictl import PODS, images_here, ready_pods
from checks.facts import ClusterFacts, NodeFacts, PodContainerFact, PodFact, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of
from checks.pull_log import LoggedPull, is_here, logged_pulls
from checks.thresholds import threshold

WAITING = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable")
SHOWN = 8
"""Pods named in the evidence: a DaemonSet can have one on every node, but hardly more than these on one."""

# Words of containerd, Docker, registries and Go's HTTP client, none of Windows. The first that fits decides: what a message
# says of the platform ends in "not found" as well.
_CAUSES = (
    ("platform", r"no match(?:ing manifest)? for |does not match the host operating system|0xc0370101|"
                 r"cannot be used on this platform|a Windows version \S+-based image is incompatible"),
    ("rate-limit", r"\b429\b|toomanyrequests|rate limit"),
    ("proxy", r"proxyconnect|\b407\b|proxy authentication required|by proxy"),
    ("sign-in", r"\b40[13]\b|unauthorized|authorization failed|authentication required|no basic auth|access denied|"
                r"access to the resource is denied|insufficient_scope"),
    ("certificate", r"x509:|certificate signed by unknown authority|failed to verify certificate|tls: bad certificate"),
    ("name", r"no such host|server misbehaving|lookup \S+(?: on \S+)?: "),
    ("network", r"dial tcp|tls:|TLS handshake|i/o timeout|connection refused|deadline exceeded|"
                r"connection reset|unexpected EOF"),
    # Windows says it in its own language; its number is the same everywhere.
    ("disk", r"no space left on device|hcsshim.*\b0x70\b|ERROR_DISK_FULL"),
    ("not-found", r"not found|manifest unknown|name unknown|\b404\b|couldn't parse image|invalid reference format"),
)  # fmt: skip
_WORST = (
    "platform",
    "disk",
    "sign-in",
    "rate-limit",
    "proxy",
    "certificate",
    "name",
    "network",
    "not-found",
    "unclear",
)


def pull_cause(message: str) -> str:
    """Why a pull failed by what its message says; `unclear` where it does not."""
    return next((name for name, words in _CAUSES if re.search(words, message, re.IGNORECASE)), "unclear")


@dataclass(frozen=True, slots=True)
class _Stuck:
    """One container whose image is not pulled."""

    pod: PodFact
    container: PodContainerFact
    message: str

    @property
    def cause(self) -> str:
        return pull_cause(self.message)

    @property
    def name(self) -> str:
        return f"{self.pod.namespace}/{self.pod.name}"


def is_for_windows(pod: PodFact) -> bool:
    """Whether the pod itself says that it belongs on Windows."""
    selected = {one.partition("=")[2] for one in pod.node_selector if one.startswith(_SYSTEM_LABELS)}
    return "windows" in {pod.os, *selected, *pod.affinity_systems}


_SYSTEM_LABELS = ("kubernetes.io/os=", "beta.kubernetes.io/os=")


def _stuck(told: ClusterFacts, pods: tuple[PodFact, ...]) -> tuple[_Stuck, ...]:
    """Containers that wait for their image. What only says that it waits longer is told by the pod's events."""
    found: list[_Stuck] = []
    events = () if isinstance(told.events, Problem) else told.events
    for pod in pods:
        for one in pod.containers:
            if one.waiting_reason not in WAITING:
                continue
            more = [event.message for event in events if (event.namespace, event.pod) == (pod.namespace, pod.name)]
            lines = (one.waiting_message, *reversed([text for text in more if one.image in text]))
            best = next((text for text in lines if pull_cause(text) != "unclear"), one.waiting_message)
            found.append(_Stuck(pod, one, best))
    return tuple(sorted(found, key=lambda one: _WORST.index(one.cause)))


def _build(facts: NodeFacts) -> str:
    system = facts.system
    return "?" if isinstance(system, Problem) or isinstance(system.build, Problem) else str(system.build)


def images_are_pulled(context: Context) -> Finding:
    """N2: an image that does not fit, or one that is not reached."""
    told = context.facts.cluster
    if isinstance(told, Problem):
        return _by_the_node(context, told)
    if isinstance(told.pods, Problem):
        return _by_the_node(context, told.pods)
    stuck = _stuck(told, told.pods)
    source = "kubectl get pods"
    if not stuck:
        return said(Verdict.PASS, "pulled", (Evidence("pods", str(len(told.pods)), source),), count=str(len(told.pods)))
    first = stuck[0]
    evidence = (
        *(
            Evidence("image", f"{one.container.image} · {one.container.waiting_reason} · {one.message}", one.name)
            for one in stuck[:SHOWN]
        ),
        Evidence("selector", ", ".join(first.pod.node_selector) or "–", first.name),
        Evidence("build", _build(context.facts), "CurrentBuildNumber"),
    )
    values = {
        "pod": first.name,
        "image": first.container.image,
        "count": str(len(stuck)),
        "build": _build(context.facts),
    }
    if first.cause != "platform":
        return said(Verdict.WARN, first.cause, evidence, **values)
    if not is_for_windows(first.pod):
        return said(Verdict.FAIL, "linux-image", evidence, **values)
    return said(Verdict.FAIL, "other-build", evidence, **values)


def waiting_pulls(facts: NodeFacts) -> tuple[LoggedPull, ...] | Problem:
    """Images that kubelet could not get by its log, for pods that the runtime still keeps, and that are not here yet."""
    told = all_of(images_here(facts), ready_pods(facts), answer_of(facts.runtime, lambda one: one.kubelet_log))
    if isinstance(told, Problem):
        return told
    here, ready, log = told
    return tuple(one for one in logged_pulls(log) if ready.intersection(one.pods) and not is_here(one.image, here))


def is_young(pull: LoggedPull, now: datetime) -> bool:
    """Whether kubelet wrote of it lately: an old line proves nothing."""
    return pull.is_younger(timedelta(hours=threshold("pull-log-recent")), now)


def _by_the_node(context: Context, problem: Problem) -> Finding:
    """Without the cluster's word: what kubelet just could not get, for pods that the runtime still keeps, and why.

    A log that names none proves nothing, and neither does an old one: both stay unknown.
    """
    facts = context.facts
    ready, waiting = ready_pods(facts), waiting_pulls(facts)
    if isinstance(ready, Problem) or isinstance(waiting, Problem):
        return unread(problem)
    why = Evidence("not-read", problem.message or problem.code, problem.fact)
    listed = Evidence("pods", str(len(ready)), f"crictl {PODS}")
    if not waiting:
        return said(Verdict.UNKNOWN, "runtime-sees-none", (why, listed), count=str(len(ready)))
    young = [one for one in waiting if is_young(one, context.now)]
    first = min(young or waiting, key=lambda one: _WORST.index(cause_of(one)))
    cause = cause_of(first) if young else "unclear"
    told = (first, *(one for one in waiting if one is not first))
    shown = (
        Evidence("image", f"{one.image} · {one.head[:20]} · {one.lines[0]}"[:1000], "kubelet's log")
        for one in told[:SHOWN]
    )
    pod = sorted(ready.intersection(first.pods))[0]
    values = {"image": first.image, "pod": pod, "count": str(len(waiting)), "build": _build(facts)}
    evidence = (*shown, listed, why, Evidence("build", _build(facts), "CurrentBuildNumber"))
    if cause == "platform":
        return said(Verdict.FAIL, "log-platform", evidence, **values)
    if cause == "unclear":
        return said(Verdict.UNKNOWN, "log-failed", evidence, **values)
    return said(Verdict.WARN, cause, evidence, **values)


def cause_of(pull: LoggedPull) -> str:
    """Why it failed by the last line that tells."""
    causes = [pull_cause(line) for line in pull.lines]
    return next((one for one in causes if one != "unclear"), "unclear")


CHECKS = (
    Check(
        "node.images-are-pulled",
        ("cluster.pods",),
        images_are_pulled,
        instead=("runtime.programs", "runtime.kubelet_log"),
    ),
)
