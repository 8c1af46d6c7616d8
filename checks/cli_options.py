"""The headless twin's options, with their help in the language of its output."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from checks.catalogue import Catalogue


def told_language(arguments: Sequence[str]) -> str:
    """What stands behind --language, before anything is parsed; empty: nothing."""
    for at, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == "--language":
            return value if equals else next(iter(arguments[at + 1 : at + 2]), "")
    return ""


def make_parser(words: Catalogue, known: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of all commands. `known`: languages of the output."""
    say = words.label
    parser = argparse.ArgumentParser(
        prog="nodepane-cli",
        description=say("cli.about"),
        formatter_class=argparse.RawTextHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    where = common.add_mutually_exclusive_group()
    where.add_argument("--nodes", type=Path, metavar="FILE", help=say("cli.help.nodes"))
    where.add_argument("--demo", action="store_true", help=say("cli.help.demo"))
    common.add_argument("--password-stdin", action="store_true", help=say("cli.help.password-stdin"))
    common.add_argument("--language", choices=known, help=say("cli.help.language"))
    common.add_argument("--receipts", type=Path, metavar="FOLDER", help=say("cli.help.receipts"))
    scan = commands.add_parser("scan", parents=[common], allow_abbrev=False, help=say("cli.help.scan"))
    scan.add_argument("node", nargs="*", help=say("cli.help.scan-node"))
    scan.add_argument("--json", action="store_true", help=say("cli.help.json"))
    fix = commands.add_parser("fix", parents=[common], allow_abbrev=False, help=say("cli.help.fix"))
    fix.add_argument("fix", nargs="?", metavar="FIX", help=say("cli.help.fix-id"))
    fix.add_argument("node", nargs="?", metavar="NODE", help=say("cli.help.fix-node"))
    fix.add_argument("--rehearse", action="store_true", help=say("cli.help.rehearse"))
    fix.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=say("cli.help.set"))
    fix.add_argument("--out", type=Path, metavar="PLAN.json", help=say("cli.help.out"))
    fix.add_argument("--apply", type=Path, metavar="PLAN.json", help=say("cli.help.apply"))
    undo = commands.add_parser("undo", parents=[common], allow_abbrev=False, help=say("cli.help.undo"))
    undo.add_argument("receipt", help=say("cli.help.receipt"))
    return parser


def check_fix_words(parser: argparse.ArgumentParser, options: argparse.Namespace, words: Catalogue) -> None:
    """Ends with misuse where a fix is neither rehearsed nor applied, or half of both."""
    if options.apply is not None:
        if options.fix or options.rehearse or options.set or options.out:
            parser.error(words.label("cli.apply-alone"))
    elif not (options.fix and options.node and options.rehearse and options.out):
        parser.error(words.label("cli.fix-usage"))
