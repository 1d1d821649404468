# SPDX-License-Identifier: Apache-2.0
"""Reading a new credential: ES256 in its one form, at this host, a person verified; else a sentence."""

import hashlib
import struct
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from passkeys import ATTESTED, USER_PRESENT, USER_VERIFIED, SoftPasskey
from signing_walk import spki

from app.passkeys.registration import read_new_credential
from mcla.envelope.webauthn import PasskeyElsewhere, PasskeyMalformed, PasskeyUserUnverified, WebauthnRefused

ORIGIN, HOST = "https://mcla.example.org:8443", "mcla.example.org"
PASSKEY = SoftPasskey(ORIGIN)
COSE = PASSKEY.cose_key()
P384 = spki(ec.generate_private_key(ec.SECP384R1()))[-96:]
ALL = USER_PRESENT | USER_VERIFIED | ATTESTED


def test_id_key_and_count_are_kept_and_nothing_of_the_device() -> None:
    read = read_new_credential(PASSKEY.attested(), HOST)
    assert (read.credential_id, read.public_key) == (PASSKEY.credential_id, PASSKEY.public_key)
    assert read.counter == PASSKEY.counter
    extended = PASSKEY.authenticator_data(ALL | 0x80, rest=PASSKEY.attested()[37:] + b"\xa0")
    assert read_new_credential(extended, HOST).public_key == PASSKEY.public_key


def head(flags: int, rest: bytes) -> bytes:
    return PASSKEY.authenticator_data(flags, rest=rest)


def named(length: int, credential_id: bytes) -> bytes:
    return head(ALL, bytes(16) + struct.pack(">H", length) + credential_id + COSE)


WRONG: dict[str, tuple[Callable[[], bytes], type[WebauthnRefused], str]] = {
    "nothing": (lambda: b"", PasskeyMalformed, "37 to 1024 bytes, got 0"),
    "a flood": (lambda: bytes(1025), PasskeyMalformed, "got 1025"),
    "another host": (lambda: SoftPasskey("https://example.org").attested(), PasskeyElsewhere, "of another host"),
    "nobody present": (lambda: head(ALL & ~1, bytes(99)), PasskeyUserUnverified, "got one not present"),
    "nobody verified": (lambda: head(ALL & ~4, bytes(99)), PasskeyUserUnverified, "got one not verified"),
    "an assertion": (lambda: PASSKEY.authenticator_data(), PasskeyMalformed, "data of a new credential, got none"),
    "a flag and no data": (lambda: head(ALL, b""), PasskeyMalformed, "end where their flags say"),
    "a cut head": (lambda: head(ALL, bytes(10)), PasskeyMalformed, "id of 16 to 512 bytes, got 0"),
    "a short id": (lambda: named(4, b"four"), PasskeyMalformed, "id of 16 to 512 bytes, got 4"),
    "a long id": (lambda: named(513, bytes(513)), PasskeyMalformed, "got 513"),
    "an id longer than the data": (lambda: named(500, bytes(32)), PasskeyMalformed, "got 500"),
    "bytes after the key": (lambda: PASSKEY.attested(COSE + b"\0"), PasskeyMalformed, "end where their flags say"),
    "an extension that is missing": (lambda: head(ALL | 0x80, PASSKEY.attested()[37:]), PasskeyMalformed, "flags say"),
    "a cut key": (lambda: PASSKEY.attested(COSE[:-1]), PasskeyMalformed, "ES256"),
    "no key": (lambda: PASSKEY.attested(b""), PasskeyMalformed, "ES256"),
    "RS256": (
        lambda: PASSKEY.attested(bytes.fromhex("a401030339010020590100") + bytes(256)),
        PasskeyMalformed,
        "ES256",
    ),
    "Ed25519": (lambda: PASSKEY.attested(bytes.fromhex("a4010103272006215820") + bytes(32)), PasskeyMalformed, "ES256"),
    "ES384": (lambda: PASSKEY.attested(b"\xa5\1\2\3\x38\x22\x20\2\x21\x58\x30" + P384), PasskeyMalformed, "ES256"),
    "ES256 of other order": (lambda: PASSKEY.attested(b"\xa5\3\x26\1\2" + COSE[5:]), PasskeyMalformed, "ES256"),
    "a point off the curve": (lambda: PASSKEY.attested(COSE[:10] + bytes(32) + COSE[42:]), PasskeyMalformed, "curve"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_registration_is_refused_for(case: str) -> None:
    make, kind, words = WRONG[case]
    with pytest.raises(kind, match=words) as caught:
        read_new_credential(make(), HOST)
    assert caught.value.hint


@given(st.binary(max_size=300), st.integers(0, 255))
def test_any_bytes_are_refused_by_name(rest: bytes, flags: int) -> None:
    data = hashlib.sha256(HOST.encode()).digest() + bytes([flags]) + bytes(4) + rest
    with pytest.raises(WebauthnRefused):
        read_new_credential(data, HOST)
