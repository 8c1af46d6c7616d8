"""Sample artefacts of real nodes (`../shared/reference/samples`) put in the place of a healthy node's own."""

from __future__ import annotations

import base64
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from node_changes import Change
from node_facts import healthy, judge
from node_files import ADDRESS

from checks.facts import FileFact, NodeFacts

OVERLAY = ("10.244.3.", "10.244.0.0/16", "10.96.0.0")
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "reference" / "samples"


def sample(name: str) -> bytes:
    """A sample's bytes; skips the test where the samples are not beside this clone."""
    if not SAMPLES.is_dir():
        pytest.skip("no samples: put shared/ beside this clone")
    return (SAMPLES / name).read_bytes()


def text(name: str) -> str:
    return sample(name).decode("utf-8-sig")


def moved(value: Any, words: dict[str, str]) -> Any:
    """Facts with other addresses, ranges or names in them, in the content of files too."""
    if isinstance(value, str):
        for old, new in words.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, FileFact) and value.content:
        data = value.data
        wide = "utf-16-le" if data.startswith(b"\xff\xfe") else "utf-8"
        told = base64.b64encode(moved(data.decode(wide), words).encode(wide)).decode("ascii")
        return replace(value, path=moved(value.path, words), content=told)
    if isinstance(value, tuple):
        return tuple(moved(one, words) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: moved(getattr(value, one.name), words) for one in fields(value)})
    return value


@dataclass(frozen=True)
class Place:
    """A healthy node of `layout` where a sample was taken: its address, subnet of pods, ranges of pods and services."""

    layout: str
    address: str = ADDRESS
    own: str = ""
    pods: str = ""
    services: str = ""

    @property
    def facts(self) -> NodeFacts:
        own, pods, services = ("10.42.3.", "10.42.0.0/16", "10.43.0.0") if self.layout == "rke2" else OVERLAY
        words = {
            ADDRESS: self.address,
            f"{ADDRESS.rpartition('.')[0]}.": f"{self.address.rpartition('.')[0]}.",
            own: f"{self.own}." if self.own else own,
            pods: self.pods or pods,
        }
        if self.services:
            net, _, length = self.services.partition("/")
            words |= {f"{services}/12": f"{net}/{length}", f"{services[:-1]}10": f"{net[:-1]}10"}
        return moved(healthy(self.layout), words)


@dataclass(frozen=True)
class Golden:
    """What one check must say of a node with a sample in it."""

    sample: str
    place: Place
    changes: tuple[Change, ...]
    check: str
    verdict: str
    """As in "fail marked": verdict and reason."""
    cause: str = ""

    def hold(self) -> None:
        facts = self.place.facts
        for change in self.changes:
            facts = change(facts)
        found = judge(facts)[self.check]
        assert f"{found.verdict.value} {found.reason}" == self.verdict, found
        assert found.cause == self.cause, found
