# SPDX-License-Identifier: Apache-2.0
"""The languages that there are, and what each has for a sentence: for pages, and for mails, which know no request.

English is what the sources say; every other language is a catalogue, `app/translations/<language>/LC_MESSAGES`, and
adding one is enough to offer it. They are read as translators write them and compiled in memory, once a process.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from app.platform.formats import date_text
from mcla.wording import Joined, Worded

CATALOGUES = Path(__file__).parents[1] / "translations"
ENGLISH = "en"
_RIGHT_TO_LEFT = "right-to-left"


@dataclass(frozen=True, slots=True)
class Language:
    """A language that pages can be had in: its BCP 47 tag, its name in its own words, and how it runs."""

    tag: str
    name: str
    direction: str

    @property
    def locale(self) -> str:
        """As Babel and the folders of catalogues write it."""
        return self.tag.replace("-", "_")


def _language(locale: str) -> Language:
    known = Locale.parse(locale)
    name = str(known.get_display_name(known) or locale)
    direction = "rtl" if known.character_order == _RIGHT_TO_LEFT else "ltr"
    return Language(locale.replace("_", "-"), name[:1].upper() + name[1:], direction)


def read(place: Path) -> Catalog:
    """A catalogue as its file has it, `…/<language>/LC_MESSAGES/messages.po`."""
    with place.open("rb") as file:
        return read_po(file, locale=place.parts[-3])


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """A sentence in each of its plural forms; most have one."""
    return (text,) if isinstance(text, str) else tuple(text or [""])


def lacking(catalog: Catalog) -> list[Message]:
    """The sentences without a translation, or with a guessed one."""
    return [each for each in catalog if each.id and (each.fuzzy or not all(forms(each.string)))]


def whole(folder: Path) -> dict[str, bytes]:
    """The catalogues that say everything, compiled, by locale: no language is offered by halves."""
    found = {place.parts[-3]: read(place) for place in sorted(folder.glob("*/LC_MESSAGES/messages.po"))}
    return {locale: _compiled(catalog) for locale, catalog in found.items() if not lacking(catalog)}


def _compiled(catalog: Catalog) -> bytes:
    made = BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


@cache
def _offered() -> dict[str, bytes]:
    return whole(CATALOGUES)


@cache
def languages() -> dict[str, Language]:
    """Every language there is, by its tag: English first, then those that have a whole catalogue."""
    return {each.tag: each for each in map(_language, [ENGLISH, *_offered()])}


@cache
def catalogue(locale: str) -> NullTranslations:
    """The words of a language; English has none to look up."""
    return NullTranslations() if locale == ENGLISH else Translations(BytesIO(_offered()[locale]))


class _Absent(NullTranslations):
    """Answers with nothing, where a catalogue by itself would answer with the English."""

    def gettext(self, message: str) -> str:
        del message
        return ""


@cache
def _known(locale: str) -> NullTranslations:
    """The same words as `catalogue`, without English in place of those that lack."""
    words = _Absent() if locale == ENGLISH else Translations(BytesIO(_offered()[locale]))
    words.add_fallback(_Absent())
    return words


def worded_in(locale: str, text: str) -> str | None:
    """A text in a language, with its parts in their places; None for one that has no translation there."""
    if isinstance(text, Joined):
        every = [worded_in(locale, each) for each in text.each]
        return text.between.join(each for each in every if each is not None) if None not in every else None
    found = _known(locale).gettext(text.template if isinstance(text, Worded) else text)
    if found and isinstance(text, Worded) and text.parts:
        return found % {name: _part_in(locale, part) for name, part in text.parts.items()}
    return found or None


def _part_in(locale: str, part: Any) -> Any:
    """A part that is a sentence itself in that language, a day as it is written there; of several, each."""
    if type(part) is date:
        return date_text(part, locale)
    if isinstance(part, Joined):
        return part.between.join(_part_in(locale, each) for each in part.each)
    return (worded_in(locale, part) or part) if isinstance(part, Worded) else part
