# SPDX-License-Identifier: Apache-2.0
"""Signing without JavaScript: the service holds the one-use key, says so for ever, and signs nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from signing_walk import Holder, certified, certify, count, draft_acceptance, sign

from app.log.models import LogEntry
from app.signing.errors import AlreadyCertified, ConsentMissing, SigningExpired, SigningUnknown, WrongKeyHolder
from app.signing.models import Signing
from mcla.statements.canonical import canonical_json
from mcla.verify.verifier import verify_bundle


def test_without_javascript_the_service_signs_and_the_statement_and_verdict_say_so(services, ada):
    signing = draft_acceptance(services, ada, holder="service")
    done = services.signing.sign_with_service_key(ada, signing.id, consent=True)
    verdict = verify_bundle(canonical_json(done.bundle), services.trust)
    assert verdict.verified
    assert verdict.statement["key_holder"] == "service"
    assert "key-held-by-service" in {reason.code for reason in verdict.reasons}
    assert services.signing.sign_with_service_key(ada, signing.id, consent=True) == done


@pytest.mark.parametrize("holder", ["browser", "cli"])
def test_the_service_never_signs_what_names_another_key_holder(services, ada, holder):
    signing = draft_acceptance(services, ada, holder=holder)
    with pytest.raises(WrongKeyHolder):
        services.signing.sign_with_service_key(ada, signing.id, consent=True)


def test_nobody_brings_a_signature_for_what_names_the_service(services, ada):
    signing = draft_acceptance(services, ada, holder="service")
    with pytest.raises(WrongKeyHolder):
        sign(services, ada, signing, Holder())


def test_the_service_does_not_sign_without_the_tick_or_for_somebody_else_or_too_late(services, ada, bela, clock):
    signing = draft_acceptance(services, ada, holder="service")
    with pytest.raises(ConsentMissing):
        services.signing.sign_with_service_key(ada, signing.id, consent=False)
    with pytest.raises(SigningUnknown):
        services.signing.sign_with_service_key(bela, signing.id, consent=True)
    clock.at += timedelta(minutes=31)
    with pytest.raises(SigningExpired):
        services.signing.sign_with_service_key(ada, signing.id, consent=True)


def test_the_private_key_of_the_service_signing_is_stored_nowhere(services, ada, db, monkeypatch):
    made = []
    real = ec.generate_private_key
    monkeypatch.setattr(ec, "generate_private_key", lambda curve: made.append(real(curve)) or made[-1])
    signing = draft_acceptance(services, ada, holder="service")
    services.signing.sign_with_service_key(ada, signing.id, consent=True)
    secret = made[-1].private_numbers().private_value.to_bytes(32)
    with db.read() as session:
        row = session.get_one(Signing, signing.id)
    assert all(secret not in value for value in vars(row).values() if isinstance(value, bytes))


def test_a_service_signing_raced_is_recorded_once(services, ada, db):
    signing = draft_acceptance(services, ada, holder="service")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: services.signing.sign_with_service_key(ada, signing.id, consent=True), range(4)))
    assert len({each.id for each in done}) == 1
    assert count(db, LogEntry) == 1


def test_a_certified_signing_cannot_be_turned_into_a_service_signing(services, ada):
    signing, _ = certified(services, ada)
    with pytest.raises(WrongKeyHolder):
        services.signing.sign_with_service_key(ada, signing.id, consent=True)
    with pytest.raises(AlreadyCertified):
        certify(services, ada, signing, Holder())
