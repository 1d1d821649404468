# SPDX-License-Identifier: Apache-2.0
"""Records of nobody under a real version of an agreement: what records of that version have in common.

Every person, digest and file in them is made up here; of the service they know the published version alone.
"""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from app.platform.build import page_build
from app.records.data import RecordData
from app.records.parts import (
    Act,
    AgreementText,
    CircumstanceDetail,
    CompanyDetail,
    ContributionDetail,
    Declaration,
    Event,
    FileRow,
    LogFacts,
    PageDetail,
    SignerDetail,
    Work,
)
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.records.names import SHOWN_FILES, Step
from mcla.statements.parts import AcceptanceRef, EarlierRef, TensorsRef

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ORIGIN = "https://records.example"


class Kind(NamedTuple):
    """A version and a form of record: of a contribution under a schedule of it, or of an acceptance."""

    slug: str
    title: str
    version: str
    digest: str
    text_sha256: str
    documents: tuple[tuple[str, bytes], ...]
    is_contribution: bool
    schedule: str | None

    @classmethod
    def of(cls, data: RecordData) -> "Kind":
        text, given = data.agreement, data.contribution
        told = (text.slug, text.title, text.version, text.digest, text.text_sha256, tuple(text.documents.items()))
        return cls(*told, given is not None, given.schedule if given else None)

    @property
    def form(self) -> str:
        """What tells the forms of one version apart."""
        return f"contribution {self.schedule}" if self.is_contribution else "acceptance"


@lru_cache(maxsize=8)
def made_up(kind: Kind) -> bytes:
    """The unsealed PDFs of two records of this kind that nobody has, a short one and a long one.

    Every page says how many there are, and is drawn with other bytes where there is one more. They are filled: then
    their fonts are those of filled records, and what laid-out ones share with each other, with them too.
    """
    from app.records.filling import FillingRenderer

    filling = FillingRenderer()
    return b"".join(filling.render(data) for data in _short_and_long(kind))


def _short_and_long(kind: Kind) -> tuple[RecordData, RecordData]:
    alone = _data(kind)
    if kind.is_contribution:
        short, long = (_contribution(kind.schedule, files) for files in (1, SHOWN_FILES))
        return replace(alone, contribution=short), replace(alone, contribution=_with_all_labels(long))
    company = CompanyDetail("Company of Nobody", "Nowhere", "0", "Nobody", "none")
    return alone, replace(alone, signer=replace(alone.signer, capacity="company", company=company))


def _data(kind: Kind) -> RecordData:
    told = (kind.slug, kind.title, kind.version, kind.digest, kind.text_sha256, dict(kind.documents))
    text = AgreementText(*told, "en", _NOW)
    return RecordData(
        record_id="rec_" + "0" * 26,
        signature_id="sig_" + "0" * 26,
        origin=_ORIGIN,
        foundation_slug="nobody",
        foundation_name="Foundation of Nobody",
        agreement=text,
        signer=_signer(),
        act=_act(),
        log=LogFacts("records.example", 1, 2, _digest("root"), _digest("leaf"), (_digest("node"),)),
        bundle=b"{}",
        seal_fingerprint=_digest("seal"),
    )


def _signer() -> SignerDetail:
    return SignerDetail(
        uri=f"{_ORIGIN}/signers/sgn_{'0' * 26}",
        name="No Body",
        provider="nowhere",
        subject="0",
        login="nobody",
        email="nobody@records.example",
        capacity="individual",
        commitment=_digest("commitment"),
        salt="A" * 43 + "=",
        secret=bytes(32),
        issuer="https://login.example",
    )


def _act() -> Act:
    words = "I agree to this."
    page = PageDetail(_NOW, "en", page_build(), _digest("page"), words)
    seen = CircumstanceDetail(_NOW, "192.0.2.1", "Nothing/1.0", _digest("session"), "UTC+00:00", page)
    events = tuple(Event(step, _NOW) for step in Step)
    return Act("browser", _digest(words), words, "Sign and record", _NOW, _digest("statement"), seen, events)


def _contribution(schedule: str | None, files: int) -> ContributionDetail:
    manifest = Manifest.of([ManifestEntry(f"nothing-{number}", _digest(f"{number}"), 1) for number in range(files)])
    return ContributionDetail(
        id="ctr_" + "0" * 26,
        project_slug="nothing",
        project_name="Nothing",
        kind="weights",
        schedule=schedule,
        manifest=manifest.to_bytes(),
        manifest_root=manifest.root,
        files=FileRow.all_of(manifest),
        declarations=(),
        acceptance=AcceptanceRef(_digest("acceptance"), 0),
        tensors=None,
        earlier=(),
    )


def _with_all_labels(given: ContributionDetail) -> ContributionDetail:
    """With what not every contribution tells: the letters of its labels are in fonts of records that have them."""
    work = Work("nothing", "none", ("How: not at all",), _digest("work"))
    declared = Declaration("bases", "Which bases, under which licences?", [], "", (work,))
    tensors, earlier = TensorsRef(_digest("tensors"), 1, 1), (EarlierRef(_digest("earlier"), 0),)
    return replace(given, declarations=(declared,), tensors=tensors, earlier=earlier)


def _digest(text: str) -> str:
    return hashlib.sha256(f"made up: {text}".encode()).hexdigest()
