# SPDX-License-Identifier: Apache-2.0
"""Keys in a PKCS#11 token (HSM, smart card, SoftHSM2): made there, never leaving it.

A place is `pkcs11:token=T;object=L`: the label of one private and one public key object. There is one session for each
token and process, as a token's log-in counts for the whole process; calls take turns. A session that failed is opened
anew by the next call. Processes must not be forked after the first use.
"""

import hashlib
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.platform.keys.errors import ExtraMissing, KeyUnusable
from app.platform.keys.values import Algorithm, Kind
from app.platform.setting_values import TokenSettings, parse_pkcs11_uri
from mcla.signer import Ed25519Signer, P256Signer, RsaSigner

try:
    import pkcs11
    from asn1crypto.core import ObjectIdentifier, OctetString
    from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
    from pkcs11.exceptions import PKCS11Error
    from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters
except ImportError as missing:
    raise ExtraMissing("pkcs11", "a key in a PKCS#11 token") from missing

T = TypeVar("T")
_ED25519 = "1.3.101.112"  # RFC 8410
_HINT = "Check MCLA_PKCS11_MODULE, MCLA_PKCS11_PIN_FILE and the token's label (`pkcs11-tool --list-slots`)."


class TokenHome:
    """The home of keys in PKCS#11 tokens."""

    def __init__(self, settings: TokenSettings) -> None:
        self._settings = settings

    def find_or_make(
        self,
        kind: Kind,  # noqa: ARG002 - the wish names the object
        algorithm: Algorithm,
        wish: str,
        taken: Collection[str],
    ) -> str:
        label, wanted = parse_pkcs11_uri(wish)
        number = 1
        while (place := _place(label, wanted if number == 1 else f"{wanted}-{number}")) in taken:
            number += 1
        token = _token(self._settings, label)
        name = parse_pkcs11_uri(place)[1]
        if not token.call(lambda session: _objects(session, name), f"looking for {place}"):
            token.call(lambda _: _generate(token, algorithm, name), f"making {place}")
        return place

    def open(self, place: str) -> P256Signer | RsaSigner | Ed25519Signer:
        label, name = parse_pkcs11_uri(place)
        token = _token(self._settings, label)
        found = token.call(lambda session: session.get_key(ObjectClass.PUBLIC_KEY, label=name), f"opening {place}")
        public = token.call(lambda _: _public_key(found), f"reading {place}")
        if isinstance(public, Ed25519PublicKey):
            return _TokenEd25519(token, name, place, public)
        if isinstance(public, RSAPublicKey):
            return _TokenRsa(token, name, place, public)
        return _TokenP256(token, name, place, public)


@dataclass(slots=True)
class _Token:
    """One token with its log-in; every call goes through `call`, one at a time."""

    settings: TokenSettings
    label: str
    lock: threading.RLock = field(default_factory=threading.RLock)
    session: Any = None
    keys: dict[str, Any] = field(default_factory=dict)

    def call(self, what: Callable[[Any], T], doing: str) -> T:
        """Run `what` with the session; raises `KeyUnusable` naming what was being done."""
        with self.lock:
            try:
                if self.session is None:
                    self.session = self._token().open(user_pin=self.settings.pin or None)
                return what(self.session)
            except PKCS11Error as error:
                self._forget()
                said = f"{type(error).__name__} {error}".strip()
                raise KeyUnusable(f"the PKCS#11 token {self.label!r} failed at {doing}: {said}", hint=_HINT) from error

    def private_key(self, session: Any, name: str) -> Any:
        """The handle of a private key, looked for once in a session."""
        if name not in self.keys:
            self.keys[name] = session.get_key(ObjectClass.PRIVATE_KEY, label=name)
        return self.keys[name]

    def writing(self) -> Any:
        """A session that may make objects; the log-in of the first one counts for it."""
        return self._token().open(rw=True)

    def _token(self) -> Any:
        if not self.settings.module:
            raise KeyUnusable("a key in a PKCS#11 token needs its library", hint="Set MCLA_PKCS11_MODULE to its path.")
        return pkcs11.lib(self.settings.module).get_token(token_label=self.label)

    def _forget(self) -> None:
        session, self.session = self.session, None
        self.keys.clear()
        if session is not None:
            try:
                session.close()
            except PKCS11Error:
                return  # it is gone already, which is what was wanted


@dataclass(frozen=True, slots=True)
class _TokenP256:
    """A P-256 key in a token; hashing happens here, as many tokens offer plain ECDSA only."""

    token: _Token
    name: str
    place: str
    public: EllipticCurvePublicKey

    def public_key(self) -> EllipticCurvePublicKey:
        return self.public

    def sign(self, data: bytes, /) -> bytes:
        raw = _sign(self.token, self.name, self.place, hashlib.sha256(data).digest(), Mechanism.ECDSA)
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))


@dataclass(frozen=True, slots=True)
class _TokenRsa:
    """An RSA key in a token, which hashes itself."""

    token: _Token
    name: str
    place: str
    public: RSAPublicKey

    def public_key(self) -> RSAPublicKey:
        return self.public

    def sign(self, data: bytes, /) -> bytes:
        return _sign(self.token, self.name, self.place, data, Mechanism.SHA256_RSA_PKCS)


@dataclass(frozen=True, slots=True)
class _TokenEd25519:
    """An Ed25519 key in a token that can do EdDSA (PKCS#11 3.0)."""

    token: _Token
    name: str
    place: str
    public: Ed25519PublicKey

    def public_key(self) -> Ed25519PublicKey:
        return self.public

    def sign(self, data: bytes, /) -> bytes:
        return _sign(self.token, self.name, self.place, data, Mechanism.EDDSA)


@cache
def _token(settings: TokenSettings, label: str) -> _Token:
    return _Token(settings, label)


def _sign(token: _Token, name: str, place: str, data: bytes, mechanism: Any) -> bytes:
    def sign(session: Any) -> bytes:
        return bytes(token.private_key(session, name).sign(data, mechanism=mechanism))

    return token.call(sign, f"signing with {place}")


def _objects(session: Any, name: str) -> list[Any]:
    return list(session.get_objects({Attribute.LABEL: name}))


def _generate(token: _Token, algorithm: Algorithm, name: str) -> None:
    use = MechanismFlag.SIGN | MechanismFlag.VERIFY
    if algorithm == "RSA-3072":
        with token.writing() as session:
            session.generate_keypair(KeyType.RSA, 3072, store=True, label=name, capabilities=use)
        return
    if algorithm == "Ed25519":
        family, curve, how = KeyType.EC_EDWARDS, ObjectIdentifier(_ED25519).dump(), Mechanism.EC_EDWARDS_KEY_PAIR_GEN
    else:
        family, curve, how = KeyType.EC, encode_named_curve_parameters("secp256r1"), Mechanism.EC_KEY_PAIR_GEN
    with token.writing() as session:
        parameters = session.create_domain_parameters(family, {Attribute.EC_PARAMS: curve}, local=True)
        parameters.generate_keypair(mechanism=how, store=True, label=name, capabilities=use)


def _public_key(found: Any) -> EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey:
    if found.key_type not in (KeyType.EC, KeyType.EC_EDWARDS, KeyType.RSA):
        raise KeyUnusable(f"the token's key is of no kind that is used here, but {found.key_type.name}")
    try:
        if found.key_type == KeyType.RSA:
            exponent, modulus = (int.from_bytes(found[one]) for one in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS))
            return RSAPublicNumbers(exponent, modulus).public_key()
        if found.key_type == KeyType.EC_EDWARDS:
            return Ed25519PublicKey.from_public_bytes(bytes(OctetString.load(found[Attribute.EC_POINT])))
        key = load_der_public_key(encode_ec_public_key(found))
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"the token's public key cannot be read: {error}") from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise KeyUnusable("the token's public key is on no known curve")
    return key


def _place(token: str, name: str) -> str:
    return f"pkcs11:token={quote(token, safe='')};object={quote(name, safe='')}"
