# SPDX-License-Identifier: Apache-2.0
"""How a record reads the Markdown of an agreement: for its pages, and again to compare what the pages say with it."""

from markdown_it import MarkdownIt
from markdown_it.token import Token


def document_parser() -> MarkdownIt:
    """CommonMark with tables; no raw HTML, no images, so that no document can fetch or hide anything."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def plain_text(markdown: str) -> str:
    """The words that a page shows of the text: without marks and numbers of lists, which stand in the margin."""
    return "\n".join(_words(token) for token in document_parser().parse(markdown))


def _words(token: Token) -> str:
    if token.type != "inline":
        return token.content
    return "".join("\n" if each.type.endswith("break") else each.content for each in token.children or ())
