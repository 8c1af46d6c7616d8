"""Collects from our sources the texts that our own code writes into problems, evidence and errors, with `{}` for a field."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "resources" / "scripts"
_FIELD = "{}"
_STRING = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"`]|`.)*)\"")
_VARIABLE = re.compile(r"\$\((?:[^()]|\([^()]*\))*\)+|\$[\w.:]+|\{\d\}")
_SAYS = re.compile(
    r"(?:\bthrow (?!\$)|Add-Problem .*?-Message |\bmessage = |\$message = .*else \{ |\$trouble = |Send-Problem (?!\())(?P<plain>['\"].*)"
    r"|\b(?:throw|Send-Problem) \((?P<joined>.*)\)"
)


def modules() -> Iterator[ast.Module]:
    """Modules of `checks` that may write a text: the simulator says what scripts say."""
    for path in sorted((ROOT / "checks").rglob("*.py")):
        if "simulator" not in path.parts:
            yield ast.parse(path.read_text(encoding="utf-8"))


class Texts:
    """Texts that an expression of one module can be, as far as its literals tell."""

    def __init__(self, module: ast.Module) -> None:
        self._module = module
        self._seen: set[str] = set()

    def of(self, one: ast.expr) -> Iterator[str]:
        match one:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr():
                yield "".join(part.value if isinstance(part, ast.Constant) else _FIELD for part in one.values)
                for part in one.values:
                    if isinstance(part, ast.FormattedValue):
                        yield from self.of(part.value)
            case ast.Subscript(value=value):
                yield from self.of(value)
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self.of(value)
            case ast.IfExp(body=body, orelse=other):
                yield from self.of(body)
                yield from self.of(other)
            case ast.Name(id=name) if name not in self._seen:
                self._seen.add(name)
                yield from self._named(name)
            case _:
                pass  # what somebody else said, or a number

    def _named(self, name: str) -> Iterator[str]:
        """What is assigned to a name anywhere in the module, or given for it in a call of its function."""
        for one in ast.walk(self._module):
            if isinstance(one, ast.Assign) and any(getattr(target, "id", "") == name for target in one.targets):
                yield from self.of(one.value)
            elif isinstance(one, ast.FunctionDef):
                names = [argument.arg for argument in one.args.args]
                if name in names:
                    yield from self._given(one.name, names.index(name) - (names[0] == "self"))

    def _given(self, function: str, place: int) -> Iterator[str]:
        for call in calls(self._module, function):
            if len(call.args) > place:
                yield from self.of(call.args[place])


def calls(module: ast.Module, *names: str) -> Iterator[ast.Call]:
    for one in ast.walk(module):
        if isinstance(one, ast.Call) and getattr(one.func, "attr", getattr(one.func, "id", "")) in names:
            yield one


def messages() -> set[str]:
    """Messages of problems, and technical texts of errors."""
    found: set[str] = set()
    for module in modules():
        for call in calls(module, "Problem"):
            found.update(Texts(module).of(call.args[1]))
        for call in calls(module, "close"):  # of all answers that did not come
            found.update(text for argument in call.args[:1] for text in Texts(module).of(argument))
        for one in ast.walk(module):
            if isinstance(one, ast.keyword) and one.arg == "detail":
                found.update(Texts(module).of(one.value))
    return found


def sources() -> set[str]:
    """Where something was read."""
    found: set[str] = set()
    for module in modules():
        for call in calls(module, "Evidence", "Told", "Setting", "_found"):
            place = 1 if getattr(call.func, "id", "") == "Told" else 2
            if len(call.args) > place:
                found.update(Texts(module).of(call.args[place]))
    return found


def evidence_labels() -> set[str]:
    """What evidence is called, as far as a literal says it; names of variables and flags are their own labels."""
    found: set[str] = set()
    for module in modules():
        for call in calls(module, "Evidence"):
            found.update(str(one.value).strip() for one in ast.walk(call.args[0]) if isinstance(one, ast.Constant))
    return found - {""}


def script_messages() -> set[str]:
    """What scripts throw or note as a problem in their own words."""
    found: set[str] = set()
    for path in SCRIPTS.rglob("*.ps1"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.lstrip().startswith("#"):
                continue
            for said in _SAYS.finditer(line):
                found.add(_plain(said["plain"]) if said["plain"] else _joined(said["joined"]))
    return found


def _plain(text: str) -> str:
    """One string of PowerShell; variables in double quotes are fields."""
    string = _STRING.match(text)
    assert string is not None, text
    return string[1].replace("''", "'") if string[1] is not None else _VARIABLE.sub(_FIELD, string[2])


def _joined(text: str) -> str:
    """Strings with what stands between them: `'a ' + $b + ' c'`, or `'{0}: c' -f $a`."""
    strings = list(_STRING.finditer(text))
    if not strings or "New-Object" in text:
        return _FIELD
    if " -f " in text:
        return _VARIABLE.sub(_FIELD, strings[0][1])
    depth, parts, rest = 0, [], ""
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "+" and not depth:
            parts.append(rest)
            rest = ""
        else:
            rest += letter
    return "".join(_plain(part.strip()) if part.strip()[:1] in ("'", '"') else _FIELD for part in (*parts, rest))
