# SPDX-License-Identifier: Apache-2.0
"""Whether the terms of a base are known, and which text of them counts: R-UNK and R-VER."""

from typing import Any

from mcla.licences.meanings import FIELDS
from mcla.licences.question import Base
from mcla.licences.registry import Match
from mcla.licences.rules.case import (
    ALLOWED,
    DATA,
    DENIED,
    MATERIAL,
    NEEDS_REVIEW,
    NOTHING,
    OUTPUTS,
    STANCES,
    TRAINED,
    Case,
    Found,
    Situation,
)
from mcla.licences.rules.fitting import is_permissive
from mcla.licences.sentences import shown
from mcla.licences.verdict import Finding, Verdict
from mcla.wording import Joined

_ALWAYS = ("thresholds", "flow_down.attribution_display")
_OF_DATA = (*_ALWAYS, "commercial_use", "derivatives.outbound")
OF_WEIGHTS = (*_OF_DATA, "restrictions")
_DECIDING: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(OUTPUTS, _ALWAYS),  # what a text says of outputs is asked for where it decides
    **dict.fromkeys(TRAINED | MATERIAL, _OF_DATA),
    **dict.fromkeys(DATA, OF_WEIGHTS),
}
"""The fields that a case of this relation turns on, as the data file names them."""


def unidentified(situation: Situation, place: int, base: Base, match: Match) -> Found:
    """R-UNK-1 and R-UNK-2: a base of which no single text is known ends here."""
    book, licence = situation.book, match.one
    if licence and licence.id in book.no_licence:
        return (Finding("R-UNK-2", DENIED, "no-licence", {}, place),)
    if licence and licence.id not in book.family_tags:
        return NOTHING
    code = "family-tag" if licence else "several-texts" if match.licences else _nameless(base.licence)
    parts = {
        "licence": licence.id if licence else shown(base.licence),
        "several": ", ".join(each.id for each in match.licences),
    }
    return (Finding("R-UNK-1", unknown(situation), code, parts, place),)


def _nameless(name: str) -> str:
    return "several-licences" if {"AND", "OR"} & set(name.split()) else "not-in-table"


def outputs_only(case: Case) -> Found:
    """R-UNK-2: a service's terms for its outputs grant nothing in the model."""
    if case.licence.covers == ("output",):
        return case.say("R-UNK-2", DENIED, "outputs-only")
    return NOTHING


def unread(case: Case) -> Found:
    """R-UNK-3: a record that nobody took from the text, or a field unknown that decides the case."""
    licence = case.licence
    if licence.confidence == "low":
        return case.say("R-UNK-3", unknown(case.situation), "low-confidence")
    if not licence.unknown:
        return NOTHING
    student = case.base.relation in OUTPUTS and licence.derivatives.distilled_from_outputs == "yes"
    deciding = OF_WEIGHTS if student else _DECIDING.get(case.base.relation, OF_WEIGHTS)
    fields = [field for field in deciding if not licence.knows(field)]
    if not fields or is_permissive(licence):
        return NOTHING
    named = Joined("; ", (FIELDS[each] for each in fields))
    return case.say("R-UNK-3", unknown(case.situation), "fields-unknown", fields=named)


def unknown(situation: Situation) -> Verdict:
    """What is unknown is never permissive: a policy can deny it and not allow it."""
    return max(NEEDS_REVIEW, STANCES[situation.question.policy.unknown])


def version(case: Case) -> Found:
    """R-VER-1: the text held at download decides."""
    base, licence = case.base, case.licence
    if base.text_version == "older":
        return case.say("R-VER-1", ALLOWED, "older-text")
    if base.text_version == "re-downloaded":
        return case.say("R-VER-1", ALLOWED, "taken-again")
    early = licence.newer_than(base.retrieved)
    if base.text_version != "newer" and not early:
        return NOTHING
    if licence.licensor_may_change_terms:
        return case.say("R-VER-1", ALLOWED, "newer-by-its-text")
    if early:
        dates: dict[str, Any] = {"text_date": licence.text_date, "retrieved": base.retrieved}
        return case.say("R-VER-1", NEEDS_REVIEW, "newer-than-download", **dates)
    return case.say("R-VER-1", NEEDS_REVIEW, "newer-text")


def nameless(situation: Situation) -> Found:
    """R-UNK-1 for what is declared: a tag that names no terms is none to give out under."""
    if not situation.offer.nameless:
        return NOTHING
    return (Finding("R-UNK-1", unknown(situation), "declared-nameless", {"declared": situation.offer.label}),)
