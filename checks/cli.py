"""Headless twin of the window: scan, rehearse, apply and undo for scripts and schedulers.

What its exit codes mean stands in its help (`cli.about` of the catalogue) and in README.
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
from checks.cli_options import check_fix_words, make_parser, told_language
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
CATALOGUE = RESOURCES / "catalogue"


class Exit(IntEnum):
    GOOD = 0
    FINDINGS = 1
    MISUSE = 2
    UNREACHABLE = 3
    REFUSED = 4
    UNCERTAIN = 5
    INTERRUPTED = 130


def _words(told: str) -> Catalogue:
    chosen = load_preferences(own_folder()).language
    return load_catalogue(CATALOGUE, choose_language(languages(CATALOGUE), told, chosen, system_language()))


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
    """Run one command; gives its exit code."""
    speak_utf8()
    output = Output()
    told = sys.argv[1:] if arguments is None else arguments
    words = _words(told_language(told))
    if _names_password(told):
        output.error("\n".join(error_lines(Refused("password-as-option"), words)))
        return Exit.REFUSED
    parser = make_parser(words, languages(CATALOGUE))
    options = parser.parse_args(told)
    if options.command == "fix":
        check_fix_words(parser, options, words)
    with looked_for_seldom():
        return _attempt(words, output, lambda: _work(options, words, output))


if __name__ == "__main__":
    sys.exit(main())
