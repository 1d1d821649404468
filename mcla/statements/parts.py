# SPDX-License-Identifier: Apache-2.0
"""The named parts of a statement, each checked when it is made: a value of these types is well formed.

Nothing here names a person: bundles are public, so a statement carries an opaque signer URI and a salted commitment.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from mcla.artifacts.digest import DigestInvalid, check_sha256
from mcla.artifacts.manifest import MAX_FILES, Manifest
from mcla.artifacts.paths import MANIFEST_NAME, PathInvalid, check_path
from mcla.errors import MclaError
from mcla.statements.canonical import MAX_INT

KeyHolder = Literal["browser", "cli", "service", "passkey"]
Kind = Literal["code", "data", "synthetic", "eval", "weights", "adapter", "tokenizer", "recipe", "safety"]
Endable = Literal["acceptance", "contribution"]
EndReason = Literal["none-given", "consent-withdrawn", "court-order", "rights-claim", "unlawful-content", "child-data"]
OfferWord = Literal["counter-signed", "declined"]
DeclineReason = Literal["none-given", "not-needed", "licence-unfit", "rights-unclear", "quality", "unsafe"]
Stage = Literal["S0", "S1", "S2", "S3", "S4"]
KEY_HOLDERS: tuple[str, ...] = get_args(KeyHolder)
KINDS: tuple[str, ...] = get_args(Kind)
SCHEDULES = ("D", "W", "S")
TENSOR_KINDS = ("weights", "adapter")
"""The kinds whose statement may name tensors."""
ENDABLE: tuple[str, ...] = get_args(Endable)
END_REASONS: tuple[str, ...] = get_args(EndReason)
"""Why something is ended, as a code alone: a public statement holds no free text about anybody."""
OFFER_WORDS: tuple[str, ...] = get_args(OfferWord)
DECLINE_REASONS: tuple[str, ...] = get_args(DeclineReason)
"""Why a foundation declines an offer, as a code alone too."""
STAGES: tuple[str, ...] = get_args(Stage)
"""How far a contribution had come: submitted, merged, in a data release, in trained weights, in released weights."""

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})(-[0-9a-z.-]{1,32})?", re.ASCII)
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)(:[1-9][0-9]{0,4})?", re.ASCII)
_SIGNER = re.compile(r"/signers/[A-Za-z0-9_-]{1,64}", re.ASCII)


class StatementInvalid(MclaError):
    """A statement is not one of ours: a part is missing, unknown or malformed."""

    code = "statement-invalid"
    hint = "Use the statement exactly as the service gave it; if it came from elsewhere, ask who made it."


def require(condition: object, expected: str, got: object) -> None:
    """Raise `StatementInvalid` "expected ..., got ..." unless `condition` holds."""
    if not condition:
        text = repr(got)
        raise StatementInvalid(f"expected {expected}, got {text if len(text) <= 100 else text[:100] + '...'}")


def check_slug(value: object, what: str) -> str:
    require(
        isinstance(value, str) and _SLUG.fullmatch(value), f"{what} in lower-case letters, digits and hyphens", value
    )
    return str(value)


def check_origin(value: object) -> str:
    require(isinstance(value, str) and _ORIGIN.fullmatch(value), "the origin of a service (https://host)", value)
    return str(value)


def check_signer(value: object, service: str) -> str:
    ours = isinstance(value, str) and value.startswith(service) and _SIGNER.fullmatch(value[len(service) :])
    require(ours, f"a signer of this service ({service}/signers/...)", value)
    return str(value)


def check_hex(value: object, what: str) -> str:
    try:
        return check_sha256(value)
    except DigestInvalid as error:
        raise StatementInvalid(f"{what}: {error.message}") from error


def check_count(value: object, what: str, least: int = 0, most: int = MAX_INT) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    require(good, f"{what} as a whole number of {least} to {most}", value)
    return int(value)  # type: ignore[call-overload, no-any-return]


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_time(value: object) -> datetime:
    """Read `YYYY-MM-DDTHH:MM:SSZ` and nothing else; raises `StatementInvalid`."""
    try:
        moment = datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    require(moment is not None and format_time(moment) == value, "a time like 2030-01-31T12:00:00Z", value)
    assert moment is not None  # noqa: S101 - for the type checker; `require` raised otherwise
    return moment


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing the statement speaks of: `name` (a path, or mcla:manifest) and its SHA-256."""

    name: str
    sha256: str

    def __post_init__(self) -> None:
        check_hex(self.sha256, "subject")
        if self.name != MANIFEST_NAME:
            try:
                check_path(self.name)
            except PathInvalid as error:
                raise StatementInvalid(f"subject: {error.message}") from error

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "digest": {"sha256": self.sha256}}


@dataclass(frozen=True, slots=True)
class AgreementRef:
    """The agreement version that is meant: `digest` is the root over its documents, `text` the digest of its text."""

    slug: str
    version: str
    digest: str
    text: str

    def __post_init__(self) -> None:
        check_slug(self.slug, "the agreement")
        require(
            isinstance(self.version, str) and _VERSION.fullmatch(self.version), "a version like 1.0.0", self.version
        )
        check_hex(self.digest, "agreement digest")
        check_hex(self.text, "agreement text")

    def to_dict(self) -> dict[str, Any]:
        return {"slug": self.slug, "version": self.version, "digest": self.digest, "text": self.text}


@dataclass(frozen=True, slots=True)
class ConsentRef:
    """What stood beside the button: the digest of the consent words and the button's own text."""

    sha256: str
    button: str

    def __post_init__(self) -> None:
        check_hex(self.sha256, "consent")
        require(isinstance(self.button, str) and 1 <= len(self.button) <= 200, "the words on the button", self.button)

    def to_dict(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "button": self.button}


@dataclass(frozen=True, slots=True)
class ManifestRef:
    """The manifest kept beside the statement: its root, number of files, and bytes in all."""

    root: str
    files: int
    bytes: int

    def __post_init__(self) -> None:
        check_hex(self.root, "manifest root")
        check_count(self.files, "files", 1, MAX_FILES)
        check_count(self.bytes, "bytes")

    @classmethod
    def of(cls, manifest: Manifest) -> "ManifestRef":
        return cls(root=manifest.root, files=len(manifest.files), bytes=manifest.total_bytes)

    def to_dict(self) -> dict[str, Any]:
        return {"root": self.root, "files": self.files, "bytes": self.bytes}


@dataclass(frozen=True, slots=True)
class TensorsRef:
    """The tensors in the safetensors files of the manifest: root (`mcla.artifacts.tensors`), number, bytes in all.

    The signer's claim, as the digests are: it outlives edits of metadata and resharding, which change every digest.
    """

    root: str
    count: int
    bytes: int

    def __post_init__(self) -> None:
        check_hex(self.root, "tensor root")
        check_count(self.count, "tensors", 1)
        check_count(self.bytes, "bytes of tensors")

    def to_dict(self) -> dict[str, Any]:
        return {"root": self.root, "count": self.count, "bytes": self.bytes}


@dataclass(frozen=True, slots=True)
class AcceptanceRef:
    """The acceptance under which a contribution is made: the digest of its statement and its place in the log."""

    statement: str
    log_index: int

    def __post_init__(self) -> None:
        check_hex(self.statement, "acceptance statement")
        check_count(self.log_index, "the log index of the acceptance")

    def to_dict(self) -> dict[str, Any]:
        return {"statement": self.statement, "logIndex": self.log_index}


STOCK_SEGMENT = "/stock"
"""Ends the name in a certificate for a tool of others, so that none is taken for a statement of this protocol."""


@dataclass(frozen=True, slots=True)
class OfferRef:
    """That a contribution is an offer: for how many days it stands, and the signer whose counter-signature it needs."""

    days: int
    to: str

    def __post_init__(self) -> None:
        check_count(self.days, "days", 1, 3650)
        require(isinstance(self.to, str), "the signer that the offer is made to", self.to)

    def to_dict(self) -> dict[str, Any]:
        return {"days": self.days, "to": self.to}


@dataclass(frozen=True, slots=True)
class AnsweredRef:
    """The offer that an answer is about: the digest of its statement, its manifest root and its place in the log."""

    statement: str
    root: str
    log_index: int

    def __post_init__(self) -> None:
        check_hex(self.statement, "answered statement")
        check_hex(self.root, "root of what is answered")
        check_count(self.log_index, "the log index of what is answered")

    def to_dict(self) -> dict[str, Any]:
        return {"statement": self.statement, "root": self.root, "logIndex": self.log_index}


@dataclass(frozen=True, slots=True)
class EarlierRef:
    """An earlier signature of the signer over bytes of the contribution, made with a tool of others.

    `entry` is the SHA-256 of its log entry's body, `log_index` the entry's place; its own bundle proves its time.
    """

    entry: str
    log_index: int

    def __post_init__(self) -> None:
        check_hex(self.entry, "log entry of an earlier signature")
        check_count(self.log_index, "the log index of an earlier signature")

    def to_dict(self) -> dict[str, Any]:
        return {"entry": self.entry, "logIndex": self.log_index}


@dataclass(frozen=True, slots=True)
class EndedRef:
    """What a withdrawal ends: its type, the digest of its statement, its manifest root and its place in the log."""

    type: str
    statement: str
    root: str
    log_index: int

    def __post_init__(self) -> None:
        require(self.type in ENDABLE, f"what is ended to be one of {', '.join(ENDABLE)}", self.type)
        check_hex(self.statement, "ended statement")
        check_hex(self.root, "root of what is ended")
        check_count(self.log_index, "the log index of what is ended")

    def to_dict(self) -> dict[str, Any]:
        return {"type": self.type, "statement": self.statement, "root": self.root, "logIndex": self.log_index}
