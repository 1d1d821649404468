# SPDX-License-Identifier: Apache-2.0
"""Makes the sealed file of one record and finds it good: loads, renders, seals as well as can be now, reads it back.

Nothing is stored or noted here; what is made lasts once `app.records.service` keeps it. pyHanko takes most of a second
to load: the modules that need it come with the first record, like WeasyPrint, and not with the service.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from app.records.data import RecordData, attached_files, fingerprint
from app.records.errors import RecordContentInvalid, failure_of
from app.records.load import load
from app.records.render import FullRenderer, Renderer
from app.signing.ports import Ports

if TYPE_CHECKING:
    from mcla.records.check import RecordVerdict, SealedRecord

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Made:
    """A sealed file that passed the rule."""

    pdf: bytes
    found: "SealedRecord"
    data: RecordData

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.pdf).hexdigest()

    @property
    def level(self) -> str:
        return self.found.seal.level


class RecordMaker:
    """Makes records with the keys of the moment, and pages with its renderer."""

    def __init__(self, ports: Ports, renderer: Renderer | None = None) -> None:
        self._ports, self._renderer = ports, renderer or FullRenderer()

    @property
    def wanted(self) -> str:
        """The level that a seal should have (`app.records.sealer`)."""
        from app.records.sealer import Sealer

        return Sealer(self._ports).wanted

    def with_renderer(self, renderer: Renderer) -> "RecordMaker":
        return RecordMaker(self._ports, renderer)

    def load(self, record_id: str, seal_fingerprint: str | None = None) -> RecordData:
        """What a record says that is sealed by this certificate (SHA-256, 64 hex), that of the moment if not given.

        Raises `RecordContentInvalid` naming what disagrees.
        """
        seal_fingerprint = seal_fingerprint or fingerprint(self._ports.keys.document.certificate)
        with self._ports.db.read() as session:
            return load(session, record_id, self._ports.trust, seal_fingerprint)

    def render(self, data: RecordData) -> bytes:
        """The unsealed PDF; raises `GlyphMissing`."""
        return self._renderer.render(data)

    def seal(self, pdf: bytes, data: RecordData) -> Made:
        """The pages of a record sealed and found good; raises `SealFailed`, and as `checked`."""
        return self.checked(data.record_id, self._sealed(pdf, data))

    def copied(self, data: RecordData) -> bytes:
        """The sealed copy that this data is of, found good; raises as `render` and `seal`."""
        copy = self._sealed(self.render(data), data)
        self._verified(copy)
        return copy

    def checked(self, record_id: str, pdf: bytes) -> Made:
        """Read the sealed bytes back as a stranger would, and compare what they carry with what was put in.

        Raises `SealInvalid` or `RecordContentInvalid`.
        """
        found = self._verified(pdf)
        data = self.load(record_id, found.certificate_sha256)
        if found.attachments != {file.name: file.content for file in attached_files(data)}:
            raise RecordContentInvalid("the sealed file carries other attachments than were put in")
        return Made(pdf, found, data)

    def verdict(self, pdf: bytes) -> "RecordVerdict":
        """What the rule that everybody applies says of a PDF from anywhere, under the service's own trust."""
        from mcla.records.check import verify_record

        return verify_record(pdf, self._ports.trust, self._ports.clock.now())

    def self_test(self) -> None:
        """Seal and verify a probe with the service's key; raises what is wrong."""
        from app.records.sealer import Sealer
        from app.records.selftest import self_test

        self_test(self._ports.keys, self._ports.trust, self._ports.clock.now())
        Sealer(self._ports).check_life(self._ports.clock.now())

    def probe_at_start(self) -> None:
        """The same as a process begins that makes records, unless the settings leave it out; it takes two seconds.

        What is wrong is told and stops nothing, as signatures need no seal.
        """
        if not self._ports.settings.self_test:
            return
        try:
            self.self_test()
        except Exception as error:
            log.exception("record.self_test_failed", failure=failure_of(error), fix="mcla-server doctor")

    def _sealed(self, pdf: bytes, data: RecordData) -> bytes:
        from app.records.sealer import Sealer

        return Sealer(self._ports).seal(pdf, self._ports.clock.now(), foundation=data.foundation_name)

    def _verified(self, pdf: bytes) -> "SealedRecord":
        """The record in `pdf`; raises `SealInvalid`."""
        from mcla.records.errors import SealInvalid

        answer = self.verdict(pdf)
        if not answer.verdict.verified or answer.found is None:
            reason = answer.verdict.reasons[0]
            raise SealInvalid(reason.code.removeprefix("record-"), reason.message)
        return answer.found
