"""A backend of one's own for tests of the wire: programs are Python functions on lines."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable

from checks.simulator.backend import Output


class EchoProgram:
    """Answers each line of standard input with what `answer` makes of it; ends at the end of input or on close."""

    def __init__(self, answer: Callable[[bytes], Iterable[bytes]], first: bytes = b"", ends: bool = False) -> None:
        self._answer = answer
        self._queue: queue.Queue[Output] = queue.Queue()
        self.closed = False
        self.ended = False
        self._rest = b""
        if first or ends:
            self._queue.put(Output(first, b"", 0 if ends else None))

    def write(self, data: bytes) -> None:
        if self.closed:
            raise OSError("ended")
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            for piece in self._answer(line.strip()):
                self._queue.put(Output(piece))

    def say(self, data: bytes) -> None:
        """Write something by itself."""
        self._queue.put(Output(data))

    def read(self, timeout_s: float) -> Output:
        if self.closed:
            return Output(exit_code=1)
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return Output()

    def close(self) -> None:
        self.closed = True


class EchoBackend:
    """Notes every command line; programs whose command line holds `cmd` print it and end, all others echo."""

    def __init__(self, answer: Callable[[bytes], Iterable[bytes]] | None = None) -> None:
        self.answer = answer or (lambda line: (line + b"\r\n",))
        self.command_lines: list[str] = []
        self.programs: list[EchoProgram] = []

    def start(self, command_line: str) -> EchoProgram:
        self.command_lines.append(command_line)
        ends = command_line.startswith("cmd")
        program = EchoProgram(self.answer, command_line.encode() if ends else b"", ends)
        self.programs.append(program)
        return program
