# SPDX-License-Identifier: Apache-2.0
"""Drafts that nobody signs do not fill the disk: one identity keeps its newest twenty."""

from datetime import timedelta
from typing import Any

import pytest
from signing_walk import certified, draft_acceptance, finish
from sqlalchemy import func, select

from app.identity.ports import Actor
from app.platform.clock import FixedClock
from app.signing.drafts import MOST_OPEN
from app.signing.errors import SigningUnknown
from app.signing.models import Signing


def kept(services: Any) -> int:
    with services.db.read() as session:
        return int(session.scalar(select(func.count()).select_from(Signing)) or 0)


def test_a_person_who_drafts_without_end_keeps_the_newest_drafts_only(
    services: Any, clock: FixedClock, ada: Actor, bela: Actor
) -> None:
    others = draft_acceptance(services, bela)
    first = draft_acceptance(services, ada)
    for _ in range(MOST_OPEN):
        clock.at += timedelta(seconds=1)
        newest = draft_acceptance(services, ada)
    assert kept(services) == MOST_OPEN + 1
    with pytest.raises(SigningUnknown):
        services.signing.signing(ada, first.id)
    assert services.signing.signing(bela, others.id).id == others.id
    finish(services, ada, newest)


def test_twenty_drafts_of_one_second_still_keep_the_one_just_shown(services: Any, ada: Actor) -> None:
    for _ in range(MOST_OPEN + 3):
        newest = draft_acceptance(services, ada)
        assert services.signing.signing(ada, newest.id).id == newest.id
    assert kept(services) == MOST_OPEN


def test_a_draft_that_went_while_its_signature_was_on_the_way_is_unknown_and_no_fault(
    services: Any, clock: FixedClock, ada: Actor
) -> None:
    signing, holder = certified(services, ada)
    for _ in range(MOST_OPEN):
        clock.at += timedelta(seconds=1)
        draft_acceptance(services, ada)
    with pytest.raises(SigningUnknown):
        services.signing.complete(ada, signing.id, holder.signature(signing.statement), consent=True)
