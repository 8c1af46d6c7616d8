"""Commands of a node that answer with given objects, for an engine that has none of Windows."""

from __future__ import annotations

import json

RUNNING = "Set-SimulatedCommand Get-Service { param($p) [pscustomobject]@{ Name = 'hns'; Status = 'Running' } }\n"


def declared(command: str, answer: object, syntax: str) -> str:
    text = json.dumps(answer).replace("'", "''")
    return (
        f"Set-SimulatedCommand {command} {{ param($p) "
        f"foreach ($one in (ConvertFrom-Json -InputObject '{text}')) {{ $one }} }} -Syntax '{syntax}'\n"
    )


def cmdlets(networks: object, endpoints: object, lists: object) -> str:
    return (
        RUNNING
        + declared("Get-HnsNetwork", networks, "[[-Id] <string>]")
        + declared("Get-HnsEndpoint", endpoints, "[[-Id] <string>]")
        + declared("Get-HnsPolicyList", lists, "[[-Id] <string>]")
    )
