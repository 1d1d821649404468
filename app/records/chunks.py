# SPDX-License-Identifier: Apache-2.0
"""The HTML of a record as marks and the pieces of text between them: what differs from record to record, and what not.

Two records whose marks and whose fixed texts (labels, headings, the agreement) are the same need one layout. What
stands in the places for values is told apart by the mark before it, so a new label in the template is fixed by itself.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape

from app.records.data import AttachedFile, RecordData
from app.records.pages import html_with, printed, qr_address

_MARK = re.compile(r"(<[^>]*>)")
_VALUE = re.compile(
    r'<(?:td\b|a class="mono"|span class="(?:hash|note)"|p class="(?:lead|cover-line|more|running-record)")'
)
_OWN = re.compile(r'(src|alt|href|content)="[^"]*"')
_SPACE = re.compile(r"[ \t\n\r]+")
_QR = "data:,"
_VALUE_HERE, _NONE_HERE = "\0value", "\0none"


@dataclass(frozen=True)
class Chunked:
    """The marks of a record's HTML and the pieces of text between; the agreement stands as comments `<!--0-->`."""

    parts: list[str]
    """Text and marks by turns, text first."""
    documents: tuple[str, ...]

    @classmethod
    def of(cls, data: RecordData) -> "Chunked":
        html = html_with(data, [f"<!--{number}-->" for number in range(len(data.texts))], _QR)
        return cls(_MARK.split(html), tuple(data.texts))

    @cached_property
    def values(self) -> Mapping[int, str]:
        """The text of each value, by the number of its piece, with single spaces."""
        return {
            place: text
            for place in range(2, len(self.parts), 2)
            if self._is_value(place) and (text := _plain(self.parts[place]))
        }

    @cached_property
    def title(self) -> str:
        return _plain(self.parts[self.parts.index("<title>") + 1])

    def shape(self, data: RecordData, files: tuple[AttachedFile, ...]) -> str:
        """What two records have in common that one template serves (64 hex)."""
        told = [data.foundation_name, data.agreement.digest, *self.documents]
        told += [part for file in files for part in (file.name, file.relationship, file.description)]
        told += [self._fixed(place) for place in range(len(self.parts))]
        return hashlib.sha256("\1".join(told).encode()).hexdigest()

    def marked(self, data: RecordData) -> str:
        """The whole HTML, every value's element with its number."""
        parts = list(self.parts)
        for place in self.values:
            parts[place - 1] = f'{parts[place - 1][:-1]} data-value="{place}">'
        html = "".join(parts)
        html = html.replace(f'src="{_QR}"', f'src="{qr_address(data)}"', 1)
        for number, path in enumerate(self.documents):
            html = html.replace(f"<!--{number}-->", printed(data.agreement.documents[path]), 1)
        return html

    def _is_value(self, place: int) -> bool:
        return _VALUE.match(self.parts[place - 1]) is not None

    def _fixed(self, place: int) -> str:
        part = self.parts[place]
        if place % 2:
            return _without_own(part)
        if place and self.parts[place - 1] == "<title>":
            return _VALUE_HERE
        if place and self._is_value(place):
            return _VALUE_HERE if _plain(part) else _NONE_HERE
        return part


@lru_cache(maxsize=1024)
def _without_own(mark: str) -> str:
    """A mark without what stands in it for one record alone."""
    return _OWN.sub(r'\1=""', mark)


def _plain(text: str) -> str:
    return unescape(_SPACE.sub(" ", text).strip())
