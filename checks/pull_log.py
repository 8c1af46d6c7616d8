"""What kubelet's log tells of images that are not pulled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

# Words of kubelet; JSON inside of JSON has its quotes escaped, once or more often.
_FAILED = re.compile(r'"(?:Failed to pull image|PullImage from image service failed)" err="(.*?[^\\])" image="([^"]+)"')
_SYNC = re.compile(r'with (?:ErrImagePull|ImagePullBackOff): .*?\spod="([^"/]+/[^"/]+)"')
_STAMP = re.compile(r"[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)")
"""klog's head of a line: month, day and time as the node's wall clock shows it, no year."""
_NAMED = re.compile(r'(?:pull(?:ing)?(?: and unpack)? image|resolve reference) \\*"([^"\\]+)\\*"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LoggedPull:
    """An image that kubelet could not get, by the last lines of its log."""

    image: str
    pods: tuple[str, ...]
    """`namespace/name` of those that wait for it; empty where the log names none."""
    lines: tuple[str, ...]
    """What was said of it, the last line first."""
    head: str = ""
    """The last line as the log begins it, with its time."""

    def is_younger(self, than: timedelta, now: datetime) -> bool:
        """Whether its last line was written within that time of `now`, before or after. A line without a time is not."""
        found = _STAMP.match(self.head)
        if found is None:
            return False
        month, day, *time = map(int, found.groups())
        for year in (now.year - 1, now.year, now.year + 1):
            try:
                at = datetime(year, month, day, *time, tzinfo=now.tzinfo)
            except ValueError:
                continue
            if abs(now - at) <= than:
                return True
        return False


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
    heads: dict[str, str] = {}
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
        heads[image] = line[:32]
        if sync is not None:
            pods.setdefault(image, {})[sync[1]] = None
    return tuple(
        LoggedPull(image, tuple(pods.get(image, ())), tuple(told), heads[image]) for image, told in said.items()
    )


def is_here(image: str, here: frozenset[str]) -> bool:
    """Whether the runtime has it; one asked for by digest counts as here where any without a tag lies under its path."""
    path = image.partition("@")[0]
    head, colon, _ = path.rpartition(":")
    bare = head if colon and "/" not in path[len(head) :] else path
    return image in here or ("@" in image and not here.isdisjoint((path, bare)))
