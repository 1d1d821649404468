# SPDX-License-Identifier: Apache-2.0
"""Certifying a key for one signing: proof of possession first, P-256 only, exactly one certificate ever.

The certificate names the opaque signer URI and lives ten minutes. It is given out only after it was stored by an
update that succeeds for one caller; a second asker is refused, so that one statement never gets two keys.
"""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update

from app.identity.sql import changed_rows
from app.platform.keys import ServiceKeys
from app.signing.errors import AlreadyCertified, PasskeyUnasked, SigningExpired, StatementChanged, WrongKeyHolder
from app.signing.lookup import own_signing, statement_of
from app.signing.models import Signing
from app.signing.ports import Actor, Ports
from app.signing.steady import check_valid_now
from app.signing.values import Certified
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.possession import check_possession, possession_message


def certify(ports: Ports, actor: Actor, signing_id: str, spki: bytes, proof: bytes, statement_sha256: str) -> Certified:
    """Certify the key of `spki` (DER) for this signing; `proof` signs the possession message.

    Raises `SigningUnknown`, `SigningExpired`, `StatementChanged`, `WrongKeyHolder`, `PasskeyUnasked`,
    `AlreadyCertified`, a `PossessionInvalid` of `mcla.envelope.possession`, or `ClockUnsteady`.
    """
    with ports.db.read() as session:
        row = own_signing(session, actor, signing_id)
        now = ports.steady.now(session)
    check_open(row, now)
    if row.key_holder == "service":
        raise WrongKeyHolder("This statement says that the service holds the key.")
    if not statement_of(row).confirmed:
        raise PasskeyUnasked("The passkey that this statement names has not confirmed it.")
    if statement_sha256 != row.statement_sha256:
        raise StatementChanged("The digest is not that of the stored statement.")
    key = check_possession(spki, proof, possession_message(signing_id, row.statement_sha256))
    keys = ports.keys
    leaf = leaf_for(ports, keys, row, key, now)
    with ports.db.write() as session:
        once = update(Signing).where(Signing.id == row.id, Signing.state == "drafted", Signing.certificate.is_(None))
        der = leaf.public_bytes(Encoding.DER)
        if changed_rows(session, once.values(state="certified", certificate=der)) != 1:
            raise AlreadyCertified("This signing has its certificate already.")
    return Certified((der, keys.ca.certificate.public_bytes(Encoding.DER)), leaf.not_valid_after_utc)


def check_open(row: Signing, now: datetime) -> None:
    """Raise unless a certificate may still be made for this signing."""
    if row.state != "drafted":
        raise AlreadyCertified("This signing has its certificate already.")
    if now >= row.expires_at:
        raise SigningExpired("The statement was shown more than 30 minutes ago.")


def leaf_for(
    ports: Ports, keys: ServiceKeys, row: Signing, key: EllipticCurvePublicKey, now: datetime
) -> x509.Certificate:
    """A ten-minute certificate of `key` for the signer that the statement names."""
    check_valid_now([*keys.ca.chain, *keys.tsa.chain], now)
    signer = statement_of(row).signer
    return issue_leaf(keys.ca.key, keys.ca.chain, keys.ct, key, signer, ports.settings.origin, now)
