# SPDX-License-Identifier: Apache-2.0
"""The step `passkey`: an assertion over exactly this statement, at this service, by the passkey that it names."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from interop.private_sigstore import (
    FILES,
    ORIGIN,
    PAYLOAD,
    PrivateSigstore,
    acceptance,
    contribution,
    manifest_of,
    refused,
    withdrawal,
)
from passkeys import ATTESTED, USER_PRESENT, USER_VERIFIED, SoftPasskey

from mcla.envelope.webauthn import challenge_of
from mcla.statements.passkey import PasskeyRef
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_bundle

GIVEN = contribution(FILES)
ANOTHER = contribution(FILES, kind="adapter")


@pytest.fixture(scope="module")
def passkey() -> SoftPasskey:
    return SoftPasskey(ORIGIN)


def judged(service: PrivateSigstore, statement: Any, **asked: Any) -> Verdict:
    return verify_bundle(service.sign(statement.to_bytes()).bytes(), service.trust, **asked)


@pytest.mark.parametrize(
    "statement",
    [GIVEN, acceptance(manifest_of({"agreement.md": b"text"})), withdrawal(GIVEN)],
    ids=["contribution", "acceptance", "withdrawal"],
)
def test_a_confirmed_statement_is_verified_and_says_what_rests_on_the_service(
    service: PrivateSigstore, passkey: SoftPasskey, statement: Any
) -> None:
    fingerprint = hashlib.sha256(passkey.public_key).hexdigest()
    verdict = judged(service, passkey.confirm(statement))
    assert verdict.verified, verdict.to_dict()
    assert (
        verdict.step("passkey").detail
        == f"sha256 {fingerprint}, person verified, count {passkey.counter}, on one device"
    )
    assert verdict.reasons[1].code == "confirmed-by-passkey"
    assert "the word of the service" in verdict.reasons[1].message
    told = json.loads(json.dumps(verdict.to_dict()))["statement"]
    assert [told["key_holder"], told["passkey"]] == ["passkey", fingerprint]


def test_a_passkey_that_is_named_needs_no_word_of_the_service(service: PrivateSigstore, passkey: SoftPasskey) -> None:
    fingerprint = hashlib.sha256(passkey.public_key).hexdigest()
    verdict = judged(service, passkey.confirm(GIVEN), passkey=fingerprint)
    assert verdict.verified
    assert verdict.reasons[1].code == "confirmed-by-named-passkey"


def test_another_passkey_than_the_named_one_is_refused(service: PrivateSigstore, passkey: SoftPasskey) -> None:
    refused(judged(service, passkey.confirm(GIVEN), passkey="0" * 64), "passkey", "passkey-other")


def test_a_statement_without_one_is_refused_where_a_passkey_is_asked_for(service: PrivateSigstore) -> None:
    refused(judged(service, GIVEN, passkey="0" * 64), "passkey", "passkey-missing")


def moved(passkey: SoftPasskey) -> Any:
    """An assertion that was made over another statement."""
    return replace(passkey.asked(GIVEN), passkey=passkey.confirm(ANOTHER).passkey)


def over(passkey: SoftPasskey, **client: Any) -> Any:
    challenge = challenge_of(passkey.asked(GIVEN).to_bytes())
    return passkey.confirm(GIVEN, client=passkey.client_data(challenge, **client))


def by(passkey: SoftPasskey, **head: Any) -> Any:
    return passkey.confirm(GIVEN, head=passkey.authenticator_data(**head))


def by_other(passkey: SoftPasskey) -> Any:
    """The statement names this passkey, and another one answered."""
    asked = passkey.asked(GIVEN)
    answer = SoftPasskey(ORIGIN).answer(challenge_of(asked.to_bytes()))
    return replace(asked, passkey=PasskeyRef(passkey.public_key, answer))


BOTH = USER_PRESENT | USER_VERIFIED
WRONG = {
    "over another statement": (moved, "passkey-elsewhere"),
    "by another passkey": (by_other, "passkey-signature-invalid"),
    "at another origin": (lambda key: over(key, origin=f"{ORIGIN}.evil.example"), "passkey-elsewhere"),
    "at the origin with a slash": (lambda key: over(key, origin=f"{ORIGIN}/"), "passkey-elsewhere"),
    "in a frame of another site": (lambda key: over(key, crossOrigin=True), "passkey-elsewhere"),
    "crossOrigin as a number": (lambda key: over(key, crossOrigin=0), "passkey-elsewhere"),
    "of a registration": (lambda key: over(key, kind="webauthn.create"), "passkey-elsewhere"),
    "of a payment": (lambda key: over(key, kind="payment.get"), "passkey-elsewhere"),
    "with a short challenge": (lambda key: over(key, challenge="AAAA"), "passkey-malformed"),
    "with a padded challenge": (lambda key: over(key, challenge="A" * 43 + "="), "passkey-malformed"),
    "without a challenge": (lambda key: over(key, challenge=None), "passkey-malformed"),
    "with client data that are no JSON": (lambda key: key.confirm(GIVEN, client=b"no"), "passkey-malformed"),
    "with client data that are a list": (lambda key: key.confirm(GIVEN, client=b"[]"), "passkey-malformed"),
    "with a type twice": (lambda key: key.confirm(GIVEN, client=b'{"type":1,"type":2}'), "passkey-malformed"),
    "of another host": (lambda key: by(key, rp_id="example.org"), "passkey-elsewhere"),
    "with nobody present": (lambda key: by(key, flags=USER_VERIFIED), "passkey-user-unverified"),
    "with nobody verified": (lambda key: by(key, flags=USER_PRESENT), "passkey-user-unverified"),
    "with bytes after it": (lambda key: by(key, rest=b"\0"), "passkey-malformed"),
    "with extensions that are missing": (lambda key: by(key, flags=BOTH | 0x80), "passkey-malformed"),
    "with a new credential": (lambda key: by(key, flags=BOTH | ATTESTED, rest=bytes(55)), "passkey-malformed"),
    "backed up but not able to be": (lambda key: by(key, flags=BOTH | 0x10), "passkey-malformed"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_assertion_is_refused(service: PrivateSigstore, passkey: SoftPasskey, case: str) -> None:
    make, code = WRONG[case]
    refused(judged(service, make(passkey)), "passkey", code)


def test_a_bit_of_any_part_is_refused(service: PrivateSigstore, passkey: SoftPasskey) -> None:
    sound = passkey.confirm(GIVEN).passkey
    assert sound is not None
    assert sound.assertion is not None
    for part in ("authenticator_data", "client_data", "signature"):
        data = bytearray(getattr(sound.assertion, part))
        data[-1] ^= 1
        changed = replace(sound, assertion=replace(sound.assertion, **{part: bytes(data)}))
        verdict = judged(service, replace(passkey.asked(GIVEN), passkey=changed))
        assert verdict.step("passkey").outcome == "no", part


def test_a_key_that_is_no_point_of_the_curve_is_refused(service: PrivateSigstore, passkey: SoftPasskey) -> None:
    sound = passkey.confirm(GIVEN).passkey
    assert sound is not None
    off = replace(sound, public_key=sound.public_key[:-1] + bytes([sound.public_key[-1] ^ 1]))
    refused(judged(service, replace(passkey.asked(GIVEN), passkey=off)), "passkey", "passkey-elsewhere")
    challenge = challenge_of(replace(passkey.asked(GIVEN), passkey=replace(off, assertion=None)).to_bytes())
    off = replace(off, assertion=passkey.answer(challenge))
    refused(judged(service, replace(passkey.asked(GIVEN), passkey=off)), "passkey", "passkey-malformed")


def test_the_browsers_further_words_and_extensions_of_the_key_do_no_harm(
    service: PrivateSigstore, passkey: SoftPasskey
) -> None:
    assert judged(service, over(passkey, other_keys_can_be_added_here="do not compare")).verified
    extended = by(passkey, flags=BOTH | 0x18 | 0x80, rest=bytes.fromhex("a16b6372656450726f7465637402"))
    verdict = judged(service, extended)
    assert verdict.verified
    assert verdict.step("passkey").detail.endswith("kept at its provider too")


def test_a_passkey_does_not_stand_in_for_the_signature(service: PrivateSigstore, passkey: SoftPasskey) -> None:
    payload = passkey.confirm(GIVEN).to_bytes()
    bundle = service.sign(payload, signed=b"something else").bytes()
    refused(verify_bundle(bundle, service.trust), "signature", "envelope-invalid")
    assert verify_bundle(service.sign(PAYLOAD).bytes(), service.trust).step("passkey").detail == "not asked"
