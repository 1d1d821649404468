# SPDX-License-Identifier: Apache-2.0
"""Files of model families by their digests, as somebody who held them wrote them down, with source and date.

The project ships no such list: nobody here has held the files. Whoever runs a service, or looks at a folder, may bring
one. Permissive families may stand in it: what is free is no sign.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from mcla.artifacts.jsontext import parse_json
from mcla.errors import MclaError
from mcla.licences.registry import registry
from mcla.licences.signals import Known
from mcla.terms.strict import Between, Pattern, Unreadable, read_value

MAX_BYTES = 4 * 1024 * 1024
MAX_FILES = 10_000
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of no bytes: of every family, and so of none."""
Told = Annotated[str, Pattern(r"\S(.{0,298}\S)?", "1 to 300 characters in one line")]


class FamiliesInvalid(MclaError):
    """A list of files of model families is none, or says something that cannot be used."""

    code = "families-invalid"
    status = 422
    hint = "docs/licences.md shows the form; `mcla hash --json PATH` prints the files of a model as they stand in it."


@dataclass(frozen=True, slots=True)
class FileOfFamily:
    """One file, as `mcla hash --json` tells it; the size is not needed."""

    path: Told
    sha256: Annotated[str, Pattern(r"[0-9a-f]{64}", "64 hex digits in lower case")]
    size: Annotated[int, Between(0, 2**53 - 1)] | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A model, such as `organisation/name` on its hub, under `licence`. `source` says where its files were had, `read`
    the day."""

    name: Told
    licence: Told
    source: Told
    read: Annotated[str, Pattern(r"\d{4}-\d\d-\d\d", "a day such as 2026-01-31")]
    files: tuple[FileOfFamily, ...]

    @property
    def told(self) -> str:
        """Where the facts come from, in one line of evidence."""
        return f"{self.source}, read {self.read}"


@dataclass(frozen=True, slots=True)
class _Document:
    schema: Literal["mcla.families/1"]
    families: tuple[Family, ...]


def read_families(data: bytes) -> tuple[Family, ...]:
    """The families in JSON (`mcla.families/1`); raises `FamiliesInvalid`, or `JsonInvalid` for a name twice."""
    value = parse_json(data, max_bytes=MAX_BYTES)
    try:
        families = read_value(_Document, value).families
    except Unreadable as error:
        raise FamiliesInvalid(str(error)[:2000]) from None
    if not 1 <= sum(len(each.files) for each in families) <= MAX_FILES:
        raise FamiliesInvalid(f"expected 1 to {MAX_FILES:,} files, got {sum(len(each.files) for each in families):,}")
    for family in families:
        _check(family)
    return families


def _check(family: Family) -> None:
    if registry().by_id(family.licence) is None:
        raise FamiliesInvalid(f"{family.name}: expected the id of a known licence, got {family.licence[:80]!a}")
    try:
        date.fromisoformat(family.read)
    except ValueError:
        raise FamiliesInvalid(f"{family.name}: expected a day of the calendar, got {family.read}") from None
    if any(file.sha256 == EMPTY for file in family.files):
        raise FamiliesInvalid(f"{family.name}: expected files that tell a family, got an empty one")


def known_of(families: Iterable[Family], files: Iterable[tuple[str, str]]) -> Iterator[Known]:
    """Those of `files` (path and SHA-256) that a family has."""
    by_digest: dict[str, list[Family]] = {}
    for family in families:
        for file in family.files:
            by_digest.setdefault(file.sha256, []).append(family)
    for path, sha256 in files:
        for family in by_digest.get(sha256, ()):
            yield Known(path, sha256, family.name, family.licence, family.told)
