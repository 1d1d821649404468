# SPDX-License-Identifier: Apache-2.0
"""CertificationService: keeps what issuers vouch for, and says of each whether it holds now.

Only what holds is attached. It may cease to: its time ends, or its issuer's key is no longer pinned. Then it stays
attached and is shown as what does not hold, until somebody takes it off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from app.licences.errors import CertificationAttached, CertificationUnfit, CertificationUnknown
from app.licences.models import AttachedCertification
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.settings import CertifierSettings
from mcla.exports.certification import SENTENCES, Certification, Issuer, Standing, read_certification, standing_of
from mcla.feed.keys import FeedKey
from mcla.wording import Worded

MOST = 20
"""Certifications that are shown of one licence or artifact, those attached last first."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A certification, how it stands now, and since when it is attached."""

    certification: Certification
    standing: Standing
    attached_at: datetime

    @property
    def sentence(self) -> str:
        return SENTENCES[self.standing]


class CertificationService:
    """The certifications of one service, judged by the keys that its settings pin."""

    def __init__(self, db: Database, clock: Clock, certifiers: Sequence[CertifierSettings]) -> None:
        self._db, self._clock = db, clock
        self._believed = tuple(Issuer(each.name, FeedKey.from_base64(each.key)) for each in certifiers)

    def attach(self, document: bytes) -> Certification:
        """Attach one that holds.

        Raises `CertificationInvalid`, `CertificationUnfit`, `CertificationAttached`, or `JsonInvalid`.
        """
        read, now = read_certification(document), self._clock.now()
        standing = standing_of(read, self._believed, now)
        if standing != "holds":
            raise CertificationUnfit(
                Worded("The certification does not hold: %(reason)s", reason=SENTENCES[standing]),
            )
        about = read.about
        row = AttachedCertification(sha256=read.digest, licence=about.licence, artifact=about.artifact_sha256)
        row.document, row.attached_at = document, now
        try:
            with self._db.write() as session:
                session.add(row)
        except IntegrityError as error:
            raise CertificationAttached(
                Worded("The certification %(digest)s is attached already.", digest=f"sha256:{read.digest}")
            ) from error
        return read

    def detach(self, sha256: str) -> None:
        """Take one off; raises `CertificationUnknown`."""
        with self._db.write() as session:
            row = session.get(AttachedCertification, sha256)
            if row is None:
                raise CertificationUnknown(Worded("No certification %(digest)s is attached.", digest=repr(sha256[:80])))
            session.delete(row)

    def of_licence(self, licence: str) -> tuple[Attached, ...]:
        return self._found(AttachedCertification.licence == licence)

    def of_artifact(self, sha256: str) -> tuple[Attached, ...]:
        return self._found(AttachedCertification.artifact == sha256)

    def every(self) -> tuple[Attached, ...]:
        return self._found(None, most=None)

    def _found(self, condition: ColumnElement[bool] | None, most: int | None = MOST) -> tuple[Attached, ...]:
        query = select(AttachedCertification).order_by(AttachedCertification.attached_at.desc()).limit(most)
        with self._db.read() as session:
            rows = session.scalars(query if condition is None else query.where(condition)).all()
        now, read = self._clock.now(), [(read_certification(row.document), row.attached_at) for row in rows]
        return tuple(Attached(each, standing_of(each, self._believed, now), since) for each, since in read)
