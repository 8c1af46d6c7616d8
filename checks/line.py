"""One session to a node for as long as something is done there: opened when first needed, and anew once it failed."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from checks.session import Session

OpenSession = Callable[[], Session]


class Line:
    """What is asked one after another goes through one PowerShell, so that waiting for a node costs it next to nothing."""

    def __init__(self, open_session: OpenSession) -> None:
        self._open = open_session
        self._session: Session | None = None

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()

    @property
    def is_open(self) -> bool:
        """Something was asked through it, and nothing failed since."""
        return self._session is not None

    def session(self) -> Session:
        """The open session, or a new one. Raises `ToolError` where none can be opened."""
        if self._session is None:
            self._session = self._open()
        return self._session

    def drop(self) -> None:
        """Close it: a change may have cut its connection. The next question opens another."""
        session, self._session = self._session, None
        if session is not None:
            session.close()
