# SPDX-License-Identifier: Apache-2.0
"""A certification `mcla.certification/1`: what somebody whose key was pinned vouches for, and whether it holds now.

It is about the words of one licence (their digest as `mcla licences identify` prints it) or about one artifact (the
SHA-256 of a file or of a manifest's root). Signed with Ed25519 is the RFC 8785 form of the document without its
`signature`. Only one that holds is ever called a certification; a signature shows who vouched, never that it is true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal

from mcla.artifacts.digest import sha256_hex
from mcla.errors import MclaError
from mcla.feed.entry import Address, Text
from mcla.feed.keys import FeedKey, Signature, sign
from mcla.feed.parts import Hex, Moment, moment_of
from mcla.licences.identify import fingerprints
from mcla.licences.registry import registry
from mcla.signer import Ed25519Signer
from mcla.statements.canonical import canonical_json
from mcla.statements.strict import parse_json
from mcla.terms.strict import Pattern, Unreadable, read_value, unfit_character
from mcla.wording import Worded

SCHEMA = "mcla.certification/1"
MAX_BYTES = 64 * 1024
Standing = Literal["holds", "unknown-key", "other-issuer", "bad-signature", "not-yet", "expired", "other-text"]
SENTENCES: Mapping[Standing, str] = MappingProxyType(
    {
        "holds": Worded("Its signature is by the key that was pinned for its issuer."),
        "unknown-key": Worded("It is signed by a key that nobody pinned."),
        "other-issuer": Worded("It names another issuer than the one whose key signed it."),
        "bad-signature": Worded("Its signature does not fit what it says: it was changed, or was never signed so."),
        "not-yet": Worded("It does not count yet."),
        "expired": Worded("It has expired."),
        "other-text": Worded("It is about other words than those that are known of this licence."),
    }
)


class CertificationInvalid(MclaError):
    """A document is no certification, or one that contradicts itself."""

    code = "certification-invalid"
    status = 422
    hint = "Use the document exactly as its issuer gave it; docs/licences.md shows the form."


@dataclass(frozen=True, slots=True)
class About:
    """What was certified: a licence by its id and the digest of its words, or an artifact by its digest."""

    licence: Annotated[str, Pattern(r"[A-Za-z0-9.+-]{1,100}", "the id of a known licence")] | None = None
    words_sha256: Hex | None = None
    artifact_sha256: Hex | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The members of a certification as they are written."""

    schema: Literal["mcla.certification/1"]
    issuer: Text
    scheme: Text
    statement: Text
    about: About
    issued: Moment
    expires: Moment
    signature: Signature
    url: Address | None = None


@dataclass(frozen=True, slots=True)
class Certification:
    """One whose form is right. Whether anybody believes it, `standing_of` says; `scheme` is what it was held to."""

    issuer: str
    scheme: str
    statement: str
    about: About
    issued: datetime
    expires: datetime
    url: str | None
    signature: Signature
    signed: bytes

    @property
    def digest(self) -> str:
        """What names it, 64 hex digits; another signature over the same content does not change it."""
        return sha256_hex(self.signed)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody who is believed, by the key that was got on another way than the certification."""

    name: str
    key: FeedKey


def read_certification(data: bytes) -> Certification:
    """Read a certification; raises `CertificationInvalid`, or `JsonInvalid` for a name twice."""
    if len(data) > MAX_BYTES:
        raise CertificationInvalid(f"expected a certification of at most {MAX_BYTES:,} bytes, got {len(data):,}")
    value = parse_json(data)
    try:
        parts = read_value(Parts, value)
    except Unreadable as error:
        raise CertificationInvalid(str(error)[:2000]) from None
    try:
        issued, expires = moment_of(parts.issued), moment_of(parts.expires)
    except MclaError as error:
        raise CertificationInvalid(error.message) from None
    if issued >= expires:
        raise CertificationInvalid("expected issued before expires, got another order")
    _check_about(parts.about)
    for text in (parts.issuer, parts.scheme, parts.statement):
        if strange := unfit_character(text):
            raise CertificationInvalid(f"expected texts that read as they are written, got {strange} in one")
    signed = canonical_json({name: each for name, each in value.items() if name != "signature"})
    told = (parts.issuer, parts.scheme, parts.statement, parts.about)
    return Certification(*told, issued, expires, parts.url, parts.signature, signed)


def _check_about(about: About) -> None:
    licence = (about.licence, about.words_sha256)
    if (None in licence) == (about.artifact_sha256 is None) or (about.artifact_sha256 and licence != (None, None)):
        raise CertificationInvalid("expected about with licence and words_sha256, or with artifact_sha256 alone")


def write_certification(draft: bytes, key: Ed25519Signer) -> bytes:
    """The certification in `draft`, which has everything but its signature, signed; raises what reading raises."""
    value = parse_json(draft)
    if not isinstance(value, dict) or "signature" in value:
        raise CertificationInvalid("expected a certification without its signature, got something else")
    written = canonical_json(value | {"signature": sign(canonical_json(value), key).to_dict()})
    read_certification(written)
    return written


def standing_of(certification: Certification, believed: Sequence[Issuer], now: datetime) -> Standing:
    """Whether it holds, and if not, the first reason why not."""
    issuer = next((each for each in believed if each.key.id == certification.signature.key), None)
    if issuer is None:
        return "unknown-key"
    try:
        issuer.key.check(certification.signature, certification.signed)
    except MclaError:
        return "bad-signature"
    if issuer.name != certification.issuer:
        return "other-issuer"
    if now < certification.issued:
        return "not-yet"
    if now >= certification.expires:
        return "expired"
    return "holds" if _its_words(certification.about) else "other-text"


def _its_words(about: About) -> bool:
    """Whether the licence is known and the words are its own, as far as they are known; of an artifact nothing is."""
    if about.licence is None:
        return True
    known = {each.sha256 for each in fingerprints().of(about.licence)}
    return registry().by_id(about.licence) is not None and (not known or about.words_sha256 in known)


def told(certification: Certification, standing: Standing) -> dict[str, Any]:
    """One certification as JSON values: `certified` is true for nothing but one that holds."""
    about = certification.about
    subject = {"artifact": f"sha256:{about.artifact_sha256}"} if about.artifact_sha256 else {"licence": about.licence}
    return {
        "certified": standing == "holds",
        "standing": standing,
        "sentence": str(SENTENCES[standing]),
        "issuer": certification.issuer,
        "scheme": certification.scheme,
        "statement": certification.statement,
        "about": subject | ({"words_sha256": about.words_sha256} if about.words_sha256 else {}),
        "issued": certification.issued.isoformat().replace("+00:00", "Z"),
        "expires": certification.expires.isoformat().replace("+00:00", "Z"),
        "url": certification.url,
        "key": certification.signature.key,
        "digest": f"sha256:{certification.digest}",
    }
