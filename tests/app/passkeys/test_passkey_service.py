# SPDX-License-Identifier: Apache-2.0
"""Adding, listing and removing passkeys: once each, for their owner alone, soon after signing in."""

from datetime import timedelta

import pytest
from passkeys import ORIGIN, SoftPasskey, add
from signin import person

from app.identity.ports import Actor
from app.passkeys.errors import (
    NoPasskeysHere,
    PasskeyKnown,
    PasskeyUnknown,
    RegistrationUnknown,
    SignInTooOld,
    TooManyPasskeys,
)
from app.passkeys.service import MOST, PasskeyService
from app.passkeys.values import PasskeyInfo
from app.wiring import Services
from mcla.envelope.webauthn import PasskeyElsewhere


def test_a_passkey_is_listed_for_its_owner_until_it_is_removed(
    services: Services, ada: Actor, bela: Actor, passkey: SoftPasskey, added: PasskeyInfo
) -> None:
    (mine,) = services.passkeys.mine(ada.contributor_id)
    assert (mine.id, mine.public_key, mine.foundation) == (added.id, passkey.public_key, "Example Foundation")
    assert services.passkeys.begin(ada, "example").known == (passkey.credential_id,)
    assert services.passkeys.mine(bela.contributor_id) == []
    for stranger, passkey_id in ((bela, added.id), (ada, "pky_" + "0" * 26), (ada, "no\0id")):
        with pytest.raises(PasskeyUnknown):
            services.passkeys.remove(stranger, passkey_id)
    services.passkeys.remove(ada, added.id)
    assert services.passkeys.mine(ada.contributor_id) == []
    with pytest.raises(PasskeyUnknown):
        services.passkeys.remove(ada, added.id)


def test_a_registration_is_used_once_by_who_began_it_and_soon(
    services: Services, ada: Actor, bela: Actor, passkey: SoftPasskey
) -> None:
    challenge = services.passkeys.begin(ada, "example").challenge
    answer = passkey.client_data(challenge, "webauthn.create"), passkey.attested()
    with pytest.raises(RegistrationUnknown):
        services.passkeys.register(bela, *answer)
    services.passkeys.register(ada, *answer)
    with pytest.raises(RegistrationUnknown, match="used once"):
        services.passkeys.register(ada, *answer)
    late = services.passkeys.begin(ada, "example").challenge
    services.clock.at += timedelta(minutes=5)  # type: ignore[attr-defined]
    other = SoftPasskey(ORIGIN)
    with pytest.raises(RegistrationUnknown):
        services.passkeys.register(ada, other.client_data(late, "webauthn.create"), other.attested())


def test_a_registration_is_over_once_the_clock_was_set_back(
    services: Services, ada: Actor, passkey: SoftPasskey
) -> None:
    challenge = services.passkeys.begin(ada, "example").challenge
    services.clock.at -= timedelta(hours=2)  # type: ignore[attr-defined]
    ada = person(services.identity, "ada")
    answer = passkey.client_data(challenge, "webauthn.create"), passkey.attested()
    for _ in range(2):
        with pytest.raises(RegistrationUnknown):
            services.passkeys.register(ada, *answer)
        services.clock.at += timedelta(minutes=4)  # type: ignore[attr-defined]


def test_the_same_credential_or_key_is_registered_for_nobody_twice(
    services: Services, ada: Actor, bela: Actor, passkey: SoftPasskey, added: PasskeyInfo
) -> None:
    with pytest.raises(PasskeyKnown):
        add(services, bela, passkey)
    for same in (SoftPasskey(ORIGIN, key=passkey.key), SoftPasskey(ORIGIN, credential_id=passkey.credential_id)):
        with pytest.raises(PasskeyKnown):
            add(services, bela, same)
    services.passkeys.remove(ada, added.id)
    with pytest.raises(PasskeyKnown):
        add(services, bela, passkey)


def test_an_answer_to_something_else_registers_nothing(services: Services, ada: Actor, passkey: SoftPasskey) -> None:
    wrong: tuple[dict[str, object], ...] = (
        {"kind": "webauthn.get"},
        {"origin": "http://localhost:8001"},
        {"crossOrigin": True},
    )
    for changed in wrong:
        challenge = services.passkeys.begin(ada, "example").challenge
        said = passkey.client_data(challenge, **({"kind": "webauthn.create"} | changed))  # type: ignore[arg-type]
        with pytest.raises(PasskeyElsewhere):
            services.passkeys.register(ada, said, passkey.attested())
    assert services.passkeys.mine(ada.contributor_id) == []


def test_a_session_left_open_and_a_collector_add_none(services: Services, ada: Actor) -> None:
    for _ in range(MOST):
        add(services, ada, SoftPasskey(ORIGIN))
    with pytest.raises(TooManyPasskeys):
        services.passkeys.begin(ada, "example")
    services.clock.at += timedelta(minutes=11)  # type: ignore[attr-defined]
    with pytest.raises(SignInTooOld):
        services.passkeys.begin(ada, "example")


def test_a_service_at_an_address_offers_none(services: Services, ada: Actor) -> None:
    for origin in ("http://127.0.0.1:8000", "http://[::1]:8000"):
        at = services.settings.model_copy(update={"origin": origin})
        there = PasskeyService(services.db, services.clock, at, services.identity, services.projects)
        assert not there.offered
        with pytest.raises(NoPasskeysHere):
            there.begin(ada, "example")
