"""Connections of urllib3 that can be cut from outside, and that hand the turn on while they wait."""

from __future__ import annotations

import socket
from contextlib import nullcontext
from typing import Any

import urllib3.exceptions

from checks.session.wires import Wires, connect
from checks.turn import waiting

SHORT = 8192
"""Bytes that every system's buffer of an idle connection has room for."""


def noting(base: type[Any], address: str, wires: Wires, made: set[Any]) -> type[Any]:
    """A kind of connection to `address`, whatever name it is made for. `made` holds those that are open."""

    class Noting(base):
        _twin: socket.socket | None = None
        _is_read = False

        def _new_conn(self) -> socket.socket:
            try:
                wire = connect(address, self.port, self.timeout, wires)
            except socket.gaierror as error:
                raise urllib3.exceptions.NameResolutionError(self.host, self, error) from error
            except TimeoutError as error:
                raise urllib3.exceptions.ConnectTimeoutError(self, str(error)) from error
            except OSError as error:
                raise urllib3.exceptions.NewConnectionError(self, str(error)) from error
            wire.settimeout(self.timeout)
            self._let_go()
            self._twin = wires.note(wire)
            made.add(self)
            return wire

        def connect(self) -> None:
            with waiting():
                super().connect()  # pyright: ignore[reportUnknownMemberType]

        def send(self, data: Any) -> None:  # noqa: ANN401 (http.client's)
            # A short message goes into the system's buffer at once; a whole probe's script may take its time on a slow network.
            with waiting() if len(data) > SHORT else nullcontext():
                super().send(data)  # pyright: ignore[reportUnknownMemberType]

        def getresponse(self) -> Any:  # noqa: ANN401 (urllib3's)
            # An answer that ends with its connection has closed it, for http.client, before its body is read.
            self._is_read = True
            try:
                with waiting():
                    return base.getresponse(self)
            finally:
                self._is_read = False

        def close(self) -> None:
            super().close()  # pyright: ignore[reportUnknownMemberType]
            if not self._is_read:
                made.discard(self)
                self._let_go()

        def _let_go(self) -> None:
            twin, self._twin = self._twin, None
            if twin is not None:
                wires.drop(twin)

    return Noting
