# SPDX-License-Identifier: Apache-2.0
"""Issues records: loads, renders, seals, verifies what was sealed, and only then stores it and says so.

States: `waiting` -> `sealed`, or `failed` with the reason until the job's next try. A record is made once: a second
run, or one after a crash between storage and database, finds the sealed file and keeps it. Nothing here can touch the
signature that the record is about. pyHanko takes most of a second to load: the modules that need it come with the first
record, like WeasyPrint, and not with the service.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.contributions.queries import log_size
from app.contributions.standing import stand
from app.identity.ports import Actor
from app.platform.clock import Clock, is_id
from app.platform.db import Database
from app.platform.keys import KeysNow
from app.platform.settings import Settings
from app.platform.storage import Storage, StorageConflict
from app.records.data import RecordData, attached_files, fingerprint
from app.records.errors import RecordContentInvalid, RecordNotReady, RecordUnknown
from app.records.glyphs import spelled
from app.records.load import load, record_of
from app.records.models import Record
from app.records.render import render
from app.signing.trust import trusted_root
from app.signing.values import SigningInfo
from mcla.errors import MclaError
from mcla.verify.standing import AsOf
from mcla.verify.trust import TrustedRoot

if TYPE_CHECKING:
    from mcla.records.check import RecordVerdict, SealedRecord


@dataclass(frozen=True, slots=True)
class RecordState:
    """How far a record is; `failure` is a sentence for its owner, without internals."""

    id: str
    state: str
    failure: str | None


def _state(record: Record) -> RecordState:
    return RecordState(record.id, record.state, "It could not be made yet." if record.state == "failed" else None)


class RecordService:
    """Makes records and hands them to their signers."""

    def __init__(self, db: Database, clock: Clock, settings: Settings, keys_now: KeysNow, storage: Storage) -> None:
        self._db, self._clock, self._settings, self._keys_now, self._storage = db, clock, settings, keys_now, storage

    def issue_job(self, payload: dict[str, Any]) -> None:
        """The handler of `record.issue`: payload `{"signing_id"}`."""
        self.issue(payload["signing_id"])

    def issue(self, signing_id: str) -> str:
        """Make the record of a complete signing, once; returns its id. Raises what failed, after noting it."""
        record = self._record(signing_id)
        if record.state == "sealed":
            return record.id
        try:
            pdf = self._storage.read(_name(record.id)) or self._make(signing_id)
            self._check(pdf, signing_id)
            pdf = self._store(record.id, pdf)
        except Exception as error:
            self._note(record.id, state="failed", failure=_reason(error))
            raise
        digest = hashlib.sha256(pdf).hexdigest()
        self._note(record.id, state="sealed", sha256=digest, size=len(pdf), sealed_at=self._clock.now(), failure=None)
        return record.id

    def pdf(self, actor: Actor, record_id: str) -> bytes:
        """The sealed PDF for its own signer; raises `RecordUnknown` or `RecordNotReady`."""
        with self._db.read() as session:
            # Only a well-formed id is looked for: PostgreSQL has no text with a NUL in it.
            record = record_of(session, actor.contributor_id, record_id) if is_id(record_id) else None
        if record is None:
            raise RecordUnknown("There is no such record of yours.")
        if record.state == "failed":
            raise RecordNotReady("Your record could not be made yet; the service goes on trying.")
        if record.state != "sealed":
            raise RecordNotReady("Your record is being made.")
        pdf = self._storage.read(_name(record.id))
        if pdf is None or hashlib.sha256(pdf).hexdigest() != record.sha256:
            raise RecordContentInvalid(f"the stored file of {record.id} is not the one that was sealed")
        return pdf

    def not_drawn(self, signing: SigningInfo) -> tuple[str, ...]:
        """The characters, as `U+5C71`, that the record of this signing would show by their numbers for want of a font.

        Asked before anybody signs; of what gets no record there are none.
        """
        if signing.type not in ("acceptance", "contribution"):
            return ()
        signer = signing.signer
        return spelled(signer.name, signer.account, signing.title, signing.statement.decode())

    def verify(self, pdf: bytes) -> "RecordVerdict":
        """The verdict on a PDF from anywhere under this service's own trust, and whether what it records was ended.

        Nothing is stored or fetched.
        """
        from mcla.records.check import verify_record

        found = verify_record(pdf, self._trust(), self._clock.now())
        with self._db.read() as session:
            as_of = AsOf(log_size(session), self._clock.now())
            return replace(found, verdict=stand(session, [found.verdict], as_of)[0])

    def state_of(self, signing_id: str) -> RecordState | None:
        """How far the record of a signing is; None before the signing is complete."""
        return self.states_of([signing_id]).get(signing_id)

    def states_of(self, signing_ids: Collection[str]) -> dict[str, RecordState]:
        """How far each record is, by signing, in one statement; signings that are not complete are left out."""
        with self._db.read() as session:
            found = session.scalars(select(Record).where(Record.signing_id.in_(signing_ids)))
            return {record.signing_id: _state(record) for record in found}

    def self_test(self) -> None:
        """Seal and verify a probe with the service's key; raises what is wrong."""
        from app.records.selftest import self_test

        self_test(self._keys_now(), self._trust(), self._clock.now())

    def _record(self, signing_id: str) -> Record:
        with self._db.read() as session:
            record = session.scalar(select(Record).where(Record.signing_id == signing_id))
        if record is None:
            raise RecordUnknown(f"no record was asked for by signing {signing_id}")
        return record

    def _load(self, signing_id: str, seal_fingerprint: str) -> RecordData:
        with self._db.read() as session:
            return load(session, signing_id, self._trust(), seal_fingerprint)

    def _trust(self) -> TrustedRoot:
        return trusted_root(self._keys_now(), self._settings)

    def _make(self, signing_id: str) -> bytes:
        from app.records.seal import seal

        document = self._keys_now().document
        data = self._load(signing_id, fingerprint(document.certificate))
        return seal(render(data), document, self._clock.now(), foundation=data.foundation_name)

    def _check(self, pdf: bytes, signing_id: str) -> None:
        """Read the sealed bytes back as a stranger would, and compare what they carry with what was put in."""
        found = self.verified(pdf)
        data = self._load(signing_id, found.certificate_sha256)
        if found.attachments != {file.name: file.content for file in attached_files(data)}:
            raise RecordContentInvalid("the sealed file carries other attachments than were put in")

    def _store(self, record_id: str, pdf: bytes) -> bytes:
        try:
            self._storage.create(_name(record_id), pdf)
        except StorageConflict:
            # Another worker was first with the same content under another signature: its file is the record.
            pdf = self._storage.read(_name(record_id)) or pdf
            self.verified(pdf)
        return pdf

    def verified(self, pdf: bytes) -> "SealedRecord":
        """The record in `pdf` by the rule that everybody applies to it; raises `SealInvalid`."""
        from mcla.records.check import verify_record
        from mcla.records.errors import SealInvalid

        answer = verify_record(pdf, self._trust(), self._clock.now())
        if not answer.verdict.verified or answer.found is None:
            reason = answer.verdict.reasons[0]
            raise SealInvalid(reason.code.removeprefix("record-"), reason.message)
        return answer.found

    def _note(self, record_id: str, **values: Any) -> None:
        with self._db.write() as session:
            session.execute(update(Record).where(Record.id == record_id, Record.state != "sealed").values(**values))


def _name(record_id: str) -> str:
    return f"records/{record_id}.pdf"


def _reason(error: Exception) -> str:
    code = error.code if isinstance(error, MclaError) else type(error).__name__
    return f"{code}: {error}"[:2000]
