# SPDX-License-Identifier: Apache-2.0
"""From a signature to `signed`: everything that can be refused is refused before one commit makes it durable.

Order (provenance-formats 2.2): certificate, signature, timestamp, log. The commit that stores signature and timestamp
also stores a delayed job, before the log is asked; whatever dies afterwards, the signing is finished by that job.
"""

import hmac
import secrets
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.agreements.errors import AgreementWithdrawn
from app.agreements.service import PublishedVersion
from app.identity.models import PersonDetail
from app.identity.people import clean
from app.identity.providers import issuer_of
from app.identity.sql import changed_rows
from app.platform.jobs import add_job
from app.signing.certify import check_open, leaf_for
from app.signing.doubles import (
    lock_signers,
    refuse_contributed_already,
    refuse_outdated,
    refuse_replaced,
    refuse_signed_already,
)
from app.signing.earlier import keep_named, refuse_named_already
from app.signing.ended_keys import refuse_certified_by_ended
from app.signing.ending import owner_of_ended, refuse_end_overtaken, refuse_ended_acceptance, withdrawal_row
from app.signing.errors import (
    CertificateExpired,
    ClockUnsteady,
    ConsentMissing,
    NotCertified,
    SignatureInvalid,
    SigningUnknown,
    WrongKeyHolder,
)
from app.signing.lookup import own_signing, statement_of
from app.signing.models import Circumstance, Signing
from app.signing.ports import Actor, Ports
from app.signing.side import oms_of
from app.signing.values import NOTHING_SEEN, Seen
from mcla.envelope.certificate import read_leaf
from mcla.envelope.dsse import Envelope, EnvelopeInvalid, check_signature, pae
from mcla.envelope.encoding import EncodingInvalid
from mcla.envelope.timestamp import issue_timestamp
from mcla.statements.canonical import canonical_json
from mcla.statements.statement import Acceptance, Contribution, Withdrawal
from mcla.wording import Worded

FINISH_AFTER = timedelta(seconds=30)
"""The request that signs finishes too; the job is for the one that died."""
FINISH_JOB = "signing.finish"
SIGNED = ("signed", "complete", "void")
"""The states after which a signature changes nothing more."""


def sign(
    ports: Ports,
    actor: Actor,
    signing_id: str,
    signature: bytes,
    oms: bytes | None = None,
    seen: Seen = NOTHING_SEEN,
    *,
    consent: bool,
) -> None:
    """Take the signature (DER ECDSA over the PAE) of a certified signing; afterwards it is `signed` and durable.

    `oms` is the same key's signature over the list of the files (`app.signing.side.oms_of`), where there is one.
    `seen` is kept for the record. Signed already: nothing more happens.

    Raises `SigningUnknown`, `ConsentMissing`, `NotCertified`, `WrongKeyHolder`,
    `CertificateExpired`, `KeyEnded`, `SignatureInvalid`, `AlreadySigned`, `AlreadyContributed`, `EarlierNamed`,
    `AlreadyEnded`, `AcceptanceEnded`, `AgreementWithdrawn`, `AgreementReplaced` or `ClockUnsteady`.
    """
    row, now = _load(ports, actor, signing_id)
    if row.state in SIGNED:
        return
    _check_consent(consent=consent)
    if row.key_holder == "service":
        raise WrongKeyHolder("This statement says that the service holds the key.")
    if row.certificate is None:
        raise NotCertified("No key was certified for this signing.")
    _check_signature(row.certificate, row.statement, signature, now)
    if oms is not None:
        _check_signature(row.certificate, _list_of(row), oms, now)
    refuse_certified_by_ended(read_leaf(row.certificate), ports.trust, now)
    signed = _Signed(signature, oms, circumstance=_circumstance(ports, actor, row, seen))
    _store(ports, row, row.certificate, signed, now, before="certified")


def sign_with_service_key(
    ports: Ports, actor: Actor, signing_id: str, seen: Seen = NOTHING_SEEN, *, consent: bool
) -> None:
    """The same in one step for a signer without JavaScript: the one-use key lives in this call and nowhere else.

    Refused for a statement that names another key holder; raises as `sign`, and `SigningExpired`.
    """
    row, now = _load(ports, actor, signing_id)
    if row.state in SIGNED:
        return
    _check_consent(consent=consent)
    if row.key_holder != "service":
        raise WrongKeyHolder(
            Worded("This statement says that the key is held by: %(key_holder)s.", key_holder=row.key_holder)
        )
    check_open(row, now)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = leaf_for(ports, ports.keys, row, key.public_key(), now).public_bytes(Encoding.DER)
    payloads = [payload for payload in (row.statement, oms_of(row)) if payload is not None]
    signatures = (key.sign(pae(payload), ec.ECDSA(hashes.SHA256())) for payload in payloads)
    signed = _Signed(*signatures, circumstance=_circumstance(ports, actor, row, seen))
    _store(ports, row, certificate, signed, now, before="drafted")


@dataclass(frozen=True, slots=True)
class _Signed:
    """One key's signatures over a statement and, for a contribution, over the list of its files; and how it came."""

    statement: bytes
    oms: bytes | None = None
    _: KW_ONLY
    circumstance: Circumstance


def _load(ports: Ports, actor: Actor, signing_id: str) -> tuple[Signing, datetime]:
    with ports.db.read() as session:
        row = own_signing(session, actor, signing_id)
        return row, ports.steady.now(session)


def _check_consent(*, consent: bool) -> None:
    if not consent:
        raise ConsentMissing("The signer did not say yes; nothing was signed.")


def _list_of(row: Signing) -> bytes:
    payload = oms_of(row)
    if payload is None:
        raise SignatureInvalid("An acceptance has no list of files that could be signed beside it.")
    return payload


def _check_signature(certificate: bytes, payload: bytes, signature: bytes, now: datetime) -> None:
    leaf = read_leaf(certificate)
    if now < leaf.not_before:
        raise ClockUnsteady("The clock stands before the beginning of this signing's certificate.")
    if now > leaf.not_after:
        raise CertificateExpired("The certificate's ten minutes are over.")
    try:
        check_signature(Envelope(payload=payload, signature=signature), leaf.public_key)
    except (EnvelopeInvalid, EncodingInvalid) as error:
        raise SignatureInvalid(Worded("The signature does not fit: %(message)s.", message=error.message)) from error


def _store(ports: Ports, row: Signing, certificate: bytes, signed: _Signed, now: datetime, before: str) -> None:
    """Timestamp, then commit `signed` with its job; of two callers at once the second changes nothing."""
    tsa = ports.keys.tsa
    stamps = [
        issue_timestamp(one, tsa.key, tsa.chain, now, _serial()) if one else None
        for one in (signed.statement, signed.oms)
    ]
    values = {"state": "signed", "certificate": certificate, "signature": signed.statement, "timestamp": stamps[0]}
    values |= {"oms_signature": signed.oms, "oms_timestamp": stamps[1]}
    with ports.db.write() as session:
        lock_signers(session, {row.signer_id, *owner_of_ended(session, row)})
        if _is_kept(session, row.id):
            return
        _refuse_overtaken(session, ports, row, now)
        once = update(Signing).where(Signing.id == row.id, Signing.state == before)
        if changed_rows(session, once.values(signed_at=now, **values)) != 1:
            raise SigningUnknown("This signing was removed or changed meanwhile; nothing was signed.")
        session.add(signed.circumstance)
        if row.kind == "withdrawal":
            session.add(withdrawal_row(session, row, certificate, signed.statement, now))
        if isinstance(statement := statement_of(row), Contribution):
            keep_named(session, row.id, statement.earlier)
        add_job(session, ports.clock, FINISH_JOB, {"signing_id": row.id}, FINISH_AFTER)


def _circumstance(ports: Ports, actor: Actor, row: Signing, seen: Seen) -> Circumstance:
    with ports.db.read() as session:
        person = session.get(PersonDetail, row.person_detail_id)
    page = seen.page
    return Circumstance(
        signing_id=row.id,
        signed_in_at=actor.signed_in_at,
        issuer=issuer_of(ports.settings, actor.provider),
        address=clean(actor.address, 45),
        agent=clean(actor.agent, 400),
        session=session_digest(person.secret, actor.session_id) if person and actor.session_id else None,
        zone_offset=seen.zone_offset,
        shown_at=page.at if page else None,
        shown_language=page.language if page else None,
        shown_build=page.build if page else None,
        shown_text=page.text if page else None,
    )


def session_digest(secret: bytes, session_id: str) -> str:
    """What is kept of a sign-in (64 hex): two signatures in one have the same, and nobody finds the session by it."""
    return hmac.digest(secret, canonical_json(["mcla session", session_id]), "sha256").hex()


def _is_kept(session: Session, signing_id: str) -> bool:
    row = session.get(Signing, signing_id, populate_existing=True)
    return row is not None and row.state in SIGNED


def _refuse_overtaken(session: Session, ports: Ports, row: Signing, now: datetime) -> None:
    """What may have happened while the page stood open; asked under the locks of those whom it is about."""
    statement = statement_of(row)
    if isinstance(statement, Acceptance):
        _refuse_unsignable(session, ports, row, statement)
    if isinstance(statement, Withdrawal):
        refuse_end_overtaken(session, ports, row, statement, now)
    if isinstance(statement, Contribution):
        _refuse_unfounded(session, ports, row, statement)
        project = str(row.project_id)
        root = statement.manifest.root
        refuse_contributed_already(session, ports, row.signer_id, project, statement.kind, root)
        refuse_named_already(session, ports, project, statement.kind, statement.earlier)
    if statement.capacity == "company":
        ports.companies.sign(session, row, statement, now)


def _refuse_unfounded(session: Session, ports: Ports, row: Signing, statement: Contribution) -> None:
    """What a contribution rests on: an offer on its version, everything else on an acceptance that carries its kind."""
    if statement.acceptance is None:
        _refuse_overtaken_version(ports, row)
        return
    refuse_ended_acceptance(session, ports, statement.agreement.slug, statement.acceptance)
    refuse_outdated(ports, statement.agreement.slug, row.agreement_version_id, statement.kind)


def _refuse_unsignable(session: Session, ports: Ports, row: Signing, statement: Acceptance) -> None:
    published = _refuse_overtaken_version(ports, row)
    if statement.company is None:
        refuse_signed_already(session, ports, row.signer_id, published)


def _refuse_overtaken_version(ports: Ports, row: Signing) -> PublishedVersion:
    """The version that is signed, if it is still the one that is offered."""
    published = ports.agreements.version_by_id(row.agreement_version_id)
    if published.withdrawn_at is not None:
        raise AgreementWithdrawn(
            Worded(
                "Version %(version)s of %(slug)s was withdrawn while the page stood open. Nothing was signed.",
                version=published.version,
                slug=published.slug,
            )
        )
    refuse_replaced(ports, published)
    return published


def _serial() -> int:
    """A timestamp's serial number: random, positive, below 2**127, so that two are never equal (RFC 3161 2.4.2)."""
    return secrets.randbits(126) + 1
