"""What the node itself shows of images that are not pulled: kubelet's log, and what crictl lists, as text.

crictl's tables are read instead of its JSON, which also holds pods' annotations: nobody needs those off the node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.facts import NodeFacts, Problem
from checks.programs import asked

PODS = "pods --state ready"
IMAGES = "images"
# Words of kubelet; JSON inside of JSON has its quotes escaped, once or more often.
_FAILED = re.compile(r'"(?:Failed to pull image|PullImage from image service failed)" err="(.*?[^\\])" image="([^"]+)"')
_SYNC = re.compile(r'with (?:ErrImagePull|ImagePullBackOff): .*?\spod="([^"/]+/[^"/]+)"')
_NAMED = re.compile(r'(?:pull(?:ing)?(?: and unpack)? image|resolve reference) \\*"([^"\\]+)\\*"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LoggedPull:
    """An image that kubelet could not get, by the last lines of its log."""

    image: str
    pods: tuple[str, ...]
    """`namespace/name` of those that wait for it; empty where the log names none."""
    lines: tuple[str, ...]
    """What was said of it, the last line first."""


def full_name(image: str) -> str:
    """An image as containerd lists it: registry, path and tag. A digest stays."""
    name, at, digest = image.partition("@")
    head, slash, _ = name.partition("/")
    if not slash or not ("." in head or ":" in head or head == "localhost"):
        name = f"docker.io/{name if slash else f'library/{name}'}"
    if at:
        return f"{name}@{digest}"
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def logged_pulls(lines: tuple[str, ...]) -> tuple[LoggedPull, ...]:
    """Images and the pods that wait for them, in the order in which the log first names them."""
    pods: dict[str, dict[str, None]] = {}
    said: dict[str, list[str]] = {}
    for line in lines:
        if "sandbox image" in line:
            continue  # the pause image is another check's
        failed, sync = _FAILED.search(line), _SYNC.search(line)
        if failed is None and sync is None:
            continue
        named = failed[2] if failed else next(iter(_NAMED.findall(line)), "")
        if not named:
            continue
        image = full_name(named)
        said.setdefault(image, []).insert(0, failed[1] if failed else line)
        if sync is not None:
            pods.setdefault(image, {})[sync[1]] = None
    return tuple(LoggedPull(image, tuple(pods.get(image, ())), tuple(told)) for image, told in said.items())


def _rows(text: str, *columns: str) -> list[tuple[str, ...]] | None:
    """These columns of a table that is aligned under its heading; None where the heading is another."""
    heading, *lines = text.splitlines() or [""]
    titles = [(found.start(), found[0]) for found in re.finditer(r"\S+(?: \S+)*", heading)]
    names = [name for _, name in titles]
    if any(one not in names for one in columns):
        return None
    starts = [start for start, _ in titles] + [10_000]
    places = [names.index(one) for one in columns]
    return [tuple(line[starts[at] : starts[at + 1]].strip() for at in places) for line in lines if line.strip()]


def _table(facts: NodeFacts, arguments: str, *columns: str) -> list[tuple[str, ...]] | Problem:
    said = asked(facts, "crictl", arguments)
    where = f"crictl {arguments}"
    if said is None:
        return Problem("runtime.programs", f"{where}: crictl.exe was not found on this node", "no-crictl")
    if isinstance(said, Problem):
        return said
    if said.problem or said.exit_code != 0:
        return Problem("runtime.programs", f"{where}: {said.problem or said.errors or said.exit_code}"[:400])
    rows = _rows(said.output, *columns)
    return Problem("runtime.programs", f"{where}: another heading than expected") if rows is None else rows


def ready_pods(facts: NodeFacts) -> frozenset[str] | Problem:
    """`namespace/name` of the pods that the runtime keeps a sandbox for."""
    rows = _table(facts, PODS, "NAME", "NAMESPACE")
    return rows if isinstance(rows, Problem) else frozenset(f"{row[1]}/{row[0]}" for row in rows)


def images_here(facts: NodeFacts) -> frozenset[str] | Problem:
    """Images that the runtime has, by their full names; those without a tag by their path alone."""
    rows = _table(facts, IMAGES, "IMAGE", "TAG")
    if isinstance(rows, Problem):
        return rows
    return frozenset(name if tag == "<none>" else f"{name}:{tag}" for name, tag in rows)


def is_here(image: str, here: frozenset[str]) -> bool:
    """Whether the runtime has it; one asked for by digest counts as here where any without a tag lies under its path."""
    path = image.partition("@")[0]
    head, colon, _ = path.rpartition(":")
    bare = head if colon and "/" not in path[len(head) :] else path
    return image in here or ("@" in image and not here.isdisjoint((path, bare)))
