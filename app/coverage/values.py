# SPDX-License-Identifier: Apache-2.0
"""Answers about coverage, as plain values. Nothing here names a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mcla.terms import Kind
from mcla.verify.standing import AsOf

Word = Literal["covered", "not-covered", "unknown"]
Path = Literal["individual", "company", "contribution"]
_WORST: tuple[Word, ...] = ("covered", "not-covered", "unknown")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a yes rests on: an agreement version, and the log entry of its acceptance or of the contribution.

    `until` is the time from which a newer version ends it, as far as was known then; None for no end known.
    """

    path: Path
    slug: str
    version: str
    digest: str
    log_index: int
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """The answer for one kind: a word, a stable code and a sentence; `basis` with a yes alone."""

    word: Word
    code: str
    sentence: str
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answers for each kind that was asked about, as of a time and the log's size then."""

    project: str
    kinds: Mapping[Kind, KindAnswer]
    as_of: AsOf

    @property
    def verdict(self) -> Word:
        """The worst of the answers: a yes only if it is one for every kind that was asked about."""
        return max((each.word for each in self.kinds.values()), key=_WORST.index)
