# SPDX-License-Identifier: Apache-2.0
"""Redacted copies: made when they are asked for, sealed like records, and kept nowhere.

A copy says itself that it is one, what it withholds, and of which sealed record it is. What signers show of themselves
in theirs is theirs to choose, field by field; what a foundation sees in its own is the same for everybody (ADR 44).
"""

import hashlib
from collections.abc import Collection

from app.identity.ports import Actor
from app.records.models import Record
from app.records.redaction import redacted
from app.records.render import Renderer
from app.records.service import RecordService

FOUNDATION_SEES = ("name", "login", "subject", "email", "title")
"""Who signed, and with which title for a company; not from where, and not the secret that opens the commitment."""


class RecordCopies:
    """Makes redacted copies of sealed records for their signers, and for foundations."""

    def __init__(self, records: RecordService) -> None:
        self._records = records

    def with_renderer(self, renderer: Renderer) -> "RecordCopies":
        """The same copies, whose pages are made by `renderer`: for a run of many in one process."""
        return RecordCopies(self._records.with_renderer(renderer))

    def redacted(self, actor: Actor, record_id: str, show: Collection[str] = ()) -> bytes:
        """The sealed copy of an own record that tells no personal fields but `show` (`mcla.records.fields.NAMES`).

        Raises `RecordUnknown` and `RecordNotReady` as for the record, and `FieldsInvalid`.
        """
        return self._copy(record_id, self._records.pdf(actor, record_id), show)

    def for_foundation(self, record: Record) -> bytes:
        """The copy that the foundation of a record gets; raises as `redacted`, and what cannot be certified."""
        return self._copy(record.id, self._records.stored(record), FOUNDATION_SEES)

    def _copy(self, record_id: str, sealed: bytes, show: Collection[str]) -> bytes:
        original = hashlib.sha256(sealed).hexdigest()
        maker = self._records.maker
        return maker.copied(redacted(maker.load(record_id), show, original))
