# SPDX-License-Identifier: Apache-2.0
"""Who may see a contribution, and from when: read from its own declarations, `embargo_until`, `dual_use`, `hazard`.

Until the day of the embargo (0:00 UTC) only named people see it. Afterwards the level of the hazard decides: `none`
everybody, `dual-use` people who are bound by an agreement with the foundation, `controlled` named people still. What is
of the class `mass-harm` is never shown to everybody, whatever level its giver chose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from mcla.terms.schedule import HAZARDS

Audience = Literal["everybody", "signers", "named"]
NEVER_OPEN = frozenset({"mass-harm"})
"""Classes of hazard that are `dual-use` at least."""
_AUDIENCES: dict[str, Audience] = dict(zip(HAZARDS, ("everybody", "signers", "named"), strict=True))


@dataclass(frozen=True, slots=True)
class Secrecy:
    """The embargo, if there is one, and the level of the hazard."""

    until: date | None = None
    hazard: str = "none"

    def audience(self, now: datetime, *, lifted: bool = False) -> Audience:
        """Who may see it at `now`; `lifted`: the signer has ended the embargo. An unknown level is the strictest."""
        if self.under_embargo(now) and not lifted:
            return "named"
        return _AUDIENCES.get(self.hazard, "named")

    def under_embargo(self, now: datetime) -> bool:
        return self.until is not None and now.astimezone(UTC).date() < self.until


def secrecy_of(declarations: Mapping[str, Any]) -> Secrecy:
    """What the declarations of a statement, which were checked when it was made, say of it."""
    until = declarations.get("embargo_until")
    day = date.fromisoformat(until) if isinstance(until, str) else None
    level = str(declarations.get("dual_use", "none"))
    if level == "none" and declarations.get("hazard") in NEVER_OPEN:
        level = "dual-use"
    return Secrecy(day, level)
