# SPDX-License-Identifier: Apache-2.0
"""Redacted copies: made when they are asked for, sealed like records, and kept nowhere.

A copy says itself that it is one, what it withholds, and of which sealed record it is. Only the signer gets one;
what they show of themselves is theirs to choose, field by field.
"""

import hashlib
from collections.abc import Collection

from sqlalchemy import select

from app.identity.ports import Actor
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.keys import KeysNow
from app.platform.settings import Settings
from app.records.data import fingerprint
from app.records.load import load
from app.records.models import Record
from app.records.redaction import redacted
from app.records.render import render
from app.records.service import RecordService
from app.signing.trust import trusted_root


class RecordCopies:
    """Makes redacted copies of sealed records for their signers."""

    def __init__(
        self, records: RecordService, db: Database, clock: Clock, settings: Settings, keys_now: KeysNow
    ) -> None:
        self._records, self._db, self._clock, self._settings, self._keys_now = records, db, clock, settings, keys_now

    def redacted(self, actor: Actor, record_id: str, show: Collection[str] = ()) -> bytes:
        """The sealed copy of an own record that tells no personal fields but `show` (`mcla.records.fields.NAMES`).

        Raises `RecordUnknown` and `RecordNotReady` as for the record, and `FieldsInvalid`.
        """
        from app.records.seal import seal

        original = hashlib.sha256(self._records.pdf(actor, record_id)).hexdigest()
        document, now = self._keys_now().document, self._clock.now()
        with self._db.read() as session:
            signing = session.scalars(select(Record.signing_id).where(Record.id == record_id)).one()
            trust = trusted_root(self._keys_now(), self._settings)
            data = load(session, signing, trust, fingerprint(document.certificate))
        copy = seal(render(redacted(data, show, original)), document, now, foundation=data.foundation_name)
        self._records.verified(copy)
        return copy
