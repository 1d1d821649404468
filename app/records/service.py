# SPDX-License-Identifier: Apache-2.0
"""Takes records from the log to their signers: has them made (`app.records.making`), keeps them, logs them and tells.

Every state is reached once and durably (`app.records.models`), and a run goes on from the one that it finds; after a
crash between storage and database it finds the sealed file and keeps it. Nothing here can touch the signature that
the record is about.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.contributions.queries import log_size
from app.contributions.standing import stand
from app.identity.ports import Actor
from app.platform.clock import is_id
from app.platform.jobs import add_job
from app.platform.storage import Storage, StorageConflict
from app.records.companies import new_name_in
from app.records.delivery import deliver
from app.records.errors import RecordNotReady, RecordReplaced, RecordUnknown, StoredFileUnfit, failure_of
from app.records.files import current_file, file_name, file_of, next_number, unfinished, unlogged
from app.records.glyphs import spelled
from app.records.kept import KeptFiles
from app.records.leftover import forget_unfit, left, whole
from app.records.load import record_of
from app.records.making import Made, RecordMaker
from app.records.models import Record, RecordFile
from app.records.outcomes import UPGRADE_JOB
from app.records.render import Renderer
from app.records.replacing import Reissue, replace_record
from app.records.values import READY, FileInfo, RecordAge, RecordState, state_of
from app.signing.ports import Ports
from app.signing.values import SigningInfo
from mcla.verify.standing import AsOf

if TYPE_CHECKING:
    from app.mail.outbox import Outbox
    from mcla.records.check import RecordVerdict

log = structlog.get_logger()
AGAIN = timedelta(minutes=10)
"""Until a file that could not be sealed as wanted is sealed again."""


# One that names an earlier one is the newer of two that were asked for at the same time.
_AGE = (Record.created_at, Record.replaces.is_not(None), Record.id)


class RecordService:
    """Makes records and hands them to their signers."""

    def __init__(self, ports: Ports, storage: Storage, outbox: "Outbox", maker: RecordMaker | None = None) -> None:
        self._ports, self._storage, self._outbox = ports, storage, outbox
        self._kept = KeptFiles(storage)
        self._db, self._clock = ports.db, ports.clock
        self.maker = maker or RecordMaker(ports)

    def with_renderer(self, renderer: Renderer) -> "RecordService":
        """The same service, whose pages are made by `renderer`: for a run of many records in one process."""
        return RecordService(self._ports, self._storage, self._outbox, self.maker.with_renderer(renderer))

    def issue_job(self, payload: dict[str, Any]) -> None:
        """The handler of `record.issue`: payload `{"signing_id"}`."""
        self.issue(payload["signing_id"])

    def issue(self, signing_id: str) -> bool:
        """Bring the records of a complete signing to their end; whether this run ended any, and no other beside it.

        Raises what failed, after noting it beside the state that was reached.
        """
        with self._db.read() as session:
            found = session.scalars(select(Record).where(Record.signing_id == signing_id).order_by(*_AGE))
            records = found.all()
        if not records:
            raise RecordUnknown(f"no record was asked for by signing {signing_id}")
        ended = [self._guarded(record) for record in records if record.state != "delivered"]
        return any(ended)

    def upgrade_job(self, payload: dict[str, Any]) -> None:
        """The handler of `record.upgrade`: payload `{"record_id"}`. Seals again what was not sealed as wanted.

        While that cannot be done better, it is put off: an outage may last longer than a job is tried.
        """
        with self._db.read() as session:
            record = session.get_one(Record, payload["record_id"])
            last = current_file(session, record.id)
        if last is None:
            return
        counts = record.sha256 == last.sha256  # unless a run ended before it had read the file back
        if not counts or last.level != self.maker.wanted:
            made, number = self._taken_up(record)
            if counts and made.level == last.level:
                with self._db.write() as session:
                    add_job(session, self._clock, UPGRADE_JOB, payload, AGAIN)
                return
            self._keep(record, made, number)
        self._finish(record)

    def pdf(self, actor: Actor, record_id: str) -> bytes:
        """The sealed PDF for its own signer, who has it then; raises `RecordUnknown` or `RecordNotReady`."""
        with self._db.read() as session:
            # Only a well-formed id is looked for: PostgreSQL has no text with a NUL in it.
            record = record_of(session, actor.contributor_id, record_id) if is_id(record_id) else None
        if record is None:
            raise RecordUnknown("There is no such record of yours.")
        pdf = self.stored(record)
        if record.state == "verified":
            self._reach(record.id, "delivered")
        return pdf

    def stored(self, record: Record) -> bytes:
        """The bytes of the file that counts.

        Raises `RecordNotReady`, `StoredFileUnfit` or `DictionaryUnusable`.
        """
        if record.sha256 is None and record.failure:
            raise RecordNotReady("Your record could not be made yet; the service goes on trying.")
        if record.sha256 is None:
            raise RecordNotReady("Your record is being made.")
        with self._db.read() as session:
            file = session.get_one(RecordFile, record.sha256)
        return whole(self._kept, record.id, file.number, file.sha256)

    def not_drawn(self, signing: SigningInfo) -> tuple[str, ...]:
        """The characters, as `U+5C71`, that the record of this signing would show by their numbers for want of a font.

        Asked before anybody signs; of what stands in no record there are none.
        """
        if signing.type == "company-change":
            return spelled(*new_name_in(signing.document))
        if signing.type not in ("acceptance", "contribution"):
            return ()
        signer = signing.signer
        return spelled(signer.name, signer.account, signing.title, signing.statement.decode())

    def reissue(
        self, record_id: str, reason: str, corrected_name: str | None = None, delay: timedelta = timedelta(0)
    ) -> str:
        """Let a new record take the place of this one, which stays valid; returns the new id. A job makes it then.

        Raises `RecordUnknown`, `RecordNotReady` or `RecordReplaced`.
        """
        try:
            with self._db.write() as session:
                return replace_record(session, self._clock, record_id, Reissue(reason, corrected_name, delay))
        except IntegrityError:
            raise RecordReplaced("This record was replaced by another at this moment.") from None

    def file(self, sha256: str) -> FileInfo:
        """What is known of a sealed file by its digest (64 hex), which only who has the file can name.

        Raises `RecordUnknown`.
        """
        with self._db.read() as session:
            found = file_of(session, sha256)
        if found is None:
            raise RecordUnknown("No record with this digest was issued here.")
        return found

    def superseded(self, sha256: str) -> bool:
        """Whether a newer record took the place of that with this file (64 hex); False for what was not issued here."""
        with self._db.read() as session:
            found = file_of(session, sha256)
        return found is not None and found.superseded is not None

    def verify(self, pdf: bytes) -> "RecordVerdict":
        """The verdict on a PDF from anywhere under this service's own trust, and whether what it records was ended.

        Nothing is stored or fetched.
        """
        found = self.maker.verdict(pdf)
        with self._db.read() as session:
            as_of = AsOf(log_size(session), self._clock.now())
            return replace(found, verdict=stand(session, [found.verdict], as_of)[0])

    def state_of(self, signing_id: str) -> RecordState | None:
        """How far the record of a signing is; None before the signing is complete."""
        return self.states_of([signing_id]).get(signing_id)

    def states_of(self, signing_ids: Collection[str]) -> dict[str, RecordState]:
        """How far the newest record of each is, by signing, in one statement; what is not complete is left out."""
        with self._db.read() as session:
            found = session.scalars(select(Record).where(Record.signing_id.in_(signing_ids)).order_by(*_AGE))
            return {record.signing_id: state_of(record) for record in found}

    def age(self) -> RecordAge:
        """How many records are in each state, and how long the oldest waits that is not finished."""
        with self._db.read() as session:
            return unfinished(session, self._clock.now(), timedelta(minutes=self._ports.settings.record_age))

    def _guarded(self, record: Record) -> bool:
        try:
            return self._advance(record)
        except Exception as error:
            try:
                self._fail(record, error)
            except DBAPIError as again:  # as on a full disk: what failed first is what has to be told
                log.error("record.failure_not_noted", record=record.id, failure=failure_of(again))
            raise

    def _fail(self, record: Record, error: Exception) -> None:
        with self._db.write() as session:
            session.execute(update(Record).where(Record.id == record.id).values(failure=failure_of(error)))

    def _advance(self, record: Record) -> bool:
        if record.state not in READY:
            self._keep(record, *self._taken_up(record))
        return self._finish(record)

    def _taken_up(self, record: Record) -> tuple[Made, int]:
        """The good file that a run left which ended too early, or a new one under the next number; and that number."""
        with self._db.read() as session:
            number, last = next_number(session, record.id), current_file(session, record.id)
        while True:
            known = last is not None and last.number == number
            try:
                made = left(self._kept, self.maker, record.id, number, expected=known)
            except StoredFileUnfit as error:
                log.error("record.file_unfit", record=record.id, failure=error.message)
                self._fail(record, error)
                number += 1
            else:
                return made or self._make(record), number

    def _make(self, record: Record) -> Made:
        data = self.maker.load(record.id)
        pdf = self.maker.render(data)
        self._reach(record.id, "rendered")
        return self.maker.seal(pdf, data)

    def _keep(self, record: Record, made: Made, number: int) -> None:
        """Store the file, say so, read it back, and only then let it be the one that counts."""
        made = self._store(record, made, number)
        with self._db.write() as session:
            _note(session, record.id, "sealed")  # first: whoever is at the same record waits here
            forget_unfit(session, record.id, number)
            if session.get(RecordFile, made.sha256) is None:
                session.add(_row(record.id, made, number, self._clock.now()))
            if made.level != self.maker.wanted:
                add_job(session, self._clock, UPGRADE_JOB, {"record_id": record.id}, AGAIN)
        whole(self._kept, record.id, number, made.sha256)
        with self._db.write() as session:
            _note(session, record.id, "verified", sha256=made.sha256, failure=None)

    def _store(self, record: Record, made: Made, number: int) -> Made:
        try:
            self._kept.create(file_name(record.id, number), made.pdf, made.data)
        except StorageConflict:
            # Another worker was first with the same content under another signature: its file is the record.
            made = left(self._kept, self.maker, record.id, number) or made
        return made

    def _finish(self, record: Record) -> bool:
        """Put the digests of its files into the log, once, and tell the signer, once.

        Whether this run was first to note one's entry: of several at the same record that is one.
        """
        with self._db.read() as session:
            files = unlogged(session, record.id)
        first = [self._log(file) for file in files]
        with self._db.write() as session:
            if deliver(session, self._outbox, record.id, self._ports.settings.origin):
                _note(session, record.id, "delivered")
        return any(first)

    def _log(self, file: RecordFile) -> bool:
        from app.records.entering import enter, sign_digest

        signed = file.signed or sign_digest(self._ports, file.sha256)
        with self._db.write() as session:
            once = update(RecordFile).where(RecordFile.sha256 == file.sha256)
            session.execute(once.where(RecordFile.signed.is_(None)).values(signed=signed))
            signed = session.get_one(RecordFile, file.sha256, populate_existing=True).signed or signed
        bundle = enter(self._ports, file.sha256, signed)
        index = int(bundle["verificationMaterial"]["tlogEntries"][0]["logIndex"])
        with self._db.write() as session:
            noted = once.where(RecordFile.bundle.is_(None)).values(bundle=bundle, log_index=index)
            return session.scalar(noted.returning(RecordFile.sha256)) is not None

    def _reach(self, record_id: str, state: str) -> None:
        with self._db.write() as session:
            _note(session, record_id, state)


_ORDER = ("waiting", "logged", "rendered", "sealed", "verified", "delivered")


def _note(session: Session, record_id: str, state: str, **values: Any) -> None:
    """Mark what was reached; a record never goes back."""
    before = _ORDER[: _ORDER.index(state)]
    session.execute(update(Record).where(Record.id == record_id, Record.state.in_(before)).values(state=state))
    if values:
        session.execute(update(Record).where(Record.id == record_id).values(**values))


def _row(record_id: str, made: Made, number: int, now: datetime) -> RecordFile:
    size, level = len(made.pdf), made.level
    return RecordFile(sha256=made.sha256, record_id=record_id, number=number, size=size, level=level, sealed_at=now)
