# SPDX-License-Identifier: Apache-2.0
"""The form "check a combination": what its fields ask, as the question that the API and the command line take.

Up to three bases, as many as a form can show without a script; longer questions are for the API.
"""

from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import MultiDict

from app.licences.words import DUTY, EVIDENCE
from mcla.licences.asking import QuestionInvalid, read_question
from mcla.licences.question import Question
from mcla.licences.registry import registry
from mcla.licences.verdict import Answer
from mcla.wording import Worded

BASES = 3
_ANSWERS = {"yes": True, "no": False}


def asked(form: MultiDict[str, str]) -> Question:
    """The question; raises `QuestionInvalid` naming the field."""
    pairs = [(form.get(f"base-{n}", "").strip(), form.get(f"relation-{n}", "")) for n in range(1, BASES + 1)]
    bases = [{"licence": licence, "relation": relation} for licence, relation in pairs if licence]
    if not bases:
        raise QuestionInvalid(Worded("Name the licence of at least one base."), "/base-1")
    if not form.get("declared", "").strip():
        raise QuestionInvalid(Worded("Name the licence that it is to go out under."), "/declared")
    question: dict[str, Any] = {
        "bases": bases,
        "kind": bases[0]["relation"],
        "declared": form["declared"].strip(),
        "evidence": _evidence(form, (base["licence"] for base in bases)),
    }
    name, context = form.get("name", "").strip(), _context(form)
    return read_question(question | ({"artifact_name": name} if name else {}) | {"context": context})


def owed(answer: Answer) -> dict[str, list[str]]:
    """The missing duties in words, by the licence that asks for them; under "" what is asked of the name."""
    told: dict[str, list[str]] = {}
    for duty in answer.missing:
        name, _, whose = duty.partition(":")
        licence = registry().by_id(whose)
        words = licence.flow_down.attribution_display if licence and name == "attribution_display" else None
        if name == "name_prefix":
            told.setdefault("", []).append(Worded("Let the model’s name begin with “%(prefix)s”", prefix=whose))
        elif words:
            told.setdefault(whose, []).append(Worded("Display what it asks for: “%(words)s”", words=words))
        else:
            told.setdefault(whose, []).append(DUTY.get(name, name))
    return told


def _evidence(form: MultiDict[str, str], licences: Iterable[str]) -> dict[str, Any]:
    ticked = [name for name in EVIDENCE if name in form.getlist("evidence")]
    found = [registry().find(licence).one for licence in licences]
    ids = sorted({licence.id for licence in found if licence})
    return {name: ids if name in ("licence_copies", "attribution_for") else True for name in ticked}


def _context(form: MultiDict[str, str]) -> dict[str, Any]:
    # What is no answer of the form is asked as it stands, and refused by name.
    given: dict[str, Any] = {
        name: _ANSWERS.get(said, said or None)
        for name in ("commercial", "removes_safeguards")
        for said in [form.get(name, "")]
    }
    given["contributor_territory"] = form.get("territory", "").strip() or None
    return {name: value for name, value in given.items() if value is not None}


def field_of(error: QuestionInvalid) -> str:
    """The form's field that a fault of the question is about, as a pointer; the first base where none is."""
    parts = error.pointer.strip("/").split("/")
    match parts:
        case ["bases", place, member, *_]:
            return f"/{'relation' if member == 'relation' else 'base'}-{int(place) + 1}"
        case ["context", "contributor_territory"]:
            return "/territory"
        case ["context", ("commercial" | "removes_safeguards") as name]:
            return f"/{name}"
        case ["artifact_name"]:
            return "/name"
        case [name] if name in ("base-1", "declared"):
            return f"/{name}"
    return "/base-1"
