# SPDX-License-Identifier: Apache-2.0
"""The words that a page shows, from its HTML: a line a block, as a reader without pictures would be read them.

Left out is what is hidden, and what says that it stands apart: `data-apart="why"` puts `[why]` in its place. A box to
tick shows as `☐` or `☑`, a button in `[ ]`.
"""

import re
from html.parser import HTMLParser

_HEADINGS, _LISTS = {"h1", "h2", "h3", "h4", "h5", "h6"}, {"dl", "dt", "dd", "li", "ol", "ul"}
_TABLES = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_PARTS = {"article", "aside", "details", "div", "figure", "footer", "header", "main", "nav", "section", "summary"}
_FORMS = {"button", "fieldset", "form", "label", "legend"}
_BLOCKS = _HEADINGS | _LISTS | _TABLES | _PARTS | _FORMS | {"blockquote", "p", "pre", "small"}
_SILENT = {"noscript", "script", "style", "svg", "template", "title"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "use", "wbr"}
_SPACE = re.compile(r"\s+")


def visible_text(html: str) -> str:
    """The lines of a piece of a page, each without spaces around; the same HTML gives the same text."""
    words = _Words()
    words.feed(html)
    words.close()
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(words.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._left_out = 0
        """How many elements that are left out are open, one in the other."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _VOID:
            self._single(tag, given)
        elif self._left_out or tag in _SILENT or "hidden" in given or "data-apart" in given:
            if not self._left_out and "data-apart" in given:
                self.pieces.append(f"\n[{given['data-apart']}]\n")
            self._left_out += 1
        else:
            self.pieces.append("\n[" if tag == "button" else "\n" if tag in _BLOCKS else "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._single(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self._left_out:
            self._left_out -= 1
        else:
            self.pieces.append("]\n" if tag == "button" else "\n" if tag in _BLOCKS else "")

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self.pieces.append(_SPACE.sub(" ", data))

    def _single(self, tag: str, given: dict[str, str | None]) -> None:
        if self._left_out:
            return
        if tag == "input" and given.get("type") in ("checkbox", "radio"):
            self.pieces.append("☑ " if "checked" in given else "☐ ")
        elif tag in ("br", "hr"):
            self.pieces.append("\n")
