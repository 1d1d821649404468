# SPDX-License-Identifier: Apache-2.0
"""Each signed change by itself: what its signer is asked, its public bundle, and its document for who may read it."""

from collections.abc import Mapping
from typing import Any

from app.companies.desk import Desk
from app.companies.document import Document, parse_document
from app.companies.errors import CompanyUnknown
from app.companies.ledgers import ledger_of
from app.companies.models import Company, CompanyEvent
from app.companies.roster import fold
from app.companies.telling import info_of
from app.companies.values import CompanyInfo
from app.companies.words import named_in, told
from app.platform.clock import is_id
from app.signing.ports import Actor
from app.signing.values import SigningInfo


class History:
    """The use cases of single changes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of_signing(self, signing: SigningInfo) -> tuple[Document, CompanyInfo, str]:
        """The document of a change that its signer is asked to sign, the company, and the change in a line."""
        document = parse_document(signing.document or b"")
        with self._desk.ports.db.read() as session:
            names = named_in(each.change for each in ledger_of(session, document.company).events)
            info = info_of(session, session.get_one(Company, document.company))
            return document, info, told(document.change, names)

    def bundle(self, change_id: str) -> Mapping[str, Any]:
        """The public bundle of a recorded change: it names nobody. Raises `CompanyUnknown`."""
        with self._desk.ports.db.read() as session:
            row = session.get(CompanyEvent, change_id) if is_id(change_id) else None
        if row is None or row.bundle is None:
            raise CompanyUnknown("There is no recorded change of that id.", hint="Check the id; it begins with chg_.")
        return row.bundle

    def document(self, actor: Actor, change_id: str) -> bytes:
        """The document of a change, for the company's managers and who signed it. Raises `CompanyUnknown`."""
        now = self._desk.now()
        with self._desk.ports.db.read() as session:
            row = session.get(CompanyEvent, change_id) if is_id(change_id) else None
            roster = fold(ledger_of(session, row.company_id if row else ""), now)
            own = row is not None and row.contributor_id == actor.contributor_id
            if row is None or not (own or roster.manages(actor.contributor_id)):
                raise CompanyUnknown("There is no change of that id that you may read.")
            return row.document
