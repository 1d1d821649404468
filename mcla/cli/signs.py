# SPDX-License-Identifier: Apache-2.0
"""`mcla licences signs`: the signs of a lost licence in a folder as a hub has it, by its card and its licence files.

Seen is what the folder itself says, without network and without a service. No sign is an accusation: a person looks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcla.cli.failure import Exit, WrongUsage
from mcla.cli.output import current, plain, speaks
from mcla.cli.target import read_file

if TYPE_CHECKING:
    from mcla.licences.identify import Identification
    from mcla.licences.signals import Known, Seen, Signal

FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)
CARD = "README.md"


@click.command("signs")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--card", "cards", metavar="NAME FILE", type=(str, FILE), multiple=True,
              help="The model card of a base or data set that README.md names: what it goes out under.")  # fmt: skip
@click.option("--families", metavar="FILE", type=FILE,
              help="Files that model families are known by (mcla.families/1).")  # fmt: skip
@speaks
@click.pass_context
def signs(context: click.Context, folder: Path, cards: tuple[tuple[str, Path], ...], families: Path | None) -> None:
    """Tell signs that a licence was lost on the way: the folder's README.md against its licence file and its bases.

    README.md is a model card with YAML on top. Licence files are LICENSE, LICENCE and COPYING, also with .txt, .md or
    .rst. Exit code 0: no sign is seen, which proves nothing. 3: there are some, and a person looks.
    """
    from mcla.licences.verdict import NOTICE

    found, output = _found(folder, cards, families), current()
    if output.json:
        output.document({"signals": [each.to_dict() for each in found], "notice": NOTICE})
    else:
        for each in found:
            output.data(f"{click.style(each.code, fg='yellow', bold=True)}: {plain(str(each.sentence), keep='')}")
        output.data(f"{'' if found else 'No sign is seen, which proves nothing. '}{NOTICE}")
    context.exit(Exit.UNKNOWN if found else Exit.YES)


def _found(folder: Path, cards: Sequence[tuple[str, Path]], families: Path | None) -> "list[Signal]":
    from mcla.cli.finding import Refused
    from mcla.licences.asking import QuestionInvalid
    from mcla.licences.registry import registry
    from mcla.licences.signals import signals

    seen = replace(_seen(folder, cards), files=_known(folder, families) if families else ())
    several = [replace(seen, licence_file=told) for told in _licence_files(folder)] or [seen]
    try:
        told = {str(signal.sentence): signal for each in several for signal in signals(each, registry())}
    except QuestionInvalid as error:
        raise Refused(error, Exit.USAGE) from None
    return list(told.values())


def _seen(folder: Path, cards: Sequence[tuple[str, Path]]) -> "Seen":
    from mcla.cli.cards import seen_in

    place = folder / CARD
    if not place.is_file():
        raise WrongUsage(f"{plain(str(folder))} has no model card.", why=f"expected {CARD}, got none",
                         hint="Give the folder as it is on its hub.")  # fmt: skip
    return seen_in(place, cards)


def _known(folder: Path, families: Path) -> "tuple[Known, ...]":
    """The folder's files that a family has by the list."""
    from mcla.artifacts.scan import scan
    from mcla.cli.finding import Refused
    from mcla.errors import MclaError
    from mcla.licences.families import known_of, read_families

    try:
        listed = read_families(read_file(families, "list of families"))
        return tuple(known_of(listed, [(each.path, each.sha256) for each in scan([folder]).files]))
    except MclaError as error:
        raise Refused(error, Exit.USAGE) from None


def _licence_files(folder: Path) -> "Iterator[Identification]":
    """Each licence file told by its words; raises `Refused` for one that is no text."""
    from mcla.cli.finding import Refused
    from mcla.licences.identify import identify
    from mcla.licences.licence_file import is_licence_file
    from mcla.licences.words import LicenceTextUnfit

    for place in sorted(folder.iterdir()):
        if not is_licence_file(place.name) or not place.is_file():
            continue
        try:
            yield identify(read_file(place, "licence file"))
        except LicenceTextUnfit as error:
            raise Refused(error, Exit.UNKNOWN) from None
