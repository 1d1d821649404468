# SPDX-License-Identifier: Apache-2.0
"""JSON shapes of agreements over the API. Digests are bare lower-case hex SHA-256, times RFC 3339 UTC."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.agreements.render import RenderedAgreement
from app.agreements.service import PublishedVersion
from app.agreements.translations import Translation
from mcla.artifacts.digest import format_digest
from mcla.terms import Schedule
from mcla.terms.rows import Column
from mcla.terms.schedule import Field as Question
from mcla.terms.schedule import FieldType


class FoundationOut(BaseModel):
    """The foundation that publishes the agreement."""

    slug: str
    name: str
    contact: str


_SIGNED_BY = {"MCLA-I": "person", "MCLA-C": "company", "MCLA-G": "grantor"}


class AgreementOut(BaseModel):
    """One version of an agreement, in short."""

    slug: str = Field(examples=["mcla-individual"])
    version: str = Field(examples=["1.0.0"])
    title: str
    state: Literal["published", "withdrawn"]
    foundation: FoundationOut
    kinds: list[str] = Field(examples=[["code", "weights"]])
    signed_by: Literal["person", "company", "grantor"] = Field(
        description="A person for self, somebody for a company, or the owner of one set of files."
    )
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", description="Of all documents of the version.")
    text_sha256: str
    published_at: datetime
    withdrawn_at: datetime | None
    url: str = Field(examples=["/api/v1/agreements/mcla-individual/1.0.0"])


class AgreementsOut(BaseModel):
    """Every agreement of the service by its newest version."""

    agreements: list[AgreementOut]


class DocumentOut(BaseModel):
    """One document of a version; `url` serves its exact bytes."""

    path: str = Field(examples=["schedules/W.md"])
    sha256: str
    size: int
    url: str


class OptionOut(BaseModel):
    """One answer of a question of type `choice`."""

    value: str
    label: str


class WhenOut(BaseModel):
    """The question is asked only if the earlier question `key` was answered with one of `values`."""

    key: str = Field(examples=["relation"])
    values: list[str] = Field(examples=[["fine-tune"]])


class ColumnOut(BaseModel):
    """One part of an entry. All parts are strings; a date lies in the past, a digest is 64 hex digits."""

    key: str = Field(examples=["licence_sha256"])
    label: str
    type: Literal["text", "url", "choice", "date", "digest"]
    required: bool
    options: list[OptionOut]
    max_length: int


class QuestionOut(BaseModel):
    """One question of a schedule.

    Answers: text, choice, date (`2026-01-31`), digest (64 hex digits): string; list, choices: strings; yesno: boolean;
    confirm: true; number: `{"value": "1.5e21", "unit": "FLOP"}`; sources, bases, generators, checks: objects with the
    `columns`, of which one in `either` must be there.
    """

    key: str
    label: str
    help: str
    type: FieldType
    standard: Literal["flat", "checked", "knowledge"]
    promise: str | None
    required: bool
    options: list[OptionOut]
    max_length: int
    kinds: list[str]
    when: WhenOut | None
    units: list[str]
    least: int
    most: int | None
    dates: Literal["past", "future"] | None
    within_days: int | None
    columns: list[ColumnOut]
    either: list[str]


class ScheduleOut(BaseModel):
    """The questions of one schedule."""

    letter: Literal["D", "W", "S"]
    title: str
    kinds: list[str]
    fields: list[QuestionOut]


class DeedLineOut(BaseModel):
    """One line of the deed, produced from the terms."""

    key: Literal["give", "keep", "promise", "leave"]
    label: str
    text: str


class TranslationOut(BaseModel):
    """A translation of the text, for information: nobody signs it, and the version's own text prevails."""

    language: str = Field(examples=["de"])
    title: str
    sha256: str = Field(description="Of the bytes at `url`.")
    url: str = Field(examples=["/agreements/mcla-individual/1.0.0/translations/de/text"])


class AgreementVersionOut(AgreementOut):
    """One version in full: text, terms, questions, and every document by digest."""

    language: str
    """Of the text, which prevails over every translation."""
    translations: list[TranslationOut]
    text: str
    """The agreement's text, Markdown; its SHA-256 is `text_sha256`."""
    reading_minutes: int
    deed: list[DeedLineOut]
    terms: dict[str, Any]
    schedules: list[ScheduleOut]
    documents: list[DocumentOut]


def agreement_out(version: PublishedVersion) -> dict[str, Any]:
    """The short shape of a version."""
    foundation = version.foundation
    return {
        "slug": version.slug,
        "version": version.version,
        "title": version.title,
        "state": version.state,
        "foundation": {"slug": foundation.slug, "name": foundation.name, "contact": foundation.contact},
        "kinds": list(version.kinds),
        "digest": format_digest(version.digest),
        "signed_by": _SIGNED_BY[version.terms.agreement.id],
        "text_sha256": version.text_sha256,
        "published_at": _time(version.published_at),
        "withdrawn_at": _time(version.withdrawn_at),
        "url": _url(version),
    }


def version_out(
    version: PublishedVersion, rendered: RenderedAgreement, translations: Sequence[Translation]
) -> dict[str, Any]:
    """The full shape of a version."""
    return agreement_out(version) | {
        "language": version.terms.agreement.language,
        "translations": [_translation(version, each) for each in translations],
        "text": version.text,
        "reading_minutes": rendered.reading_minutes,
        "deed": [{"key": line.key, "label": line.label, "text": line.text} for line in rendered.deed],
        "terms": version.terms.to_dict(),
        "schedules": [schedule_out(schedule) for schedule in version.schedules.values()],
        "documents": [
            {"path": path, "sha256": version.sha256_of(path), "size": len(content), "url": f"{_url(version)}/{path}"}
            for path, content in version.documents.items()
        ],
    }


def _translation(version: PublishedVersion, each: Translation) -> dict[str, str]:
    url = f"/agreements/{version.slug}/{version.version}/translations/{each.language}/text"
    return {"language": each.language, "title": each.title, "sha256": each.sha256, "url": url}


def schedule_out(schedule: Schedule) -> dict[str, Any]:
    """The shape of a schedule."""
    return {
        "letter": schedule.letter,
        "title": schedule.title,
        "kinds": list(schedule.kinds),
        "fields": [_question(field, schedule) for field in schedule.fields],
    }


def _question(field: Question, schedule: Schedule) -> dict[str, Any]:
    return {
        "key": field.key,
        "label": field.label,
        "help": field.help,
        "type": field.type,
        "standard": field.standard,
        "promise": field.promise,
        "required": field.required,
        "options": _options(field),
        "max_length": field.max_length,
        "kinds": list(field.kinds or schedule.kinds),
        "when": {"key": field.when.key, "values": list(field.when.values)} if field.when else None,
        "units": list(field.units),
        "least": field.least,
        "most": field.most,
        "dates": field.dates,
        "within_days": field.within_days,
        "columns": [_column(column) for column in field.shape.columns] if field.shape else [],
        "either": list(field.shape.either) if field.shape else [],
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "label": column.label,
        "type": column.type,
        "required": column.required,
        "options": _options(column),
        "max_length": column.max_length,
    }


def _options(asked: Question | Column) -> list[dict[str, str]]:
    return [{"value": option.value, "label": option.label} for option in asked.options]


def _url(version: PublishedVersion) -> str:
    return f"/api/v1/agreements/{version.slug}/{version.version}"


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
