# SPDX-License-Identifier: Apache-2.0
"""A certificate for a stock client: who the token proves, the agreement in force, possession of the key; in that order.

The token is checked against the configured providers alone: nothing in it names a place to ask. A person without an
agreement in force gets no certificate and is told where to sign; nothing is stored for a person that was never seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from app.agreements.models import Agreement
from app.identity.errors import IdentityError
from app.identity.people import known_identity
from app.identity.ports import CheckedAssertion
from app.identity.used import use_up
from app.projects.service import ProjectInfo
from app.signing.in_force import acceptances
from app.signing.ports import Ports
from app.signing.steady import check_valid_now
from app.sigstore.errors import AgreementNotSigned, FoundationUnclear, KeyRefused, TokenRefused
from app.sigstore.names import stock_uri
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.encoding import EncodingInvalid, check_p256_signature, refused_as
from mcla.envelope.possession import MAX_KEY_BYTES, PossessionRefused, read_p256_key

MAX_REQUEST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Possession:
    """What a client sends to prove its key: a PKCS #10 request, or SPKI and a signature over the token's subject."""

    request: bytes | None = None
    spki: bytes | None = None
    proof: bytes | None = None


def certify(ports: Ports, token: str, possession: Possession, project: ProjectInfo | None) -> list[bytes]:
    """The certificate chain (DER, leaf first) for the key and the person of the token.

    Raises `TokenRefused`, `AgreementNotSigned`, `FoundationUnclear`, `KeyRefused`, `ClockUnsteady`, or
    `ProviderUnreachable` when the provider's keys cannot be had.
    """
    checked = _check_token(ports, token)
    key = _read_key(possession, checked)
    keys = ports.keys
    with ports.db.write() as session:
        now = ports.steady.now(session)
        check_valid_now([*keys.ca.chain, *keys.tsa.chain], now)
        foundation_id, contributor_id = _agreed(ports, session, checked, project)
        _use_up(session, checked, now)
        signer_id = ports.identity.signer_for(session, contributor_id, foundation_id).id
    # After the commit: a key may live in a device, and no transaction waits for one.
    uri = stock_uri(ports.settings.origin, signer_id)
    leaf = issue_leaf(keys.ca.key, keys.ca.chain, keys.ct, key, uri, ports.settings.origin, now)
    return [one.public_bytes(serialization.Encoding.DER) for one in (leaf, *keys.ca.chain)]


def _check_token(ports: Ports, token: str) -> CheckedAssertion:
    try:
        return ports.identity.tokens.check_sigstore_token(token)
    except IdentityError as error:
        if error.status == 503:
            raise
        raise TokenRefused(error.message) from error


def _agreed(ports: Ports, session: Session, checked: CheckedAssertion, project: ProjectInfo | None) -> tuple[str, str]:
    """The foundation under whose agreement the person signs, and the contributor; raises for none and several."""
    identity = known_identity(session, checked.claims.provider, checked.claims.subject)
    conditions = [Agreement.foundation_id == project.foundation.id] if project else []
    accepted = acceptances(session, identity.contributor_id, *conditions) if identity else []
    if identity is None or not accepted:
        raise _not_signed(ports, project)
    foundations = {ports.agreements.version_by_id(each.agreement_version_id).foundation_id for each in accepted}
    if len(foundations) > 1:
        raise FoundationUnclear("You have signed agreements of several foundations; say for which project this is.")
    return foundations.pop(), identity.contributor_id


def _not_signed(ports: Ports, project: ProjectInfo | None) -> AgreementNotSigned:
    every = ports.agreements.agreements()
    offered = [each for each in every if each.withdrawn_at is None and each.for_persons]
    if project:
        offered = [each for each in offered if each.foundation_id == project.foundation.id]
    where = f"{ports.settings.origin}/sign/{offered[0].slug}" if offered else ports.settings.origin
    return AgreementNotSigned(
        "This account has signed no agreement here, so no key is certified for it.", sign_url=where
    )


def _use_up(session: Session, checked: CheckedAssertion, now: datetime) -> None:
    if not use_up(session, checked, now):
        raise TokenRefused("The identity token was used here before; each one works once.")


def _read_key(possession: Possession, checked: CheckedAssertion) -> ec.EllipticCurvePublicKey:
    try:
        if possession.request is not None:
            return _from_request(possession.request)
        if possession.spki is not None and possession.proof is not None:
            # The subject that clients sign: a verified address where the token has one, else `sub`.
            return _from_proof(possession.spki, possession.proof, checked.claims.email or checked.claims.subject)
    except PossessionRefused as error:
        raise KeyRefused(f"The key cannot be certified: {error.message}.") from error
    raise KeyRefused("The request holds neither a certificate request nor a key with its proof.")


def _from_request(pem: bytes) -> ec.EllipticCurvePublicKey:
    """The key of a PKCS #10 request; its names and extensions are not looked at."""
    if len(pem) > MAX_REQUEST_BYTES:
        raise KeyRefused(f"A certificate request takes at most {MAX_REQUEST_BYTES} bytes.")
    with refused_as(KeyRefused, "a certificate request (PKCS #10, PEM) signed by its own key"):
        request = x509.load_pem_x509_csr(pem)
        sound, key = request.is_signature_valid, request.public_key()
    if not sound:
        raise KeyRefused("The certificate request is not signed by its own key.")
    return read_p256_key(key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))


def _from_proof(pem: bytes, proof: bytes, subject: str) -> ec.EllipticCurvePublicKey:
    if len(pem) > 2 * MAX_KEY_BYTES:
        raise KeyRefused(f"A public key takes at most {2 * MAX_KEY_BYTES} bytes of PEM.")
    with refused_as(KeyRefused, "a public key in PEM and a signature by it over the token's subject"):
        found = serialization.load_pem_public_key(pem)
        der = found.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        key = read_p256_key(der)
        try:
            check_p256_signature(proof, "the proof")
        except EncodingInvalid as error:
            raise KeyRefused(f"The proof is malformed: {error.message}.") from error
        key.verify(proof, subject.encode(), ec.ECDSA(hashes.SHA256()))
    return key


def pem_chain(chain: Sequence[bytes]) -> list[str]:
    """The certificates as PEM texts, in order."""
    return [x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode() for der in chain]
