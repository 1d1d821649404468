# SPDX-License-Identifier: Apache-2.0
"""The browser's answer to every P-256 signature of Project Wycheproof is Python's, through the page's own conversion.

No page of ours verifies a signature, so WebCrypto is asked itself; what is ours in the browser is `toDer` of sign.js,
which makes DER of every signature that a page sends. The way back, from DER to r||s, exists in no page: it is taken in
Python for each signature that our check lets through as well-formed.
"""

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from windows import Window
from wycheproof import Vector, vectors

from mcla.envelope.encoding import EncodingInvalid, check_p256_signature
from mcla.envelope.possession import check_possession
from mcla.errors import MclaError

JUDGE = """async ([address, asked]) => {
  const { toDer } = await import(address);
  const bytes = (hex) => new Uint8Array((hex.match(/../g) || []).map((pair) => parseInt(pair, 16)));
  const hex = (made) => Array.from(made, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const made = (raw) => { try { return hex(toDer(raw)); } catch { return null; } };
  const kind = { name: 'ECDSA', namedCurve: 'P-256' }, how = { name: 'ECDSA', hash: 'SHA-256' };
  return Promise.all(asked.map(async ({ key, message, raw }) => {
    const held = await crypto.subtle.importKey('spki', bytes(key), kind, false, ['verify']);
    return { valid: await crypto.subtle.verify(how, held, bytes(raw), bytes(message)), der: made(bytes(raw).buffer) };
  }));
}"""


def asked(vector: Vector, raw: bytes) -> dict[str, str]:
    return {"key": vector.key.hex(), "message": vector.message.hex(), "raw": raw.hex()}


def in_python(vector: Vector, der: bytes) -> bool:
    try:
        check_possession(vector.key, der, vector.message)
    except MclaError:
        return False
    return True


def well_formed(vector: Vector) -> bool:
    try:
        check_p256_signature(vector.signature, "the signature")
    except EncodingInvalid:
        return False
    return True


def test_a_browser_and_python_judge_every_signature_alike(window: Callable[..., Window]) -> None:
    raw, der = vectors("ecdsa_secp256r1_sha256_p1363"), vectors("ecdsa_secp256r1_sha256")
    formed = [each for each in der if well_formed(each)]
    halves = [b"".join(number.to_bytes(32) for number in decode_dss_signature(each.signature)) for each in formed]
    questions = [asked(each, each.signature) for each in raw]
    questions += [asked(each, both) for each, both in zip(formed, halves, strict=True)]
    answers: list[dict[str, Any]] = window().go("/verify").evaluate(JUDGE, ["/static/js/sign.js", questions])
    from_raw, from_der = answers[: len(raw)], answers[len(raw) :]

    for vector, told in zip(raw, from_raw, strict=True):
        assert told["valid"] is (vector.result == "valid"), vector
        assert (told["der"] is None) is (len(vector.signature) != 64), vector
        assert (told["der"] is not None and in_python(vector, bytes.fromhex(told["der"]))) is told["valid"], vector
    for vector, told in zip(formed, from_der, strict=True):
        assert told["valid"] is (vector.result == "valid") is in_python(vector, vector.signature), vector
        assert told["der"] == vector.signature.hex(), vector
    assert [sum(told["valid"] for told in each) for each in (from_raw, from_der)] == [173, 174]
    assert not [each for each in der if each.result == "valid" and each not in formed]
