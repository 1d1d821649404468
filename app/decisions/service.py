# SPDX-License-Identifier: Apache-2.0
"""DecisionService: decides about a use or about licences, signs it, and keeps the bytes under their digest.

A day that the facts name is not asked about: a gateway opens now, and a decision about another day would open it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from app.decisions.errors import DecisionUnknown
from app.decisions.models import Decision
from app.licences.asked import read_asked
from app.licences.service import Asked, LicenceService
from app.platform.db import Database
from app.signing.ports import Ports
from app.signing.sealing import seal
from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import parse_time
from mcla.tiers import licence_decision
from mcla.tiers.bases import grounds_of
from mcla.tiers.decision import PURPOSE, decision_statement, document_of, subjects_of
from mcla.tiers.facts import read_use

_DIGEST = re.compile(r"[0-9a-f]{64}")
KEPT = timedelta(days=7)
"""How long after its end a decision can still be fetched."""


class DecisionService:
    """The decisions of one service."""

    def __init__(self, db: Database, ports: Ports, licences: LicenceService) -> None:
        self._db, self._ports, self._licences = db, ports, licences

    def decide(self, use: Mapping[str, Any], asked: Asked, files: Manifest) -> str:
        """Decide, sign and keep; returns the SHA-256 (hex) under which `document` finds it.

        What the bases bar that givers of the files declare, the decision denies, whatever the licence would permit.
        Raises what `LicenceService.bases`, its `evaluate` and `read_use` raise, or `ClockUnsteady`.
        """
        read, bases = replace(read_use(use), date=None), self._licences.bases(asked, files)
        outcome = self._licences.evaluate(read, asked, grounds_of(bases)).to_dict()
        document: dict[str, Any] = {}

        def statement(origin: str, now: datetime) -> bytes:
            document.update(document_of(outcome, use, now, bases, terms_claimed=asked.terms is not None))
            return decision_statement(document, subjects_of(files), origin, now)

        return self._keep(document, seal(self._ports, PURPOSE, statement))

    def decide_licences(self, question: Mapping[str, Any], files: Manifest | None) -> str:
        """The same for a question about licences, with the files that it is about, if they are known.

        Raises `QuestionInvalid`, `ProjectUnknown` or `ClockUnsteady`.
        """
        answer, document = self._licences.check(read_asked(question)), dict[str, Any]()

        def statement(origin: str, now: datetime) -> bytes:
            document.update(licence_decision.document_of(answer, question, now, files=files is not None))
            subjects = subjects_of(files) if files else []
            return licence_decision.licence_statement(document, subjects, origin, now)

        return self._keep(document, seal(self._ports, licence_decision.PURPOSE, statement))

    def _keep(self, document: Mapping[str, Any], envelope: Mapping[str, Any]) -> str:
        """Store a signed document; returns the SHA-256 of its bytes."""
        data = canonical_json({**document, "envelope": envelope})
        digest, expires = sha256_hex(data), parse_time(document["expires"])
        with self._db.write() as session:
            session.execute(delete(Decision).where(Decision.expires_at < self._ports.clock.now() - KEPT))
            session.add(Decision(sha256=digest, document=data, expires_at=expires))
        return digest

    def document(self, sha256: str) -> bytes:
        """A decision with its envelope; raises `DecisionUnknown`."""
        with self._db.read() as session:
            row = session.get(Decision, sha256) if _DIGEST.fullmatch(sha256) else None
            if row is None:
                raise DecisionUnknown(f"there is no decision with the digest {sha256[:64]!a}")
            return row.document
