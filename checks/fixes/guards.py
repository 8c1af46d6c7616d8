"""Guards: what a plan was judged from and does not change itself. They are compared before it is applied, nothing more."""

from __future__ import annotations

from collections.abc import Iterable

from checks.daemons import is_nssm
from checks.facts import FileFact, ServiceFact
from checks.fix import Change
from checks.ranges import parse_address

SERVICES = "SYSTEM\\CurrentControlSet\\Services"


def _guard(on: str, **told: str) -> Change:
    what = "\\".join(told.values())
    return {"id": f"guard-{on}-{what}", "kind": "guard", "on": on, **told}


def file_guard(path: str) -> Change:
    """The bytes of a file, or that it is absent."""
    return _guard("file", path=path)


def presence_guard(path: str) -> Change:
    """That a file is there, or not; its bytes may change."""
    return _guard("presence", path=path)


def value_guard(key: str, name: str) -> Change:
    """Kind and data of a registry value below HKLM, or that it is absent."""
    return _guard("registry", key=key, name=name)


def process_guard(name: str) -> Change:
    """The command lines of the processes of this name."""
    return _guard("process", name=name)


def address_guard(text: str) -> tuple[Change, ...]:
    """That the node has this address; nothing where the text is the name of an adapter."""
    return (_guard("address", name=text),) if parse_address(text) else ()


def files_guards(files: Iterable[FileFact]) -> tuple[Change, ...]:
    return tuple(file_guard(one.path) for one in files)


def service_guards(one: ServiceFact) -> tuple[Change, ...]:
    """That a service is there, what it starts and with which variables, and how it is started."""
    own, parameters = f"{SERVICES}\\{one.name}", f"{SERVICES}\\{one.name}\\Parameters"
    values = [(own, name) for name in ("ImagePath", "Environment", "Start", "DependOnService")]
    if is_nssm(one):
        names = ("Application", "AppParameters", "AppEnvironment", "AppEnvironmentExtra")
        values += [(parameters, name) for name in names]
    return (_guard("installed", name=one.name), *(value_guard(key, name) for key, name in values))


def guarded(changes: Iterable[Change], guards: Iterable[Change]) -> tuple[Change, ...]:
    """The steps with the guards before them; what a step compares itself needs none."""
    told = tuple(changes)
    seen = {_place(one) for one in told if one["kind"] in ("registry", "move", "write")}
    kept: list[Change] = []
    for one in guards:
        if _place(one) not in seen:
            seen.add(_place(one))
            kept.append(one)
    return (*kept, *told)


def _place(change: Change) -> tuple[str, str]:
    """What a step or guard compares, any case."""
    kind = str(change.get("on") or change["kind"])
    if kind == "registry":
        return kind, f"{change['key']}\\{change['name']}".lower()
    if kind in ("file", "move", "write"):
        return "file", str(change["path"]).lower()
    return kind, str(change.get("path") or change.get("name") or "").lower()
