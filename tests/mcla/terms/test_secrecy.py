# SPDX-License-Identifier: Apache-2.0
"""To whom a contribution is shown: by its embargo first, then by the level of its hazard."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from mcla.terms.secrecy import Secrecy, secrecy_of

DAY = date(2026, 12, 1)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "hazard", "now", "lifted", "audience"),
    [
        (None, "none", MIDNIGHT, False, "everybody"),
        (DAY, "none", MIDNIGHT - timedelta(seconds=1), False, "named"),
        (DAY, "none", MIDNIGHT, False, "everybody"),
        (DAY, "none", MIDNIGHT.astimezone(timezone(timedelta(hours=-11))), False, "everybody"),
        (DAY, "none", datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=11))), False, "named"),
        (DAY, "none", MIDNIGHT - timedelta(days=9), True, "everybody"),
        (DAY, "dual-use", MIDNIGHT - timedelta(days=9), False, "named"),
        (DAY, "dual-use", MIDNIGHT, False, "signers"),
        (DAY, "dual-use", MIDNIGHT - timedelta(days=9), True, "signers"),
        (None, "controlled", MIDNIGHT, True, "named"),
        (None, "unheard-of", MIDNIGHT, True, "named"),
    ],
)
def test_the_embargo_is_looked_at_before_the_hazard(
    until: date | None, hazard: str, now: datetime, lifted: bool, audience: str
) -> None:
    assert Secrecy(until, hazard).audience(now, lifted=lifted) == audience


def test_secrecy_is_read_from_the_declarations_of_the_statement() -> None:
    assert secrecy_of({}) == Secrecy(None, "none")
    assert secrecy_of({"embargo_until": "2026-12-01", "dual_use": "controlled"}) == Secrecy(DAY, "controlled")


@pytest.mark.parametrize(
    ("hazard", "level", "kept"),
    [
        ("mass-harm", "none", "dual-use"),
        ("mass-harm", "dual-use", "dual-use"),
        ("mass-harm", "controlled", "controlled"),
        ("cyber", "none", "none"),
    ],
)
def test_what_concerns_mass_harm_is_never_open_to_everybody(hazard: str, level: str, kept: str) -> None:
    assert secrecy_of({"hazard": hazard, "dual_use": level}).hazard == kept
