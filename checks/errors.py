"""Errors that a person can act on: what happened, why we think so, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is wrong, and how: `words` are a label of the catalogue by its English text, `fields` fill them."""

    line: int
    path: str
    words: str
    fields: tuple[tuple[str, str], ...] = ()
    """Values from the file, without what may be a password."""

    def __str__(self) -> str:
        words = self.words.format(**dict(self.fields))
        return ": ".join(part for part in (f"line {self.line}" if self.line else "", self.path, words) if part)


class ToolError(Exception):
    """An error with words in the catalogue (`resources/catalogue/<language>/errors.yaml`).

    `code` names the entry, `fields` fill its templates, `detail` is technical text shown on request.
    Fields and detail must hold no secret: they reach screens, files and logs.
    """

    def __init__(self, code: str, /, detail: str = "", **fields: str) -> None:
        super().__init__(code, fields, detail)
        self.code = code
        self.detail = detail
        self.fields: dict[str, str] = fields

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.code} ({told})" if told else self.code


class CannotReachNode(ToolError):
    """No conversation with the node came about, or it broke off."""


class SignInRefused(ToolError):
    """The node answered and did not accept who we are. Never repeated by itself: accounts lock."""


class NotPermitted(ToolError):
    """Signed in, but the account may not do this; or we refuse to do something unsafe."""


class ScriptFailed(ToolError):
    """A script ran and ended without its document."""


class BadReply(ToolError):
    """The node answered something that is not of the protocol."""


class BadFile(ToolError):
    """A file (node list, plan, receipt, catalogue) is not what it should be. `places`: what `detail` says, one by one."""

    places: tuple[Place, ...] = ()

    @classmethod
    def at(cls, code: str, *places: Place, **fields: str) -> BadFile:
        """An error that names these places."""
        error = cls(code, detail="\n".join(str(one) for one in places), **fields)
        error.places = places
        return error


class Refused(ToolError):
    """A fix, an apply or an undo that would be wrong now: nothing was changed."""


class Cancelled(ToolError):
    """The person asked to stop."""
