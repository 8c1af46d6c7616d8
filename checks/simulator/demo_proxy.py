"""What a simulated node finds when it asks the runtime's proxy for a registry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from checks.session import Json
from checks.simulator.demo_answers import Trouble, asked_paths, document, texts
from checks.simulator.demo_cluster import KUBECTLS
from checks.simulator.demo_machine_probes import is_open
from checks.simulator.demo_reach import reach, with_lines
from checks.simulator.demo_secrets import hide_in_line
from checks.simulator.demo_state import NodeState

Parameters = Mapping[str, Json]

_SCHEME = re.compile(r"\w+://")
_PORTS = {"http": 80, "https": 443}
_SOCKS = 1080


def proxy_document(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    """Answer `Get-ProxyFact`."""
    asked = _Asked(state, parameters)
    return document("Get-ProxyFact", {"address": asked.address, "answer": asked.answer})


class _Asked:
    """One run of the script: what it found so far."""

    def __init__(self, state: NodeState, parameters: Parameters) -> None:
        self._state = state
        self._key, _, self._value = str(parameters.get("Source", "")).rpartition("\\")
        self._name = str(parameters.get("Name", ""))
        self._target = f"{parameters.get('Target')}:{parameters.get('Port', 443)}"
        self._more = texts(parameters.get("Kubectl"))
        self._proxy = ""
        self._address = ""

    def address(self) -> str:
        held = self._state.registry.get(self._key, self._value)
        value = held.text if held else ""
        if held is not None and isinstance(held.data, tuple):
            given = with_lines({}, held.lines)
            value = next((text for name, text in given.items() if name.strip().lower() == self._name.lower()), "")
        if not value.strip():
            raise Trouble("the variable is not there any more")
        self._proxy = value.strip()
        scheme = _SCHEME.match(self._proxy)
        place = self._proxy[scheme.end() if scheme else 0 :].rpartition("@")[2]
        try:
            parts = urlsplit((scheme.group() if scheme else "http://") + place)
            port = parts.port
        except ValueError as error:
            raise Trouble(f"Invalid URI: {error}") from error
        if not parts.hostname:
            raise Trouble("the variable holds no address")
        port = port or _PORTS.get(parts.scheme, _SOCKS)
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self._address = f"{host}:{port}"
        return self._address

    def answer(self) -> Json:
        if not self._address:
            raise Trouble("the address of the proxy is not known")
        state = self._state
        program = next((one for one in asked_paths(state, self._more or KUBECTLS) if state.disk.file(one)), "")
        if not program:
            return {"program": "", "exit_code": None, "message": "", "is_open": is_open(state, self._address)}
        way = reach(state.reach, {"HTTPS_PROXY": self._proxy}, self._target)
        if way == "ok":
            return {"program": program, "exit_code": 0, "message": "", "is_open": None}
        account, at, _ = self._proxy.rpartition("@")
        message = f"Unable to connect to the server: {way}"
        message = hide_in_line(message.replace(account, "***") if at else message)
        return {"program": program, "exit_code": 1, "message": message, "is_open": None}
