# SPDX-License-Identifier: Apache-2.0
"""A key is certified only for who shows that they hold it: P-256, this signing, this statement."""

from contextlib import suppress

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from mcla.artifacts.digest import DigestInvalid, sha256_hex
from mcla.envelope.encoding import P256_ORDER
from mcla.envelope.possession import PossessionRefused, check_possession, possession_message

KEY = ec.generate_private_key(ec.SECP256R1())
MESSAGE = possession_message("sig_0123456789", sha256_hex(b"statement"))
SHA256 = ec.ECDSA(hashes.SHA256())


def spki(key: object) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)  # type: ignore[attr-defined, no-any-return]


def test_the_message_is_three_lines_of_ascii() -> None:
    assert possession_message("sig_1", "0" * 64) == b"mcla-possession/v1\nsig_1\n" + b"0" * 64 + b"\n"


@pytest.mark.parametrize("signing_id", ["", "a\nb", "é", "a b", "../x", "__"])
def test_an_id_that_could_change_the_lines_is_refused(signing_id: str) -> None:
    with pytest.raises(PossessionRefused):
        possession_message(signing_id, "0" * 64)


def test_a_digest_that_is_no_digest_is_refused() -> None:
    with pytest.raises(DigestInvalid):
        possession_message("sig_1", "0" * 63 + "\n")


def test_the_holder_of_the_key_is_accepted() -> None:
    assert check_possession(spki(KEY), KEY.sign(MESSAGE, SHA256), MESSAGE) == KEY.public_key()


def test_either_half_of_s_is_accepted_because_browsers_make_both() -> None:
    r, s = decode_dss_signature(KEY.sign(MESSAGE, SHA256))
    for value in (s, P256_ORDER - s):
        check_possession(spki(KEY), encode_dss_signature(r, value), MESSAGE)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP224R1()), ed25519.Ed25519PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
)  # fmt: skip
def test_a_key_of_another_kind_is_refused(key: object) -> None:
    with pytest.raises(PossessionRefused) as caught:
        check_possession(spki(key), KEY.sign(MESSAGE, SHA256), MESSAGE)
    assert caught.value.code == "key-type-refused"


def _off_curve() -> bytes:
    good = spki(KEY)
    return good[:-1] + bytes([good[-1] ^ 1])


def _compressed() -> bytes:
    point = KEY.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    return bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point


@pytest.mark.parametrize(
    "der",
    [
        b"", b"\x30", spki(KEY)[:-1], spki(KEY) + b"\x00", b"\x00" + spki(KEY), _off_curve(), _compressed(),
        spki(KEY)[:27] + bytes(64), spki(KEY)[:26] + b"\x00", bytes(5000), b"-----BEGIN PUBLIC KEY-----\n",
    ],
)  # fmt: skip
def test_a_malformed_key_or_a_point_off_the_curve_is_refused(der: bytes) -> None:
    with pytest.raises(PossessionRefused) as caught:
        check_possession(der, KEY.sign(MESSAGE, SHA256), MESSAGE)
    assert caught.value.code == "key-malformed"


R, S = decode_dss_signature(KEY.sign(MESSAGE, SHA256))
DER = encode_dss_signature(R, S)


@pytest.mark.parametrize(
    "proof",
    [
        b"", b"\x30\x00", R.to_bytes(32) + S.to_bytes(32), DER[:-1], DER + b"\x00", b"\x30\x81" + DER[1:],
        encode_dss_signature(0, S), encode_dss_signature(R, 0), encode_dss_signature(0, 0),
        encode_dss_signature(P256_ORDER, S),
        encode_dss_signature(R, P256_ORDER), encode_dss_signature(R + P256_ORDER, S),
        encode_dss_signature(R, S + P256_ORDER),
        bytes.fromhex("3006020101020101")[:-1] + b"\xff", b"\x31" + DER[1:], bytes.fromhex("300702020001020101"),
    ],
)  # fmt: skip
def test_a_proof_that_is_no_der_signature_with_numbers_in_range_is_refused(proof: bytes) -> None:
    with pytest.raises(PossessionRefused) as caught:
        check_possession(spki(KEY), proof, MESSAGE)
    assert caught.value.code == "proof-malformed"


@pytest.mark.parametrize(
    "proof",
    [
        ec.generate_private_key(ec.SECP256R1()).sign(MESSAGE, SHA256),
        KEY.sign(possession_message("sig_other", sha256_hex(b"statement")), SHA256),
        KEY.sign(possession_message("sig_0123456789", sha256_hex(b"another")), SHA256),
        KEY.sign(MESSAGE, ec.ECDSA(hashes.SHA384())), encode_dss_signature(1, 1), encode_dss_signature(S, R),
    ],
)  # fmt: skip
def test_a_proof_by_another_key_or_for_another_signing_is_refused(proof: bytes) -> None:
    with pytest.raises(PossessionRefused) as caught:
        check_possession(spki(KEY), proof, MESSAGE)
    assert caught.value.code == "proof-by-other-key"


@given(st.binary(max_size=200), st.binary(max_size=80))
def test_any_bytes_as_key_and_proof_are_refused_with_a_code(key: bytes, proof: bytes) -> None:
    with pytest.raises(PossessionRefused):
        check_possession(key, proof, MESSAGE)


@given(st.integers(0, 90), st.integers(0, 255))
def test_a_key_with_one_byte_changed_never_passes_for_another_reason(place: int, value: int) -> None:
    good = spki(KEY)
    bad = good[:place] + bytes([value]) + good[place + 1 :]
    with suppress(PossessionRefused):
        check_possession(bad, DER, MESSAGE)
        assert bad == good
