"""Plans as files: JSON with a sum over everything a person saw and everything that would be sent."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import cast

import msgspec

from checks.conversion import convert
from checks.errors import BadFile
from checks.plan import Plan

SCHEMA = 1


def plan_hash(plan: Plan) -> str:
    """SHA-256 over all of a plan but the sum itself."""
    return hashlib.sha256(msgspec.json.encode(replace(plan, plan_hash=""), order="deterministic")).hexdigest()


def sealed(plan: Plan) -> Plan:
    """The plan with its sum in place."""
    return replace(plan, plan_hash=plan_hash(plan))


def save(plan: Plan, path: Path) -> None:
    """Write a plan whole or not at all, for its owner only. Raises `BadFile` (code `plan-unwritable`)."""
    tree = {"schema": SCHEMA, "plan": sealed(plan)}
    data = msgspec.json.format(msgspec.json.encode(tree), indent=2)
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(part).replace(path)
        except OSError:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadFile("plan-unwritable", detail=str(error), file=str(path)) from error


def load(path: Path) -> Plan:
    """Read a plan. Raises `BadFile`: `plan-unreadable`, or `plan-changed` where its sum does not fit."""
    try:
        tree: object = msgspec.json.decode(path.read_bytes())
        if not isinstance(tree, dict) or cast("dict[str, object]", tree).get("schema") != SCHEMA:
            raise msgspec.ValidationError("not a plan of this schema")
        plan = convert(cast("dict[str, object]", tree).get("plan"), Plan)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFile("plan-unreadable", detail=str(error), file=str(path)) from error
    if plan.plan_hash != plan_hash(plan):
        raise BadFile("plan-changed", file=str(path))
    return plan
