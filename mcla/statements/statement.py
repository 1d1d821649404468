# SPDX-License-Identifier: Apache-2.0
"""Reading a statement of any type: `parse_statement`, and the types it may give.

`to_bytes` and `parse_statement` are inverse to each other: bytes that are not exactly what we would write are refused,
so that a digest of a statement names one content.
"""

from collections.abc import Callable
from typing import Any

from mcla.statements.acceptance import ACCEPTANCE_TYPE, Acceptance, read_acceptance
from mcla.statements.base import SALT_BYTES, STATEMENT_TYPE
from mcla.statements.company_change import CHANGE_NAME, COMPANY_CHANGE_TYPE, CompanyChange, read_change
from mcla.statements.contribution import (
    CONTRIBUTION_TYPE,
    MAX_FILE_SUBJECTS,
    Contribution,
    manifest_subjects,
    read_contribution,
    read_tensors_ref,
)
from mcla.statements.offer_answer import OFFER_ANSWER_TYPE, OfferAnswer, answered_subjects, read_offer_answer
from mcla.statements.parts import StatementInvalid, Subject, require
from mcla.statements.shapes import as_object, check_members, read_subjects
from mcla.statements.strict import parse_json
from mcla.statements.withdrawal import ENDED_NAME, WITHDRAWAL_TYPE, Withdrawal, ended_subjects, read_withdrawal

__all__ = [
    "ACCEPTANCE_TYPE",
    "CHANGE_NAME",
    "COMPANY_CHANGE_TYPE",
    "CONTRIBUTION_TYPE",
    "ENDED_NAME",
    "MAX_FILE_SUBJECTS",
    "OFFER_ANSWER_TYPE",
    "SALT_BYTES",
    "STATEMENT_TYPE",
    "WITHDRAWAL_TYPE",
    "Acceptance",
    "AnyStatement",
    "CompanyChange",
    "Contribution",
    "OfferAnswer",
    "Withdrawal",
    "answered_subjects",
    "ended_subjects",
    "manifest_subjects",
    "parse_draft",
    "parse_statement",
    "read_tensors_ref",
]

AnyStatement = Acceptance | Contribution | Withdrawal | CompanyChange | OfferAnswer
MAX_STATEMENT_BYTES = 2 * 1024 * 1024
_READERS: dict[str, Callable[[tuple[Subject, ...], dict[str, Any]], AnyStatement]] = {
    ACCEPTANCE_TYPE: read_acceptance,
    CONTRIBUTION_TYPE: read_contribution,
    WITHDRAWAL_TYPE: read_withdrawal,
    COMPANY_CHANGE_TYPE: read_change,
    OFFER_ANSWER_TYPE: read_offer_answer,
}


def parse_statement(data: bytes) -> AnyStatement:
    """Read a statement; raises `StatementInvalid` or `JsonInvalid`. `to_bytes()` of the result equals `data`."""
    statement = parse_draft(data)
    require(statement.confirmed, "the passkey's assertion (contributorKey.webauthn) with keyHolder passkey", "none")
    return statement


def parse_draft(data: bytes) -> AnyStatement:
    """The same of a statement that may still wait for its passkey's assertion: no finished one does."""
    value = as_object(parse_json(data, max_bytes=MAX_STATEMENT_BYTES), "statement")
    check_members(value, {"_type", "subject", "predicateType", "predicate"}, "the statement")
    require(value["_type"] == STATEMENT_TYPE, f"_type {STATEMENT_TYPE}", value["_type"])
    subjects = read_subjects(value["subject"])
    predicate = as_object(value["predicate"], "predicate")
    statement = _read_predicate(value["predicateType"], subjects, predicate)
    if statement.to_bytes() != data:
        raise StatementInvalid("expected the canonical form (RFC 8785), got the same content in another spelling")
    return statement


def _read_predicate(kind: object, subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> AnyStatement:
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    require(reader, f"predicateType {', '.join(_READERS)}", kind)
    assert reader is not None  # noqa: S101 - for the type checker; `require` raised otherwise
    return reader(subjects, predicate)
