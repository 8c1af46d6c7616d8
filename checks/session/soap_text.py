"""The characters of a SOAP message: UTF-8 or UTF-16, as WS-Management wants it, and no document types."""

from __future__ import annotations

import codecs
import re

_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]*\?>")
_DOCUMENT_TYPE = re.compile(rb"<!(?!\[CDATA\[|--)")
_WIDE = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def checked(body: bytes) -> bytes:
    """A message in UTF-8, without its XML declaration. Raises `ValueError`.

    The bytes decide, not what head or declaration say of them: what is looked at here is what the parser sees.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.decode("utf-16").encode()
    elif body[:2] in _WIDE:
        body = body.decode(_WIDE[body[:2]]).encode()
    body = body.removeprefix(codecs.BOM_UTF8)
    declared = _DECLARATION.match(body)
    body = body[declared.end() :] if declared else body
    # In UTF-8 these bytes stand for nothing else.
    if b"<!" in body and _DOCUMENT_TYPE.search(body):
        raise ValueError("document types are not allowed")
    return body
