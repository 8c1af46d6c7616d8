"""The characters of a SOAP message: UTF-8 or UTF-16, as WS-Management wants it, and no document types."""

from __future__ import annotations

import codecs
import re

_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
_WIDE = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def text_of(body: bytes) -> str:
    """A message as text, without its XML declaration. Raises `ValueError`.

    The bytes decide, not what head or declaration say of them: what is checked here is what the parser sees.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = body.decode("utf-16")
    else:
        text = body.decode(_WIDE.get(body[:2], "utf-8-sig"))
    if "<!" in text.replace("<![CDATA[", ""):
        raise ValueError("document types are not allowed")
    return _DECLARATION.sub("", text, count=1)
