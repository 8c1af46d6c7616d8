"""The node list: YAML that people write and the window saves.

```yaml
nodes:
  - name: worker-01
    address: 10.2.0.11
    https: true
    sign_in: basic
    user: admin
    certificate: sha256:<64 hex digits>   # or a CA file
    group: Line A
```
"""

from __future__ import annotations

import codecs
import ipaddress
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import cast

import yaml
import yaml.reader

from checks.errors import BadFile, Place
from checks.host_settings import host_node
from checks.masking import quoted
from checks.node import Node, SignIn, Typed
from checks.site_settings import BLOCKS, certificate_problem, merged, read_block, read_groups, to_save

KEYS = ("name", "address", "port", "https", "sign_in", "user", "certificate", "group", "profile", *BLOCKS)
PROFILES = ("rke2", "aks", "kubeadm-hostprocess", "wins", "sdn-kubecluster", "sdn-nssm", "sdn-bare", "custom")
MOST_BYTES = 1024 * 1024
MOST_BRACKETS = 20_000
"""Of flow style, `{name: a}`: nested ones cost the parser its stack."""
MOST_PROBLEMS = 50
_HOST_NAME = re.compile(r"^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?$")


def address_problem(address: str) -> str:
    """'' or the code of what is wrong with an address: a host name, an IPv4 or an IPv6 literal is right."""
    if not address:
        return "empty"
    bare = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    try:
        ipaddress.ip_address(bare.split("%", 1)[0])
    except ValueError:
        if bare is not address or len(address) > 253 or not _HOST_NAME.match(address):
            return "not-an-address"
        if re.fullmatch(r"[\d.]+", address):
            return "not-an-address"  # 10.2.0.300 would otherwise pass as a name
    return ""


class _Reader:
    """Turns the YAML tree into nodes; every wrong place is noted with its line, all are told at once."""

    def __init__(self) -> None:
        self.problems: list[Place] = []
        self.shared: Mapping[str, tuple[Typed, ...]] = {}
        self.groups: Mapping[str, Mapping[str, tuple[Typed, ...]]] = {}

    def wrong(self, at: yaml.Node, path: str, words: str, **fields: str) -> None:
        self.problems.append(Place(cast("int", at.start_mark.line) + 1, path, words, tuple(fields.items())))

    def mapping(self, tree: yaml.Node | None, path: str, keys: Sequence[str]) -> dict[str, yaml.Node]:
        if not isinstance(tree, yaml.MappingNode):
            if tree is not None:
                self.wrong(tree, path, "must be a block of `key: value` lines")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in cast("list[tuple[yaml.Node, yaml.Node]]", tree.value):
            if not isinstance(key_node, yaml.ScalarNode):
                self.wrong(key_node, path, "a key must be a word")
                continue
            key = str(cast("object", key_node.value))[:40]
            if key not in keys:
                near = get_close_matches(key, keys, 1)
                if near:
                    self.wrong(key_node, f"{path}.{key}", "is not a key; did you mean {near}?", near=near[0])
                else:
                    self.wrong(key_node, f"{path}.{key}", "is not a key")
            elif key in found:
                self.wrong(key_node, f"{path}.{key}", "stands twice")
            else:
                found[key] = value
        return found

    def text(self, fields: dict[str, yaml.Node], key: str, path: str) -> str:
        value = fields.get(key)
        if value is None:
            return ""
        if not isinstance(value, yaml.ScalarNode) or value.tag == "tag:yaml.org,2002:null":
            self.wrong(value, f"{path}.{key}", "must be a text")
            return ""
        text = str(value.value).strip()
        if any(ord(one) < 32 or ord(one) == 127 for one in text):
            self.wrong(value, f"{path}.{key}", "must be one line without control characters")
        return text

    def port(self, fields: dict[str, yaml.Node], path: str) -> int | None:
        text = self.text(fields, "port", path)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
            self.wrong(fields["port"], f"{path}.port", "{value} is not a port (1 to 65535)", value=text[:40])
            return None
        return int(text)

    def flag(self, fields: dict[str, yaml.Node], key: str, path: str) -> bool:
        text = self.text(fields, key, path).lower()
        if text not in ("", "true", "false", "yes", "no"):
            self.wrong(fields[key], f"{path}.{key}", "must be true or false")
        return text in ("true", "yes")

    def node(self, tree: yaml.Node, path: str) -> Node | None:
        if not isinstance(tree, yaml.MappingNode):
            self.wrong(tree, path, "must be a block of `key: value` lines")
            return None
        fields = self.mapping(tree, path, KEYS)
        name, address = self.text(fields, "name", path), self.text(fields, "address", path)
        for key, value in (("name", name), ("address", address)):
            if not value and not (key in fields and isinstance(fields[key], yaml.ScalarNode)):
                self.wrong(tree, f"{path}.{key}", "is missing")
            elif not value:
                self.wrong(fields[key], f"{path}.{key}", "must not be empty")
        if address and address_problem(address):
            words = "{value} is neither a host name nor an IP address"
            self.wrong(fields["address"], f"{path}.address", words, value=quoted(address))
        sign_in = self.text(fields, "sign_in", path) or SignIn.NTLM.value
        if sign_in not in list(SignIn):
            words = "{value} is not known; use ntlm or basic"
            self.wrong(fields["sign_in"], f"{path}.sign_in", words, value=sign_in[:40])
            sign_in = SignIn.NTLM.value
        https = self.flag(fields, "https", path)
        if sign_in == "basic" and not https:
            where = fields.get("sign_in", tree)
            words = "basic sends the password readable over HTTP; add `https: true` or use ntlm"
            self.wrong(where, f"{path}.sign_in", words)
        certificate = self.text(fields, "certificate", path)
        if certificate_problem(certificate):
            self.wrong(fields["certificate"], f"{path}.certificate", "must be sha256: and 64 hex digits, or a CA file")
        profile = self.text(fields, "profile", path)
        if profile and profile not in PROFILES:
            words = "{value} is not known; use one of {known}"
            self.wrong(fields["profile"], f"{path}.profile", words, value=profile[:40], known=", ".join(PROFILES))
        port = self.port(fields, path)
        if not name or not address:
            return None
        user, group = self.text(fields, "user", path), self.text(fields, "group", path)
        address = address.strip("[]")
        typed = {block: self.typed(fields, block, path, group) for block in BLOCKS}
        made = Node(name, address, port, https, SignIn(sign_in), user, certificate, group, profile, **typed)
        if "hyperv_host" in fields:
            self.host(made, fields["hyperv_host"], f"{path}.hyperv_host")
        return made

    def host(self, node: Node, tree: yaml.Node, path: str) -> None:
        """A host of this node's own must be named, and must not be sent the password readable."""
        host = host_node(node)
        if host is None:
            self.wrong(tree, f"{path}.address", "is missing")
        elif host.sign_in is SignIn.BASIC and not host.https:
            words = "basic sends the password readable over HTTP; add `https: true` or use ntlm"
            self.wrong(tree, f"{path}.sign_in", words)

    def typed(self, fields: dict[str, yaml.Node], block: str, path: str, group: str) -> tuple[Typed, ...]:
        """A block of a node over its group's over the list's."""
        own = read_block(self, fields.get(block), block, f"{path}.{block}", "node")
        return merged(self.shared.get(block, ()), self.groups.get(group, {}).get(block, ()), own)


def parse_nodes(text: str, source: str) -> tuple[Node, ...]:
    """Nodes of a node list's text. Raises `BadFile` (code `node-list`) whose detail names each wrong line and key."""
    reader = _Reader()
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise BadFile.at("node-list", Place(1, "$", "too many brackets; write each node as a block"), file=source)
    try:
        tree = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise BadFile("node-list", detail=_yaml_problem(error, text), file=source) from error
    except RecursionError as error:
        raise BadFile.at("node-list", Place(1, "$", "nested too deeply"), file=source) from error
    nodes: list[Node] = []
    top = reader.mapping(tree, "$", ("nodes", *BLOCKS, "groups")) if tree is not None else {}
    reader.shared = {block: read_block(reader, top.get(block), block, f"$.{block}", "list") for block in BLOCKS}
    reader.groups = read_groups(reader, top.get("groups"))
    listed = top.get("nodes")
    if listed is None:
        if not reader.problems:
            reader.problems.append(Place(1, "$.nodes", "is missing; the file must hold `nodes:` and a list"))
    elif not isinstance(listed, yaml.SequenceNode):
        reader.wrong(listed, "$.nodes", "must be a list, each entry starting with `- name:`")
    else:
        lines: dict[str, int] = {}
        for index, entry in enumerate(cast("list[yaml.Node]", listed.value)):
            node = reader.node(entry, f"$.nodes[{index}]")
            if node is None:
                continue
            if node.name.casefold() in lines:
                first = str(lines[node.name.casefold()])
                words = "{name} stands twice (first in line {first})"
                reader.wrong(entry, f"$.nodes[{index}].name", words, name=node.name, first=first)
            lines.setdefault(node.name.casefold(), cast("int", entry.start_mark.line) + 1)
            nodes.append(node)
    if reader.problems:
        more = len(reader.problems) - MOST_PROBLEMS
        rest = [Place(0, "", "and {count} more", (("count", str(more)),))] if more > 0 else []
        raise BadFile.at("node-list", *reader.problems[:MOST_PROBLEMS], *rest, file=source)
    return tuple(nodes)


def _yaml_problem(error: yaml.YAMLError, text: str) -> str:
    """What YAML says, with its line: a mark, or the place of a character that no text file has."""
    if isinstance(error, yaml.reader.ReaderError):
        place = error.position if isinstance(error.position, int) else 0
        return f"line {text[:place].count(chr(10)) + 1}: a character that no text file has: {error.character!r}"
    mark = getattr(error, "problem_mark", None)
    line = f"line {mark.line + 1}: " if mark is not None else ""
    said = str(getattr(error, "problem", None) or "not YAML")
    tab = "; indent with spaces, not with tabs" if mark is not None and _has_tab(text, mark.line) else ""
    return f"{line}{said}{tab}"


def _has_tab(text: str, line: int) -> bool:
    lines = text.splitlines()
    return line < len(lines) and "\t" in lines[line][: len(lines[line]) - len(lines[line].lstrip())]


def _decode(raw: bytes, source: str) -> str:
    """Text as Windows editors save it: UTF-8, with or without its mark, or UTF-16 with it."""
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        wrong = Place(line, "", "not text in UTF-8; save the file as UTF-8")
        raise BadFile.at("node-list", wrong, file=source) from None


def load_nodes(path: Path) -> tuple[Node, ...]:
    """Read a node list. Raises `BadFile`: `node-list-unreadable` or `node-list`."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BadFile("node-list-unreadable", detail=str(error), file=str(path)) from error
    return read_nodes(raw, str(path))


def read_nodes(raw: bytes, source: str) -> tuple[Node, ...]:
    """Nodes of a node list's bytes. Raises `BadFile` (`node-list`)."""
    if len(raw) > MOST_BYTES:
        limit = (("limit", str(MOST_BYTES // 1024 // 1024)),)
        wrong = Place(1, "$", "more than {limit} MB; no node list is that long", limit)
        raise BadFile.at("node-list", wrong, file=source)
    return parse_nodes(_decode(raw, source), source)


def _entry(node: Node, blocks: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    entry: dict[str, object] = {"name": node.name, "address": node.address}
    if node.port is not None:
        entry["port"] = node.port
    if node.https:
        entry["https"] = True
    if node.sign_in is not SignIn.NTLM:
        entry["sign_in"] = node.sign_in.value
    texts = {"user": node.user, "certificate": node.certificate, "group": node.group, "profile": node.profile}
    entry.update({key: value for key, value in texts.items() if value})
    return {**entry, **blocks}


def save_nodes(path: Path, nodes: Sequence[Node]) -> None:
    """Write a node list whole or not at all: a crash leaves the old file. Raises `BadFile` (`node-list-unwritable`)."""
    top, own = to_save(nodes)
    listed = [_entry(node, own[node.name]) for node in nodes]
    text = yaml.safe_dump({**top, "nodes": listed}, allow_unicode=True, sort_keys=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(part).replace(path)
    except OSError as error:
        raise BadFile("node-list-unwritable", detail=str(error), file=str(path)) from error
