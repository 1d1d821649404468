# SPDX-License-Identifier: Apache-2.0
"""What the signing service answers, as plain values: nothing here holds a database row."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.agreements.render import Consent
from mcla.statements.canonical import canonical_json

SigningType = Literal["acceptance", "contribution", "withdrawal", "company-change"]
State = Literal["drafted", "certified", "signed", "complete", "void"]


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """The company that somebody signs for, as it was typed: title and power are those of who signs."""

    name: str
    jurisdiction: str
    registration: str
    title: str
    power: str

    def document(self) -> bytes:
        """The title as it is kept with the signing; the statement holds a commitment to it."""
        return canonical_json({"title": self.title})


@dataclass(frozen=True, slots=True)
class Office:
    """In which office somebody who is listed signs for a company: the title there, and whence the power to sign."""

    title: str
    power: str


def title_in(document: bytes) -> str:
    """The title that `CompanyFacts.document` kept."""
    return str(json.loads(document)["title"])


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page showed that somebody signed on: its words, when, in which language, and which build made it."""

    at: datetime
    language: str
    """A BCP 47 tag."""
    build: str
    text: str

    @property
    def sha256(self) -> str:
        """Of the text in UTF-8, 64 hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a request to sign tells beside the signature: the page that it came from, and the browser's time zone.

    `zone_offset` counts minutes east of UTC and is the browser's word: no time rests on it.
    """

    page: Shown | None = None
    zone_offset: int | None = None


NOTHING_SEEN = Seen()


@dataclass(frozen=True, slots=True)
class Ended:
    """How something was ended; `log_index` is None while the log is still being asked."""

    withdrawal_id: str
    signed_at: datetime
    reason: str
    stage: str | None
    log_index: int | None


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """Who signs, as shown to the signer alone: `uri` is public, `name` and `account` are not."""

    uri: str
    name: str
    account: str


@dataclass(frozen=True, slots=True)
class Completed:
    """What is recorded; `url` of a withdrawal is the page of what it ended, of a company's change the company's."""

    type: SigningType
    id: str
    url: str
    bundle_url: str
    record_url: str | None
    log_index: int
    bundle: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SigningInfo:
    """One signing: what exactly is signed, how far it is, and what came of it."""

    id: str
    type: SigningType
    state: State
    key_holder: str
    statement: bytes
    statement_sha256: str
    consent: Consent
    signer: SignerInfo
    created_at: datetime
    expires_at: datetime
    review_url: str
    result: Completed | None
    ends: str | None
    """The id of what a withdrawal ends."""
    document: bytes | None = None
    """What the statement commits to and does not say: a company's change, or a signatory's title."""

    @property
    def title(self) -> str:
        """The title in which somebody signs for a company, empty for every other statement."""
        return title_in(self.document) if self.type in ("acceptance", "contribution") and self.document else ""


@dataclass(frozen=True, slots=True)
class Certified:
    """The one certificate of a signing: DER of leaf and intermediate."""

    certificates: tuple[bytes, bytes]
    not_after: datetime


@dataclass(frozen=True, slots=True)
class SignatureInfo:
    """One accepted agreement version, as its signer sees it; `ended` None while it is in force."""

    id: str
    slug: str
    title: str
    version: str
    digest: str
    key_holder: str
    log_index: int
    signed_at: datetime
    signing_id: str
    ended: Ended | None
    capacity: str = "individual"
