# SPDX-License-Identifier: Apache-2.0
"""Honest variations and lies of an OpenID provider, by the relying-party names of the OpenID conformance suite."""

import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc.jwk import OctKey
from scripted_op import ABSENT, CLIENT, ScriptedOp, b64, ec_key, half_hash, rsa_key, sign, unsigned

Lie = Callable[[ScriptedOp], object]
REPEATED_ALG = b64(b'{"alg":"none","alg":"RS256"}') + "."


def says(**claims: Any) -> Lie:
    return lambda op: op.claims.update(claims)


def heads(**header: Any) -> Lie:
    return lambda op: op.header.update(header)


def discovers(**values: Any) -> Lie:
    return lambda op: op.discovery.update(values)


def forges(make: Callable[[dict[str, Any], dict[str, Any]], object]) -> Lie:
    return lambda op: setattr(op, "forge", make)


def publishes(*keys: Any) -> Lie:
    return lambda op: setattr(op, "published", list(keys))


def all_of(*lies: Lie) -> Lie:
    return lambda op: [lie(op) for lie in lies]


def without_kid(name: str) -> dict[str, Any]:
    return {k: v for k, v in rsa_key(name).as_dict(private=False).items() if k != "kid"}


def without_alg(name: str) -> Any:
    data = {k: v for k, v in rsa_key(name).as_dict(private=True).items() if k not in ("alg", "kid", "use")}
    return type(rsa_key(name)).import_key(data)


def as_rs512(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return sign(header | {"alg": "RS512"}, claims, without_alg("first"))


TRUTHS: dict[str, Lie] = {
    "oidcc-client-test": says(),
    "oidcc-client-test-idtoken-sig-rs256": heads(alg="RS256"),
    "oidcc-client-test-idtoken-sig-es256": lambda op: setattr(op, "key", ec_key("curve")),
    "idtoken-sig-ps256": all_of(
        publishes(without_kid("first") | {"alg": "PS256", "kid": "first"}),
        forges(lambda h, c: sign(h | {"alg": "PS256"}, c, without_alg("first"))),
    ),
    "idtoken-sig-rs512": all_of(
        publishes(without_kid("first") | {"alg": "RS512", "kid": "first"}),
        says(at_hash=half_hash("access-1", "sha512")),
        forges(as_rs512),
    ),
    "idtoken-sig-es384": all_of(
        publishes(ec_key("middle", "P-384")),
        says(at_hash=half_hash("access-1", "sha384")),
        forges(lambda _h, c: sign({"alg": "ES384", "kid": "middle"}, c, ec_key("middle", "P-384"))),
    ),
    "oidcc-client-test-kid-absent-single-jwks": heads(kid=ABSENT),
    "kid-absent-from-token-and-jwks": all_of(heads(kid=ABSENT), publishes(without_kid("first"))),
    "kid-names-one-of-50-keys": lambda op: setattr(
        op, "published", [without_kid("second") | {"kid": f"other-{n}"} for n in range(49)] + [op.key]
    ),
    "keys-of-strange-types-are-passed-over": lambda op: setattr(
        op, "published", [{"kty": "ZZZ", "kid": "first"}, 7, {"kty": "oct", "k": "AAAA", "kid": "first"}, op.key]
    ),
    "encryption-key-of-the-same-kid-is-passed-over": lambda op: setattr(
        op, "published", [without_kid("second") | {"kid": "first", "use": "enc", "alg": "RSA-OAEP"}, op.key]
    ),
    "at-hash-absent": says(at_hash=ABSENT),
    "aud-list-of-us-alone": says(aud=[CLIENT]),
    "aud-list-with-strangers-and-azp-us": says(aud=[CLIENT, "other"], azp=CLIENT),
    "azp-us": says(azp=CLIENT),
    "nbf-now": lambda op: op.claims.update(nbf=int(op.clock.now().timestamp())),
    "times-with-fractions": lambda op: op.claims.update(iat=op.clock.now().timestamp() + 0.5),
    "unknown-claims-and-header-members": all_of(says(acr="x", _claim_names={"a": "b"}), heads(x5t="abc", typ="JWT")),
    "iss-parameter-absent-and-not-promised": lambda op: (
        op.answer.update(iss=ABSENT),
        op.discovery.update(authorization_response_iss_parameter_supported=ABSENT),
    )[-1],
    "subject-of-255-characters": lambda op: (op.claims.update(sub="s" * 255), op.userinfo.update(sub="s" * 255))[-1],
    "no-userinfo-endpoint": discovers(userinfo_endpoint=ABSENT),
    "nonce-supported-false-in-metadata": discovers(nonce_supported=False),
}


def keyed_with_public_key(claims: dict[str, Any]) -> str:
    """The classic confusion: the public key, as everybody can read it, used as an HMAC secret."""
    signed = unsigned({"alg": "HS256", "kid": "first"}, claims).rstrip(".")
    return f"{signed}.{b64(hmac.digest(rsa_key('first').as_pem(private=False), signed.encode(), 'sha256'))}"


def spoiled(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{signature[:-4]}{'AAAA' if signature[-4:] != 'AAAA' else 'BBBB'}"


def swapped(token: str, claims: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{b64(json.dumps(claims | {'sub': 'admin'}).encode())}.{signature}"


def heads_after(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Lie:
    """A header that no library would sign: the signature is made by hand over it, and is right."""

    def forge(header: dict[str, Any], claims: dict[str, Any]) -> str:
        head, body = b64(json.dumps(change(header)).encode()), b64(json.dumps(claims).encode())
        key = rsa_key("first").private_key
        return f"{head}.{body}.{b64(key.sign(f'{head}.{body}'.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    return forges(forge)


LIES: dict[str, tuple[Lie, str]] = {
    "oidcc-client-test-invalid-iss": (says(iss="http://127.0.0.1:1"), "another issuer"),
    "missing-iss": (says(iss=ABSENT), "another issuer"),
    "iss-with-slash": (lambda op: op.claims.update(iss=op.issuer + "/"), "another issuer"),
    "oidcc-client-test-invalid-aud": (says(aud="other"), "another audience"),
    "oidcc-client-test-missing-aud": (says(aud=ABSENT), "another audience"),
    "aud-empty-list": (says(aud=[]), "another audience"),
    "aud-empty-text": (says(aud=""), "another audience"),
    "aud-number": (says(aud=7), "another audience"),
    "aud-object": (says(aud={CLIENT: True}), "another audience"),
    "aud-list-of-numbers": (says(aud=[7, CLIENT]), "another audience"),
    "aud-contains-us-as-part": (says(aud=CLIENT + "0"), "another audience"),
    "aud-other-azp-us": (says(aud="other", azp=CLIENT), "another audience"),
    "aud-strangers-without-azp": (says(aud=[CLIENT, "other"]), "strangers"),
    "aud-strangers-azp-other": (says(aud=[CLIENT, "other"], azp="other"), "azp"),
    "azp-of-another-client": (says(azp="other"), "azp"),
    "azp-number": (says(azp=7), "azp"),
    "oidcc-client-test-missing-iat": (says(iat=ABSENT), "iat"),
    "iat-text": (says(iat="1700000000"), "iat"),
    "iat-true": (says(iat=True), "iat"),
    "missing-exp": (says(exp=ABSENT), "exp"),
    "exp-huge": (says(exp=10**300), "exp"),
    "exp-negative": (says(exp=-1), "exp"),
    "exp-before-iat": (lambda op: op.claims.update(exp=int(op.clock.now().timestamp()) - 30), "life"),
    "exp-in-a-year": (lambda op: op.claims.update(exp=int(op.clock.now().timestamp()) + 31_536_000), "life"),
    "oidcc-client-test-missing-sub": (says(sub=ABSENT), "subject"),
    "sub-empty": (says(sub=""), "subject"),
    "sub-number": (says(sub=248289761001), "subject"),
    "sub-10kB": (says(sub="s" * 10_000), "subject"),
    "sub-256-characters": (says(sub="s" * 256), "subject"),
    "sub-with-NUL": (says(sub="1\x002"), "control"),
    "sub-with-newline": (says(sub="1\n2"), "control"),
    "sub-with-right-to-left-override": (says(sub="1\u202e2"), "control"),
    "sub-with-space-around": (says(sub=" 1"), "spaces"),
    "sub-null": (says(sub=None), "subject"),
    "oidcc-client-test-nonce-invalid": (says(nonce="wrong"), "nonce"),
    "nonce-missing": (says(nonce=ABSENT), "nonce"),
    "nonce-null": (says(nonce=None), "nonce"),
    "nonce-list": (says(nonce=[]), "nonce"),
    "at-hash-wrong": (says(at_hash=half_hash("another token")), "at_hash"),
    "at-hash-null": (says(at_hash=None), "at_hash"),
    "at-hash-not-ascii": (says(at_hash="é"), "at_hash"),
    "c-hash-wrong": (says(c_hash=half_hash("another code")), "c_hash"),
    "oidcc-client-test-idtoken-sig-none": (
        forges(lambda _h, c: unsigned({"alg": "none"}, c)),
        "algorithm",
    ),
    "alg-None-in-capitals": (forges(lambda _h, c: unsigned({"alg": "NONE"}, c)), "algorithm"),
    "alg-missing": (forges(lambda _h, c: unsigned({}, c)), "algorithm"),
    "alg-list-from-metadata-does-not-count": (
        all_of(
            discovers(id_token_signing_alg_values_supported=["none"]),
            forges(lambda _h, c: unsigned({"alg": "none"}, c)),
        ),
        "algorithm",
    ),
    "alg-hs256-with-client-secret": (
        forges(lambda _h, c: sign({"alg": "HS256"}, c, OctKey.import_key("s3cret" * 4))),
        "algorithm",
    ),
    "alg-hs256-with-public-key-as-secret": (forges(lambda _h, c: keyed_with_public_key(c)), "algorithm"),
    "alg-es512-is-not-ours": (
        all_of(
            publishes(ec_key("large", "P-521")),
            forges(lambda _h, c: sign({"alg": "ES512", "kid": "large"}, c, ec_key("large", "P-521"))),
        ),
        "algorithm",
    ),
    "alg-of-another-curve": (
        all_of(publishes(ec_key("middle", "P-384")), heads_after(lambda h: h | {"alg": "ES256", "kid": "middle"})),
        "no key",
    ),
    "at-hash-with-the-digest-of-another-algorithm": (
        all_of(publishes(without_kid("first") | {"alg": "RS512", "kid": "first"}), forges(as_rs512)),
        "at_hash",
    ),
    "alg-of-another-key-type": (heads_after(lambda h: h | {"alg": "ES256"}), "no key"),
    "oidcc-client-test-invalid-sig-rs256": (forges(lambda h, c: spoiled(sign(h, c, rsa_key("first")))), "signature"),
    "oidcc-client-test-invalid-sig-es256": (
        all_of(
            publishes(ec_key("curve")),
            forges(lambda _h, c: spoiled(sign({"alg": "ES256", "kid": "curve"}, c, ec_key("curve")))),
        ),
        "signature",
    ),
    "signed-by-a-stranger-under-our-kid": (forges(lambda h, c: sign(h, c, without_alg("second"))), "signature"),
    "payload-changed-after-signing": (forges(lambda h, c: swapped(sign(h, c, rsa_key("first")), c)), "signature"),
    "signature-cut-off": (forges(lambda h, c: sign(h, c, rsa_key("first")).rpartition(".")[0] + "."), "signature"),
    "oidcc-client-test-kid-absent-multiple-jwks": (
        all_of(heads(kid=ABSENT), publishes(without_kid("first"), without_kid("second"))),
        "several keys",
    ),
    "kid-unknown": (heads(kid="nobody"), "no key"),
    "kid-number": (heads_after(lambda h: h | {"kid": 7}), "key id"),
    "kid-twice-in-the-set": (publishes(rsa_key("first"), without_kid("second") | {"kid": "first"}), "several keys"),
    "key-of-1024-bits": (publishes({"kty": "RSA", "n": b64(b"\xc1" * 128), "e": "AQAB", "kid": "first"}), "no key"),
    "key-for-encryption-only": (publishes(without_kid("first") | {"kid": "first", "use": "enc"}), "no key"),
    "key-for-another-algorithm": (publishes(without_kid("first") | {"kid": "first", "alg": "RS512"}), "no key"),
    "header-crit": (heads_after(lambda h: h | {"crit": ["exp"], "exp": 1}), "critical"),
    "header-b64-false": (heads_after(lambda h: h | {"b64": False}), "critical"),
    "header-jwk-brings-its-own-key": (
        forges(lambda _h, c: sign({"alg": "RS256", "jwk": rsa_key("evil").as_dict(private=False)}, c, rsa_key("evil"))),
        "its own key",
    ),
    "header-jku-points-elsewhere": (heads_after(lambda h: h | {"jku": "http://127.0.0.1:1/keys"}), "its own key"),
    "header-x5c-brings-its-own-key": (heads_after(lambda h: h | {"x5c": ["AAAA"]}), "its own key"),
    "header-not-json": (forges(lambda h, c: "e30x." + sign(h, c, rsa_key("first")).partition(".")[2]), "JSON"),
    "header-repeats-alg": (
        forges(lambda h, c: REPEATED_ALG + sign(h, c, rsa_key("first")).partition(".")[2]),
        "JSON",
    ),
    "id-token-missing": (forges(lambda _h, _c: ABSENT), "no id token"),
    "id-token-number": (forges(lambda _h, _c: 7), "no id token"),
    "id-token-1MiB": (forges(lambda _h, _c: "a" * 300_000), "longer than"),
    "id-token-with-four-dots": (forges(lambda _h, _c: "a.b.c.d.e"), "three parts"),
    "id-token-not-ascii": (forges(lambda _h, _c: "é.é.é"), "no id token"),
    "id-token-nested-deeply": (says(deep=json.loads("[" * 20 + "]" * 20)), "nested"),
    "oidcc-client-test-invalid-sub-in-userinfo": (lambda op: op.userinfo.update(sub="another"), "another subject"),
    "userinfo-without-sub": (lambda op: op.userinfo.update(sub=ABSENT), "another subject"),
}
