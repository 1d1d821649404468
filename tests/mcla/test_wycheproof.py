# SPDX-License-Identifier: Apache-2.0
"""Project Wycheproof's signatures through every function of ours that judges one: each gets the known answer.

The protocol knows ECDSA on P-256 with SHA-256 in DER, and Ed25519. What can be handed any message is asked about every
vector; what builds its own message (timestamp, SCT) signs it truly and then has the signature spelt wrongly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from interop.private_sigstore import NOW, ORIGIN, SIGNER, PrivateSigstore
from wycheproof import Vector, der_of_raw, outcomes, vectors

from mcla.envelope.certificate import issue_leaf
from mcla.envelope.dsse import Envelope, check_signature
from mcla.envelope.encoding import P256_ORDER
from mcla.envelope.possession import check_possession, read_p256_key
from mcla.envelope.sct import SctInvalid, check_sct
from mcla.envelope.timestamp import TimestampInvalid, check_timestamp, issue_timestamp, read_timestamp
from mcla.errors import MclaError
from mcla.log.note import check_ed25519
from mcla.signer import P256Signer

P256 = vectors("ecdsa_secp256r1_sha256")
P256_RAW = vectors("ecdsa_secp256r1_sha256_p1363")
ED25519 = vectors("ed25519")
YES = "accepted"


class Bare(Envelope):
    """An envelope whose payload is signed as it stands, so that `check_signature` can be asked about any message."""

    __slots__ = ()

    @property
    def signed_bytes(self) -> bytes:
        return self.payload


def as_envelope(vector: Vector) -> None:
    check_signature(Bare(vector.message, vector.signature), read_p256_key(vector.key))


def as_proof(vector: Vector) -> None:
    check_possession(vector.key, vector.signature, vector.message)


def answer(judge: Callable[[Vector], object], vector: Vector) -> str:
    """`accepted`, or the code of the refusal; any other exception fails the test."""
    try:
        judge(vector)
    except MclaError as error:
        return error.code
    return YES


@pytest.mark.parametrize(
    ("judge", "malformed", "wrong"),
    [(as_envelope, "encoding-invalid", "envelope-invalid"), (as_proof, "proof-malformed", "proof-by-other-key")],
)
def test_a_p256_signature_is_accepted_if_and_only_if_it_is_valid(
    judge: Callable[[Vector], object], malformed: str, wrong: str
) -> None:
    found = outcomes([(each, answer(judge, each)) for each in P256])
    assert found == {("valid", YES): 174, ("invalid", malformed): 287, ("invalid", wrong): 23}


@pytest.mark.parametrize("judge", [as_envelope, as_proof])
def test_only_der_is_a_signature_never_the_two_numbers_as_browsers_make_them(
    judge: Callable[[Vector], object],
) -> None:
    assert YES not in {answer(judge, each) for each in P256_RAW}


def test_a_valid_signature_is_accepted_with_either_half_of_s() -> None:
    high = [
        each for each in P256 if each.result == "valid" and decode_dss_signature(each.signature)[1] * 2 > P256_ORDER
    ]
    assert len(high) > 50
    for each in (each for each in P256 if each.result == "valid"):
        r, s = decode_dss_signature(each.signature)
        check_possession(each.key, encode_dss_signature(r, P256_ORDER - s), each.message)


def as_note(vector: Vector) -> None:
    key = load_der_public_key(vector.key)
    assert isinstance(key, Ed25519PublicKey)
    check_ed25519("log.example.org", key, vector.signature, vector.message)


def test_an_ed25519_signature_is_accepted_if_and_only_if_it_is_valid() -> None:
    judged = [(each, answer(as_note, each)) for each in ED25519 if each.result != "acceptable"]
    assert outcomes(judged) == {("valid", YES): 117, ("invalid", "note-invalid"): 64}


def test_an_acceptable_ed25519_signature_is_accepted_unless_anybody_could_have_made_it() -> None:
    # Both kinds of key break RFC 8032's making of keys. One of mixed order still has a single holder; for one of small
    # order everybody is the holder.
    judged = {flag: {answer(as_note, each) for each in ED25519 if flag in each.flags and each.result == "acceptable"}
              for flag in ("MixedOrderPublicKey", "SmallOrderPublicKey")}  # fmt: skip
    assert judged == {"MixedOrderPublicKey": {YES}, "SmallOrderPublicKey": {"note-invalid"}}
    assert sum(each.result == "acceptable" for each in ED25519) == 29


def test_a_key_of_small_order_is_known_in_its_second_spelling_too() -> None:
    identity = (2**255 - 18).to_bytes(32, "little")
    with pytest.raises(MclaError, match="anybody can sign"):
        check_ed25519("log.example.org", Ed25519PublicKey.from_public_bytes(identity), bytes(64), b"any head")


def _written(*numbers: bytes) -> bytes:
    body = b"".join(b"\x02" + bytes([len(each)]) + each for each in numbers)
    return b"\x30" + bytes([len(body)]) + body


SPELLINGS: dict[str, Callable[[int, int], bytes]] = {
    "empty": lambda _r, _s: b"",
    "raw": lambda r, s: r.to_bytes(32) + s.to_bytes(32),
    "trailing byte": lambda r, s: encode_dss_signature(r, s) + b"\x00",
    "long length": lambda r, s: b"\x30\x81" + encode_dss_signature(r, s)[1:],
    "indefinite length": lambda r, s: b"\x30\x80" + encode_dss_signature(r, s)[2:] + b"\x00\x00",
    "padded numbers": lambda r, s: _written(r.to_bytes(34), s.to_bytes(34)),
    "zero r": lambda _r, s: encode_dss_signature(0, s),
    "zero s": lambda r, _s: encode_dss_signature(r, 0),
    "r beyond the order": lambda r, s: encode_dss_signature(r + P256_ORDER, s),
    "s beyond the order": lambda r, s: encode_dss_signature(r, s + P256_ORDER),
    "negative s": lambda r, s: _written(r.to_bytes(33), (s - P256_ORDER).to_bytes(33, signed=True)),
}


@dataclass
class Misspelling:
    """A private key that signs truly and writes its signature in a spelling of its own."""

    key: P256Signer
    spelling: Callable[[int, int], bytes]

    def sign(self, data: bytes, /) -> bytes:
        return self.spelling(*decode_dss_signature(self.key.sign(data)))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self.key.public_key()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


def stamped(service: PrivateSigstore, spelling: Callable[[int, int], bytes]) -> None:
    tsa: Any = service.keys.tsa
    token = issue_timestamp(b"signature", Misspelling(tsa.key, spelling), tsa.chain, NOW, 7)  # type: ignore[arg-type]
    check_timestamp(read_timestamp(token), b"signature", tsa.chain)


def noted_by_ct(service: PrivateSigstore, spelling: Callable[[int, int], bytes]) -> None:
    ca, ct = service.keys.ca, service.keys.ct
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    leaf = issue_leaf(ca.key, ca.chain, Misspelling(ct, spelling), key, SIGNER, ORIGIN, NOW)  # type: ignore[arg-type]
    check_sct(leaf, ca.key.public_key(), [ct.public_key()])


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
@pytest.mark.parametrize(("judge", "error"), [(stamped, TimestampInvalid), (noted_by_ct, SctInvalid)])
def test_a_true_signature_of_a_stamp_or_an_sct_in_another_spelling_is_refused(
    service: PrivateSigstore,
    judge: Callable[..., None],
    error: type[MclaError],
    spelling: Callable[[int, int], bytes],
) -> None:
    with pytest.raises(error):
        judge(service, spelling)


@pytest.mark.parametrize("judge", [stamped, noted_by_ct])
def test_a_stamp_or_an_sct_is_good_with_either_half_of_s(service: PrivateSigstore, judge: Callable[..., None]) -> None:
    judge(service, lambda r, s: encode_dss_signature(r, min(s, P256_ORDER - s)))
    judge(service, lambda r, s: encode_dss_signature(r, max(s, P256_ORDER - s)))


def test_a_raw_signature_in_der_gets_the_answer_of_its_vector_when_it_had_the_right_length() -> None:
    for each in P256_RAW:
        if len(each.signature) == 64:
            got = answer(lambda v: check_possession(v.key, der_of_raw(v.signature), v.message), each)
            assert (got == YES) is (each.result == "valid"), each
