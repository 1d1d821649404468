# SPDX-License-Identifier: Apache-2.0
"""JSON of the signing API: what is taken and what is answered. Field names are a contract with outside scripts."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.platform.bodies import Answer, Body
from app.signing.shown import MOST
from mcla.statements.parts import EndReason, Stage

MAX_FILES = 100_000
SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
SHA256 = r"^[0-9a-f]{64}$"
# Whole groups of four, and no spare bits: one spelling for each value.
BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)$"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Slug = Annotated[str, Field(pattern=SLUG)]
Sha256 = Annotated[str, Field(pattern=SHA256, examples=[DIGEST])]
Base64 = Annotated[str, Field(pattern=BASE64, min_length=4, max_length=2048)]
Kind = Literal["code", "data", "synthetic", "eval", "weights", "adapter", "tokenizer", "recipe", "safety"]
KeyHolder = Literal["browser", "cli", "service"]
Whole = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
"""As far as JSON carries whole numbers alike everywhere (RFC 7493)."""
Part = str | Whole | None
Declared = str | Whole | bool | list[str] | dict[str, Part] | list[dict[str, Part]] | None
StatedHolder = Literal["browser", "cli", "service", "passkey"]
"""`passkey` comes of a browser's signing that its signer confirmed with one."""


class FileIn(Body):
    """One file, named by what it holds. The bytes themselves are never sent."""

    path: str = Field(min_length=1, max_length=1024, examples=["weights/model.safetensors"])
    sha256: Sha256
    size: int = Field(ge=0, le=2**53 - 1, examples=[2_327_524])


class TensorsIn(Body):
    """What `mcla tensors` says of all safetensors files together; the root outlives metadata edits and resharding."""

    root: Sha256
    count: int = Field(ge=1, le=2**53 - 1)
    bytes: int = Field(ge=0, le=2**53 - 1)


class EarlierIn(Body):
    """A signature that you made here before with a Sigstore tool, over files of this contribution."""

    log_index: int = Field(ge=0, le=2**53 - 1, description="Where its entry stands in the log.")
    statement: str | None = Field(
        default=None,
        min_length=4,
        max_length=32 * 1024 * 1024,
        pattern=BASE64,
        description="Base64 of the statement that it signs (a list of files, OMS); none if it signs a file itself.",
    )


class CompanyIn(Body):
    """The company that is bound, with the title and power of who signs; the title stays out of the statement."""

    name: str = Field(min_length=2, max_length=200, examples=["Example GmbH"])
    jurisdiction: str = Field(
        pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", examples=["DE"], description="ISO 3166, as US-DE."
    )
    registration: str = Field(min_length=1, max_length=200, examples=["HRB 1234 B"])
    title: str = Field(min_length=1, max_length=200, examples=["Managing director"])
    power: Literal["by-law", "by-register", "by-proxy"]


class AcceptanceIn(Body):
    """Ask to sign an agreement version."""

    type: Literal["acceptance"]
    agreement: Slug = Field(examples=["mcla-individual"])
    version: str = Field(min_length=1, max_length=32, pattern=r"^[0-9A-Za-z.+-]+$", examples=["1.0.0"])
    company: CompanyIn | None = Field(default=None, description="For an agreement that is signed for companies.")
    key_holder: KeyHolder = Field(description="Who will hold the one-use key; the statement says so for ever.")


class OfficeIn(Body):
    """In which office somebody offers files for a company; the title stays out of the statement."""

    title: str = Field(min_length=1, max_length=200, examples=["Head of research"])
    power: Literal["by-law", "by-register", "by-proxy"]


class ContributionIn(Body):
    """Ask to sign for a contribution under the agreement in force, or under one for these files alone."""

    type: Literal["contribution"]
    project: Slug = Field(examples=["tiny-llm"])
    kind: Kind
    files: list[FileIn] = Field(min_length=1, max_length=MAX_FILES)
    declarations: dict[str, Declared] = Field(
        default_factory=dict,
        description="Answers to the questions of the schedule for this kind; GET /api/v1/agreements/… lists them.",
    )
    tensors: TensorsIn | None = Field(default=None, description="For weights and adapters only.")
    company: str | None = Field(
        default=None,
        pattern=r"^com_[0-9a-z]{26}$",
        description="A company that lists you, if you give for it and not for yourself; its page has the id.",
    )
    agreement: Slug | None = Field(
        default=None,
        description="An agreement for one set of files, such as `mcla-grant`: nothing has to be accepted before, and "
        "the statement is an offer that counts once the foundation counter-signs it. Left out: what you accepted.",
    )
    office: OfficeIn | None = Field(
        default=None, description="With `company` and `agreement`, and only then: whence your power to sign comes."
    )
    earlier: list[EarlierIn] = Field(
        default_factory=list,
        max_length=512,
        description="The statement then names their log entries, so that their time stays provable.",
    )
    key_holder: KeyHolder


class WithdrawalIn(Body):
    """Ask to end an own acceptance or contribution, from the withdrawal's own log entry on."""

    type: Literal["withdrawal"]
    ends: str = Field(pattern=r"^[a-z]{3}_[0-9a-z]{26}$", description="`sig_…` or `ctr_…`: an id of your own.")
    reason: EndReason = Field(default="none-given", description="A code alone: the statement is public.")
    stage: Stage | None = Field(
        default=None,
        description="How far a contribution has come, as far as you know: S0 handed in, S1 merged, S2 in a data "
        "release, S3 in trained weights, S4 in released weights.",
    )
    key_holder: KeyHolder


class SigningIn(RootModel[Annotated[AcceptanceIn | ContributionIn | WithdrawalIn, Field(discriminator="type")]], Body):
    """What to sign. The service answers with the exact statement; nothing is signed yet."""

    model_config = ConfigDict(extra=None, strict=True, frozen=True)

    max_bytes: ClassVar[int] = 32 * 1024 * 1024


class ConsentOut(Answer):
    """The words beside the box, their digest in the statement, and the button's label."""

    text: str
    sha256: Sha256
    button: str


class SignerOut(Answer):
    """Who signs, as shown beside the button; only the URI goes into anything public."""

    uri: str
    name: str
    account: str


class CompletedOut(Answer):
    """A signature that is recorded."""

    type: Literal["acceptance", "contribution", "withdrawal", "company-change"]
    id: str = Field(pattern=r"^(sig|ctr|wdr|chg)_[0-9a-z]{26}$")
    url: str = Field(
        description="Its page; for a withdrawal that of what it ended, for a company's change the company's."
    )
    bundle_url: str
    record_url: str | None = Field(
        description="The PDF record; null for a withdrawal and for a company's change, which have none."
    )
    log_index: int = Field(ge=0)
    bundle: dict[str, Any] = Field(
        description="Sigstore bundle v0.3: keep it, it proves the signature without this service."
    )


class SigningOut(Answer):
    """One signing on its way: drafted -> certified -> signed -> complete, or void if a stolen key ended in between."""

    id: str = Field(pattern=r"^sng_[0-9a-z]{26}$")
    type: Literal["acceptance", "contribution", "withdrawal", "company-change"]
    state: Literal["drafted", "certified", "signed", "complete", "void"]
    key_holder: StatedHolder
    statement: str = Field(description="The exact text whose UTF-8 bytes are signed (in-toto Statement v1, RFC 8785).")
    statement_sha256: Sha256
    payload_type: Literal["application/vnd.in-toto+json"]
    consent: ConsentOut
    signer: SignerOut
    expires_at: datetime
    review_url: str
    ends: str | None = Field(default=None, description="The id of what a withdrawal ends.")
    not_drawn: list[str] = Field(
        description="Characters, such as `U+1F600`, of your name, files or answers that the PDF has no font for: its "
        "pages will show their numbers. What is signed holds them as they are."
    )
    result: CompletedOut | None = None


class CertificateIn(Body):
    """A public key, and the proof that the caller holds the private one."""

    public_key: Base64 = Field(description="Base64 of the DER SubjectPublicKeyInfo; P-256 only.")
    proof: Base64 = Field(
        description="Base64 of the DER ECDSA-SHA256 signature over the three lines, each ended by a newline, "
        "`mcla-possession/v1`, the signing's id and statement_sha256."
    )
    statement_sha256: Sha256


class CertificateOut(Answer):
    """The one certificate of a signing: leaf and intermediate, base64 DER."""

    certificates: list[str] = Field(min_length=2, max_length=2)
    not_after: datetime


class ProjectQuery(BaseModel):
    """For which project a trust config is wanted."""

    project: Slug | None = Field(
        default=None,
        description="A project's name, where somebody has signed agreements of several foundations: its foundation "
        "then certifies stock clients.",
    )


class BundleQuery(BaseModel):
    """In which form a bundle is wanted."""

    compat: Literal["dsse001"] | None = Field(
        default=None,
        description="`dsse001`: the same signature with a log entry that older Sigstore clients read "
        "(@sigstore/verify before 4.1, sigstore-python before 4.3).",
    )


class SignatureIn(Body):
    """The signature over the DSSE pre-authentication encoding, and the signer's yes."""

    signature: Base64 = Field(description="Base64 of the DER ECDSA-SHA256 signature.")
    oms_signature: Base64 | None = Field(
        default=None,
        description="The same over the list of the files (GET …/oms-statement), so that its tools can check them; "
        "only for a contribution.",
    )
    consent: bool = Field(description="True only if the signer ticked the box beside the consent words.")
    page: str | None = Field(
        default=None,
        max_length=MOST,
        pattern=r"^[A-Za-z0-9._-]*$",
        description="What the page of the service says of itself in its hidden field `page`; for the private record. "
        "Programs that show the statement themselves leave it out.",
    )
    zone_offset: int | None = Field(
        default=None,
        ge=-24 * 60,
        le=24 * 60,
        description="The signer's time zone in minutes east of UTC, as the browser tells it; for the private record.",
    )

    max_bytes: ClassVar[int] = 512 * 1024


SIGNING_EXAMPLES = {
    "acceptance": {
        "summary": "Sign an agreement version",
        "value": {"type": "acceptance", "agreement": "mcla-individual", "version": "1.0.0", "key_holder": "cli"},
    },
    "contribution": {
        "summary": "Give one file of weights",
        "value": {
            "type": "contribution",
            "project": "tiny-llm",
            "kind": "weights",
            "files": [{"path": "weights/model.safetensors", "sha256": DIGEST, "size": 2_327_524}],
            "declarations": {
                "title": "Tiny speech 1.0",
                "architecture": "Encoder-decoder transformer, 4 layers",
                "relation": "scratch",
                "training_data": [{"name": "Our own recordings of 2025", "licence": "CC-BY-4.0"}],
                "personal_data": "none",
                "opt_outs": "not-from-web",
                "screened": "by-source",
                "compute_known": "known",
                "compute": {"value": "1.2e17", "unit": "FLOP"},
                "memorisation_tested": "tested",
                "memorisation": [
                    {
                        "method": "1,000 beginnings of training lines as prompts",
                        "date": "2026-01-31",
                        "result": "None was continued word for word.",
                    }
                ],
                "evaluation": "Word error rate 8.1 on the test part of our own recordings.",
                "safeguards": "none-there",
                "watermark": "none",
                "no_payload": True,
                "no_confidential": True,
            },
            "key_holder": "cli",
        },
    },
    "withdrawal": {
        "summary": "Take a contribution back",
        "value": {
            "type": "withdrawal",
            "ends": "ctr_0123456789abcdefghjkmnpqrs",
            "reason": "consent-withdrawn",
            "stage": "S1",
            "key_holder": "cli",
        },
    },
}
CERTIFICATE_EXAMPLE = {"public_key": "MFkwEwYHKoZIzj0CAQ==", "proof": "MEUCIQ==", "statement_sha256": DIGEST}
SIGNATURE_EXAMPLE = {"signature": "MEUCIQ==", "consent": True}
