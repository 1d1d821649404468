# SPDX-License-Identifier: Apache-2.0
"""An account that was separated from a person no longer acts in that person's name, also not with an open draft."""

from typing import Any

import pytest
from signin import PEOPLE
from signing_walk import Holder, certified, certify, draft_acceptance

from app.identity.people import link_identity
from app.identity.ports import Actor
from app.signing.errors import SigningUnknown
from app.signing.models import Signature
from app.signing.values import SigningInfo


@pytest.fixture
def second(services: Any, ada: Actor) -> Actor:
    """Ada, signed in with another account of hers."""
    with services.db.write() as session:
        link_identity(session, PEOPLE["bela"], ada.contributor_id, services.clock.now())
    return account(services)


def account(services: Any) -> Actor:
    found = services.identity.actor_of_session(services.identity.start_session(PEOPLE["bela"], "Test browser"))
    assert found is not None
    return found


def sign(services: Any, actor: Actor, signing: SigningInfo, key: Holder, holder: str) -> None:
    if holder == "service":
        services.signing.sign_with_service_key(actor, signing.id, consent=True)
    else:
        services.signing.complete(actor, signing.id, key.signature(signing.statement), consent=True)


def test_a_separated_account_cannot_certify_a_key_for_the_statement_it_drafted_before(
    services: Any, ada: Actor, second: Actor
) -> None:
    signing = draft_acceptance(services, second)
    services.identity.unlink(ada, second.identity_id)
    with pytest.raises(SigningUnknown):
        certify(services, account(services), signing, Holder())


@pytest.mark.parametrize("holder", ["browser", "service"])
def test_a_separated_account_cannot_sign_in_the_name_it_had_before(
    services: Any, ada: Actor, second: Actor, holder: str
) -> None:
    if holder == "service":
        signing, key = draft_acceptance(services, second, "service"), Holder()
    else:
        signing, key = certified(services, second)
    services.identity.unlink(ada, second.identity_id)
    stranger = account(services)
    with pytest.raises(SigningUnknown):
        sign(services, stranger, signing, key, holder)
    with services.db.read() as session:
        assert session.query(Signature).count() == 0
