"""Sealed answers as different services spell them, and bodies that are none."""

from __future__ import annotations

import struct

import pytest

from checks.session.sealing import is_sealed, opened
from checks.simulator.authentication import SEALED_TYPE

SIGNATURE = bytes(range(16))
MESSAGE = (
    b"<s:Envelope/>\r\n--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n--Encrypted Boundary--\r\n"
)


def unwrap(sealed: bytes, signature: bytes) -> bytes:
    assert signature == SIGNATURE
    return bytes(one ^ 0x55 for one in sealed)


def part(message: bytes = MESSAGE, length: int | None = None, signature: bytes = SIGNATURE) -> bytes:
    told = len(message) if length is None else length
    return (
        b"--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
        b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n"
        % told
        + b"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
        + struct.pack("<i", len(signature))
        + signature
        + unwrap(message, SIGNATURE)
    )


END = b"--Encrypted Boundary--\r\n"
WHOLE = part() + END


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (WHOLE, MESSAGE),
        (WHOLE.removesuffix(b"\r\n"), MESSAGE),
        (b"\r\n" + WHOLE + b"\r\n", MESSAGE),
        (WHOLE.replace(b"\tC", b"C").replace(b"\tO", b"  O"), MESSAGE),
        (WHOLE.replace(b"octet-stream\r\n", b"octet-stream\r\n\r\n"), MESSAGE),
        (WHOLE.replace(b"--Encrypted Boundary", b"-- Encrypted Boundary"), MESSAGE),
        (part(b"one") + part(b"two") + END, b"onetwo"),
    ],
)
def test_it_is_opened_however_it_is_spelt(body: bytes, message: bytes) -> None:
    assert opened(body, unwrap) == message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<s:Envelope/>",
        END,
        part(),
        WHOLE[:40],
        WHOLE[:-60],
        part(length=len(MESSAGE) - 1) + END,
        part(length=len(MESSAGE) + 1) + END,
        part(length=999_999_999) + END,
        part(signature=SIGNATURE + b"x") + END,
        part(b"") + END,
        WHOLE + b"<more/>",
        WHOLE + WHOLE,
        WHOLE.replace(b"Length=", b"Breadth="),
        WHOLE.replace(b"Encrypted Boundary", b"Another Boundary"),
        WHOLE.replace(b"octet-stream", b"xml"),
    ],
)
def test_what_is_no_sealed_message_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="sealed"):
        opened(body, unwrap)


@pytest.mark.parametrize(
    ("kind", "sealed"),
    [
        (SEALED_TYPE, True),
        (SEALED_TYPE.replace('"', ""), True),
        (SEALED_TYPE.replace(";", " ; ").upper(), True),
        (SEALED_TYPE.replace("multipart/", "multipart/x-multi-"), True),
        ("", False),
        ("application/soap+xml;charset=UTF-8", False),
        (SEALED_TYPE.replace("SPNEGO", "CredSSP"), False),
        ("text/html; was=" + SEALED_TYPE, False),
        ("application/HTTP-SPNEGO-session-encrypted", False),
    ],
)
def test_the_type_says_whether_it_is_sealed(kind: str, sealed: bool) -> None:
    assert is_sealed(kind) is sealed
