# SPDX-License-Identifier: Apache-2.0
"""JSON of a question about one artifact, and of its answer: the fields of `mcla licences check`."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from app.licences.asked import read_asked
from app.licences.schemas.known import LicenceDataOut
from app.platform.bodies import Answer, Body
from mcla.licences.question import MAX_BASES, Relation, TextVersion
from mcla.licences.vocabulary import CommercialUse, ShareAlike, Stance

EXAMPLE: dict[str, Any] = {
    "bases": [{"licence": "LicenseRef-llama-3.1", "relation": "fine-tune"}],
    "kind": "fine-tune",
    "declared": "LicenseRef-llama-3.1",
    "artifact_name": "Llama-MedChat-8B",
    "evidence": {
        "licence_copies": ["LicenseRef-llama-3.1"],
        "notice_file": True,
        "attribution_for": ["LicenseRef-llama-3.1"],
    },
}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_MONEY: dict[str, Any] = {"value": _COUNT, "currency": {"type": "string"}}
_FACT: list[Any] = [
    {"type": "string"},
    {"type": "boolean"},
    _COUNT,
    {"type": "array", "items": {"type": "string"}, "maxItems": 200},
    {"type": "object", "properties": _MONEY, "additionalProperties": False},
]
"""What a fact of the context can be, for the API document."""


class BaseIn(Body):
    """One thing that the artifact rests on."""

    licence: str = Field(max_length=300, description="An id, alias or hub tag.")
    relation: Relation
    text_version: TextVersion | None = None
    retrieved: str | None = Field(default=None, description="The day of the download, as 2026-01-31.")
    licence_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    name: str | None = Field(default=None, max_length=300)
    revision: str | None = Field(default=None, max_length=300)
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class TermsIn(Body):
    """Outbound terms of one's own."""

    commercial_use: CommercialUse | None = None
    restrictions: list[str] | None = Field(default=None, description="Keys of use restrictions, as GET /licences has.")
    enforceable: bool = True
    share_alike: ShareAlike | None = None
    equivalent_to: list[str] = Field(default=[])
    base_licence_kept: bool = False


class EvidenceIn(Body):
    """What ships with the artifact or was done; licences by id."""

    licence_copies: list[str] = Field(default=[])
    notice_file: bool = False
    modified_notice: bool = False
    attribution_for: list[str] = Field(default=[])
    docs_retained: bool = False
    includes_base_weights: bool = False
    registered: bool = False


class PolicyIn(Body):
    """What the project says to the debated points."""

    nc_data: Stance = "review"
    sa_data: Stance = "review"
    adapter_only: Stance = "review"
    unknown: Stance = "review"
    removed_safeguards: Stance = "review"
    provider_outputs: Stance = "review"


class LicenceQuestionIn(Body):
    """A question about one artifact: what it rests on, and the terms that it is to go out under."""

    max_bytes: ClassVar[int] = 1024 * 1024
    bases: list[BaseIn] = Field(min_length=1, max_length=MAX_BASES)
    kind: str = Field(description="How the artifact came about, as the relation of its main base.")
    declared: str | None = Field(default=None, max_length=300, description="An id, or several with AND and OR.")
    declared_terms: TermsIn | None = None
    artifact_name: str | None = Field(default=None, max_length=300)
    evidence: EvidenceIn = EvidenceIn()
    context: dict[str, Any] = Field(
        default={},
        description="Known facts: `contributor_territory`, `project_territory`, `publish`, `multimodal`, `commercial`, "
        "`competing_model`, `removes_safeguards`, `project_outbound`, users (`mau`, `muu`) and money "
        '(`annual_revenue`: `{"value", "currency"}`).',
        json_schema_extra={"additionalProperties": {"anyOf": _FACT}},
    )
    policy: PolicyIn | None = Field(
        default=None, description="Without it, and without a project, every point is review."
    )
    project: str | None = Field(
        default=None, max_length=64, description="A project's slug: the policy kept of it here settles debated points."
    )

    @classmethod
    def read(cls, value: object) -> Any:
        """A `LicencesAsked`; raises `QuestionInvalid` or one of its kinds."""
        return read_asked(value)


class LicenceReasonOut(Answer):
    """What one rule says, of the base at `base` or of the whole."""

    rule: str
    verdict: Literal["allowed", "needs-notice", "needs-review", "denied"]
    code: str
    base: int | None
    missing: list[str]
    sentence: str


class PolicyUsedOut(Answer):
    """What was said to each debated point."""

    nc_data: Stance
    sa_data: Stance
    adapter_only: Stance
    unknown: Stance
    removed_safeguards: Stance
    provider_outputs: Stance


class PolicyOfOut(Answer):
    """Whose policy that was: of a project, in the version kept here; without one every point is review."""

    project: str
    version: int | None
    sha256: str | None = Field(description="Of the policy's text.")


class LicenceAnswerOut(Answer):
    """The worst verdict, with the rules that led to it and the duties that nothing shows to be met."""

    verdict: Literal["allowed", "needs-notice", "needs-review", "denied"]
    rules: list[str]
    missing: list[str]
    reasons: list[LicenceReasonOut]
    policy: PolicyUsedOut
    policy_of: PolicyOfOut | None = Field(description="None: the asker's own stance.")
    data: LicenceDataOut
    notice: str
