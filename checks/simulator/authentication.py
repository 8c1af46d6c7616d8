"""Who may talk to the simulated node: Basic over TLS, and NTLM with sealed bodies, as a Windows node does both."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
import secrets
import struct
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import spnego
from spnego.exceptions import SpnegoError

from checks.node import Credentials
from checks.session.ntlm_secret import secret_of

BOUNDARY = b"--Encrypted Boundary"
SEALED_TYPE = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
_OCTETS = b"\tContent-Type: application/octet-stream\r\n"
_SEALED_PART = re.compile(rb"[ \t]*Content-Type:[ \t]*application/octet-stream[ \t]*\r\n(?:\r\n)?", re.IGNORECASE)

_NO_TOKEN = (
    SpnegoError, ValueError, LookupError, OverflowError, StopIteration, struct.error,
    TypeError, AttributeError, NotImplementedError, AssertionError, RecursionError,
)  # fmt: skip
"""What pyspnego raises over tokens that are none (seen with 0.12 over some thousand mangled ones), and its like."""

# pyspnego looks accounts up in the file that NTLM_USER_FILE names; the variables are ours only while a step runs.
_ACCOUNTS_LOCK = threading.Lock()


class Accounts:
    """The one account of a simulated node, in a file that only this person can read and that ends with the server."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._folder = tempfile.TemporaryDirectory(prefix="nodepane-simulator-")
        self.file = Path(self._folder.name) / "accounts"
        if ":" in credentials.user + credentials.password:
            raise ValueError("the file of accounts parts its fields by colons")
        domain, _, user = credentials.user.rpartition("\\")
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            # A password would be hashed for each sign-in. The hash of LAN Manager is one that no password has.
            name = f"{domain}\\{user}" if domain else user
            file.write(f"{name}:0:{secrets.token_hex(16)}:{secret_of(credentials).nt_hash}:[U]:\n")

    def accepts_basic(self, header: str) -> bool:
        try:
            told = base64.b64decode(header.partition(" ")[2], validate=True)
        except (binascii.Error, ValueError):
            return False
        wanted = f"{self._credentials.user}:{self._credentials.password}".encode()
        return hmac.compare_digest(told, wanted)

    @contextmanager
    def in_force(self) -> Generator[None]:
        # Level 5: nothing but NTLM of version 2. Below it pyspnego takes an empty answer for that of LAN Manager.
        ours = {"NTLM_USER_FILE": str(self.file), "LM_COMPAT_LEVEL": "5"}
        with _ACCOUNTS_LOCK:
            before = {name: os.environ.get(name) for name in ours}
            os.environ.update(ours)
            try:
                yield
            finally:
                for name, value in before.items():
                    if value is None:
                        del os.environ[name]
                    else:
                        os.environ[name] = value

    def close(self) -> None:
        self._folder.cleanup()


def _server(*, wrapped: bool) -> spnego.ContextProxy:
    """The node's side of NTLM: bare, as pywinrm speaks it, or inside SPNEGO, as other clients do."""
    if wrapped:
        return spnego.server(protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate)
    return spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)


class Ntlm:
    """NTLM on one TCP connection: it authenticates the connection, and then seals what goes over it."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._context: spnego.ContextProxy | None = None
        self.signed_in = False
        self.last_token = ""
        """What SPNEGO says when all is done; it goes out with the first answer."""

    def step(self, header: str) -> str | None:
        """Take an `Authorization` header; answer the challenge's token, '' signed in, None refused."""
        try:
            token = base64.b64decode(header.partition(" ")[2], validate=True)
        except (binascii.Error, ValueError):
            return None
        try:
            with self._accounts.in_force():
                if token[:1] == b"\x60" or token[8:12] == b"\x01\x00\x00\x00" or self._context is None:
                    self.signed_in = False
                    self._context = _server(wrapped=token[:1] == b"\x60")
                answer = self._context.step(token)
        except _NO_TOKEN:
            self._context = None
            return None
        if self._context.complete:
            self.signed_in = True
            self.last_token = base64.b64encode(answer or b"").decode("ascii")
            return ""
        return base64.b64encode(answer or b"").decode("ascii")

    def unseal(self, body: bytes) -> bytes:
        """The message inside a sealed body. Raises ValueError where it is none, or was tampered with."""
        found = _SEALED_PART.search(body)
        payload = body[found.end() :].removesuffix(b"\r\n").removesuffix(BOUNDARY + b"--") if found else b""
        if self._context is None or len(payload) < 20:
            raise ValueError("not a sealed message")
        length = struct.unpack("<i", payload[:4])[0]
        if length != 16:
            raise ValueError("not a signature of NTLM")
        try:
            return self._context.unwrap(payload[4:]).data
        except _NO_TOKEN as error:
            raise ValueError(str(error)) from error

    def seal(self, message: bytes) -> bytes:
        if self._context is None:
            raise ValueError("not signed in")
        sealed = self._context.wrap(message).data
        head = f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(message)}\r\n".encode()
        return b"".join(
            (
                BOUNDARY + b"\r\n",
                b"\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n",
                head,
                BOUNDARY + b"\r\n",
                _OCTETS,
                struct.pack("<i", 16),
                sealed,
                BOUNDARY + b"--\r\n",
            )
        )
