# SPDX-License-Identifier: Apache-2.0
"""Reading a page in one language: which words of another are left in what it says."""

import re
from html.parser import HTMLParser

from werkzeug.test import TestResponse

ENGLISH_WORDS = frozenset({"the", "and", "you", "your", "are", "this", "that", "with", "which", "from", "sign"})
VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "use", "wbr"})
SILENT = frozenset({"code", "pre", "script", "style", "svg", "option"})
QUOTED = re.compile(r"`[^`]*`|„[^“]*“|/sign/")
"""Commands, what an agreement asks in its own language, and an address."""


class Spoken(HTMLParser):
    """The words of a page in one language, without code and without what it marks as another language."""

    def __init__(self, tag: str) -> None:
        super().__init__()
        self.tag, self.heard, self.words = tag, [True], set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            lang = dict(attrs).get("lang")
            heard = self.heard[-1] if lang is None else lang == self.tag
            self.heard.append(heard and tag not in SILENT)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.heard.pop()

    def handle_data(self, data: str) -> None:
        if self.heard[-1]:
            self.words |= set(re.findall(r"[a-z]+", QUOTED.sub("", data).lower()))


def english_left(page: TestResponse, name: str = "") -> set[str]:
    """English words in a German page that does not mark them as English; empty for a good one."""
    parser = Spoken("de")
    parser.feed(page.get_data(as_text=True))
    assert page.headers["Content-Language"] == "de"
    assert {"sprache", "englisch", "anmelden", "abmelden"} & parser.words, f"{name}: {sorted(parser.words)}"
    return ENGLISH_WORDS & parser.words
