"""Headless twin of the window: scan, rehearse, apply and undo for scripts and schedulers.

Exit codes: 0 all good · 1 findings (or a fix that did not make its check green) · 2 misuse · 3 a node could not be
read · 4 refused, nothing was changed · 5 the outcome of a change is not known, a step failed, or the output could not
be written · 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path

from checks.catalogue import Catalogue, load_catalogue
from checks.cli_fix import apply_plan, rehearse_fix, undo_receipt
from checks.cli_output import Output, speak_utf8
from checks.cli_scan import scan_nodes
from checks.cli_site import Site, open_site
from checks.errors import BadFile, Cancelled, CannotReachNode, NotPermitted, Refused, SignInRefused, ToolError
from checks.folders import own_folder
from checks.garbage import looked_for_seldom
from checks.language import choose_language, languages, system_language
from checks.preferences import load_preferences
from checks.report import error_lines

RESOURCES = Path(__file__).resolve().parents[1] / "resources"


class Exit(IntEnum):
    GOOD = 0
    FINDINGS = 1
    MISUSE = 2
    UNREACHABLE = 3
    REFUSED = 4
    UNCERTAIN = 5
    INTERRUPTED = 130


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodepane-cli", description=__doc__, formatter_class=argparse.RawTextHelpFormatter, allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    where = common.add_mutually_exclusive_group()
    where.add_argument("--nodes", type=Path, metavar="FILE", help="node list (YAML); without it the window's own list")
    where.add_argument("--demo", action="store_true", help="the built-in demo site")
    common.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password (and then each value asked for) from standard input, a line each",
    )
    common.add_argument(
        "--language",
        choices=languages(RESOURCES / "catalogue"),
        help="words of the output; without it the window's own choice, else this computer's language",
    )
    common.add_argument("--receipts", type=Path, metavar="FOLDER", help="where receipts are kept")
    scan = commands.add_parser("scan", parents=[common], allow_abbrev=False, help="read nodes and judge them")
    scan.add_argument("node", nargs="*", help="names of nodes; all when left out")
    scan.add_argument("--json", action="store_true", help="one JSON document (resources/scan.schema.json)")
    fix = commands.add_parser(
        "fix", parents=[common], allow_abbrev=False, help="rehearse a fix into a plan, or apply a plan"
    )
    fix.add_argument("fix", nargs="?", metavar="FIX")
    fix.add_argument("node", nargs="?", metavar="NODE")
    fix.add_argument("--rehearse", action="store_true", help="change nothing; write what would be done to --out")
    fix.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter; VALUE - asks for it"
    )
    fix.add_argument("--out", type=Path, metavar="PLAN.json")
    fix.add_argument("--apply", type=Path, metavar="PLAN.json", help="do what the plan says, if the node has not moved")
    undo = commands.add_parser("undo", parents=[common], allow_abbrev=False, help="undo what a receipt records")
    undo.add_argument("receipt", help="id of the receipt")
    return parser


def _check_fix_words(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.apply is not None:
        if options.fix or options.rehearse or options.set or options.out:
            parser.error("--apply takes a plan alone: FIX, NODE and values stand in it")
    elif not (options.fix and options.node and options.rehearse and options.out):
        parser.error("use: fix FIX NODE --rehearse [--set NAME=VALUE] --out PLAN.json, or: fix --apply PLAN.json")


def _words(told: str) -> Catalogue:
    folder = RESOURCES / "catalogue"
    chosen = load_preferences(own_folder()).language
    return load_catalogue(folder, choose_language(languages(folder), told, chosen, system_language()))


def _run(options: argparse.Namespace, site: Site) -> Exit:
    if options.command == "scan":
        bad, unread = scan_nodes(site, tuple(options.node), options.json)
        return Exit.UNREACHABLE if unread else Exit.FINDINGS if bad else Exit.GOOD
    if options.command == "undo":
        return Exit(undo_receipt(site, options.receipt))
    if options.apply is not None:
        return Exit(apply_plan(site, options.apply))
    rehearse_fix(site, options.fix, options.node, tuple(options.set), options.out)
    return Exit.GOOD


def _exit_for(error: ToolError) -> Exit:
    match error:
        case Cancelled():
            return Exit.INTERRUPTED
        case BadFile():
            return Exit.MISUSE
        case Refused() | NotPermitted():
            return Exit.REFUSED
        case CannotReachNode() | SignInRefused():
            return Exit.UNREACHABLE
        case _:
            return Exit.UNCERTAIN


def _names_password(arguments: Sequence[str]) -> bool:
    """Others on this computer see command lines; and what stands there by mistake must not be repeated on the screen."""
    return any(word.partition("=")[0] in ("--password", "--pass", "-p") for word in arguments)


def _work(options: argparse.Namespace, words: Catalogue, output: Output) -> Exit:
    store = options.receipts
    with open_site(RESOURCES, words, options.nodes, options.demo, options.password_stdin, store, output) as site:
        code = _run(options, site)
    if output.lost is not None:
        raise ToolError("output-lost", detail=str(output.lost))
    return code


def _attempt(words: Catalogue, output: Output, work: Callable[[], Exit]) -> int:
    """Run it; whatever goes wrong is told in words and has its exit code."""
    try:
        return work()
    except ToolError as error:
        output.error("\n".join(error_lines(error, words)))
        return _exit_for(error)
    except KeyboardInterrupt:
        output.error(words.label("cli.interrupted"))
        return Exit.INTERRUPTED
    except Exception as error:  # the crash report of a headless run: where, not what, since a message may hold a value
        last = traceback.extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
        output.error("\n".join(error_lines(ToolError("unexpected", detail=detail, code=type(error).__name__), words)))
        return Exit.UNCERTAIN


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; see the module's text for exit codes."""
    speak_utf8()
    output = Output()
    told = sys.argv[1:] if arguments is None else arguments
    if _names_password(told):
        output.error("\n".join(error_lines(Refused("password-as-option"), _words(""))))
        return Exit.REFUSED
    parser = _options()
    options = parser.parse_args(told)
    if options.command == "fix":
        _check_fix_words(parser, options)
    words = _words(options.language or "")
    with looked_for_seldom():
        return _attempt(words, output, lambda: _work(options, words, output))


if __name__ == "__main__":
    sys.exit(main())
