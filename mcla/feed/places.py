# SPDX-License-Identifier: Apache-2.0
"""Where something holds: ISO 3166-1 alpha-2 codes, `EU` for the Union, `*` for everywhere."""

import re

from mcla.licences.registry import registry

EVERYWHERE = "*"
PLACE = r"[A-Z]{2}|\*"
PLACE_IN_WORDS = "a country of ISO 3166-1 in two capitals (GB for the United Kingdom), EU, or * for everywhere"
_COUNTRY = re.compile(r"[A-Z]{2}")


def is_place(text: str) -> bool:
    """Whether a use can take place there: a country's code, or EU for somewhere in the Union."""
    return _COUNTRY.fullmatch(text) is not None


def covers(rule: str, place: str) -> bool | None:
    """Whether what holds in `rule` holds in `place`; None where the place is told too roughly (EU) to know."""
    territories = registry().rulebook.territories
    if rule in (EVERYWHERE, place) or place in territories.get(rule, ()):
        return True
    return None if rule in territories.get(place, ()) else False
