# SPDX-License-Identifier: Apache-2.0
"""`mcla licences harbour` and `certify`: what a licence does for the AI Act's exemption, and who vouches for it.

A certification counts by a key that the caller got on another way. Exit codes of `harbour`: 0 the licence leaves the
exemption, 1 it loses it or the certification given does not hold, 3 it is not settled.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.failure import Exit, WrongUsage
from mcla.cli.finding import found_licence
from mcla.cli.output import current, plain, speaks
from mcla.cli.target import read_file

if TYPE_CHECKING:
    from mcla.exports.certification import Certification, Standing
    from mcla.exports.exemption import Reading

FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)
EXITS = {"met": Exit.YES, "lost": Exit.NO, "open": Exit.UNKNOWN}
COLOURS = {"met": "green", "lost": "red", "open": "yellow"}


@click.command()
@click.argument("licence", metavar="ID")
@click.option("--certification", "document", type=FILE, help="A certification of this licence, to check.")
@click.option("--key", type=FILE, help="Its issuer's public key (PEM, or base64 of it), got on another way.")
@speaks
@click.pass_context
def harbour(context: click.Context, licence: str, document: Path | None, key: Path | None) -> None:
    """Show which duties of the AI Act's open-source exemption a licence meets, loses or leaves open.

    Exit code 0: the licence keeps the exemption. 1: it loses it, or the certification does not hold. 3: it is not
    settled. This is a screening; certified is what a certification says that holds, by the issuer it names.
    """
    from mcla.exports.exemption import of

    if (document is None) != (key is None):
        raise WrongUsage("A certification is checked by its issuer's key.", why="expected --certification and --key")
    found = of(found_licence(licence))
    certified = _certified(document, key, found.licence) if document and key else None
    output = current()
    if output.json:
        output.document(found.to_dict() | {"certifications": [certified] if certified else []})
    else:
        for line in _told(found, certified):
            output.data(line)
    context.exit(Exit.NO if certified and not certified["certified"] else EXITS[found.state])


def _certified(document: Path, key: Path, licence: str) -> dict[str, Any]:
    from mcla.exports.certification import told

    read, standing = vouched(document, key)
    if read.about.licence != licence:
        about = read.about.licence or "an artifact"
        raise WrongUsage("The certification is about something else.", why=f"expected {licence}, got {about}")
    return told(read, standing)


def vouched(document: Path, key: Path) -> "tuple[Certification, Standing]":
    """A certification, and whether it holds by the key that was got on another way."""
    from mcla.exports.certification import Issuer, read_certification, standing_of
    from mcla.feed.keys import FeedKey

    read = read_certification(read_file(document, "certification"))
    issuer = Issuer(read.issuer, FeedKey.from_file(read_file(key, "key")))
    return read, standing_of(read, (issuer,), datetime.now(UTC))


def _told(found: "Reading", certified: dict[str, Any] | None) -> list[str]:
    lines = [click.style(found.licence, bold=True) + f": {found.sentence}"]
    for title, points in (("Conditions", found.conditions), ("Duties", found.duties)):
        lines += [f"{title}:"] if points else []
        for each in points:
            lines += [f"  {click.style(f'{each.state:<4}', fg=COLOURS[each.state])}  {each.name}: {each.why}"]
            lines += [f"        {each.source}"]
    return [*lines, _vouched(certified), "Screening, not legal advice, and no certification."]


def _vouched(certified: dict[str, Any] | None) -> str:
    if certified is None:
        return "No certification was given."
    issuer = plain(certified["issuer"], keep="")
    if not certified["certified"]:
        return f"The document of {issuer} does not hold: {certified['sentence']}"
    said = plain(f"{certified['scheme']}, until {certified['expires']}: {certified['statement']}", keep="")
    return f"Certified by {issuer} under {said}"


@click.command()
@click.argument("draft", metavar="DRAFT.json", type=FILE)
@click.option("--key", type=FILE, required=True, help="The issuer's Ed25519 private key (PEM, without a password).")
@speaks
def certify(draft: Path, key: Path) -> None:
    """Sign a certification as its issuer: DRAFT.json has everything but the signature."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from mcla.exports.certification import write_certification

    try:
        private = load_pem_private_key(read_file(key, "key"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise WrongUsage("The key cannot be used.", why="expected an Ed25519 private key in PEM without a password")
    written = write_certification(read_file(draft, "certification"), private)
    current().data(written.decode())
