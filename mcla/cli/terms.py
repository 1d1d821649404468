# SPDX-License-Identifier: Apache-2.0
"""`mcla terms diff`: who has to sign again because of a new version of an agreement, by the rules and nothing else.

Exit code 0 means that nobody has to, 1 that everybody or some have to, 3 that the versions could not be compared.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.failure import Exit, Undecided, WrongUsage
from mcla.cli.output import current, plain, speaks
from mcla.cli.target import read_file

if TYPE_CHECKING:
    from mcla.terms.changes import Comparison

NAMES = (
    "terms.toml",
    "agreement.md",
    "consent.toml",
    "summaries.toml",
    *(f"schedules/{letter}.{end}" for letter in "DWS" for end in ("md", "toml")),
)
SENTENCES = {
    "same": "Nothing differs.",
    "editorial": "The terms are the same and the words differ: nobody signs again once a person has vouched for that.",
    "notice": "Only what is in the signers' favour differs: they are told, and nobody signs again.",
    "scoped": "Only those who give these kinds sign again: {kinds}.",
    "material": "Everybody signs again.",
}


class VersionUnreadable(Undecided):
    """A version's documents are not there, or contradict each other."""

    code = "version-unreadable"
    hint = "Give two version folders (with terms.toml in them) or two terms.toml files."


@click.group("terms")
def command() -> None:
    """Compare the terms of agreement versions."""


@command.command()
@click.argument("old", metavar="A", type=click.Path(exists=True, readable=False, path_type=Path))
@click.argument("new", metavar="B", type=click.Path(exists=True, readable=False, path_type=Path))
@speaks
@click.pass_context
def diff(context: click.Context, old: Path, new: Path) -> None:
    """Class each change from version A to version B: material, scoped, notice or editorial.

    A and B are version folders or terms.toml files. What is not understood counts as material. Exit code 0: nobody
    has to sign again. 1: everybody, or those who give the kinds named.
    """
    from mcla.terms.compare import compare_versions

    output = current()
    found = compare_versions(_documents(old), _documents(new))
    if output.json:
        output.document(found.to_dict())
    else:
        for line in _lines(found):
            output.data(line)
    context.exit(Exit.NO if found.name in ("material", "scoped") else Exit.YES)


def _documents(place: Path) -> dict[str, bytes]:
    """The documents of a version folder, or the terms alone."""
    if not place.is_dir():
        return {"terms.toml": read_file(place, "terms file")}
    found = {name: read_file(place / name, "document") for name in NAMES if (place / name).exists()}
    if "terms.toml" not in found:
        raise WrongUsage(f"{plain(str(place))} is no version folder.", why="expected terms.toml in it, got none")
    _check_text(place, found)
    return found


def _check_text(place: Path, found: dict[str, bytes]) -> None:
    """A text that is not the one that the terms name would be compared under another's digest."""
    text = found.get("agreement.md")
    if text is not None and hashlib.sha256(text).hexdigest().encode() not in found["terms.toml"]:
        raise VersionUnreadable(
            f"The text in {plain(str(place))} is not the one that its terms name.",
            why=f"expected agreement.text_sha256 {hashlib.sha256(text).hexdigest()} in terms.toml, got another",
            hint="The text was changed after the terms. Restore it, or publish it as a new version with its digest.",
        )


def _lines(found: "Comparison") -> list[str]:
    lines = [click.style(f"{found.name}: ", bold=True) + SENTENCES[found.name].format(kinds=", ".join(found.kinds))]
    for change in found.changes:
        kinds = f" ({', '.join(change.verdict.kinds)})" if change.verdict.kinds else ""
        lines.append(f"  {change.verdict.name:<10} {plain(change.key)}{kinds}")
        lines.append(f"             {_shown(change.old)} -> {_shown(change.new)}")
    return lines


def _shown(value: Any) -> str:
    if value is None:
        return "(not there)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) or "(none)" if isinstance(value, list) else str(value)
    return plain(text if len(text) <= 200 else f"{text[:200]}...", keep="")
