# SPDX-License-Identifier: Apache-2.0
"""The document that holds one change of a company, with who makes it and why.

It is canonical JSON with a random salt: its digest goes into the statement, so that the log tells nothing of a person,
and whoever is shown the document can check it against the bundle. Bytes that are not exactly what we would write are
refused.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from app.companies.changes import Account, Change, Rule
from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import format_time, parse_time
from mcla.statements.statement import CHANGE_NAME
from mcla.statements.strict import parse_json

SCHEMA = "mcla.company-change/1"


@dataclass(frozen=True, slots=True)
class Document:
    """One change with who makes it and why, as it is stored and hashed."""

    company: str
    actor: Account
    reason: str
    change: Change
    salt: bytes

    @classmethod
    def of(cls, company: str, actor: Account, reason: str, change: Change) -> "Document":
        return cls(company, actor, reason, change, secrets.token_bytes(32))

    def to_bytes(self) -> bytes:
        return canonical_json(
            {
                "schema": SCHEMA,
                "salt": base64.b64encode(self.salt).decode(),
                "company": self.company,
                "actor": plain(self.actor),
                "reason": self.reason,
                "change": plain(self.change),
            }
        )


def parse_document(data: bytes) -> Document:
    """Read a stored document; `ValueError` or `KeyError` mean that it is none of ours."""
    value = parse_json(data)
    change = _change(value["change"])
    actor = Account(value["actor"]["provider"], value["actor"]["subject"])
    salt = base64.b64decode(value["salt"], validate=True)
    document = Document(value["company"], actor, value["reason"], change, salt)
    if document.to_bytes() != data:
        raise ValueError("expected a company change exactly as it was written, got other bytes")
    return document


def answers_sha256(answers: Mapping[str, Any]) -> str:
    """The digest (64 hex) by which a release names the declarations of a contribution."""
    return sha256_hex(canonical_json(dict(answers)))


def manifest_of(document: bytes) -> Manifest:
    """The manifest of one file whose root a statement names."""
    return Manifest.of([ManifestEntry(CHANGE_NAME, sha256_hex(document), len(document))])


def plain(value: Change | Rule) -> dict[str, Any]:
    """A change or rule as JSON has it."""
    members = {name: _member(getattr(value, name)) for name in type(value).__dataclass_fields__}
    return {"type": value.type, **members}


def _member(value: object) -> object:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, Rule):
        return plain(value)
    return list(value) if isinstance(value, tuple) else value


_TYPES: Mapping[str, type[Change]] = {each.type: each for each in get_args(Change)}
_RULES: Mapping[str, type[Rule]] = {each.type: each for each in get_args(Rule)}


def _change(value: Mapping[str, Any]) -> Change:
    return _TYPES[value["type"]](**{name: _read(name, member) for name, member in value.items() if name != "type"})


def _read(name: str, value: Any) -> Any:
    if name in ("rule", "giver"):
        return _RULES[value["type"]](**{key: member for key, member in value.items() if key != "type"})
    if name == "kinds":
        return tuple(value)
    return parse_time(value) if name in ("valid_from", "valid_to") and value is not None else value
