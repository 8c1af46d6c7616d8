"""The headless twin where things go wrong: odd input, no keyring, closed pipes, Ctrl-C; and where a password could show."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import keyring.backends.fail
import keyring.errors
import pytest

from checks.cli import Exit, main
from checks.cli_output import Output
from checks.cli_site import open_site
from checks.errors import ToolError
from checks.node import Credentials
from checks.simulator.demo import DemoSite
from checks.simulator.server import SimulatorServer

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "s3cret-Pa55 wörd"


@pytest.fixture(scope="module")
def server(resources, scripts):
    site = DemoSite(resources / "demo", scripts)
    healthy = next(one for one in site.nodes if one.name == "worker-01")
    with SimulatorServer(site.backend(healthy), Credentials("admin", PASSWORD)) as running:
        yield running


@pytest.fixture
def listed(server, tmp_path):
    path = tmp_path / "nodes.yaml"
    text = f"nodes:\n  - {{name: real-1, address: 127.0.0.1, port: {server.port}, user: admin}}\n"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setattr("keyring.get_keyring", keyring.backends.fail.Keyring)

    def call(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="ascii"))
        try:
            code = main([*words, "--receipts", str(tmp_path / "receipts")])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        told = capsys.readouterr()
        for place in (told.out, told.err, *(path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file())):
            assert PASSWORD not in place
        return int(code), told.out, told.err

    return call


@pytest.mark.parametrize(
    ("stdin", "code"),
    [
        (PASSWORD.encode() + b"\n", Exit.GOOD),
        (PASSWORD.encode(), Exit.GOOD),
        (PASSWORD.encode() + b"\r\n", Exit.GOOD),
        (b"\xef\xbb\xbf" + PASSWORD.encode() + b"\n", Exit.GOOD),
        (b"", Exit.MISUSE),
        (b"\n", Exit.MISUSE),
        (b"\r\n", Exit.MISUSE),
        (PASSWORD.encode("utf-16"), Exit.MISUSE),
        (b"another\n", Exit.UNREACHABLE),
    ],
)
def test_a_password_from_standard_input(run, listed, server, stdin, code):
    before = server.wire.refused_sign_ins
    told, out, err = run("scan", "--nodes", str(listed), "--password-stdin", stdin=stdin)
    assert told == code, out + err
    assert (err == "") == (code in (Exit.GOOD, Exit.UNREACHABLE))
    assert server.wire.refused_sign_ins - before == (code == Exit.UNREACHABLE)
    assert server.shells.open_count == 0


def test_json_holds_an_error_as_the_schema_says(run, listed, resources):
    code, out, err = run("scan", "--nodes", str(listed), "--json", "--password-stdin", stdin=b"another\n")
    assert (code, err) == (Exit.UNREACHABLE, "")
    document = json.loads(out)
    jsonschema.validate(document, json.loads((resources / "scan.schema.json").read_text("utf-8")))
    assert document["nodes"][0]["error"]["code"] == "sign-in-refused"


def test_names_twice_are_read_once_and_unknown_ones_are_told(run, listed):
    code, out, _ = run("scan", "--nodes", str(listed), "--json", "REAL-1", "real-1", "--password-stdin", stdin=b"x\n")
    assert (code, len(json.loads(out)["nodes"])) == (Exit.UNREACHABLE, 1)
    code, out, err = run("scan", "--nodes", str(listed), "other", "--password-stdin", stdin=b"x\n")
    assert (code, out) == (Exit.MISUSE, "")
    assert "real-1" in err


def test_an_empty_list_is_not_all_good(run, tmp_path):
    path = tmp_path / "none.yaml"
    path.write_text("nodes: []\n", encoding="utf-8")
    assert run("scan", "--nodes", str(path))[0] == Exit.MISUSE


@pytest.mark.parametrize("words", [("--password", PASSWORD), (f"--password={PASSWORD}",), ("-p", PASSWORD)])
def test_a_password_as_an_option_is_neither_used_nor_repeated(run, listed, words):
    code, out, err = run("scan", "--nodes", str(listed), *words)
    assert (code, out) == (Exit.REFUSED, "")
    assert "command line" in err


def test_a_user_name_is_needed(run, tmp_path):
    path = tmp_path / "nodes.yaml"
    path.write_text("nodes:\n  - {name: a, address: 127.0.0.1}\n", encoding="utf-8")
    code, out, _ = run("scan", "--nodes", str(path), "--json", "--password-stdin", stdin=b"x\n")
    assert code == Exit.UNREACHABLE
    assert json.loads(out)["nodes"][0]["error"]["code"] == "no-user"


# Keyrings.


def failing(error: Exception):
    def fail(*_: object, **__: object) -> str:
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        None,
        keyring.errors.KeyringLocked(f"locked {PASSWORD}"),
        keyring.errors.InitError("no D-Bus"),
        RuntimeError(f"a plugin's own {PASSWORD}"),
        ImportError("no such module"),
    ],
)
@pytest.mark.parametrize("has_terminal", [True, False])
def test_without_a_keyring_it_says_so_and_asks(run, listed, monkeypatch, error, has_terminal):
    if error is not None:
        monkeypatch.setattr("keyring.get_password", failing(error))
    monkeypatch.setattr("checks.cli_site.sys", FakeSys(has_terminal))
    asked: list[str] = []
    monkeypatch.setattr("checks.cli_site.getpass.getpass", lambda prompt: asked.append(prompt) or PASSWORD)
    code, _, err = run("scan", "--nodes", str(listed))
    assert len(err.splitlines()) >= 3
    assert "keyring" in err
    assert (code, len(asked)) == ((Exit.GOOD, 1) if has_terminal else (Exit.UNREACHABLE, 0))


class FakeSys:
    """As much of `sys` as is asked whether there is somebody to ask."""

    def __init__(self, has_terminal: bool) -> None:
        self.stdin = self
        self.isatty = lambda: has_terminal


def test_ctrl_d_at_the_prompt_is_no_password(run, listed, monkeypatch):
    monkeypatch.setattr("checks.cli_site.sys", FakeSys(True))
    monkeypatch.setattr("checks.cli_site.getpass.getpass", failing(EOFError()))
    code, out, _ = run("scan", "--nodes", str(listed), "--json")
    assert (code, json.loads(out)["nodes"][0]["error"]["code"]) == (Exit.UNREACHABLE, "no-password")


def test_what_a_run_holds_does_not_show_its_password(resources, words, listed, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    with open_site(resources, words, listed, False, True, tmp_path, Output()) as site:
        session = site.open_session(site.nodes[0])
        assert PASSWORD not in repr(site) + repr(session) + repr(site.credentials(site.nodes[0]))


def test_what_nobody_thought_of_is_told_in_words_and_without_values(run, listed, monkeypatch):
    monkeypatch.setattr("checks.cli_site.load_nodes", failing(ZeroDivisionError(PASSWORD)))
    code, out, err = run("scan", "--nodes", str(listed))
    assert (code, out) == (Exit.UNCERTAIN, "")
    assert "ZeroDivisionError" in err
    assert "Traceback" not in err


# The world around: pipes, code pages, Ctrl-C.


def start(*words: str, **more) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **more.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", "checks.cli", *words], cwd=ROOT, env=environment, stderr=subprocess.PIPE, **more
    )


def test_a_reader_who_has_seen_enough(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    running = start("scan", "--demo", "--receipts", str(tmp_path), stdout=writer)
    os.close(writer)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (Exit.UNREACHABLE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_is_no_success(tmp_path):
    with Path("/dev/full").open("wb") as full:
        running = start("scan", "--demo", "worker-01", "--receipts", str(tmp_path), stdout=full)
        _, err = running.communicate(timeout=60)
    assert running.returncode == Exit.UNCERTAIN
    assert b"Traceback" not in err


def test_a_korean_code_page_does_not_matter(tmp_path):
    env = {"PYTHONIOENCODING": "cp949", "PYTHONUTF8": "0"}
    running = start("scan", "--demo", "worker-01", "--language", "ko", stdout=subprocess.PIPE, env=env)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (Exit.GOOD, b"")
    assert "노드" in out.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for one process of a console")
def test_ctrl_c_stops_soon_and_says_so(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        path = tmp_path / "nodes.yaml"
        port = silent.getsockname()[1]
        entries = "".join(f"  - {{name: n{i}, address: 127.0.0.1, port: {port}, user: u}}\n" for i in range(40))
        path.write_text("nodes:\n" + entries, encoding="utf-8")
        # A job in the background ignores the signal, and so would what it starts: the tests may be such a job.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            running = start("scan", "--nodes", str(path), "--password-stdin", stdin=subprocess.PIPE)
        finally:
            signal.signal(signal.SIGINT, before)
        running.stdin.write(b"x\n")
        running.stdin.close()
        running.stdin = None
        wire, _ = silent.accept()
        with wire:
            wire.recv(1)
            time.sleep(0.3)
            began = time.monotonic()
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=30)
    assert time.monotonic() - began < 6
    assert running.returncode == Exit.INTERRUPTED
    assert b"Traceback" not in err


def test_output_that_is_gone_ends_nothing(monkeypatch):
    output = Output()
    monkeypatch.setattr("builtins.print", failing(BrokenPipeError(32, "gone")))
    monkeypatch.setattr("checks.cli_output._silence", lambda stream: None)
    output.line("a")
    output.line("b")
    output.error("c")
    assert output.lost is None
    full = Output()
    monkeypatch.setattr("builtins.print", failing(OSError(28, "full")))
    full.line("a")
    assert full.lost is not None


def test_every_error_of_the_twin_has_words(words):
    for code in ("no-user", "no-nodes", "keyring-missing", "stdin-encoding", "password-as-option", "output-lost"):
        assert all(words.error(code, ToolError(code, node="n", what="w").fields | {"node": "n", "what": "w"}))
