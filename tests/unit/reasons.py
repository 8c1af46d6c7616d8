"""Which reasons the rules can give, read from their own source."""

from __future__ import annotations

import ast
from pathlib import Path

from checks.cni import read_cni
from checks.flannel_files import read_net_conf, read_subnet_env
from checks.flanneld_log import REASONS
from checks.rules.hyperv import WHY_NOT
from checks.windows_builds import shipped_builds

RULES = Path(__file__).resolve().parents[2] / "checks" / "rules"
# Where a rule passes on what a reader found: the reader's own words for it.
PASSED_ON = {
    "hyperv": {*WHY_NOT.values(), "host-not-read"},
    "builds": {one.reason for one in shipped_builds()},
    "outbound_nat": {read_cni(data).fault for data in (b"\xef\xbb\xbf{}", b"#", b"[]")},
    "flannel": {*REASONS, "typed-service-absent"},
    "vxlan": {
        fault for text in ("\ufeff{}", "#", '{"Network":"x"}') for fault in read_net_conf(text.encode("utf-8")).faults
    },
    "subnet_env": {
        fault
        for text in (
            "\ufeff",
            "FLANNEL_NETWORK=x\nFLANNEL_SUBNET=x\nFLANNEL_MTU=x",
            "FLANNEL_NETWORK=10.0.0.0/8\nFLANNEL_SUBNET=11.0.0.0/8",
        )
        for fault in read_subnet_env(text.encode("utf-8")).faults
    },
}


def _texts(node: ast.expr, scope: ast.AST) -> set[str]:
    """Every text that an argument can be: itself, both arms of a choice, or what a name runs through in its function."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return _texts(node.body, scope) | _texts(node.orelse, scope)
    if isinstance(node, ast.Name):
        loops = [one for one in ast.walk(scope) if isinstance(one, ast.For) and isinstance(one.target, ast.Tuple)]
        for loop in loops:
            assert isinstance(loop.target, ast.Tuple)
            names = [one.id for one in loop.target.elts if isinstance(one, ast.Name)]
            if node.id in names and isinstance(loop.iter, ast.Tuple):
                at = names.index(node.id)
                rows = [row for row in loop.iter.elts if isinstance(row, ast.Tuple)]
                return {text for row in rows for text in _texts(row.elts[at], scope)}
    return set()


def given_reasons(module: str) -> set[str]:
    """The reasons that stand in the calls of `said` in `checks/rules/<module>.py`, and those passed on."""
    tree = ast.parse((RULES / f"{module}.py").read_text(encoding="utf-8"))
    found: set[str] = set(PASSED_ON.get(module, set()))
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef):
            continue
        for call in ast.walk(scope):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "said":
                found |= _texts(call.args[1], scope)
    return found
