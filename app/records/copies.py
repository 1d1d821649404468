# SPDX-License-Identifier: Apache-2.0
"""Redacted copies: made when they are asked for, sealed like records, and kept nowhere.

A copy says itself that it is one, what it withholds, and of which sealed record it is. Only the signer gets one;
what they show of themselves is theirs to choose, field by field.
"""

import hashlib
from collections.abc import Collection

from app.identity.ports import Actor
from app.platform.db import Database
from app.platform.keys import KeysNow
from app.platform.settings import Settings
from app.records.data import fingerprint
from app.records.load import load
from app.records.redaction import redacted
from app.records.render import render
from app.records.service import RecordService
from app.signing.trust import trusted_root


class RecordCopies:
    """Makes redacted copies of sealed records for their signers."""

    def __init__(self, records: RecordService, db: Database, settings: Settings, keys_now: KeysNow) -> None:
        self._records, self._db, self._settings, self._keys_now = records, db, settings, keys_now

    def redacted(self, actor: Actor, record_id: str, show: Collection[str] = ()) -> bytes:
        """The sealed copy of an own record that tells no personal fields but `show` (`mcla.records.fields.NAMES`).

        Raises `RecordUnknown` and `RecordNotReady` as for the record, and `FieldsInvalid`.
        """
        original = hashlib.sha256(self._records.pdf(actor, record_id)).hexdigest()
        document = self._keys_now().document
        with self._db.read() as session:
            trust = trusted_root(self._keys_now(), self._settings)
            data = load(session, record_id, trust, fingerprint(document.certificate))
        copy = self._records.seal(render(redacted(data, show, original)), data.foundation_name)
        self._records.verified(copy)
        return copy
