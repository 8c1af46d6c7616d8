"""What leaves a node without its secrets, by the very expressions of the scripts (`Hide-LineSecret` and its like)."""

from __future__ import annotations

import re
from functools import lru_cache

_NAME = r"""[\w.-]*(?:token|passw(?:or)?d|secret|api-?key)["']?"""
_QUOTED = re.compile(rf'"(-{_NAME}[=:])[^"]*"', re.IGNORECASE)
_PLAIN = re.compile(
    rf"""(?<![\w.-])(-{_NAME}\s+|{_NAME}\s*[=:]\s*)(?!\*\*\*")(?:"(?:\\.|[^"\\])*"?|'[^']*'?|[^\s"'])+""", re.IGNORECASE
)
_URL = re.compile(r"(://[^:\s]*:)\S+@")
_PROXY = re.compile(r"^((?:[^/:]+://|(?![^/:]+://))[^:]*:).+@", re.DOTALL)
_SECRET_VARIABLE = re.compile(r"token|passw|secret|credential|api_?key|access_?key", re.IGNORECASE)
_FILE_NAME = (
    r"""(?<![\w.-])["']?[\w.-]*(?:auth|authorization|passw(?:or)?d|token|secret|api-?key|key-data)["']?"""
    r"""[ \t]*[=:][ \t]*"""
)
_FILE_VALUE = (
    r'''(?:"""[\s\S]*?"""|'{3}[\s\S]*?'{3}|\[[^\]]*\]|"(?:\\.|[^"\\\r\n])*"?|'[^'\r\n]*'?|'''
    r"""[^\s,\]}{\["'][^\s,\]}]*)"""
)
_FILE = re.compile(f"({_FILE_NAME}){_FILE_VALUE}", re.IGNORECASE)
_FILE_URL = re.compile(r"""(://[^:\s"']*:)[^\s"']+@""")


class NoText(Exception):
    """The bytes are no text: what secrets they hold can't be told."""


@lru_cache(maxsize=1024)
def hide_in_line(line: str) -> str:
    """Give a command line without values after names such as `--token` and without passwords in URLs."""
    line = _QUOTED.sub(r'"\1***"', line)
    line = _PLAIN.sub(r"\1***", line)
    return _URL.sub(r"\1***@", line)


@lru_cache(maxsize=1024)
def hide_in_proxy(value: str) -> str:
    """Give a proxy's value without its password, scheme or not."""
    return _PROXY.sub(r"\1***@", value)


@lru_cache(maxsize=1024)
def hide_in_variable(line: str) -> str:
    """Give a `NAME=value` line without its secret."""
    name, equals, value = line.partition("=")
    if not equals or not name:
        return hide_in_line(line)
    if _SECRET_VARIABLE.search(name):
        return f"{name}=***"
    if "proxy" in name.lower():
        value = hide_in_proxy(value)
    return f"{name}={hide_in_line(value)}"


@lru_cache(maxsize=256)
def hide_in_bytes(data: bytes) -> bytes:
    """Give a file's bytes with secrets replaced and nothing else moved. Raises `NoText`."""
    coding = "latin-1"
    if len(data) >= 2 and data[0] and (data[1] == 0 or data[:2] == b"\xff\xfe"):
        coding = "utf-16-le"
    if len(data) >= 2 and data[1] and (data[0] == 0 or data[:2] == b"\xfe\xff"):
        coding = "utf-16-be"
    text = data.decode(coding, "replace")
    if "\0" in text:
        raise NoText("the file holds zero bytes: it is no text")
    hidden = _FILE_URL.sub(r"\1***@", _FILE.sub(r'\1"***"', text))
    return data if hidden == text else hidden.encode(coding, "replace")
