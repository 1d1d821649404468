# SPDX-License-Identifier: Apache-2.0
"""Translations of an agreement's text: each a text of its own with its own digest, linked to the version it is of.

A translation explains; nobody signs it, and the version's text prevails. So it stands outside of the version, can come
after it, and can be corrected: the newest of a language is shown, the ones before it stay as they were.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.errors import AgreementTranslationUnknown, TranslationFolderInvalid
from app.agreements.folder import CLAUSE, TITLE, read_document, text_fault
from app.agreements.models import AgreementTranslation
from app.agreements.render import Clause, split_clauses
from app.agreements.values import PublishedVersion
from app.identity.sql import insert_if_absent
from app.platform.clock import Clock, new_id
from app.platform.db import Database
from mcla.terms.strict import Pattern, Unreadable, read_toml
from mcla.terms.vocabulary import Language

TEXT, SAYS = "agreement.md", "translation.toml"
Digest = Annotated[str, Pattern(r"[0-9a-f]{64}", "64 lower-case hexadecimal digits")]


@dataclass(frozen=True)
class Said:
    """`translation.toml`: in which language it is, and the digest of the very text that it translates."""

    schema: Literal["mcla.translation/1"]
    language: Language
    of_text_sha256: Digest


@dataclass(frozen=True, slots=True)
class Translation:
    """One translation as it is read; `sha256` is the digest of `content`, bare hex."""

    language: str
    title: str
    sha256: str
    content: bytes
    added_at: datetime

    def clauses(self) -> tuple[str, tuple[Clause, ...]]:
        """What stands before clause 1, and the clauses, as safe HTML."""
        _, preamble, clauses = split_clauses(self.content.decode(), {})
        return preamble, clauses


class Translations:
    """The translations of this service's agreements."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def add(self, folder: Path, version: PublishedVersion) -> Translation:
        """Add the translation in `folder` (`…/translations/<language>/`); the same bytes again change nothing.

        Raises `TranslationFolderInvalid`.
        """
        said, content = read_translation(folder, version)
        row = AgreementTranslation(
            id=new_id("agt"),
            version_id=version.id,
            language=said.language,
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            added_at=self._clock.now(),
        )
        with self._db.write() as session:
            insert_if_absent(session, row)
        return self.one(version, said.language)

    def of(self, version: PublishedVersion) -> Sequence[Translation]:
        """The newest translation of a version in each language, by language."""
        with self._db.read() as session:
            newest = {row.language: row for row in _rows(session, version)}
            return [_told(newest[language]) for language in sorted(newest)]

    def one(self, version: PublishedVersion, language: str) -> Translation:
        """The newest translation in a language; raises `AgreementTranslationUnknown`."""
        every = self.of(version)
        for each in every:
            if each.language == language:
                return each
        raise AgreementTranslationUnknown(language, (each.language for each in every))


def read_translation(folder: Path, version: PublishedVersion) -> tuple[Said, bytes]:
    """Read and check a translation of `version`; raises `TranslationFolderInvalid`, or as a version's folder does."""
    if strange := sorted({path.name for path in folder.iterdir()} - {TEXT, SAYS}):
        raise TranslationFolderInvalid(
            f"The folder holds {strange[0][:80]!r}; a translation has only {TEXT} and {SAYS}."
        )
    content = read_document(folder, TEXT)
    try:
        said = read_toml(Said, read_document(folder, SAYS))
    except Unreadable as error:
        raise TranslationFolderInvalid(f"{SAYS} cannot be used: {error}.") from error
    name = Path(os.path.normpath(folder.absolute())).name
    faults = [f"{TEXT} {fault}" for fault in [text_fault(content)] if fault]
    if said.language != name or said.language == version.terms.agreement.language:
        faults.append(f"{SAYS} says language {said.language!r}, the folder is named {name[:40]!r}")
    if said.of_text_sha256 != version.text_sha256:
        faults.append(
            f"{SAYS} translates {said.of_text_sha256}, {version.slug} {version.version} has {version.text_sha256}"
        )
    if not faults:
        faults = _shape_faults(content.decode(), version.text)
    if faults:
        raise TranslationFolderInvalid("The translation cannot be added: " + "; ".join(faults) + ".")
    return said, content


def _shape_faults(text: str, original: str) -> list[str]:
    """A translation has a title, and the same clauses under the same numbers."""
    if not TITLE.match(text):
        return [f"{TEXT} does not start with a title (# …)"]
    got, expected = ([number for number, _ in CLAUSE.findall(each)] for each in (text, original))
    return [] if got == expected else [f"{TEXT} has the clauses {', '.join(got)}; the version has 1 to {expected[-1]}"]


def _rows(session: Session, version: PublishedVersion) -> Sequence[AgreementTranslation]:
    query = select(AgreementTranslation).where(AgreementTranslation.version_id == version.id)
    return session.scalars(query.order_by(AgreementTranslation.added_at, AgreementTranslation.id)).all()


def _told(row: AgreementTranslation) -> Translation:
    title = TITLE.match(row.content.decode())
    return Translation(row.language, title.group(1)[:200] if title else "", row.sha256, row.content, row.added_at)
