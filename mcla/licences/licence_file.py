# SPDX-License-Identifier: Apache-2.0
"""A licence file as somebody read it who had it in hand: what is sent where the file itself is not."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.licences.identify import Sure, identify
from mcla.licences.words import LicenceTextUnfit

NAMES = frozenset({"license", "licence", "copying"})
ENDINGS = frozenset({"", ".txt", ".md", ".rst"})


@dataclass(frozen=True, slots=True)
class LicenceFile:
    """A licence file at `path`: the SHA-256 of its bytes and of its words (64 hex), how `sure` it is told, and the id
    of the text that it is, or of the nearest one; None: near none that is known."""

    path: str
    sha256: str
    words_sha256: str
    sure: Sure
    licence: str | None = None

    @property
    def folder(self) -> PurePosixPath:
        return PurePosixPath(self.path).parent

    @property
    def digests(self) -> tuple[str, str]:
        """By which a giver may have named it."""
        return self.sha256, self.words_sha256

    def to_dict(self) -> dict[str, Any]:
        told = {"path": self.path, "sha256": self.sha256, "words_sha256": self.words_sha256, "sure": self.sure}
        return told | ({"licence": self.licence} if self.licence else {})


def is_licence_file(path: str) -> bool:
    """Whether a file is called as licence files are: LICENSE, LICENCE or COPYING, also with .txt, .md or .rst."""
    name = PurePosixPath(path)
    return name.stem.casefold() in NAMES and name.suffix.casefold() in ENDINGS


def read_licence_file(path: str, data: bytes) -> LicenceFile | None:
    """What the words of a file are; None where it is no text."""
    try:
        told = identify(data)
    except LicenceTextUnfit:
        return None
    near = told.likeness[0].licence if told.likeness else None
    return LicenceFile(path, sha256_hex(data), told.sha256, told.sure, near)
