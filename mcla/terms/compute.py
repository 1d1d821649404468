# SPDX-License-Identifier: Apache-2.0
"""The computing of a change held against that of its base, as the declarations of a statement state both.

The guidelines on general-purpose models under the European AI Act take whoever changes a model for its maker where the
change took more than a third of the computing of its base. This is arithmetic with what somebody stated, no verdict.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def held_against_base(declarations: Mapping[str, Any]) -> str:
    """A sentence about `compute` and `base_compute`; empty where no computing, or no base, is stated."""
    own, base = declarations.get("compute"), declarations.get("base_compute")
    if not isinstance(own, Mapping) or declarations.get("relation") == "scratch":
        return ""
    if not isinstance(base, Mapping):
        return "What the base took is not stated, so it cannot be held against a third of that."
    if own["unit"] != base["unit"]:
        return "Both are stated in different units, so they cannot be compared."
    took, third = Decimal(own["value"]), Decimal(base["value"]) / 3
    if not third:
        return "The base took nothing, as stated, so they cannot be compared."
    return f"{_percent(took / third / 3)} of the base: {'more' if took > third else 'not more'} than a third."


def _percent(share: Decimal) -> str:
    """`0.05` -> `5 %`: three figures at most, and never rounded to nothing."""
    percent = float(share * 100)
    return "less than 0.01 %" if percent < 0.01 else f"{percent:,.0f} %" if percent >= 100 else f"{percent:.3g} %"
