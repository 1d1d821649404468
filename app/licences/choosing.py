# SPDX-License-Identifier: Apache-2.0
"""Which licences a reader wants to see: the filters of the table, as they stand in its address."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from mcla.licences.records import Licence
from mcla.licences.registry import Registry

MAX_WORDS = 100
LIMITS = ("scale", "uses", "places", "none")
FLOWS = (
    "use_restrictions",
    "licence_copy",
    "notice_file",
    "modified_notice",
    "attribution_display",
    "name_prefix",
    "doc_retention",
)
"""What goes along with a copy, as the fields of `FlowDown`."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter for each column; an empty text lets everything through, an unknown value lets nothing through."""

    q: str = ""
    family: str = ""
    covers: str = ""
    commercial: str = ""
    limit: str = ""
    flow: str = ""

    @property
    def given(self) -> bool:
        """Whether anything is filtered."""
        return any(getattr(self, field.name) for field in fields(self))


def wanted(given: Mapping[str, str]) -> Wanted:
    """The filters in an address."""
    return Wanted(**{field.name: given.get(field.name, "").strip()[:MAX_WORDS] for field in fields(Wanted)})


def choose(registry: Registry, asked: Wanted) -> list[Licence]:
    """The licences that pass every filter, in alphabetical order of their names."""
    return sorted((each for each in registry if _passes(each, asked)), key=lambda each: each.name.casefold())


def _passes(licence: Licence, asked: Wanted) -> bool:
    return (
        (not asked.q or _names(licence, asked.q.casefold()))
        and asked.family in ("", licence.family)
        and (not asked.covers or asked.covers in licence.covers)
        and (not asked.commercial or asked.commercial == commercial_use(licence))
        and (not asked.limit or _limited(licence, asked.limit))
        and (not asked.flow or _flows(licence, asked.flow))
    )


def commercial_use(licence: Licence) -> str:
    """The record's word, or `unknown` where the record says that it is."""
    return licence.commercial_use if licence.knows("commercial_use") else "unknown"


def _names(licence: Licence, text: str) -> bool:
    named = (licence.id, licence.name, licence.hf_tag, licence.publisher, *licence.hf_license_names, *licence.aliases)
    return any(text in name.casefold() for name in named if name)


def _limited(licence: Licence, by: str) -> bool:
    limits = {
        "scale": bool(licence.thresholds) or not licence.knows("thresholds"),
        "uses": bool(licence.restrictions) or not licence.knows("restrictions"),
        "places": bool(licence.territory_excluded) or not licence.knows("territory_excluded"),
    }
    return limits.get(by, by == "none" and not any(limits.values()))


def _flows(licence: Licence, what: str) -> bool:
    """Whether it asks for this; what is not known may be asked for."""
    if what not in FLOWS:
        return False
    return not licence.knows(f"flow_down.{what}") or getattr(licence.flow_down, what) not in (None, False, "none")
