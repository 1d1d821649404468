# SPDX-License-Identifier: Apache-2.0
"""`mcla licences identify`: a licence file by its words, and which known licences no words can tell."""

from pathlib import Path

import click

from mcla.cli.failure import Exit
from mcla.cli.finding import Refused
from mcla.cli.notice import data, notice
from mcla.cli.output import current, plain, speaks
from mcla.cli.target import read_file


@click.command("identify")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path))
@speaks
@click.pass_context
def identify(context: click.Context, file: Path) -> None:
    """Tell a licence file by its words, whatever it is tagged.

    Exit code 0: the words are those of one known licence. 3: some differ, there are more, or the text is unknown.
    """
    from mcla.licences.identify import identify as tell
    from mcla.licences.identify import wordless
    from mcla.licences.words import LicenceTextUnfit

    try:
        found = tell(read_file(file, "licence file"))
    except LicenceTextUnfit as error:
        raise Refused(error, Exit.UNKNOWN) from None
    output = current()
    if output.json:
        output.document(found.to_dict() | {"not_known_by_words": sorted(wordless())} | data())
    else:
        output.data(click.style(found.sure, bold=True) + f": {found.sentence}")
        for each in found.likeness if found.sure != "same" else ():
            shares = f"{each.found / 10:g} % of it is in the file, {each.of_the_file / 10:g} % of the file is in it"
            output.data(f"  {each.licence}: {shares}")
        for passage in found.passages:
            output.data(f"  not in {found.likeness[0].licence}: {plain(passage, keep='')}")
        if found.sure != "same":
            output.data(f"  Not known by its words, so it may be one of these too: {', '.join(sorted(wordless()))}")
        output.data(f"{notice()} Words: {found.words:,}, sha256:{found.sha256}")
    context.exit(Exit.YES if found.sure == "same" else Exit.UNKNOWN)
