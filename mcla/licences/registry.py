# SPDX-License-Identifier: Apache-2.0
"""The licences that are known, found by any name that stands for them, and never one of several by guess.

The data are files of this package; their digest goes into every verdict, so that a verdict can be had again later.
"""

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from mcla.artifacts.jsontext import parse_json
from mcla.errors import MclaError
from mcla.licences.reading import LicenceDataInvalid, read
from mcla.licences.records import Licence
from mcla.licences.rulebook import Rulebook, read_rules

SCHEMA = "mcla.ai-licences/1"
By = Literal["id", "alias", "tag"]


class LicenceUnknown(MclaError):
    """No record has this name."""

    code = "licence-unknown"
    status = 404
    hint = "`mcla licences list` shows the known ids. A licence that is not in it is decided by a person."


class LicenceAmbiguous(MclaError):
    """A name that stands for several texts."""

    code = "licence-ambiguous"
    status = 409
    hint = "Name the id of the text that came with the files; `mcla licences identify FILE` tells it by its words."


@dataclass(frozen=True, slots=True)
class Match:
    """The licences that a name stands for: none, one, or several that only their text tells apart."""

    licences: tuple[Licence, ...]
    by: By | None = None

    @property
    def one(self) -> Licence | None:
        return self.licences[0] if len(self.licences) == 1 else None


NOTHING = Match(())


@dataclass(frozen=True, eq=False)
class Registry:
    """All records with the rules. `restrictions` are key -> meaning; `digest` is a SHA-256 in hex over both files."""

    licences: tuple[Licence, ...]
    restrictions: dict[str, str]
    rulebook: Rulebook
    as_of: str
    disclaimer: str
    digest: str
    _by_id: dict[str, Licence] = field(init=False, repr=False)
    _names: dict[str, Match] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {licence.id: licence for licence in self.licences})
        object.__setattr__(self, "_names", _names(self.licences))

    def __iter__(self) -> Iterator[Licence]:
        return iter(self.licences)

    def by_id(self, text: str) -> Licence | None:
        """The record with exactly this id."""
        return self._by_id.get(text)

    def find(self, text: str) -> Match:
        """What `text` stands for, as id, alias, SPDX or ScanCode key, or hub tag.

        Letter case makes no difference, nor what stands between its words (a blank, a dash, an underscore).
        """
        licence = self._by_id.get(text.strip())
        return Match((licence,), "id") if licence else self._names.get(_key(text), NOTHING)

    def get(self, text: str) -> Licence:
        """The one record for `text`; raises `LicenceUnknown` with near names or `LicenceAmbiguous` with all of them."""
        match = self.find(text)
        if match.one:
            return match.one
        if match.licences:
            several = ", ".join(licence.id for licence in match.licences)
            raise LicenceAmbiguous(f"expected the id of one licence, got {text[:80]!a}, which stands for {several}")
        near = difflib.get_close_matches(text[:80], self._by_id, n=3)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise LicenceUnknown(f"expected the id of a known licence, got {text[:80]!a}{meant}")


def parse(licences: bytes, rules: bytes) -> Registry:
    """A registry from the bytes of the two files; raises `LicenceDataInvalid` or `JsonInvalid`."""
    value = parse_json(licences)
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise LicenceDataInvalid(f"expected licences of the schema {SCHEMA}, got something else")
    records = tuple(read(Licence, each, f"/licences/{place}") for place, each in enumerate(value["licences"]))
    restrictions, rulebook = value["restriction_keys"], read_rules(parse_json(rules))
    _check(records, restrictions, rulebook)
    digest = _digest(licences, rules)
    return Registry(records, restrictions, rulebook, value["as_of"], value["disclaimer"], digest)


@cache
def registry() -> Registry:
    """The registry that this release carries."""
    return parse(data_file("licences.json"), data_file("rules.json"))


def data_file(name: str) -> bytes:
    """The bytes of a data file of this package."""
    return (files("mcla.licences") / "data" / name).read_bytes()


def _digest(licences: bytes, rules: bytes) -> str:
    lines = [
        f"{hashlib.sha256(data).hexdigest()}  {name}\n"
        for name, data in (("licences.json", licences), ("rules.json", rules))
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _check(records: Iterable[Licence], restrictions: Iterable[str], rulebook: Rulebook) -> None:
    """What the shape of single values does not say."""
    seen: set[str] = set()
    fields = Licence.field_names() | {"all"}
    for licence in records:
        if licence.id in seen:
            raise LicenceDataInvalid(f"expected each licence once, got {licence.id} twice")
        seen.add(licence.id)
        if nameless := set(licence.unknown) - fields:
            names = ", ".join(sorted(nameless))
            raise LicenceDataInvalid(f"{licence.id}: expected unknown to name fields of a record, got {names}")
        strange = set(licence.restrictions) - set(restrictions)
        if strange:
            raise LicenceDataInvalid(f"{licence.id}: expected known restrictions, got {', '.join(sorted(strange))}")
    named = rulebook.family_tags | rulebook.no_licence | rulebook.results_free | rulebook.always_multimodal
    for table in (rulebook.named_by_text, rulebook.later):
        named |= table.keys() | frozenset().union(*table.values())
    for name in named:
        if name not in seen:
            raise LicenceDataInvalid(f"expected the rules to name licences of the table, got {name}")


LATER = ("-or-later", "+")
"""How a name says that a later version of the text will do as well, today and before 2018."""


def _other(licence: Licence) -> Iterator[str]:
    """How else an id is written: by other lists, without its prefix, and one of GNU as SPDX has had it."""
    yield from filter(None, (licence.spdx, licence.scancode_key))
    yield licence.id.removeprefix("LicenseRef-")
    if licence.spdx and licence.spdx.endswith("-only"):
        yield from (f"{licence.id}{ending}" for ending in LATER)


_KINDS_OF_NAME: tuple[tuple[By, Callable[[Licence], Iterable[str]]], ...] = (
    ("id", lambda licence: [licence.id]),
    ("alias", lambda licence: [*licence.aliases, *_other(licence)]),
    ("tag", lambda licence: [*licence.hf_license_names, *filter(None, (licence.hf_tag,))]),
)


def _names(licences: Iterable[Licence]) -> dict[str, Match]:
    """Every name in use with all that it stands for: an id spelled as a hub tag may be a tag of other texts too."""
    found: dict[str, Match] = {}
    for by, names_of in _KINDS_OF_NAME:
        for licence in licences:
            for name in map(_key, names_of(licence)):
                match = found.setdefault(name, Match((), by))
                if licence not in match.licences:
                    found[name] = Match((*match.licences, licence), match.by)
    return found


def _key(text: str) -> str:
    return re.sub(r"[\s_-]+", "-", text.strip().casefold())
