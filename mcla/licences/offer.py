# SPDX-License-Identifier: Apache-2.0
"""The outbound terms as rules compare them: which licences apply together, and what is known of what they hold.

Declared is an id, or several with AND (all apply) and OR (the receiver chooses): each choice is an offer of its own,
and every one of them has to fit. Terms that are not known are neither free of limits nor full of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from mcla.licences.asking import FactsContradict, QuestionInvalid
from mcla.licences.question import Terms
from mcla.licences.records import Licence
from mcla.licences.registry import Registry
from mcla.licences.sentences import shown

MAX_CHOICES = 16
_OPERATORS = ("", "(", ")", "AND", "OR", "WITH")
UNREAD = "custom_or_unknown"
"""The restriction key that says that there are more, which nobody has read."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Terms that apply together: `ids` of licences, those with a record in `records`, and terms of one's `own`.

    `noncommercial` and `closed` may be None: not known. `restrictions` are all that the terms hold if
    `restrictions_known`, and at least these otherwise.
    """

    label: str
    ids: frozenset[str]
    records: tuple[Licence, ...]
    own: Terms | None
    noncommercial: bool | None
    restrictions: frozenset[str]
    restrictions_known: bool
    share_alike: bool
    closed: bool
    nameless: bool

    @property
    def unrecorded(self) -> bool:
        """Whether some part of it has no record."""
        return not self.ids or len(self.records) < len(self.ids)

    @property
    def adds_limits(self) -> bool:
        """Whether terms of one's own limit more than the licences do."""
        return self.own is not None and (bool(self.own.restrictions) or self.own.commercial_use == "no")


@lru_cache(maxsize=512)
def offers(registry: Registry, declared: str | None, own: Terms | None = None) -> tuple[Offer, ...]:
    """Every choice that the outbound terms leave; raises `QuestionInvalid` for an expression that is none."""
    if declared is None:
        return (_offer(registry, frozenset(), "terms of one's own", own),)
    return tuple(
        _offer(registry, ids, " AND ".join(map(shown, sorted(ids))), own) for ids in _choices(registry, declared)
    )


def _offer(registry: Registry, ids: frozenset[str], label: str, own: Terms | None) -> Offer:
    book = registry.rulebook
    found = (registry.by_id(name) for name in sorted(ids))
    records = tuple(record for record in found if record)
    unread = [name for name in ids if not registry.by_id(name) and name not in book.closed_terms]
    restrictions = frozenset().union(*(record.restrictions for record in records), (own and own.restrictions) or ())
    return Offer(
        label=label,
        ids=ids,
        records=records,
        own=own,
        noncommercial=_noncommercial(records, own, bool(unread) or not ids),
        restrictions=restrictions - {UNREAD},
        restrictions_known=all(record.knows("restrictions") for record in records)
        and UNREAD not in restrictions
        and ((bool(ids) and not unread) or (own is not None and own.restrictions is not None)),
        share_alike=any(record.share_alike not in ("none", "file") for record in records)
        or (own is not None and own.share_alike not in (None, "none", "file")),
        closed=bool(ids & book.closed_terms),
        nameless=bool(ids & (book.no_licence | book.family_tags)),
    )


def _noncommercial(records: tuple[Licence, ...], own: Terms | None, unread: bool) -> bool | None:
    said = {record.commercial_use if record.knows("commercial_use") else "unknown" for record in records}
    own_use = own.commercial_use if own else None
    if own_use == "yes" and "no" in said:
        raise FactsContradict("expected terms as the declared licence has them, got business use", "/declared_terms")
    if own_use == "no" or "no" in said:
        return True
    return None if "unknown" in said or own_use == "unknown" or (unread and own_use is None) else False


def _choices(registry: Registry, declared: str) -> list[frozenset[str]]:
    tokens = re.findall(r"[()]|[^\s()]+", declared)
    if not {"AND", "OR"} & set(tokens):
        return [frozenset({_id(registry, declared)})]
    rest = iter([*tokens, ""])
    choices, end = _any_of(registry, rest, next(rest), 0)
    if end:
        raise QuestionInvalid(f"expected licences with AND and OR between them, got {declared[:80]!a}", "/declared")
    return choices


def _any_of(registry: Registry, rest: Iterator[str], word: str, depth: int) -> tuple[list[frozenset[str]], str]:
    found, word = _all_of(registry, rest, word, depth)
    while word == "OR":
        more, word = _all_of(registry, rest, next(rest), depth)
        found = _few([*found, *more])
    return found, word


def _all_of(registry: Registry, rest: Iterator[str], word: str, depth: int) -> tuple[list[frozenset[str]], str]:
    found, word = _one(registry, rest, word, depth)
    while word == "AND":
        more, word = _one(registry, rest, next(rest), depth)
        found = _few([one | other for one, other in product(found, more)])
    return found, word


def _one(registry: Registry, rest: Iterator[str], word: str, depth: int) -> tuple[list[frozenset[str]], str]:
    if word == "(" and depth < 8:
        found, end = _any_of(registry, rest, next(rest), depth + 1)
        if end == ")":
            return found, next(rest)
    elif word not in _OPERATORS:
        end = next(rest)
        if end != "WITH":
            return [frozenset({_id(registry, word)})], end
        exception = next(rest)
        if exception not in _OPERATORS:  # a licence with an exception is another text than the licence
            return [frozenset({f"{word} WITH {exception}"})], next(rest)
    raise QuestionInvalid("expected licences with AND and OR between them, got something else", "/declared")


def _few(choices: list[frozenset[str]]) -> list[frozenset[str]]:
    few = list(dict.fromkeys(choices))
    if len(few) > MAX_CHOICES:
        raise QuestionInvalid(f"expected at most {MAX_CHOICES} choices, got more", "/declared")
    return few


def _id(registry: Registry, name: str) -> str:
    record = registry.find(name).one
    return record.id if record else name
