"""Whether containerd would refuse a configuration file. Only what people break: marks, quotes, brackets."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\[\[?[^\]]+\]\]?")
_KEY = re.compile(r"""[\w."'-]+\s*=\s*\S""")


def toml_problem(data: bytes) -> str:
    """'' or what containerd would say."""
    if len(data) >= 2 and data[0] in (0xEF, 0xFF, 0xFE):
        return "invalid character at start of file (byte order mark)"
    depth = 0
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
        text = re.sub(r"'[^']*'", "''", text)
        text = re.sub(r"#.*$", "", text).strip()
        if re.search(r"""["']""", text) and '""' not in text and "''" not in text:
            return f"line {number}: unterminated string"
        is_header = _HEADER.fullmatch(text)
        if depth == 0 and text and not is_header and not _KEY.match(text):
            return f"line {number}: expected a key"
        if not is_header:
            depth += len(re.findall(r"[\[{]", text)) - len(re.findall(r"[\]}]", text))
    return "unclosed bracket" if depth else ""
