# SPDX-License-Identifier: Apache-2.0
"""The signed answer to a check (`mcla.verify.svr`), for a merge gate to keep.

Its subjects are the change's head and the files that were asked about. It binds the whole answer by digest.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.jsontext import JsonInvalid, canonical_json, parse_json
from mcla.checks.answer import Answer, read_answer, worst
from mcla.checks.change import MAX_BYTES, MAX_VALUES
from mcla.statements.parts import parse_time
from mcla.verify.svr import Proven, Purpose, SignedAnswerInvalid, proven, statement_of
from mcla.verify.trust import TrustedRoot

PURPOSE = Purpose("checks", "mclaCheck", "answers to checks")
CHANGE_COVERED, PEOPLE_COVERED, FILES_COVERED = "MCLA_CHANGE_COVERED", "MCLA_PEOPLE_COVERED", "MCLA_FILES_COVERED"
MAX_FILE_SUBJECTS = 512
"""Of more files none is a subject; the answer that is bound has them all."""


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """An answer whose signature holds: about the commit `head`, by the service `origin`, signed at `time`."""

    answer: Answer
    head: str
    origin: str
    time: datetime
    properties: tuple[str, ...]


def result_of(answer: Answer, head: str, origin: str, now: datetime) -> bytes:
    """The statement (RFC 8785) that is signed for an answer on a change with this head."""
    files = [each for each in answer.artifacts if each.sha256]
    named = files if len(files) <= MAX_FILE_SUBJECTS else []
    used = answer.policy.sha256
    policy = {"uri": f"{origin}/api/v1/checks", **({"digest": {"sha256": used}} if used else {})}
    subjects = [
        {"name": "head", "digest": {"gitCommit": head}},
        *({"name": each.path, "digest": {"sha256": each.sha256}} for each in named),
    ]
    bound = {"answer": {"sha256": _digest(answer.to_dict())}, "project": answer.project}
    return statement_of(PURPOSE, origin, now, subjects, [policy], properties_of(answer), bound)


def properties_of(answer: Answer) -> tuple[str, ...]:
    """What held; what did not is left out, as the result's specification wants it."""
    people = worst(each.said.word for each in answer.subjects if each.required) == "covered"
    files = bool(answer.artifacts) and worst(each.said.word for each in answer.artifacts) == "covered"
    held = ((answer.verdict == "covered", CHANGE_COVERED), (people, PEOPLE_COVERED), (files, FILES_COVERED))
    return tuple(name for holds, name in held if holds)


def is_signed_answer(data: bytes) -> bool:
    """Whether a file is meant as the answer to a check with its signature."""
    try:
        value = parse_json(data, max_bytes=2 * MAX_BYTES, max_values=2 * MAX_VALUES)
    except JsonInvalid:
        return False
    return isinstance(value, dict) and {"envelope", "verdict", "subjects", "as_of"} <= value.keys()


def verify_answer(data: bytes, trust: TrustedRoot) -> SignedAnswer:
    """Read an answer with its `envelope` and check that the trust file's service signed exactly it.

    Raises `SignedAnswerInvalid`, or what the failing part raises (`MclaError`).
    """
    value = parse_json(data, max_bytes=2 * MAX_BYTES, max_values=2 * MAX_VALUES)
    if not isinstance(value, dict) or "envelope" not in value:
        raise SignedAnswerInvalid("expected the answer to a check with its envelope, got something else")
    told = {name: each for name, each in value.items() if name != "envelope"}
    result = proven(value["envelope"], trust, PURPOSE)
    head, digest = _bound(result)
    if digest != _digest(told):
        raise SignedAnswerInvalid("expected the answer that was signed, got one that was changed")
    answer, said = read_answer(told), result.predicate
    if tuple(said["properties"]) != properties_of(answer) or parse_time(said["timeCreated"]) > result.time:
        raise SignedAnswerInvalid("expected the properties and time of this answer, got others")
    return SignedAnswer(answer, head, result.origin, result.time, properties_of(answer))


def _bound(result: Proven) -> tuple[str, str]:
    """The head that was asked about, and the digest of the answer."""
    try:
        head, digest = (
            result.subjects[0]["digest"]["gitCommit"],
            result.predicate[PURPOSE.extension]["answer"]["sha256"],
        )
    except (KeyError, IndexError, TypeError):
        head = digest = None
    if not isinstance(head, str) or not isinstance(digest, str):
        raise SignedAnswerInvalid("expected a result about a commit that binds an answer, got another")
    return head, digest


def _digest(answer: dict[str, Any]) -> str:
    return sha256_hex(canonical_json(answer))
