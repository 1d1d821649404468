# SPDX-License-Identifier: Apache-2.0
"""The kinds of contribution, the schedule each one falls under, and which promise concerns which kind.

`code` and `recipe` have no schedule: the agreement's own clauses are enough for them.
"""

from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal["code", "data", "synthetic", "eval", "weights", "adapter", "tokenizer", "recipe", "safety"]
Letter = Literal["D", "W", "S"]
Standard = Literal["flat", "checked", "knowledge"]

KINDS: tuple[Kind, ...] = get_args(Kind)
LETTERS: tuple[Letter, ...] = get_args(Letter)

_SCHEDULES: dict[Kind, Letter] = {
    "data": "D",
    "synthetic": "D",
    "eval": "D",
    "weights": "W",
    "adapter": "W",
    "tokenizer": "W",
    "safety": "S",
}

_CODE: tuple[Kind, ...] = ("code", "recipe")
_DATA: tuple[Kind, ...] = ("data", "eval")
_SYNTHETIC: tuple[Kind, ...] = ("synthetic",)
_WEIGHTS: tuple[Kind, ...] = ("weights", "adapter", "tokenizer")
_SAFETY: tuple[Kind, ...] = ("safety",)

PROMISE_KINDS: MappingProxyType[str, tuple[Kind, ...]] = MappingProxyType(
    {
        "authority": KINDS,
        "origin": KINDS,
        "employer": KINDS,
        "sources": _DATA + _SYNTHETIC + _WEIGHTS + _SAFETY,
        "collection": _DATA + _SYNTHETIC + _SAFETY,
        "optouts": _DATA + _WEIGHTS,
        "personal_data": _DATA + _SYNTHETIC + _WEIGHTS + _SAFETY,
        "consent": _DATA,
        "minors": _DATA,
        "screening": _DATA + _SYNTHETIC + _WEIGHTS + _SAFETY,
        "upstream_terms": _SYNTHETIC + _WEIGHTS + _SAFETY,
        "base_chain": _SYNTHETIC + _WEIGHTS + _SAFETY,
        "delta_data": _WEIGHTS + _SAFETY,
        "delta_compute": _WEIGHTS,
        "confidential": KINDS,
        "contamination": _DATA + _SYNTHETIC + _WEIGHTS,
        "integrity": _CODE + _WEIGHTS + _SAFETY,
        "memorisation": _WEIGHTS,
        "export": KINDS,
        "ai_assisted": _CODE + _DATA + _SYNTHETIC + _SAFETY,
        "safeguards": _WEIGHTS + _SAFETY,
    }
)
"""Promise key -> the kinds it concerns; the keys are those of `[representations]` in `terms.toml`."""


def schedule_letter(kind: Kind) -> Letter | None:
    """The schedule for `kind`, or None for `code` and `recipe`."""
    return _SCHEDULES.get(kind)


def kinds_of(letter: Letter) -> tuple[Kind, ...]:
    """The kinds that schedule `letter` is for, in the vocabulary's order."""
    return tuple(kind for kind in KINDS if schedule_letter(kind) == letter)
