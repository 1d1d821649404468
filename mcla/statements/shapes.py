# SPDX-License-Identifier: Apache-2.0
"""The shapes inside a statement: objects with exactly their members, subjects in their order, base64.

Each function raises `StatementInvalid` for another shape.
"""

import base64
import binascii
import itertools
from collections.abc import Mapping
from typing import Any

from mcla.artifacts.paths import MANIFEST_NAME
from mcla.statements.canonical import JsonUnwritable, canonical_json
from mcla.statements.parts import EarlierRef, StatementInvalid, Subject, require

MAX_SUBJECTS = 1024
MAX_EARLIER = 512


def read_base64(value: object, what: str) -> bytes:
    """Base64; that it is spelled in the one way is seen when the whole statement is written again."""
    try:
        return base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise StatementInvalid(f"expected {what} in base64") from error


def read_subjects(value: object) -> tuple[Subject, ...]:
    """The subjects as they come from JSON, at most 1,024."""
    require(
        isinstance(value, list) and 1 <= len(value) <= MAX_SUBJECTS, f"1 to {MAX_SUBJECTS} subjects", "another number"
    )
    assert isinstance(value, list)  # noqa: S101 - for the type checker; `require` raised otherwise
    return tuple(_read_subject(item) for item in value)


def _read_subject(item: object) -> Subject:
    subject = as_object(item, "subject")
    check_members(subject, {"name", "digest"}, "a subject")
    digest = part_of(subject, "digest", {"sha256"})
    require(isinstance(subject["name"], str), "a subject's name as text", subject["name"])
    return Subject(name=subject["name"], sha256=digest["sha256"])


def check_subjects(subjects: tuple[Subject, ...]) -> None:
    """The root first, then each other subject once, in the order of the names' bytes."""
    require(1 <= len(subjects) <= MAX_SUBJECTS, f"1 to {MAX_SUBJECTS} subjects", len(subjects))
    require(subjects[0].name == MANIFEST_NAME, f"{MANIFEST_NAME} as first subject", subjects[0].name)
    names = [subject.name.encode() for subject in subjects[1:]]
    require(MANIFEST_NAME.encode() not in names, f"{MANIFEST_NAME} once", "it twice")
    ordered = all(one < two for one, two in itertools.pairwise(names))
    require(ordered, "each file once, in the order of the UTF-8 bytes of the names", "another order")


def read_earlier(value: object) -> tuple[EarlierRef, ...]:
    """Earlier signatures as they come from JSON."""
    require(isinstance(value, list), "earlier signatures as a list", value)
    assert isinstance(value, list)  # noqa: S101 - for the type checker; `require` raised otherwise
    parts = [as_object(item, "an earlier signature") for item in value]
    for part in parts:
        check_members(part, {"entry", "logIndex"}, "an earlier signature")
    return tuple(EarlierRef(entry=part["entry"], log_index=part["logIndex"]) for part in parts)


def check_earlier(earlier: tuple[EarlierRef, ...]) -> None:
    """Each earlier signature once, in the order of the log, at most 512."""
    require(len(earlier) <= MAX_EARLIER, f"at most {MAX_EARLIER} earlier signatures", len(earlier))
    ordered = all(one.log_index < two.log_index for one, two in itertools.pairwise(earlier))
    require(ordered, "each earlier signature once, in the order of the log", "another order")


def check_writable(declarations: Mapping[str, Any]) -> None:
    """Only what canonical JSON can hold."""
    try:
        canonical_json(declarations)
    except JsonUnwritable as error:
        raise StatementInvalid(f"declarations: {error.message}") from error


def part_of(value: dict[str, Any], name: str, members: set[str]) -> dict[str, Any]:
    """The object under `name`, with exactly these members."""
    part = as_object(value[name], name)
    check_members(part, members, name)
    return part


def as_object(value: object, what: str) -> dict[str, Any]:
    """The value, if it is an object."""
    require(isinstance(value, dict), f"{what} as an object", value)
    return value  # type: ignore[return-value]


def check_members(value: dict[str, Any], members: set[str], what: str) -> None:
    """Nothing missing, nothing unknown."""
    if value.keys() == members:
        return
    missing, extra = sorted(members - set(value)), sorted(set(value) - members)
    require(not missing, f"{what} to hold {', '.join(missing)}", "nothing there")
    require(not extra, f"{what} to hold nothing unknown", ", ".join(extra))
