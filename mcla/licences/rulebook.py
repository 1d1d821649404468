# SPDX-License-Identifier: Apache-2.0
"""The rules in words, the policies and the small tables that rules rest on: data, read once and strictly.

What a rule does with a record is code (`mcla.licences.rules`); which text names which other licence, and which
countries are in the EU, is not.
"""

from dataclasses import dataclass
from typing import Any, cast

from mcla.licences.reading import LicenceDataInvalid, read
from mcla.licences.vocabulary import Stance

SCHEMA = "mcla.licence-rules/1"


@dataclass(frozen=True, slots=True)
class PolicyPoint:
    """A debated point: what holds where a project says nothing, and what it is about."""

    default: Stance
    meaning: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`rules` are id -> text; the sets hold licence ids, `named_by_text` those that a copyleft text itself names."""

    as_of: str
    rules: dict[str, str]
    verdicts: dict[str, str]
    evidence: dict[str, str]
    policies: dict[str, PolicyPoint]
    family_tags: frozenset[str]
    no_licence: frozenset[str]
    closed_terms: frozenset[str]
    results_free: frozenset[str]
    always_multimodal: frozenset[str]
    named_by_text: dict[str, frozenset[str]]
    later: dict[str, frozenset[str]]
    """The later versions of a text, which count where something is given under it "or any later version"."""
    territories: dict[str, frozenset[str]]


_MEMBERS = {"schema", *Rulebook.__dataclass_fields__}


def read_rules(value: object) -> Rulebook:
    """The rulebook in parsed JSON; raises `LicenceDataInvalid`."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise LicenceDataInvalid(f"expected rules of the schema {SCHEMA}, got something else")
    if set(value) != _MEMBERS:
        raise LicenceDataInvalid(f"expected exactly the members {', '.join(sorted(_MEMBERS))} in the rules")
    texts = {name: _texts(value[name], f"/{name}") for name in ("rules", "verdicts", "evidence")}
    lists = {name: frozenset(value[name]) for name, hint in Rulebook.__annotations__.items() if hint == frozenset[str]}
    by_name = ("named_by_text", "later", "territories")
    tables = {name: {key: frozenset(each) for key, each in value[name].items()} for name in by_name}
    policies = {key: read(PolicyPoint, each, f"/policies/{key}") for key, each in value["policies"].items()}
    return Rulebook(as_of=value["as_of"], policies=policies, **cast("dict[str, Any]", {**texts, **lists, **tables}))


def _texts(value: object, pointer: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) and text for text in value.values()):
        raise LicenceDataInvalid(f"{pointer}: expected texts by name, got something else")
    return value
