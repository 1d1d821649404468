# SPDX-License-Identifier: Apache-2.0
"""A licence file told by its words, whatever it is tagged: the same text, one with more in it, a changed one, or none.

A text with a clause more is another licence: only the same words are `same`. Else the nearest are told, how much of
them is there, and words that are not theirs, for a person to read: sampled phrases show that texts are near, never that
they are equal. Near texts (Llama 3.1 and 3.2, the RAIL variants) are told apart by the phrases that only one has.
What is near is never told as equal: one number or one "not" may stand where no phrase was sampled.
"""

import base64
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from mcla.artifacts.jsontext import parse_json
from mcla.licences.registry import data_file
from mcla.licences.words import digest_of, phrases_of, words_of
from mcla.wording import Worded

Sure = Literal["same", "nearly", "with-more", "changed", "unknown"]
NEAR_PER_MILLE = 995
"""Of the phrases of both: a slip of the pen in a long text, the address of a publisher, or one number."""
CHANGED_PER_MILLE = 500
MAX_PASSAGES = 5
SENTENCES: Mapping[Sure, str] = MappingProxyType(
    {
        "same": "The words are those of %(licence)s.",
        "nearly": "Close to %(licence)s, and not equal: a person reads what differs.",
        "with-more": "The whole of %(licence)s is there, with other words that may change it: a person reads them.",
        "changed": "A changed %(licence)s: %(share)s %% of it is there. What differs decides: a person reads it.",
        "unknown": "The text is none that is known.",
    }
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a text: how many words, the SHA-256 of them in hex, and the numbers of sampled phrases.

    A licence has several where its text goes without its appendix too, or has editions. `source` says where the text
    was read, on the day `read`.
    """

    licence: str
    words: int
    sha256: str
    phrases: frozenset[int]
    source: str
    read: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much of a licence's phrases a file has, and how much of the file's are the licence's, in per mille."""

    licence: str
    found: int
    of_the_file: int

    @property
    def together(self) -> int:
        """Both in one figure, to rank by: a whole text with a policy behind it comes before half of another, and a
        variant of the file's length before a short text that is in both."""
        return self.found * self.found * self.of_the_file

    def to_dict(self) -> dict[str, Any]:
        return {"licence": self.licence, "found_per_mille": self.found, "of_the_file_per_mille": self.of_the_file}


@dataclass(frozen=True, slots=True)
class Identification:
    """`licence` is the id where the words are the `same`, else None. `likeness` has the nearest, the most like first.

    `with-more`: the whole text of the nearest is there and other words too; `changed`: some of it is not. `passages`
    are words of the file that are not the nearest one's.
    """

    sure: Sure
    licence: str | None
    likeness: tuple[Likeness, ...]
    words: int
    sha256: str
    passages: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        if not self.likeness:
            return Worded(SENTENCES["unknown"])
        near = self.likeness[0]
        return Worded(SENTENCES[self.sure], licence=near.licence, share=f"{near.found / 10:g}")

    def to_dict(self) -> dict[str, Any]:
        return {
            "sure": self.sure,
            "licence": self.licence,
            "likeness": [each.to_dict() for each in self.likeness],
            "words": self.words,
            "sha256": self.sha256,
            "passages": list(self.passages),
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Index:
    """Fingerprints found by digest and, by their places in `known`, by phrase."""

    known: tuple[Fingerprint, ...]
    by_digest: dict[str, str]
    by_phrase: dict[int, tuple[int, ...]]

    def of(self, licence: str) -> tuple[Fingerprint, ...]:
        """The texts of one licence by its id; none where nobody has read its words."""
        return tuple(each for each in self.known if each.licence == licence)


def identify(data: bytes) -> Identification:
    """What the text in `data` is; raises `LicenceTextUnfit`. Work and memory are linear in its length."""
    words, index = words_of(data), fingerprints()
    digest = digest_of(words)
    if digest in index.by_digest:
        licence = index.by_digest[digest]
        return Identification("same", licence, (Likeness(licence, 1000, 1000),), len(words), digest)
    return _nearest(words, digest, index)


def _nearest(words: Sequence[str], digest: str, index: Index) -> Identification:
    places = dict(phrases_of(words))
    shared = Counter(known for number in places for known in index.by_phrase.get(number, ()))
    ranked = sorted(
        ((_likeness(index.known[known], count, len(places)), known) for known, count in shared.items()),
        key=lambda each: (each[0].together, each[0].found),
        reverse=True,
    )
    near = [(like, known) for like, known in ranked if like.found >= CHANGED_PER_MILLE]
    if not near:
        return Identification("unknown", None, (), len(words), digest)
    nearest, known = near[0]
    passages = _passages(words, places, index.known[known])
    likeness = tuple({like.licence: like for like, _ in reversed(near)}.values())[::-1][:3]
    return Identification(_sure(nearest), None, likeness, len(words), digest, passages)


def _sure(near: Likeness) -> Sure:
    if near.found < NEAR_PER_MILLE:
        return "changed"
    return "nearly" if near.of_the_file >= NEAR_PER_MILLE else "with-more"


def _likeness(known: Fingerprint, count: int, phrases: int) -> Likeness:
    return Likeness(known.licence, count * 1000 // len(known.phrases), count * 1000 // max(1, phrases))


def _passages(words: Sequence[str], places: dict[int, int], known: Fingerprint) -> tuple[str, ...]:
    """Words of the file around phrases that the licence does not have, one for each stretch."""
    found: list[str] = []
    last = -100
    for place in sorted(place for number, place in places.items() if number not in known.phrases):
        if place - last > 12 and len(found) < MAX_PASSAGES:
            found.append(" ".join(words[max(0, place - 2) : place + 12])[:200])
        last = place
    return tuple(found)


@cache
def fingerprints() -> Index:
    """The fingerprints that this release carries."""
    known = tuple(
        Fingerprint(**each | {"phrases": frozenset(unpacked(each["phrases"]))})
        for each in parse_json(data_file("fingerprints.json"))["texts"]
    )
    by_phrase: dict[int, list[int]] = {}
    for place, each in enumerate(known):
        for number in each.phrases:
            by_phrase.setdefault(number, []).append(place)
    digests = {each.sha256: each.licence for each in known}
    return Index(known, digests, {number: tuple(several) for number, several in by_phrase.items()})


@cache
def wordless() -> Mapping[str, str]:
    """The known licences that no text can be told to be, by id, each with the reason."""
    return MappingProxyType(parse_json(data_file("wordless.json"))["licences"])


def packed(numbers: Iterable[int]) -> str:
    """Numbers of 32 bits, big-endian, in base64."""
    several = list(numbers)
    return base64.b64encode(struct.pack(f">{len(several)}I", *several)).decode()


def unpacked(text: str) -> tuple[int, ...]:
    """The numbers in `text`."""
    data = base64.b64decode(text, validate=True)
    return struct.unpack(f">{len(data) // 4}I", data)
