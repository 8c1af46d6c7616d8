"""One PowerShell on a planted node that runs shipped scripts as text, without the wire: for tests of scripts alone."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from pathlib import Path
from typing import Any

# Reads a line of base64 JSON {text, parameters}, runs the text, answers its output or its error as a line of base64.
LOOP = """
$ErrorActionPreference = 'Stop'
while ($null -ne ($line = [Console]::In.ReadLine())) {
    $asked = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line)) | ConvertFrom-Json
    $parameters = @{}
    foreach ($property in $asked.parameters.PSObject.Properties) { $parameters[$property.Name] = $property.Value }
    try {
        $block = [scriptblock]::Create($asked.text)
        $answer = 'ok ' + ((& $block @parameters) -join "`n")
    } catch {
        $answer = 'error ' + $_.ToString() + ' ' + $_.InvocationInfo.PositionMessage
    }
    [Console]::Out.WriteLine('ANSWER ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($answer)))
    [Console]::Out.Flush()
}
"""


class ScriptError(Exception):
    """The script ended with an error instead of output."""


class NodeShell:
    """A running PowerShell on the node in `folder`."""

    def __init__(self, winnode: Path, folder: Path) -> None:
        command = base64.b64encode(LOOP.encode("utf-16-le")).decode("ascii")
        self.process = subprocess.Popen(
            [winnode, "run", folder, "-NoProfile", "-ExecutionPolicy", "Bypass", "-EncodedCommand", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def run(self, text: str, timeout_s: float = 120, **parameters: object) -> str:
        """The output of a script's text; raises `ScriptError` when it threw."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        asked = json.dumps({"text": text, "parameters": parameters}).encode("utf-8")
        self.process.stdin.write(base64.b64encode(asked) + b"\n")
        self.process.stdin.flush()
        timer = threading.Timer(timeout_s, self.process.kill)
        timer.start()
        try:
            for line in self.process.stdout:
                if line.startswith(b"ANSWER "):
                    answer = base64.b64decode(line[7:]).decode("utf-8")
                    if answer.startswith("ok "):
                        return answer[3:]
                    raise ScriptError(answer[6:])
        finally:
            timer.cancel()
        raise ScriptError("the node's PowerShell ended")

    def document(self, text: str, **parameters: object) -> dict[str, Any]:
        """The one JSON document that a shipped script answers."""
        return json.loads(self.run(text, **parameters))

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
