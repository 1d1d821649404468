# SPDX-License-Identifier: Apache-2.0
"""`CompanyChange`: somebody changes who may give for a company."""

from dataclasses import dataclass
from typing import Any, ClassVar

from mcla.artifacts.paths import MANIFEST_NAME
from mcla.statements.base import Statement, common_members, read_common, read_manifest_ref
from mcla.statements.company import read_record
from mcla.statements.parts import AcceptanceRef, ManifestRef, Subject, require
from mcla.statements.shapes import check_members

COMPANY_CHANGE_TYPE = "https://w3id.org/mcla/company-change/v1"
CHANGE_NAME = "company-change.json"
"""The one file of a company change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyChange(Statement):
    """Somebody changes who may give for a company, from this statement's signature on and never backwards.

    What changes stands in a document of its own with a salt, kept by the service: here and in the log is its digest
    alone, as a manifest of one file. `acceptance` is the company's.
    """

    TYPE: ClassVar[str] = COMPANY_CHANGE_TYPE

    manifest: ManifestRef
    acceptance: AcceptanceRef

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        require(self.capacity == "company", "capacity company", self.capacity)
        require(self.manifest.files == 1, "a manifest of one file", self.manifest.files)
        require(self.root == self.manifest.root, "the manifest root as first subject", self.root)
        names = [subject.name for subject in self.subjects]
        require(names == [MANIFEST_NAME, CHANGE_NAME], f"{CHANGE_NAME} as the one other subject", names)

    def predicate(self) -> dict[str, Any]:
        refs = {"manifest": self.manifest.to_dict(), "acceptance": self.acceptance.to_dict()}
        return Statement.predicate(self) | refs


def read_change(subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> CompanyChange:
    """A change of these parts; raises `StatementInvalid`."""
    check_members(predicate, common_members(predicate) | {"manifest", "acceptance"}, "the predicate")
    return CompanyChange(
        subjects=subjects,
        **read_common(predicate),
        manifest=read_manifest_ref(predicate),
        acceptance=read_record(predicate, "acceptance"),
    )
