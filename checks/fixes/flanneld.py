"""Restart flanneld with the right flags: its service, NSSM's parameters, or a task of SYSTEM where it ran bare."""

from __future__ import annotations

import json
from subprocess import list2cmdline

from checks.cluster import (
    api_server,
    default_route_address,
    flanneld_node_name,
    management_address,
    owns_address,
    usable_kubeconfigs,
)
from checks.command_line import arguments_of, program, role, same_path, windows_path, words
from checks.daemons import command_line, configured_line, daemon_flag, is_nssm, service
from checks.facts import NodeFacts, Problem, ServiceFact
from checks.fix import Change, Inputs, refuse
from checks.fixes.guards import (
    SERVICES,
    address_guard,
    files_guards,
    guarded,
    presence_guard,
    process_guard,
    service_guards,
    value_guard,
)
from checks.fixes.proxy import MACHINE_KEY, environment_step, refuse_disabled, refuse_not_there, restart_step
from checks.flannel_files import present
from checks.given import answer_of
from checks.no_proxy import excepts_host
from checks.profile import has_path
from checks.proxy import Setting, setting

FIX = "restart-flanneld"
TASK = "Nodepane flanneld"
FOLDER = "C:\\ProgramData\\Nodepane\\flanneld"
RUNNER = f"{FOLDER}\\Start-Flanneld.ps1"
SETTINGS = f"{FOLDER}\\settings.json"
ATTEMPTS = 3
"""Where making the network takes the card away for a while, flanneld ends and comes up at its next start."""
OURS = ("kubeconfig-file", "iface", "ip-masq", "kube-subnet-mgr")


def default_interface(facts: NodeFacts) -> str:
    """What flanneld is told now, if it is on this node; else the node's own address, not one of before."""
    told = daemon_flag(facts, "flanneld", "iface")
    if told and owns_address(facts, told):
        return told
    for own in (management_address(facts), default_route_address(facts)):
        if own is not None and owns_address(facts, own.value) is not False:
            return own.value
    return ""


def default_kubeconfig(facts: NodeFacts) -> str:
    """What flanneld is told now, if it is usable or can't be told; else kubelet's own, else the file of the SDN scripts."""
    told = daemon_flag(facts, "flanneld", "kubeconfig-file")
    told = "" if told is None or told == "true" else told
    paths = usable_kubeconfigs(facts)
    if isinstance(paths, Problem):
        return told
    for wanted in (told, daemon_flag(facts, "kubelet", "kubeconfig"), "C:\\k\\config"):
        if wanted and any(same_path(wanted, path) for path in paths):
            return wanted
    return told or (paths[0] if paths else "")


def arguments(line: str, inputs: Inputs) -> tuple[str, ...]:
    """The flags flanneld needs, then every other flag it had."""
    wanted = (
        f"--kubeconfig-file={inputs.values['KUBECONFIG']}",
        f"--iface={inputs.values['IFACE']}",
        "--ip-masq=1",
        "--kube-subnet-mgr=1",
    )
    kept: list[str] = []
    given = arguments_of(line)
    skip = False
    for index, word in enumerate(given):
        if skip:
            skip = False
            continue
        name, equals, _ = word.lstrip("-").partition("=")
        follows = index + 1 < len(given) and not given[index + 1].startswith("-")
        if word.startswith("-") and name in OURS:
            skip = not equals and follows
            continue
        kept.append(word)
    return (*wanted, *kept)


def quoted(parts: tuple[str, ...]) -> str:
    """Words as a command line of Windows: also one that holds quotes, or ends in a backslash, arrives as it is."""
    return list2cmdline(parts)


def _value(one: ServiceFact, key: str, name: str, value: str, target: str) -> Change:
    return {
        "id": f"flags-{one.name}",
        "kind": "registry",
        "title": "flags",
        "target": target,
        "key": key,
        "name": name,
        "type": "ExpandString",
        "value": value,
    }


def _is_api_lost(facts: NodeFacts, kubeconfig: str) -> bool:
    """Whether the API server that flanneld would ask is known not to answer: it would end, also where it runs now."""
    servers = answer_of(facts.access, lambda one: one.servers)
    if isinstance(servers, Problem):
        return False
    return any(not one.reached for one in servers if any(same_path(path, kubeconfig) for path in one.paths))


def _would_ask_proxy(facts: NodeFacts, own: ServiceFact | None) -> bool:
    """Whether flanneld, once started, surely asks a proxy for the API server: it would end."""
    proxy, exceptions = (setting(facts, own, name) for name in ("HTTPS_PROXY", "NO_PROXY"))
    api = api_server(facts)
    if not isinstance(proxy, Setting) or isinstance(exceptions, Problem) or api is None:
        return False
    if own is not None and not proxy.own and not _had_at_boot(facts):
        return False
    host, _, port = api.value.rpartition(":")
    return not excepts_host(exceptions.value if exceptions is not None else "", host.strip("[]"), port)


def _had_at_boot(facts: NodeFacts) -> bool:
    """Whether services surely have the machine's variables as they are now: they get those of the last start of Windows."""
    environment, system = facts.environment, facts.system
    if isinstance(environment, Problem) or isinstance(system, Problem):
        return False
    changed, boot = environment.machine_changed, system.boot_time
    return not isinstance(changed, Problem) and not isinstance(boot, Problem) and changed <= boot


def steps(inputs: Inputs) -> tuple[Change, ...]:
    facts, profile = inputs.facts, inputs.profile.name
    if profile == "rke2":
        raise refuse(FIX, inputs.node, "rke2-restarts-itself")
    if profile in ("kubeadm-hostprocess", "wins"):
        raise refuse(FIX, inputs.node, "runs-in-a-pod")
    if inputs.profile.uses_flannel is False:
        raise refuse(FIX, inputs.node, "no-flannel")
    for name in ("IFACE", "KUBECONFIG", "NODE_NAME"):
        if not inputs.values.get(name) or any(letter in inputs.values[name] for letter in '"\r\n\0'):
            raise refuse(FIX, inputs.node, f"no-{name.lower().replace('_', '-')}")
    if owns_address(facts, inputs.values["IFACE"]) is False:
        raise refuse(FIX, inputs.node, "iface-not-here")
    own, hns = service(facts, "flanneld"), service(facts, "hns")
    refuse_not_there(FIX, inputs, own)
    if isinstance(own, Problem) or isinstance(hns, Problem):
        raise refuse(FIX, inputs.node, "not-readable")
    if hns is not None and hns.state != "running":
        raise refuse(FIX, inputs.node, "hns-stopped")
    if _is_api_lost(facts, inputs.values["KUBECONFIG"]):
        raise refuse(FIX, inputs.node, "api-not-reached")
    if _would_ask_proxy(facts, own):
        raise refuse(FIX, inputs.node, "proxy-first")
    if own is not None and own.start_mode == "disabled":
        raise refuse(FIX, inputs.node, "service-disabled")
    if own is not None and (role(configured_line(own)) != "flanneld" or (own.nssm is not None and not is_nssm(own))):
        raise refuse(FIX, inputs.node, "other-wrapper")
    if own is not None:
        refuse_disabled(FIX, inputs, own)
    changes = _service_steps(own, inputs) if own is not None else _bare_steps(inputs)
    written = daemon_flag(facts, "flanneld", "subnet-file") or "C:\\run\\flannel\\subnet.env"
    watch: Change = {
        "id": "watch-subnet-env",
        "kind": "watch",
        "title": "watch",
        "target": written,
        "path": written,
        "begins": "",  # whatever stood there: flanneld writes over it
    }
    return guarded((watch, *changes), _guards(inputs, own))


def _guards(inputs: Inputs, own: ServiceFact | None) -> tuple[Change, ...]:
    """The service or the running command line, flannel's network configuration, and what the new flags name."""
    facts = inputs.facts
    conf = Problem("flannel", "") if isinstance(facts.flannel, Problem) else facts.flannel.net_conf
    return (
        *(service_guards(own) if own is not None else (process_guard("flanneld.exe"),)),
        *(() if isinstance(conf, Problem) else files_guards(present(conf))),
        presence_guard(windows_path(inputs.values["KUBECONFIG"])),
        *address_guard(inputs.values["IFACE"]),
        value_guard(MACHINE_KEY, "NODE_NAME"),
    )


def _service_steps(own: ServiceFact, inputs: Inputs) -> tuple[Change, ...]:
    changes: list[Change] = []
    line = configured_line(own)
    given = arguments(line, inputs)
    if is_nssm(own):
        key = f"{SERVICES}\\{own.name}\\Parameters"
        if own.nssm is None or _differs(own.nssm.app_parameters or "", given):
            changes.append(_value(own, key, "AppParameters", quoted(given), own.name))
    elif _differs(quoted(arguments_of(line)), given):
        path = program(line)
        changes.append(_value(own, f"{SERVICES}\\{own.name}", "ImagePath", quoted((path, *given)), own.name))
    told = flanneld_node_name(inputs.facts)
    if told is None or told.value != inputs.values["NODE_NAME"]:
        changes.append(environment_step(own, (f"NODE_NAME={inputs.values['NODE_NAME']}",)))
    changes.append({**restart_step(own.name), "attempts": ATTEMPTS})
    return tuple(changes)


def _differs(line: str, given: tuple[str, ...]) -> bool:
    """Whether the configured flags mean something else than the wanted ones: order and quotes do not count."""
    return sorted(words(f"x {line}")[1:]) != sorted(given)


def _bare_steps(inputs: Inputs) -> tuple[Change, ...]:
    line = command_line(inputs.facts, "flanneld") or ""
    path = program(line) or "C:\\flannel\\flanneld.exe"
    if not line and not has_path(inputs.facts, path):
        raise refuse(FIX, inputs.node, "no-program")
    settings = {
        "program": path,
        "arguments": list(arguments(line or path, inputs)),
        "node_name": inputs.values["NODE_NAME"],
    }
    shown = quoted((path, *settings["arguments"]))
    runner: Change = {"id": "runner", "kind": "write", "title": "write-file", "target": RUNNER, "path": RUNNER}
    return (
        {**runner, "text": inputs.scripts["Start-Flanneld"]},
        {
            "id": "settings",
            "kind": "write",
            "title": "settings",
            "target": shown,
            "path": SETTINGS,
            "text": json.dumps(settings, indent=2),
        },
        {
            "id": "end-flanneld",
            "kind": "process",
            "title": "end-process",
            "target": "flanneld.exe",
            "name": "flanneld.exe",
        },
        {
            "id": "task",
            "kind": "task",
            "title": "task",
            "target": TASK,
            "name": TASK,
            "execute": "powershell.exe",
            "arguments": f'-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "{RUNNER}"',
            "process": "flanneld.exe",
            "attempts": ATTEMPTS,
        },
    )
