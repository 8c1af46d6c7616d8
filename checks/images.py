"""Pause images: which one this node's runtime starts, what is known of its tag, and whether this Windows runs it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.command_line import flag
from checks.containerd import Setting, config
from checks.crictl import crictl
from checks.daemons import command_line, line_unread, service, typed_runtime
from checks.facts import NodeFacts, Problem
from checks.programs import version
from checks.proxy import runtime
from checks.tables import Family, Tag, containerd_table, image_table, numbers
from checks.trees import part

_OS_VERSION = re.compile(r"10\.0\.(\d+)")


@dataclass(frozen=True, slots=True)
class Image:
    """A reference such as `k8s.gcr.io/pause:3.5@sha256:...`. `name`: with its registry, docker.io where it names none."""

    name: str
    tag: str

    @property
    def family(self) -> Family | None:
        return next((one for one in image_table().families if self.name in one.names), None)

    @property
    def is_frozen(self) -> bool:
        return self.name.partition("/")[0] in image_table().frozen

    @property
    def known(self) -> Tag | None:
        """What the tables know of its tag."""
        family = self.family
        if family is None:
            return None
        if family.by_release:
            release = self.tag.removesuffix("-amd64")
            return next((Tag((one.build,)) for one in image_table().builds if release in one.tags), None)
        return family.tags.get(self.tag)

    @property
    def has_tool(self) -> bool | None:
        """Whether it carries wincat.exe; None where nobody can tell from the tag."""
        family = self.family
        if family is None or family.never_tool:
            return None if family is None else False
        known = self.known
        if known is not None and not known.builds and not known.partial:
            return False
        if not family.tool_from or not numbers(self.tag):
            return None
        return numbers(self.tag) >= numbers(family.tool_from)


def parse_image(reference: str) -> Image:
    """The parts of a reference; a digest is left out, a missing tag is `latest`."""
    named, _, digest = reference.strip().partition("@")
    path, colon, tag = named.rpartition(":")
    if not colon or "/" in tag:
        path, tag = named, "" if digest else "latest"
    first, slash, _ = path.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        path = f"docker.io/{path}"
    return Image(path.replace("index.docker.io/", "docker.io/", 1), tag)


def runtime_kind(facts: NodeFacts) -> str | Problem:
    """containerd, or docker where kubelet still starts containers through it."""
    name = runtime(facts)
    if isinstance(name, Problem):
        return name
    if name == "dockerd":
        return "docker"
    if typed_runtime(facts) is not None:
        return "containerd"
    docker = service(facts, "dockerd")
    if docker is None or isinstance(docker, Problem):
        return "containerd"
    hidden = line_unread(facts, "kubelet")
    if hidden is not None:
        return hidden
    line = command_line(facts, "kubelet")
    if flag(line, "container-runtime-endpoint") is not None:
        return "containerd"
    return "docker" if flag(line, "network-plugin") is not None else "containerd"


def pause_image(facts: NodeFacts) -> Setting | Problem | None:
    """The image in force and where it is told; None where it is a default that nobody has noted."""
    kind = runtime_kind(facts)
    if isinstance(kind, Problem):
        return kind
    if kind == "docker":
        line = command_line(facts, "kubelet")
        if line is None:
            return Problem("daemons.processes", "the command line of kubelet is not known")
        told = flag(line, "pod-infra-container-image")
        return Setting(told, "kubelet --pod-infra-container-image") if told else None
    own = version(facts, "containerd")
    found = config(facts, own)
    if isinstance(found, Problem):
        return found
    if found.image is not None:
        return found.image
    if isinstance(own, Problem):
        return own
    release = containerd_table().release(own)
    return Setting(release.image, "containerd --version") if release is not None and release.image else None


def local_builds(facts: NodeFacts, reference: str) -> Tag | Problem | None:
    """The build of the copy on this node, as crictl tells; no builds: it is for Linux. None: not asked for."""
    tree = crictl(facts, f"inspecti -o json {reference}")
    if tree is None or isinstance(tree, Problem):
        return tree
    spec = part(tree, "info", "imageSpec")
    if part(spec, "os") == "linux":
        return Tag(())
    told = part(spec, "os.version")
    found = _OS_VERSION.match(told) if isinstance(told, str) else None
    if found is None:
        return Problem("runtime.programs", "crictl inspecti: no os.version")
    return Tag((int(found[1]),))


def asked_images(facts: NodeFacts) -> tuple[str, ...]:
    """The image whose local copy decides: its tag is not known, or not wholly."""
    told = pause_image(facts)
    if told is None or isinstance(told, Problem):
        return ()
    known = parse_image(told.value).known
    return (told.value,) if known is None or known.partial else ()


def runs_older(build: int, containerd: tuple[int, ...]) -> bool:
    """Whether this containerd takes an image of an older build for this host, as Windows itself would."""
    table = image_table()
    if build < table.compatible_from:
        return False
    lines = [numbers(one) for one in table.compatible_containerd]
    own = next((line for line in lines if line[:2] == containerd[:2]), None)
    return containerd >= (own or min(line for line in lines if line[0] >= 2)) if containerd else False
