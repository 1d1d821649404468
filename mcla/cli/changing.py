# SPDX-License-Identifier: Apache-2.0
"""A change of a company as its signer wants it, and how the service's statement and document are held against it.

The statement names a document by its digest alone; the document says who is listed, and reaches neither log nor bundle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.cli.ceremony import KEY_HOLDER, Draft, StatementUnexpected, compare, open_draft
from mcla.cli.service import Service
from mcla.statements.statement import CHANGE_NAME, AnyStatement, CompanyChange
from mcla.statements.strict import parse_json

MADE_THERE = {"entry", "invitation", "name"}
"""What the service adds to what was asked: new ids, and the name of an organisation."""


@dataclass(frozen=True, slots=True)
class Changing:
    """The change that somebody wants to sign for the company of this id."""

    company: str
    change: Mapping[str, Any]
    reason: str

    @property
    def at(self) -> str:
        return f"/api/v1/companies/{self.company}/changes"

    def to_dict(self) -> dict[str, Any]:
        return {"change": dict(self.change), "reason": self.reason, "key_holder": KEY_HOLDER}

    def check(self, stated: AnyStatement) -> CompanyChange:
        if not isinstance(stated, CompanyChange):
            raise StatementUnexpected("The statement is not a company's change.")
        return stated

    def listed(self) -> None:
        return None


def open_change(service: Service, wanted: Changing) -> tuple[Draft[CompanyChange], bytes]:
    """Ask for the statement and its document; raises `StatementUnexpected` if they are not what was asked."""
    draft = open_draft(service, wanted, wanted.at)
    document = draft.document.encode()
    manifest = Manifest.of([ManifestEntry(CHANGE_NAME, sha256_hex(document), len(document))])
    compare(("document", manifest.root, draft.statement.manifest.root))
    told = parse_json(document)
    if not isinstance(told, dict) or not isinstance(told.get("change"), dict):
        raise StatementUnexpected("The document of the change has another shape.")
    compare(("company", wanted.company, told.get("company")), ("reason", wanted.reason, told.get("reason")))
    _compare_change(wanted.change, told["change"])
    return draft, document


def _compare_change(asked: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    if set(told) - set(asked) - MADE_THERE:
        raise StatementUnexpected("The change says more than was asked.", why=f"got {sorted(set(told) - set(asked))}")
    for name, value in asked.items():
        if isinstance(value, Mapping) and isinstance(told.get(name), dict):
            _compare_change(value, told[name])
        else:
            compare((name, value, told.get(name)))
