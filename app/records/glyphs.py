# SPDX-License-Identifier: Apache-2.0
"""Text that is safe to print: no invisible tricks, and no character that would come out as an empty box.

Pages are set in the bundled DejaVu faces (Latin, Greek, Cyrillic, Arabic, Hebrew and more). What those lack is drawn
with an outline font of the system where one has it; otherwise the character stands as its code point, `⟨U+5C71⟩`, so
that a reader sees that something is there and what. Control and bidirectional characters are left out: they
can make a page read differently from the data (UTR 36, 3.1). Emoji are asked for in their form as text (UTS 51,
1.4.3): a colour font would put pictures where PDF/A wants letters, and other bytes than the next machine. `record.json`
keeps every value untouched.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

FONTS = Path(__file__).parent / "fonts"
SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# Joiners change how letters of Persian and Indic scripts connect; renderers never draw them.
JOINERS = frozenset("\u200c\u200d")
AS_TEXT, AS_PICTURE = "\ufe0e", "\ufe0f"


def printable(text: str, *, lines: bool = False, system_fonts: bool = True) -> str:
    """`text` as a page may show it; `lines` keeps line breaks (documents), else they become spaces (values)."""
    if text.isascii() and text.isprintable():  # as almost every value is
        return text
    return "".join(_printable(character, lines, system_fonts) for character in text)


def spelled(*texts: str) -> tuple[str, ...]:
    """The characters of `texts` that a page would show as code points, each once, as `U+5C71`."""
    found = dict.fromkeys(character for text in texts for character in text)
    return tuple(f"U+{ord(each):04X}" for each in found if printable(each).startswith("⟨U+"))


def _printable(character: str, lines: bool, system_fonts: bool) -> str:
    if character in "\t\n\r\u2028\u2029\x85":
        return character if lines and character in "\t\n\r" else " "
    category = unicodedata.category(character)
    if category == "Cc" or (category == "Cf" and character not in JOINERS):
        return ""
    if character in JOINERS or _is_variation_selector(character):
        return "" if character == AS_PICTURE else character
    if category == "Zs":
        return " " if character == " " else "\u00a0"
    drawable = ord(character) in bundled() or (system_fonts and ord(character) in system())
    if not drawable or category in ("Cs", "Co", "Cn"):
        return f"⟨U+{ord(character):04X}⟩"
    return character + AS_TEXT if _may_be_picture(character, category) else character


def _may_be_picture(character: str, category: str) -> bool:
    """Whether renderers may take this for an emoji (`Emoji_Presentation` of UTS 51, and some more)."""
    return (category in ("So", "Sk") and character >= "\u231a") or character in "\u25fd\u25fe"


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


@cache
def bundled() -> frozenset[int]:
    """Code points that the bundled faces draw."""
    # Values are set in the serif (or mono) face with the sans face behind it.
    return frozenset().union(*(_outline(FONTS / name) for name in ("DejaVuSerifCondensed.ttf", "DejaVuSans.ttf")))


@cache
def system() -> frozenset[int]:
    """Code points that outline fonts of this machine draw; read once, and only when a text needs it."""
    found: set[int] = set()
    for path in _system_files():
        try:
            found |= _outline(path)
        except (OSError, TTLibError, ValueError, KeyError):
            continue  # a broken font file draws nothing
    return frozenset(found)


def _system_files() -> Iterator[Path]:
    for folder in SYSTEM_FOLDERS:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.suffix.lower() in (".ttf", ".otf", ".ttc"):
                yield path


def _outline(path: Path) -> set[int]:
    """Code points of a font file with outlines; bitmap and colour fonts do not count."""
    if path.suffix.lower() == ".ttc":
        with TTCollection(str(path), lazy=True) as collection:
            return set().union(*map(_codepoints, collection.fonts))
    with TTFont(str(path), lazy=True) as font:
        return _codepoints(font)


def _codepoints(font: TTFont) -> set[int]:
    outlines, pictures = ("glyf", "CFF ", "CFF2"), ("COLR", "CBDT", "sbix", "SVG ")
    if not any(table in font for table in outlines) or any(table in font for table in pictures):
        return set()
    return set(font.getBestCmap() or ())
