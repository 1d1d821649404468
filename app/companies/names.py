# SPDX-License-Identifier: Apache-2.0
"""Company names that can be told apart by eye: no invisible characters, one script, none that looks like another.

The skeleton follows Unicode Technical Standard 39 section 4: every character is replaced by the one it looks like, so
that two names look alike if and only if their skeletons are equal. Scripts follow its level "highly restrictive":
one script, or Latin with those of Chinese, Japanese or Korean.
"""

import unicodedata
from functools import cache

from confusable_homoglyphs import categories, confusables

from app.companies.errors import CompanyNameUnfit
from mcla.statements.company import MAX_NAME
from mcla.wording import Worded

_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
)
_NO_SCRIPT = {"COMMON", "INHERITED", "UNKNOWN"}


def check_name(text: str) -> str:
    """The name in NFC with single spaces; raises `CompanyNameUnfit`."""
    name = " ".join(part for part in unicodedata.normalize("NFC", text).split(" ") if part)
    if not 2 <= len(name) <= MAX_NAME:
        raise CompanyNameUnfit(
            Worded(
                "expected the company's legal name in 2 to %(max_name)s characters, got %(value)s",
                max_name=MAX_NAME,
                value=len(name),
            )
        )
    bad = next((each for each in name if each != " " and not _visible(each)), None)
    if bad is not None:
        raise CompanyNameUnfit(
            Worded("The name holds the invisible character U+%(ord)s, which nobody could see.", ord=f"{ord(bad):04X}")
        )
    scripts = set(categories.unique_aliases(name)) - _NO_SCRIPT
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        found = " and ".join(sorted(each.capitalize() for each in scripts))
        raise CompanyNameUnfit(
            Worded("The name mixes letters of %(found)s, which look alike and are not the same.", found=found)
        )
    return name


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and not character.isspace()


def skeleton(name: str) -> str:
    """What the name looks like, for comparing; two names with one skeleton cannot be told apart by eye."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    # A capital I looks like l and becomes i above: all of them are one.
    return "".join(_look(each) for each in plain if each.isalnum()).replace("i", "l")


def same(one: str, other: str) -> bool:
    """Whether two names are written with the same letters, whatever their case."""
    return unicodedata.normalize("NFKC", one).casefold() == unicodedata.normalize("NFKC", other).casefold()


@cache
def _look(character: str) -> str:
    """What a character looks like: the longest in ASCII letters or digits of its class, itself if there is none."""
    seen, waiting = {character}, [character]
    while waiting:
        for each in confusables.confusables_data.get(waiting.pop(), ()):
            if each["c"] not in seen:
                seen.add(each["c"])
                waiting.append(each["c"])
    plain = [each.lower() for each in seen if each.isascii() and each.isalnum()]
    return max(plain, key=lambda each: (len(each), each), default=character)
