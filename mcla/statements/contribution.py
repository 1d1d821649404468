# SPDX-License-Identifier: Apache-2.0
"""`Contribution`: a person gives files of one kind to a project.

The first subject is the manifest root; single files follow only up to 512, because verifiers refuse more than 1,024
subjects.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mcla.artifacts.manifest import Manifest
from mcla.artifacts.paths import MANIFEST_NAME
from mcla.statements.base import (
    Statement,
    check_capacity,
    common_members,
    for_company,
    read_common,
    read_manifest_ref,
)
from mcla.statements.company import (
    AffiliationRef,
    CompanyRef,
    members_for,
    read_affiliation,
    read_company_in,
    read_record,
)
from mcla.statements.parts import (
    KINDS,
    SCHEDULES,
    TENSOR_KINDS,
    AcceptanceRef,
    EarlierRef,
    ManifestRef,
    OfferRef,
    Subject,
    TensorsRef,
    check_signer,
    check_slug,
    require,
)
from mcla.statements.shapes import as_object, check_earlier, check_members, check_writable, part_of, read_earlier

CONTRIBUTION_TYPE = "https://w3id.org/mcla/contribution/v1"
MAX_FILE_SUBJECTS = 512
_OF_CONTRIBUTION = {"project", "kind", "schedule", "manifest", "declarations", "tensors"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution(Statement):
    """A person gives files of one kind to a project, under an acceptance and with its schedule's declarations.

    Under an agreement that binds these files alone there is no acceptance: the statement is an `offer` and licenses
    nothing until the foundation counter-signs it (`mcla.statements.offer_answer`).
    `earlier` names signatures that the same signer made before over these bytes with tools of others, if there are any.
    In the capacity `company` the acceptance is the company's, and `company` names what lets this person give. An offer
    names no acceptance that would tell which company it is: the `grantor` does, with the power to sign for it.
    """

    TYPE: ClassVar[str] = CONTRIBUTION_TYPE

    project: str
    kind: str
    schedule: str | None
    manifest: ManifestRef
    acceptance: AcceptanceRef | None
    declarations: Mapping[str, Any]
    tensors: TensorsRef | None = None
    earlier: tuple[EarlierRef, ...] = ()
    company: AffiliationRef | None = None
    offer: OfferRef | None = None
    grantor: CompanyRef | None = None

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        check_capacity(self.capacity, self.company)
        _check_basis(self)
        check_slug(self.project, "the project")
        require(self.kind in KINDS, f"kind to be one of {', '.join(KINDS)}", self.kind)
        require(self.schedule is None or self.schedule in SCHEDULES, "schedule D, W, S or none", self.schedule)
        require(isinstance(self.declarations, Mapping), "declarations by name", self.declarations)
        check_writable(self.declarations)
        check_earlier(self.earlier)
        _check_tensors(self.tensors, self.kind, self.manifest)
        require(self.root == self.manifest.root, "the manifest root as first subject", self.root)
        listed = self.manifest.files if self.manifest.files <= MAX_FILE_SUBJECTS else 0
        require(len(self.subjects) == 1 + listed, f"{1 + listed} subjects", len(self.subjects))

    def predicate(self) -> dict[str, Any]:
        earlier = {"earlier": [each.to_dict() for each in self.earlier]} if self.earlier else {}
        return Statement.predicate(self) | {
            "project": self.project,
            "kind": self.kind,
            "schedule": self.schedule,
            "manifest": self.manifest.to_dict(),
            "declarations": dict(self.declarations),
            "tensors": self.tensors.to_dict() if self.tensors else None,
            **({"offer": self.offer.to_dict()} if self.offer else {}),
            **({"grantor": self.grantor.to_dict()} if self.grantor else {}),
            **({"acceptance": self.acceptance.to_dict()} if self.acceptance else {}),
            **earlier,
            **for_company(self.company),
        }


def manifest_subjects(manifest: Manifest) -> tuple[Subject, ...]:
    """The subjects for `manifest`: its root, then every file if there are at most 512."""
    root = Subject(name=MANIFEST_NAME, sha256=manifest.root)
    if len(manifest.files) > MAX_FILE_SUBJECTS:
        return (root,)
    return (root, *(Subject(name=entry.path, sha256=entry.sha256) for entry in manifest.files))


def read_contribution(subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> Contribution:
    """A contribution of these parts; raises `StatementInvalid`."""
    basis = {"offer"} if "offer" in predicate else {"acceptance"}
    members = common_members(predicate) | _OF_CONTRIBUTION | members_for(predicate) | ({"earlier"} & set(predicate))
    members |= basis | ({"grantor"} & set(predicate))
    check_members(predicate, members, "the predicate")
    return Contribution(
        subjects=subjects,
        **read_common(predicate),
        project=predicate["project"],
        kind=predicate["kind"],
        schedule=predicate["schedule"],
        manifest=read_manifest_ref(predicate),
        acceptance=read_record(predicate, "acceptance") if "acceptance" in basis else None,
        declarations=as_object(predicate["declarations"], "declarations"),
        tensors=None if predicate["tensors"] is None else read_tensors_ref(predicate["tensors"]),
        earlier=read_earlier(predicate["earlier"]) if "earlier" in predicate else (),
        company=read_affiliation(predicate),
        offer=OfferRef(**part_of(predicate, "offer", {"days", "to"})) if "offer" in basis else None,
        grantor=read_company_in(predicate, "grantor") if "grantor" in predicate else None,
    )


def read_tensors_ref(value: object) -> TensorsRef:
    """A `{"root", "count", "bytes"}` object as it comes from JSON; raises `StatementInvalid`."""
    part = as_object(value, "tensors")
    check_members(part, {"root", "count", "bytes"}, "tensors")
    return TensorsRef(**part)


def _check_basis(given: Contribution) -> None:
    """An acceptance or an offer, never both; an offer names its foundation, and for whom else than self it is made."""
    require((given.acceptance is None) != (given.offer is None), "an acceptance or an offer", "both or neither")
    if given.offer is not None:
        check_signer(given.offer.to, given.service)
        require(given.offer.to != given.signer, "an offer to somebody else than its signer", given.offer.to)
    for_company = given.offer is not None and given.company is not None
    require((given.grantor is not None) == for_company, "a grantor with an offer for a company, alone", given.capacity)


def _check_tensors(tensors: TensorsRef | None, kind: str, manifest: ManifestRef) -> None:
    if tensors is not None:
        require(kind in TENSOR_KINDS, f"tensors with kind {' or '.join(TENSOR_KINDS)} only", kind)
        require(tensors.bytes <= manifest.bytes, "no more bytes of tensors than of files", tensors.bytes)
