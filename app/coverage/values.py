# SPDX-License-Identifier: Apache-2.0
"""Answers about coverage, as plain values. Nothing here names a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from mcla.checks.answer import Basis, KindAnswer, Word, worst
from mcla.terms import Kind
from mcla.verify.standing import AsOf

__all__ = ["Basis", "Coverage", "KindAnswer", "Word"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answers for each kind that was asked about, as of a time and the log's size then."""

    project: str
    kinds: Mapping[Kind, KindAnswer]
    as_of: AsOf

    @property
    def verdict(self) -> Word:
        """The worst of the answers: a yes only if it is one for every kind that was asked about."""
        return worst(each.word for each in self.kinds.values())
