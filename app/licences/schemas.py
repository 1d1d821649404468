# SPDX-License-Identifier: Apache-2.0
"""JSON of licence facts. Field names are a contract with outside scripts; those of a record are the data file's."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from app.licences.certifications import Attached
from app.licences.downstream import Changed, changes
from app.licences.judging import judge
from app.licences.origins import Given, Origins
from app.licences.picture import name_of
from app.licences.use_schema import USE_SCHEMA
from app.platform.bodies import Answer, Body
from mcla.exports.certification import Standing, told
from mcla.exports.exemption import of as exemption_of
from mcla.licences.asking import read_question
from mcla.licences.lineage_telling import faults
from mcla.licences.question import MAX_BASES, Relation, TextVersion
from mcla.licences.records import Licence
from mcla.licences.registry import Registry, registry
from mcla.licences.verdict import NOTICE
from mcla.licences.vocabulary import CommercialUse, Confidence, Covered, Family, ShareAlike, Stance
from mcla.tiers.terms import Effect


class LicenceDataOut(Answer):
    """Which facts an answer rests on."""

    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", description="Over the facts and the rules.")
    as_of: str = Field(description="The day they were last read.")


class LicenceLineOut(Answer):
    """One licence in the list."""

    id: str = Field(description="SPDX's id where it has one, else LicenseRef-….")
    name: str
    family: Family
    covers: list[Covered]
    commercial_use: CommercialUse
    spdx: str | None
    hub_tag: str | None
    text_date: str | None
    confidence: Confidence


class LicencesOut(Answer):
    """Every licence that is known."""

    licences: list[LicenceLineOut]
    restrictions: dict[str, str] = Field(description="What the keys of use restrictions mean.")
    data: LicenceDataOut
    notice: str


class LicenceOut(Answer):
    """One licence. A field that `unknown` names is not known, whatever value stands in it."""

    licence: Licence
    data: LicenceDataOut
    notice: str


class PointOut(Answer):
    """A condition of the exemption, or a duty."""

    key: str
    name: str
    state: Literal["met", "lost", "open"]
    why: str
    source: str


class CertifiedAboutOut(Answer):
    """What a certification is about: a licence and the digest of its words, or an artifact."""

    licence: str | None = None
    words_sha256: str | None = None
    artifact: str | None = None


class CertificationOut(Answer):
    """A statement that its issuer signed. `certified` is true only for one that holds; its content is the issuer's."""

    certified: bool
    standing: Standing
    sentence: str
    issuer: str
    scheme: str
    statement: str
    about: CertifiedAboutOut
    issued: str
    expires: str
    url: str | None
    key: str
    digest: str


class SafeHarbourOut(Answer):
    """What a licence does for the open-source exemption of the AI Act, and what is certified of it."""

    licence: str
    exemption: Literal["met", "lost", "open"]
    sentence: str
    conditions: list[PointOut] = Field(description="Of the exemption; what no licence answers stays open.")
    duties: list[PointOut] = Field(description="`met`: the licence leaves the exemption from it. `open`: due, or so.")
    certifications: list[CertificationOut] = Field(description="Attached ones, those that no longer hold among them.")
    data: LicenceDataOut
    notice: str


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
    policy: PolicyIn = PolicyIn()

    @classmethod
    def read(cls, value: object) -> Any:
        """A `Question`; raises `QuestionInvalid` or one of its kinds."""
        return read_question(value)


class LicenceReasonOut(Answer):
    """What one rule says, of the base at `base` or of the whole."""

    rule: str
    verdict: Literal["allowed", "needs-notice", "needs-review", "denied"]
    code: str
    base: int | None
    missing: list[str]
    sentence: str


class LicenceAnswerOut(Answer):
    """The worst verdict, with the rules that led to it and the duties that nothing shows to be met."""

    verdict: Literal["allowed", "needs-notice", "needs-review", "denied"]
    rules: list[str]
    missing: list[str]
    reasons: list[LicenceReasonOut]
    data: LicenceDataOut
    notice: str


USE_EXAMPLE: dict[str, Any] = {
    "licence": "LicenseRef-llama-3.1",
    "use": {"commercial": True, "jurisdictions": ["DE"], "users": {"count": 2_000_000}},
}


class UnderTermsIn(Body):
    """The terms that a use is asked under: a known licence, own tiers, or those that a project publishes here."""

    max_bytes: ClassVar[int] = 512 * 1024
    licence: str | None = Field(default=None, max_length=300, description="A name that stands for one licence.")
    terms: str | None = Field(default=None, max_length=256 * 1024, description="Tiers, as TOML.")
    project: str | None = Field(
        default=None, max_length=64, description="A project's slug: its own published tiers, else its foundation's."
    )
    version: str | None = Field(
        default=None, max_length=32, description="Of the project's tiers; without it what is in force on the day."
    )


class UseQuestionIn(UnderTermsIn):
    """An intended use, and the terms that it is asked under."""

    feed: str | None = Field(
        default=None,
        description="Digest (64 hex) of a feed that was published here, to have an old answer again; the day is the "
        "`date` in `use`. Without it the feed that counts now.",
        json_schema_extra={"pattern": "^[0-9a-f]{64}$"},
    )
    use: dict[str, Any] = Field(
        description="Facts about the use: `mcla.use/1`, see docs for foundations.", json_schema_extra=USE_SCHEMA
    )


class GroundOut(Answer):
    """Why an effect comes out."""

    tier: str
    effect: Effect
    conditions: list[str]
    rests_on: str
    sure: bool
    duty: str | None
    contact: str | None


class UseAnswerOut(Answer):
    """The effect for the use: the strictest that may come out of what is known."""

    effect: Effect
    certain: bool
    at_best: Effect
    decided_by: GroundOut
    unknown: list[dict[str, Any]]
    duties: list[str]
    told: list[GroundOut] = Field(description="What the feed says that these terms only advise to heed.")
    as_of: str
    terms: dict[str, str]
    text: str
    feed: dict[str, str | None]
    disclaimer: str


class ClaimantOut(Answer):
    """A contribution at a node: what its giver declares, and what the rules and the signs say of that."""

    id: str
    kind: str
    title: str
    licence: str | None
    signer: str
    ended_at: datetime | None
    verdict: Literal["allowed", "needs-notice", "needs-review", "denied"] | None
    rules: list[str]
    missing: list[str]
    signals: list[dict[str, Any]]


class LineageNodeOut(Answer):
    """An artifact: `sha256:HEX`, or a name on a hub where no bytes are known; `steps` from the start, bases below 0."""

    node: str
    name: str
    steps: int | None
    licences: list[str]
    contributions: list[ClaimantOut]


class LineageEdgeOut(Answer):
    """A claim that `artifact` was made from `base`."""

    artifact: str
    base: str
    relation: Relation
    licence: str | None
    licence_sha256: str | None
    retrieved: str | None
    by: str


class DeclaredOut(Answer):
    """What one contribution declares its artifact to go out under."""

    licence: str
    contribution: str
    log_index: int = Field(ge=0)
    time: datetime


class LicenceChangeOut(Answer):
    """An artifact whose licence was declared differently later; the later does not undo what was taken before."""

    artifact: str
    declared: list[DeclaredOut] = Field(description="In the order of the log.")
    concerns: list[str] = Field(description="What rests on it, as far as it is known here: all, of the start itself.")


class LineageOut(Answer):
    """The graph around an artifact."""

    artifact: str
    whole: bool
    nodes: list[LineageNodeOut]
    edges: list[LineageEdgeOut]
    missing: list[str] = Field(description="Bases of which nothing else is known.")
    cycles: list[list[str]]
    faults: list[str] = Field(description="What does not fit together, one sentence each.")
    changes: list[LicenceChangeOut]
    data: LicenceDataOut
    notice: str


def lineage_out(found: Origins) -> dict[str, Any]:
    graph = found.graph
    up, down = dict(graph.upstream(found.start).nodes), dict(graph.downstream(found.start).nodes)
    steps = {**down, **{node: -step for node, step in up.items()}, found.start: 0}
    return {
        "artifact": found.start,
        "whole": found.whole,
        "nodes": [_node_out(found, node, steps.get(node)) for node in graph.nodes],
        "edges": [asdict(edge) for edge in graph.edges],
        "missing": list(graph.missing),
        "cycles": [list(circle) for circle in graph.cycles],
        "faults": [str(sentence) for sentence in faults(graph)],
        "changes": [_change_out(each) for each in changes(found)],
        "data": data_out(registry()),
        "notice": NOTICE,
    }


def _change_out(changed: Changed) -> dict[str, Any]:
    declared = [
        {"licence": each.outbound, "contribution": each.id, "log_index": each.log_index, "time": each.given_at}
        for each in changed.told
    ]
    return {"artifact": changed.node, "declared": declared, "concerns": list(changed.concerns)}


def _node_out(found: Origins, node: str, steps: int | None) -> dict[str, Any]:
    licences = dict.fromkeys(licence for licence, _by in found.graph.licences_of(node))
    told = {"node": node, "name": name_of(found, node), "steps": steps, "licences": list(licences)}
    return told | {"contributions": [_claimant_out(each, found) for each in found.given.get(node, ())]}


def _claimant_out(given: Given, found: Origins) -> dict[str, Any]:
    judged = judge(given, found)
    answer = judged.answer
    return {
        "id": given.id,
        "kind": given.kind,
        "title": given.title,
        "licence": given.outbound,
        "signer": given.by,
        "ended_at": given.ended_at,
        "verdict": answer.verdict.word if answer else None,
        "rules": list(answer.rules) if answer else [],
        "missing": list(answer.missing) if answer else [],
        "signals": [each.to_dict() for each in judged.signals],
    }


def data_out(known: Registry) -> dict[str, str]:
    return {"digest": f"sha256:{known.digest}", "as_of": known.as_of}


def licences_out(known: Registry) -> dict[str, Any]:
    lines = [_line(each) for each in known]
    return {"licences": lines, "restrictions": known.restrictions, "data": data_out(known), "notice": NOTICE}


def licence_out(licence: Licence, known: Registry) -> dict[str, Any]:
    return {"licence": asdict(licence), "data": data_out(known), "notice": NOTICE}


def harbour_out(licence: Licence, attached: Sequence[Attached]) -> dict[str, Any]:
    known = exemption_of(licence).to_dict()
    view = {name: known[name] for name in ("licence", "exemption", "sentence", "conditions", "duties")}
    certifications = [told(each.certification, each.standing) for each in attached]
    return view | {"certifications": certifications, "data": data_out(registry()), "notice": NOTICE}


def _line(licence: Licence) -> dict[str, Any]:
    same = ("id", "name", "family", "covers", "spdx", "text_date", "confidence")
    line = {name: getattr(licence, name) for name in same}
    commercial = licence.commercial_use if licence.knows("commercial_use") else "unknown"
    return line | {"commercial_use": commercial, "hub_tag": licence.hf_tag}
