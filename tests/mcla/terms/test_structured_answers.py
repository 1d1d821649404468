# SPDX-License-Identifier: Apache-2.0
"""Structured answers: numbers with units, days, digests, entries of bases, questions that hang on other answers."""

from datetime import date
from typing import Any

import pytest

from mcla.statements.canonical import canonical_json
from mcla.terms import SHAPES, DeclarationsInvalid, Field, Option, Schedule, When, check_declarations
from mcla.terms.answers import read_one
from mcla.terms.compute import held_against_base
from mcla.terms.schedule import MAX_ROWS
from mcla.terms.words import COMPARED, tell, tell_all

HELP = "Asked because somebody must know."
TODAY = date(2026, 11, 22)
HEX = "ab" * 32
MADE = When("made", ("tuned", "merged"))
MADE_OPTIONS = (Option("scratch", "From scratch"), Option("tuned", "Tuned"), Option("merged", "Merged"))
FIELDS = (
    Field("made", "Made", HELP, "choice", "flat", required=True, options=MADE_OPTIONS),
    Field("bases", "Bases", HELP, "bases", "flat", required=True, when=MADE),
    Field("compute", "Compute", HELP, "number", "knowledge", required=False, units=("FLOP", "GPU hours")),
    Field("share", "Share", HELP, "number", "flat", required=False, units=("%",), most=100),
    Field("found", "Found", HELP, "date", "flat", required=False, dates="past"),
    Field("secret", "Secret?", HELP, "yesno", "flat", required=False),
    Field("embargo_until", "Secret until", HELP, "date", "flat", required=True, when=When("secret", ("yes",)),
          dates="future", within_days=90),
    Field("text_sha256", "Text", HELP, "digest", "flat", required=False),
    Field("media", "Media", HELP, "choices", "flat", required=False,
          options=(Option("text", "T"), Option("image", "I"))),
    Field("seen", "Seen", HELP, "checks", "checked", required=False, when=When("media", ("image",))),
)  # fmt: skip
SCHEDULE = Schedule("mcla.schedule/1", "W", "About", FIELDS)
BASE = {"name": "example/tiny", "revision": "v1", "relation": "fine-tune", "licence": "Apache-2.0"}
GOOD: dict[str, Any] = {"made": "tuned", "bases": [BASE]}
BY_KEY = {field.key: field for field in FIELDS}


def check(**changed: Any) -> dict[str, Any]:
    return check_declarations(SCHEDULE, GOOD | changed, TODAY)


def errors_of(**changed: Any) -> dict[str, str]:
    with pytest.raises(DeclarationsInvalid) as refused:
        check(**changed)
    return {error["pointer"]: error["detail"] for error in refused.value.errors}


@pytest.mark.parametrize(
    ("key", "given", "stated"),
    [
        ("compute", "1.5e21 FLOP", {"value": "1.5e21", "unit": "FLOP"}),
        ("compute", {"value": 1.5e21, "unit": "FLOP"}, {"value": "1.5e21", "unit": "FLOP"}),
        ("compute", {"value": "12000", "unit": "GPU hours"}, {"value": "12000", "unit": "GPU hours"}),
        ("share", 12.50, {"value": "12.5", "unit": "%"}),
        ("share", "0", {"value": "0", "unit": "%"}),
        ("found", "2026-11-22", "2026-11-22"),
        ("found", date(2026, 1, 31), "2026-01-31"),
        ("text_sha256", f"sha256:{HEX.upper()}", HEX),
        ("media", ["image", "text"], ["text", "image"]),
    ],
)
def test_an_answer_has_one_form_in_the_statement(key: str, given: Any, stated: Any) -> None:
    answers = check(**{key: given})
    assert answers[key] == stated
    assert check(**{key: stated})[key] == stated
    canonical_json(answers)


def test_an_entry_is_an_edge_with_the_parts_that_were_filled_in() -> None:
    full = BASE | {"sha256": HEX, "licence_sha256": f"SHA256:{HEX}", "retrieved": "2026-03-01"}
    assert check(bases=[full, {"name": " ", "relation": ""}])["bases"] == [full | {"licence_sha256": HEX}]


@pytest.mark.parametrize(
    ("changed", "pointer", "words"),
    [
        ({"compute": "1.5e21"}, "/compute", "units: FLOP, GPU hours"),
        ({"compute": "1,500 FLOP"}, "/compute", "without separators"),
        ({"compute": {"value": "-1", "unit": "FLOP"}}, "/compute", "a number written like"),
        ({"compute": {"value": "1e999", "unit": "FLOP"}}, "/compute", "a number written like"),
        ({"compute": {"value": "nan", "unit": "FLOP"}}, "/compute", "a number written like"),
        ({"compute": {"value": True, "unit": "FLOP"}}, "/compute", "a number written like"),
        ({"compute": {"amount": 1, "unit": "FLOP"}}, "/compute", "value and unit, and nothing like 'amount'"),
        ({"share": "101"}, "/share", "a number of 0 to 100"),
        ({"found": "2026-11-23"}, "/found", "not in the future (today is 2026-11-22)"),
        ({"found": "2026-02-30"}, "/found", "that no calendar has"),
        ({"found": "31.1.2026"}, "/found", "a day written like 2026-01-31"),
        ({"found": 20260131}, "/found", "a day written like 2026-01-31"),
        ({"secret": True}, "/embargo_until", "Answer “Secret until”"),
        ({"secret": True, "embargo_until": "2026-11-22"}, "/embargo_until", "a day after today"),
        (
            {"secret": True, "embargo_until": "2027-02-21"},
            "/embargo_until",
            "at most 90 days ahead, so until 2027-02-20",
        ),
        ({"secret": False, "embargo_until": "2026-12-01"}, "/embargo_until", "asked only if “Secret?” is “Yes”"),
        ({"text_sha256": "abc"}, "/text_sha256", "64 hex digits, as `sha256sum FILE` prints"),
        ({"media": "film"}, "/media", "takes some of: text, image"),
        ({"media": [["text"]]}, "/media", "takes some of: text, image"),
        ({"bases": []}, "/bases", "Add at least one entry to “Bases”"),
        ({"bases": ["example/tiny"]}, "/bases", "a list of entries, each with name, revision"),
        ({"bases": BASE}, "/bases", "a list of entries"),
        ({"bases": [BASE, BASE]}, "/bases/1", "the same base twice"),
        ({"bases": [BASE | {"licence": ""}]}, "/bases/0/licence", "Fill in “Licence or other ground” of base 1."),
        ({"bases": [BASE | {"revision": ""}]}, "/bases/0/revision", "Fill in “Revision (commit or tag)” or “SHA-256"),
        ({"bases": [BASE | {"relation": "stolen"}]}, "/bases/0/relation", "takes one of: fine-tune, adapter"),
        ({"bases": [BASE | {"license": "MIT"}]}, "/bases/0/license", "no part of a base; did you mean licence?"),
        ({"bases": [BASE | {"sha256": "zz"}]}, "/bases/0/sha256", "64 hex digits"),
        ({"bases": [BASE | {"retrieved": "2030-01-01"}]}, "/bases/0/retrieved", "not in the future"),
        ({"bases": [BASE | {"name": 7}]}, "/bases/0/name", "takes a text"),
        ({"bases": [BASE | {"name": f"n{n}"} for n in range(MAX_ROWS + 1)]}, "/bases", "at most 100 fit"),
        ({"made": "scratch"}, "/bases", "asked only if “Made” is “Tuned” or “Merged”; leave it empty, or change"),
        ({"media": ["text"], "seen": [{"method": "looked"}]}, "/seen", "asked only if “Media” is “I”"),
    ],
)
def test_a_bad_answer_is_pointed_at_with_a_sentence(changed: dict[str, Any], pointer: str, words: str) -> None:
    errors = errors_of(**changed)
    assert set(errors) == {pointer}
    assert words in errors[pointer]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//host/x", "https://", "https://me:pw@host/", "http://h:x/", "a"]
)
def test_an_address_is_one_that_a_page_may_link_to(url: str) -> None:
    schedule = Schedule("mcla.schedule/1", "D", "About", (Field("s", "S", HELP, "sources", "checked", required=True),))
    source = {"name": "Birds", "licence": "own", "url": "https://example.org/birds?x=1"}
    assert check_declarations(schedule, {"s": [source]}, TODAY) == {"s": [source]}
    with pytest.raises(DeclarationsInvalid, match="begins with https://"):
        check_declarations(schedule, {"s": [source | {"url": url}]}, TODAY)


def test_what_hangs_on_an_answer_that_is_at_fault_is_not_a_second_fault() -> None:
    assert set(errors_of(made="stolen")) == {"/made"}


def test_a_question_that_is_not_asked_needs_no_answer() -> None:
    assert check_declarations(SCHEDULE, {"made": "scratch", "bases": [{"name": ""}]}, TODAY) == {"made": "scratch"}


def test_answers_are_told_in_words() -> None:
    answers = check(compute="3 GPU hours", secret=False)
    told = {key: tell(BY_KEY[key], value) for key, value in answers.items()}
    assert told["made"].lines == ("Tuned",)
    assert told["compute"].lines == ("3 GPU hours",)
    assert told["secret"].lines == ("No",)
    assert told["bases"].entries[0][:3] == (
        ("Name, as on its hub", "example/tiny"),
        ("Revision (commit or tag)", "v1"),
        ("How your files relate to it", "Fine-tuned"),
    )
    assert told["bases"].flat()[0].startswith("Name, as on its hub: example/tiny · Revision (commit or tag): v1")


def test_every_entry_has_a_required_column_and_its_examples_are_good_answers() -> None:
    for kind, shape in SHAPES.items():
        assert any(column.required for column in shape.columns)
        schedule = Schedule("mcla.schedule/1", "D", "About", (Field("f", "F", HELP, kind, "flat", required=True),))
        entry = {column.key: column.example for column in shape.columns if column.example}
        assert check_declarations(schedule, {"f": [entry]}, TODAY) == {"f": [entry]}


@pytest.mark.parametrize(
    ("own", "base", "says"),
    [
        ("1e20 FLOP", "3e20 FLOP", "33.3 % of the base: not more than a third."),
        ("1.00001e20 FLOP", "3e20 FLOP", "33.3 % of the base: more than a third."),
        ("5 GPU hours", "100 GPU hours", "5 % of the base: not more"),
        ("7e22 FLOP", "1e22 FLOP", "700 % of the base: more"),
        ("1e9 FLOP", "1e25 FLOP", "less than 0.01 % of the base: not more"),
        ("0 FLOP", "1e25 FLOP", "less than 0.01 %"),
        ("1e20 FLOP", "0 FLOP", "took nothing, as stated"),
        ("12 GPU hours", "3e20 FLOP", "in different units"),
        ("1e20 FLOP", None, "What the base took is not stated"),
        (None, None, None),
    ],
)
def test_computing_is_held_against_a_third_of_that_of_the_base(
    own: str | None, base: str | None, says: str | None
) -> None:
    said: dict[str, Any] = {"compute": own, "base_compute": base}
    field = BY_KEY["compute"]
    given = {key: read_one(field, value, TODAY) for key, value in said.items() if value}
    told = tell_all(FIELDS, given)
    assert [each.label for each in told if each.label == COMPARED] == ([COMPARED] if says else [])
    assert (says or "") in held_against_base(given)
    assert held_against_base(given | {"relation": "scratch"}) == ""
