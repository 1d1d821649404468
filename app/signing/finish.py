# SPDX-License-Identifier: Apache-2.0
"""From `signed` to `complete`: log, bundle, our own verifier, and what comes of it in one transaction.

Every step can be repeated: the log answers the same bytes with the same index, ids are made from the signing's, and
the last commit happens once. So a request, its repetition and the job `signing.finish` may all run this, even at once.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.identity.models import Signer
from app.identity.sql import changed_rows
from app.signing.earlier import forget_named
from app.signing.ended_keys import is_void
from app.signing.errors import BundleUnsound, KeyEnded, NotCertified, SigningUnknown
from app.signing.ids import result_id
from app.signing.lookup import statement_of
from app.signing.models import Signature, Signing, Withdrawal
from app.signing.ports import Ports, Recorded
from mcla.envelope.bundle import make_bundle
from mcla.envelope.dsse import Envelope
from mcla.envelope.entry import HASHEDREKORD, EntryKind, envelope_body
from mcla.statements.canonical import canonical_json
from mcla.verify.verifier import verify_bundle
from mcla.wording import Worded

log = structlog.get_logger()
VOIDABLE = ("acceptance", "contribution")


def finish(ports: Ports, signing_id: str) -> None:
    """Bring a signed signing to its end; nothing happens to one that is complete.

    Raises `SigningUnknown`, `NotCertified` (not signed yet), `KeyEnded`, `BundleUnsound`, or what the log raises.
    Withdrawals and changes of a company are logged whatever became of the keys: they count since they were signed.
    """
    with ports.db.read() as session:
        row = session.get(Signing, signing_id)
    if row is None:
        raise SigningUnknown("There is no signing of that id.")
    if row.state == "complete":
        return
    if row.state == "signed" and row.kind in VOIDABLE and is_void(row, ports.trust):
        row.state = _give_up(ports, row)
    if row.state == "void":
        raise KeyEnded("A key behind your signature was replaced at once and ended before it, so it was not recorded.")
    if row.state != "signed":
        raise NotCertified("This signing was not signed yet.")
    index, bundle = _log(ports, row)
    check_sound(ports, row, bundle)
    _record(ports, row, index, bundle)


def _give_up(ports: Ports, row: Signing) -> str:
    """Keep what was signed, and let its signer sign anew; returns the state."""
    with ports.db.write() as session:
        once = update(Signing).where(Signing.id == row.id, Signing.state == "signed")
        if changed_rows(session, once.values(state="void")) == 1:
            forget_named(session, row.id)
        state = session.get_one(Signing, row.id, populate_existing=True).state
    log.error("signing.void", signing=row.id, kind=row.kind)
    return state


def _log(ports: Ports, row: Signing) -> tuple[int, dict[str, Any]]:
    """The entry of what was signed, and its bundle; raises `NotCertified` if nothing was."""
    if row.certificate is None or row.signature is None or row.timestamp is None:
        raise NotCertified("This signing holds no signature.")
    return logged(ports, Envelope(row.statement, row.signature), row.certificate, row.timestamp)


def logged(
    ports: Ports, envelope: Envelope, certificate: bytes, timestamp: bytes, kind: EntryKind = HASHEDREKORD
) -> tuple[int, dict[str, Any]]:
    """Append the entry of a stamped signature, or find it there; returns its index and the whole bundle."""
    body = envelope_body(envelope, certificate, kind)
    receipt = ports.log.for_readers(ports.log.append([body])[0])
    bundle = make_bundle(
        payload=envelope.payload,
        signature=envelope.signature,
        certificate=certificate,
        timestamp=timestamp,
        body=body,
        log_id=receipt.key_id,
        log_index=receipt.index,
        tree_size=receipt.tree_size,
        root=receipt.root,
        proof=receipt.proof,
        checkpoint=receipt.checkpoint,
        kind=kind,
    )
    return receipt.index, bundle


def _record(ports: Ports, row: Signing, index: int, bundle: Mapping[str, Any]) -> None:
    """One transaction: the signing complete, its signature, and through `Outcomes` its contribution and record."""
    outcome = result_id(row.id, row.kind)
    with ports.db.write() as session:
        once = update(Signing).where(Signing.id == row.id, Signing.state == "signed")
        if changed_rows(session, once.values(state="complete", result_id=outcome)) != 1:
            return  # another request or the job was first
        recorded = _recorded(session, row, index, bundle)
        if row.kind == "acceptance":
            session.add(_signature(recorded))
            session.flush()
        if row.kind == "withdrawal":
            session.execute(update(Withdrawal).where(Withdrawal.signing_id == row.id).values(bundle=dict(bundle)))
        if recorded.statement.capacity == "company":
            ports.companies.record(session, recorded)
        ports.outcomes.store(session, recorded)
    log.info("signing.complete", signing=row.id, kind=row.kind, log_index=index)


def _recorded(session: Session, row: Signing, index: int, bundle: Mapping[str, Any]) -> Recorded:
    if row.signed_at is None:
        raise NotCertified("This signing has no time of signature.")
    contributor_id = session.get_one(Signer, row.signer_id).contributor_id
    return Recorded(row, statement_of(row), contributor_id, index, bundle, row.signed_at)


def _signature(recorded: Recorded) -> Signature:
    row = recorded.signing
    return Signature(
        id=result_id(row.id, "acceptance"),
        signing_id=row.id,
        contributor_id=recorded.contributor_id,
        signer_id=row.signer_id,
        agreement_version_id=row.agreement_version_id,
        capacity=recorded.statement.capacity,
        log_index=recorded.log_index,
        bundle=dict(recorded.bundle),
        signed_at=recorded.signed_at,
    )


def check_sound(ports: Ports, row: Signing, bundle: Mapping[str, Any]) -> None:
    """Raise `BundleUnsound` unless our own verifier accepts what would be stored and handed out."""
    identity, issuer = statement_of(row).signer, ports.settings.origin
    verdict = verify_bundle(canonical_json(bundle), ports.trust, identity=identity, issuer=issuer)
    if not verdict.sound:
        codes = ", ".join(reason.code for reason in verdict.reasons)
        log.error("signing.unsound", signing=row.id, reasons=codes)
        raise BundleUnsound(Worded("The bundle does not verify (%(codes)s).", codes=codes), retry_after=60)
