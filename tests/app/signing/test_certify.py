# SPDX-License-Identifier: Apache-2.0
"""Certifying a key: for its holder, for this statement, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from signing_walk import Holder, certify, draft_acceptance, spki

from app.signing.errors import (
    AlreadyCertified,
    ClockUnsteady,
    SigningExpired,
    SigningUnknown,
    StatementChanged,
    WrongKeyHolder,
)
from mcla.envelope.certificate import read_leaf
from mcla.envelope.possession import KeyMalformed, KeyTypeRefused, PossessionRefused, ProofByOtherKey, ProofMalformed
from mcla.statements.statement import parse_statement


def test_the_certificate_names_the_signer_of_the_statement_and_lives_ten_minutes(services, ada, clock):
    signing, holder = draft_acceptance(services, ada), Holder()
    made = certify(services, ada, signing, holder)
    leaf = read_leaf(made.certificates[0])
    assert leaf.signer_uri == parse_statement(signing.statement).signer == signing.signer.uri
    assert leaf.not_after == made.not_after == clock.now() + timedelta(minutes=10)
    assert leaf.issuer == services.settings.origin
    assert leaf.public_key == holder.key.public_key()
    x509.load_der_x509_certificate(made.certificates[0]).verify_directly_issued_by(services.keys.ca.certificate)


def test_the_certificate_holds_no_name_login_or_address(services, ada):
    made = certify(services, ada, draft_acceptance(services, ada), Holder())
    for private in (ada.name, ada.login, ada.email, ada.subject):
        assert private.encode() not in made.certificates[0]


def test_another_digest_than_the_stored_one_is_never_certified(services, ada):
    signing, holder = draft_acceptance(services, ada), Holder()
    with pytest.raises(StatementChanged):
        services.signing.certify(ada, signing.id, holder.spki, holder.proof(signing), "0" * 64)
    assert services.signing.signing(ada, signing.id).state == "drafted"


def test_somebody_elses_signing_is_not_found(services, ada, bela):
    with pytest.raises(SigningUnknown):
        certify(services, bela, draft_acceptance(services, ada), Holder())


def test_a_statement_older_than_thirty_minutes_is_not_certified(services, ada, clock):
    signing = draft_acceptance(services, ada)
    clock.at += timedelta(minutes=30)
    with pytest.raises(SigningExpired):
        certify(services, ada, signing, Holder())


def test_a_statement_of_twenty_nine_minutes_is_certified(services, ada, clock):
    signing = draft_acceptance(services, ada)
    clock.at += timedelta(minutes=29, seconds=59)
    assert certify(services, ada, signing, Holder()).certificates


def test_a_second_certificate_is_refused_even_for_the_same_key(services, ada):
    signing, holder = draft_acceptance(services, ada), Holder()
    certify(services, ada, signing, holder)
    for again in (holder, Holder()):
        with pytest.raises(AlreadyCertified):
            certify(services, ada, signing, again)


def test_of_many_who_ask_at_once_one_gets_the_certificate(services, ada):
    signing = draft_acceptance(services, ada)

    def ask(_: int) -> str:
        try:
            certify(services, ada, signing, Holder())
        except AlreadyCertified:
            return "refused"
        return "certified"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(ask, range(8))) == ["certified"] + ["refused"] * 7


def test_a_key_the_service_holds_is_not_certified_for_anybody_else(services, ada):
    with pytest.raises(WrongKeyHolder):
        certify(services, ada, draft_acceptance(services, ada, holder="service"), Holder())


def test_a_proof_by_another_key_is_refused(services, ada):
    signing = draft_acceptance(services, ada)
    with pytest.raises(ProofByOtherKey):
        services.signing.certify(ada, signing.id, Holder().spki, Holder().proof(signing), signing.statement_sha256)


def test_a_proof_for_another_signing_is_refused(services, ada):
    one, two, holder = draft_acceptance(services, ada), draft_acceptance(services, ada), Holder()
    with pytest.raises(ProofByOtherKey):
        services.signing.certify(ada, one.id, holder.spki, holder.proof(two), one.statement_sha256)


NO_PROOFS = [b"", b"0", bytes(72), bytes.fromhex("3006020100020100"), b"\x30" * 64]


@pytest.mark.parametrize("proof", NO_PROOFS, ids=["empty", "short", "zeros", "zero-numbers", "noise"])
def test_a_proof_that_is_no_signature_is_refused(services, ada, proof):
    signing = draft_acceptance(services, ada)
    with pytest.raises(ProofMalformed):
        services.signing.certify(ada, signing.id, Holder().spki, proof, signing.statement_sha256)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-384", "secp256k1", "Ed25519", "RSA"],
)
def test_a_key_that_is_not_p256_is_refused(services, ada, key):
    signing = draft_acceptance(services, ada)
    with pytest.raises(KeyTypeRefused):
        services.signing.certify(ada, signing.id, spki(key), Holder().proof(signing), signing.statement_sha256)


def test_a_point_off_the_curve_and_other_bytes_are_refused(services, ada):
    signing, holder = draft_acceptance(services, ada), Holder()
    off_curve = holder.spki[:-1] + bytes([holder.spki[-1] ^ 1])
    for wrong in (off_curve, b"", b"not a key", holder.spki + b"\0", holder.spki[:-64] + bytes(64)):
        with pytest.raises(KeyMalformed):
            services.signing.certify(ada, signing.id, wrong, holder.proof(signing), signing.statement_sha256)
    with pytest.raises(PossessionRefused):
        services.signing.certify(ada, signing.id, bytes(5000), holder.proof(signing), signing.statement_sha256)


def test_a_refused_key_leaves_the_signing_open_for_a_good_one(services, ada):
    signing = draft_acceptance(services, ada)
    with pytest.raises(PossessionRefused):
        services.signing.certify(ada, signing.id, b"x", b"y", signing.statement_sha256)
    assert certify(services, ada, signing, Holder()).certificates


def test_nothing_is_certified_while_the_clock_stands_before_what_was_seen(services, ada, clock):
    signing = draft_acceptance(services, ada)
    clock.at -= timedelta(hours=2)
    with pytest.raises(ClockUnsteady):
        certify(services, ada, signing, Holder())
    clock.at += timedelta(hours=2)
    assert certify(services, ada, signing, Holder()).certificates


def test_a_signature_as_proof_over_the_statement_instead_of_the_message_is_refused(services, ada):
    signing, holder = draft_acceptance(services, ada), Holder()
    proof = holder.key.sign(signing.statement, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(ProofByOtherKey):
        services.signing.certify(ada, signing.id, holder.spki, proof, signing.statement_sha256)
