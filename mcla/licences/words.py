# SPDX-License-Identifier: Apache-2.0
"""A text as the words a reader sees, and a sample of its phrases as numbers, from which no text can be had back.

Layout, letter case, punctuation and invisible marks make no difference. A phrase is six words around an anchor; anchors
are chosen by the word alone (content-defined sampling, after Schleimer, Wilkerson and Aiken, "Winnowing", SIGMOD 2003),
so that the same passage gives the same phrases wherever it stands. Words with a digit are always anchors: versions and
dates are what tells near texts apart.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from zlib import crc32

from mcla.errors import MclaError

MAX_BYTES = 2 * 1024 * 1024
_WORD = re.compile(r"[^\W_]+(?:\.[0-9]+)*")
_OWNERS = re.compile(r"^[^\w\n]*(?:copyright|\(c\)|©)[^\n]{0,40}?\b(?:19|20)\d\d\b[^\n]{0,120}$", re.MULTILINE)
"""Lines that only say who owns what since when: they differ from file to file and belong to no licence."""
_ONE_IN = 4
_BEFORE, _AFTER = 2, 4


class LicenceTextUnfit(MclaError):
    """Bytes that are no licence text: too many of them, or not a text."""

    code = "licence-text-unfit"
    status = 422
    hint = "Give the licence file itself, as plain UTF-8 text; an archive or a whole page is not read."


def words_of(data: bytes) -> list[str]:
    """The words of a text in order; raises `LicenceTextUnfit` for more than `MAX_BYTES` or what is no UTF-8 text."""
    if len(data) > MAX_BYTES:
        raise LicenceTextUnfit(f"expected a licence text of at most {MAX_BYTES:,} bytes, got {len(data):,}")
    if b"\0" in data:
        raise LicenceTextUnfit("expected a licence text, got zero bytes in it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LicenceTextUnfit(f"expected UTF-8 text, got other bytes at position {error.start}") from None
    return _WORD.findall(_OWNERS.sub("", text.lower() if text.isascii() else _plain(text)))


def _plain(text: str) -> str:
    """Compatibility forms unified and invisible marks (bidirectional ones, joiners) gone, so that they hide nothing."""
    unified = unicodedata.normalize("NFKC", text).casefold()
    marks = {ord(c): None for c in set(unified) if unicodedata.category(c) in ("Cf", "Mn")}
    return unified.translate(marks) if marks else unified


def digest_of(words: Sequence[str]) -> str:
    """SHA-256 in hex over the words with a space between them: the same for every layout of a text."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def phrases_of(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Each sampled phrase as (number of 32 bits, place of its anchor among the words)."""
    anchors = {word for word in set(words) if _is_anchor(word)}
    for place, word in enumerate(words):
        if word in anchors:
            phrase = " ".join(words[max(0, place - _BEFORE) : place + _AFTER])
            yield crc32(phrase.encode()), place


def _is_anchor(word: str) -> bool:
    return crc32(word.encode()) % _ONE_IN == 0 or any(map(str.isdigit, word))
