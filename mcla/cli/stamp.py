# SPDX-License-Identifier: Apache-2.0
"""`mcla stamp`: write into a safetensors file where its proof is. No tensor byte changes; the file is replaced whole.

`mcla verify` finds the stamp and judges the file as it was before, so that the proof still fits.
"""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mcla.artifacts.digest import sha256_hex
from mcla.cli.failure import InputUnreadable, WrongUsage
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.target import manifest_beside, read_file

if TYPE_CHECKING:
    from mcla.artifacts.stamp import Front

FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)


@click.command("stamp")
@click.argument("file", metavar="FILE.safetensors", type=FILE)
@click.option("--bundle", type=FILE, required=True, help="The proof of the file as it is now.")
@click.option("--url", required=True, help="Where anybody finds the proof.")
@click.option("--replace", "again", is_flag=True, help="Take an earlier stamp of this command off first.")
@speaks
def command(file: Path, bundle: Path, url: str, again: bool) -> None:
    """Write the address and digest of its proof into the metadata of a safetensors file.

    The tensors stay the same to the byte, and so does their root (mcla tensors). The file's own digest changes: verify
    it with mcla, which takes the stamp off before it compares.
    """
    from mcla.artifacts.stamp import Stamp, find_stamp, read_front, stamped

    output = current()
    if file.is_symlink():
        why = "expected a file of its own, got a link: what it points to may be shared"
        raise WrongUsage(f"{plain(str(file))} is a link.", why=why, hint="Stamp a copy.")
    data = read_file(bundle, "bundle")
    stamp, front = Stamp(url, sha256_hex(data)), read_front(file)
    found = find_stamp(front)
    before = front if found is None else _earlier(front, found.before)
    digest = _check_proof(file, before, front, bundle, data, output)
    if found is not None and found.stamp != stamp and not again:
        _refuse(found.stamp.url)
    changed = found is None or found.stamp != stamp
    if changed:
        _replace(file, len(front.data), stamped(before, stamp))
    if output.json:
        told = {"file": str(file), "url": stamp.url, "bundle_sha256": stamp.bundle, "signed_sha256": digest}
        output.document(told | {"changed": changed})
    else:
        output.data(
            f"{plain(str(file), keep='')} {'names' if changed else 'named already'} {plain(stamp.url, keep='')}"
        )


def _earlier(front: "Front", before: bytes | None) -> "Front":
    from mcla.artifacts.safetensors import LENGTH_BYTES, parse_header
    from mcla.artifacts.stamp import Front

    if before is None:
        _refuse("something that this command did not write")
    size = sum(each.size for each in front.header.tensors)
    return Front(before, parse_header(before[LENGTH_BYTES:], size))


def _refuse(other: str) -> NoReturn:
    from mcla.artifacts.stamp import StampUnfit

    raise StampUnfit(f"expected a file without a stamp, got one that names {other[:200]!a}")


def _check_proof(file: Path, before: "Front", front: "Front", bundle: Path, data: bytes, output: Output) -> str:
    """The digest that was signed; raises where the bundle is about something else."""
    from mcla.artifacts.manifest import parse_manifest
    from mcla.artifacts.stamp import hash_unstamped
    from mcla.cli.progress import shown
    from mcla.envelope.bundle import parse_bundle
    from mcla.envelope.dsse import Envelope
    from mcla.statements.statement import parse_statement
    from mcla.verify.artifact import check_artifact

    content = parse_bundle(data).content
    if not isinstance(content, Envelope):
        raise WrongUsage(f"{plain(str(bundle))} holds no statement.", why="expected a bundle that mcla sign made")
    place = manifest_beside(bundle)
    manifest = parse_manifest(read_file(place, "manifest")) if place else None
    with shown("Hashing", file.stat().st_size, output) as advance:
        digest = hash_unstamped(file, before.data, front, advance)
    check_artifact(digest, parse_statement(content.payload), manifest)
    return digest


def _replace(file: Path, skip: int, front: bytes) -> None:
    """Write the file anew with another beginning, on disk before it takes the place of the old one."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with file.open("rb") as old, partial.open("xb") as new:
            state = os.fstat(old.fileno())
            old.seek(skip)
            new.write(front)
            shutil.copyfileobj(old, new, 1024 * 1024)
            new.flush()
            os.fsync(new.fileno())
            after = os.fstat(old.fileno())
        if (after.st_size, after.st_mtime_ns) != (state.st_size, state.st_mtime_ns):
            raise InputUnreadable(f"{plain(str(file))} changed meanwhile.", why="expected nobody to write to it")
        shutil.copymode(file, partial)
        partial.replace(file)
    except OSError as error:
        why = f"expected to write beside it, got: {error.strerror or error}"
        raise InputUnreadable(f"{plain(str(file))} cannot be replaced.", why=why) from error
    finally:
        partial.unlink(missing_ok=True)
