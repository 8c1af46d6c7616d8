"""Secrets are replaced on the node: what the masking functions of the probes leave, run by a real engine."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.simulator.demo_steps import hide

SCRIPTS = Path(__file__).resolve().parents[2] / "resources" / "scripts"

CANARY = "SECRET-CANARY-0b1e"

LINES = [
    (f"rke2.exe agent --token {CANARY} --server https://h:9345", "rke2.exe agent --token *** --server https://h:9345"),
    (f"rke2.exe --token={CANARY} -v=4", "rke2.exe --token=*** -v=4"),
    (f'x.exe "--token={CANARY} tail" --v=4', 'x.exe "--token=***" --v=4'),
    (f'x.exe --token="{CANARY} tail" --v=4', "x.exe --token=*** --v=4"),
    (f"x.exe --bootstrap-token '{CANARY} tail' --v=4", "x.exe --bootstrap-token *** --v=4"),
    (f"powershell -File C:\\k\\start.ps1 -Password {CANARY}", "powershell -File C:\\k\\start.ps1 -Password ***"),
    (f"x --registry-passwd:{CANARY}", "x --registry-passwd:***"),
    (f"x --client-secret={CANARY} --b", "x --client-secret=*** --b"),
    (f"--proxy=http://me:{CANARY}@proxy:3128 --v=4", "--proxy=http://me:***@proxy:3128 --v=4"),
    (f"--proxy=http://corp\\me:p@ss/{CANARY}@proxy:3128", "--proxy=http://corp\\me:***@proxy:3128"),
    (
        "--authentication-token-webhook=true --token-file=C:\\t",
        "--authentication-token-webhook=true --token-file=C:\\t",
    ),
    ("--container-runtime-endpoint=npipe:////./pipe/containerd-containerd", None),
    ("kube-proxy.exe --v=4 --source-vip= --kubeconfig=C:\\k\\config", None),
    ('kubelet.exe --resolv-conf="" --hostname-override=w1', None),
    ("", None),
]

VARIABLES = [
    (f"HTTPS_PROXY=http://me:{CANARY}@proxy:3128", "HTTPS_PROXY=http://me:***@proxy:3128"),
    (f"https_proxy=me:{CANARY}@proxy:3128", "https_proxy=me:***@proxy:3128"),
    (f"HTTP_PROXY=http://me:a/b {CANARY}@x@proxy/", "HTTP_PROXY=http://me:***@proxy/"),
    (f"ALL_PROXY=http://corp/me:{CANARY}@proxy", "ALL_PROXY=http://corp/me:***@proxy"),
    (f"RKE2_TOKEN={CANARY}", "RKE2_TOKEN=***"),
    (f"AWS_SECRET_ACCESS_KEY={CANARY}", "AWS_SECRET_ACCESS_KEY=***"),
    (f"EXTRA=--token={CANARY}", "EXTRA=--token=***"),
    ("NODE_NAME=worker-03", None),
    ("NO_PROXY=localhost,127.0.0.1,10.0.0.0/8,.svc", None),
    ("HTTP_PROXY=http://proxy:3128", None),
    ("HTTP_PROXY=http://me@proxy:3128", None),
]

FILES = [
    (f'password = "{CANARY}"\n', 'password = "***"\n'),
    (f"  auth = '{CANARY}' # x\n", '  auth = "***" # x\n'),
    (f'identitytoken="""\n{CANARY}\n"""\nx=1', 'identitytoken="***"\nx=1'),
    (f"secret = '''{CANARY}'''\nx=1", 'secret = "***"\nx=1'),
    (f'auth = {{ username = "u", password = "{CANARY}" }}\n', 'auth = { username = "u", password = "***" }\n'),
    (f'Authorization = ["Bearer {CANARY}"]\n', 'Authorization = "***"\n'),
    (f'endpoint = ["https://u:{CANARY}@mirror/"]\n', 'endpoint = ["https://u:***@mirror/"]\n'),
    (f'{{"k8s_auth_token":"{CANARY}","mtu":1450}}', '{"k8s_auth_token":"***","mtu":1450}'),
    (f"token: {CANARY}\nserver: https://h", 'token: "***"\nserver: https://h'),
    (f'password = "{CANARY}', 'password = "***"'),
    ('[plugins."x".registry.configs."r".auth]\n  username = "u"\n', None),
    ("version = 2\nsandbox_image = 'registry.k8s.io/pause:3.9'\n", None),
    ('{"type":"flannel","delegate":{"type":"win-overlay"}}', None),
    ("FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_IPMASQ=true\n", None),
    ("auth:\n  username: x\n", None),
    ("한국어 = 1\n", None),
    ("", None),
]


Ask = Callable[[str, str, list[str], str], list[str]]


@pytest.fixture
def ask(run_powershell: Callable[..., str], functions: Callable[[str], dict[str, str]]) -> Ask:
    """Answers of one function of a shipped script to each of some texts."""

    def run(script: str, function: str, values: list[str], wrap: str) -> list[str]:
        (path,) = SCRIPTS.rglob(f"{script}.ps1")
        found = functions(path.read_text(encoding="utf-8"))
        assert function in found
        asked = base64.b64encode(json.dumps(values).encode()).decode()
        answer = run_powershell(
            "Set-StrictMode -Version 2.0\n$ErrorActionPreference = 'Stop'\n"
            + "\n".join(found.values())
            + f"\n$asked = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{asked}'))"
            + "\n$values = ConvertFrom-Json -InputObject $asked"
            + "\nforeach ($value in @($values)) { $answer = "
            + wrap.format(function)
            + "; 'A' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($answer)) }"
        )
        return [base64.b64decode(line[1:]).decode() for line in answer.split()]

    return run


@pytest.mark.parametrize("probe", ["Get-DaemonFact", "Get-FlannelFact", "Get-ProxyFact", "Get-RuntimeFact"])
def test_lines(ask: Ask, probe: str) -> None:
    got = ask(probe, "Hide-LineSecret", [line for line, _ in LINES], "({} $value)")
    assert got == [line if masked is None else masked for line, masked in LINES]


def test_variables(ask: Ask) -> None:
    got = ask("Get-DaemonFact", "Hide-VariableSecret", [line for line, _ in VARIABLES], "({} $value)")
    assert got == [line if masked is None else masked for line, masked in VARIABLES]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-bom", "utf-16-le"])
def test_files_keep_their_encoding(ask: Ask, encoding: str) -> None:
    def encode(text: str) -> bytes:
        if encoding == "utf-16-be-bom":
            return b"\xfe\xff" + text.encode("utf-16-be")
        return text.encode(encoding)

    # UTF-16 without a mark is told from its zero bytes: only text that begins in Latin letters shows them.
    files = [pair for pair in FILES if encoding != "utf-16-le" or pair[0][:1].isascii()]
    values = [base64.b64encode(encode(text)).decode() for text, _ in files]
    wrap = "[Convert]::ToBase64String(({} ([Convert]::FromBase64String($value))))"
    got = ask("Get-ProfileFact", "Hide-ByteSecret", values, wrap)
    assert [base64.b64decode(one) for one in got] == [encode(text if mask is None else mask) for text, mask in files]


PROGRAMS = [
    (f'{{"auth":{{"username":"u","password":"{CANARY}"}}}}', '{"auth":{"username":"u","password":"***"}}'),
    (
        f'{{"Source":"{{\\"k8s_auth_token\\":\\"{CANARY}\\",\\"mtu\\":1}}"}}',
        '{"Source":"{\\"k8s_auth_token\\":\\"***\\",\\"mtu\\":1}"}',
    ),
    (f"FATA[0000] Head https://me:{CANARY}@mirror/v2/: 401", "FATA[0000] Head https://me:***@mirror/v2/: 401"),
    ('{"status":{"conditions":[{"type":"NetworkReady","status":true}]}}', None),
    ("Kubernetes v1.30.4", None),
    ("한국어", None),
    ("", None),
]


CHANGES = [
    (f"HTTPS_PROXY=http://me:{CANARY}@proxy:3128", "HTTPS_PROXY=http://me:***@proxy:3128"),
    (f"http://me:{CANARY}@proxy:3128", "http://me:***@proxy:3128"),
    (f"HTTPS_PROXY=me:{CANARY}@proxy:3128", "HTTPS_PROXY=me:***@proxy:3128"),
    (f"HTTPS_PROXY=http://me:{CANARY}://@x@proxy", "HTTPS_PROXY=http://me:***@proxy"),
    ("HTTPS_PROXY=http://proxy:3128", None),
    ("NO_PROXY=10.0.0.0/8,.svc", None),
]


def test_what_a_change_shows(ask: Ask) -> None:
    got = ask("Invoke-Change", "Hide-Secret", [line for line, _ in CHANGES], "({} $value)")
    assert got == [line if masked is None else masked for line, masked in CHANGES]
    assert [hide(line) for line, _ in CHANGES] == got, "the demo masks as the script does"


LOST = "Unable to connect to the server: "
UNREAD = f"{LOST}invalid proxy address"
REPEATED = [
    (
        f"http://corp\\me:{CANARY}@proxy:3128",
        f'{UNREAD} "http://corp\\\\me:{CANARY}@proxy:3128": parse "http://corp\\\\me:{CANARY}@proxy:3128": net/url: invalid userinfo',
        f"{UNREAD}: invalid userinfo",
    ),
    (
        f'corp\\me:a "{CANARY}@proxy:3128',
        f'{UNREAD} "corp\\\\me:a \\"{CANARY}@proxy:3128": parse "corp\\\\me:a \\"{CANARY}@proxy:3128":'
        " first path segment in URL cannot contain colon",
        f"{UNREAD}: first path segment in URL cannot contain colon",
    ),
    (
        f"http://me:{CANARY}/x@proxy:3128",
        f'{UNREAD} "http://me:{CANARY}/x@proxy:3128": parse "http://me:{CANARY}/x@proxy:3128": invalid port ":{CANARY}" after host',
        UNREAD,
    ),
    (
        f"http://me:{CANARY}@proxy:3128",
        f"{LOST}proxyconnect tcp: dial tcp: lookup of http://me:{CANARY}@proxy:3128 failed",
        f"{LOST}proxyconnect tcp: dial tcp: lookup of ***@proxy:3128 failed",
    ),
    ("http://my proxy", f'{UNREAD} "http://my proxy": parse', f'{UNREAD} "http://my proxy": parse'),
]


def test_an_address_that_go_repeats(ask: Ask) -> None:
    asked = [f"{proxy}\n{message}" for proxy, message, _ in REPEATED]
    got = ask("Get-ProxyFact", "Hide-Account", asked, '$({} $value.Split("`n")[1] $value.Split("`n")[0])')
    assert got == [masked for _, _, masked in REPEATED]


ADDRESSES = [
    ("proxy:3128", "proxy:3128"),
    ("http://me:secret@proxy", "proxy:80"),
    ("https://proxy/", "proxy:443"),
    ("socks5://proxy", "proxy:1080"),
    ("http://corp\\me:p/w#x@y@proxy:3128", "proxy:3128"),
    ("corp\\me:secret@proxy:3128", "proxy:3128"),
    ("http://[fd00::1]:3128", "[fd00::1]:3128"),
]


def test_a_proxy_is_named_without_its_account(ask: Ask) -> None:
    wrap = "$($one = {} $value; '{{0}}:{{1}}' -f $one.server, $one.port)"
    assert ask("Get-ProxyFact", "Get-ProxyAddress", [proxy for proxy, _ in ADDRESSES], wrap) == [
        address for _, address in ADDRESSES
    ]


def test_what_programs_say(ask: Ask) -> None:
    got = ask("Get-RuntimeFact", "Hide-TextSecret", [text for text, _ in PROGRAMS], "({} $value)")
    assert got == [text if masked is None else masked for text, masked in PROGRAMS]


def test_bytes_that_are_no_text_stay_on_the_node(ask: Ask) -> None:
    # Text with UTF-16 appended, as `>>` of Windows PowerShell leaves it: a secret in there could not be found.
    mixed = b"version = 2\n" + 'password = "x"\n'.encode("utf-16-le")
    wrap = "$(try {{ {} ([Convert]::FromBase64String($value)); 'told' }} catch {{ 'refused' }})"
    assert ask("Get-CniFact", "Hide-ByteSecret", [base64.b64encode(mixed).decode()], wrap) == ["refused"]
