# SPDX-License-Identifier: Apache-2.0
"""Answers to a schedule's questions: one cleaned shape for JSON and forms, one sentence for each fault."""

from datetime import date
from typing import Any

import pytest

from mcla.terms import DeclarationsInvalid, Field, Option, Schedule
from mcla.terms import check_declarations as check
from mcla.terms.schedule import MAX_ITEMS

HELP = "Asked because somebody must know."
TODAY = date(2026, 11, 22)
SCHEDULE = Schedule(
    "mcla.schedule/1",
    "D",
    "About the data",
    (
        Field("title", "Title", HELP, "text", "flat", required=True, max_length=20),
        Field("note", "Note", HELP, "text", "flat", required=False),
        Field(
            "way", "Way", HELP, "choice", "flat", required=True, options=(Option("own", "Own"), Option("web", "Web"))
        ),
        Field("sources", "Sources", HELP, "list", "checked", required=True, max_length=10),
        Field("secret", "Secret?", HELP, "yesno", "flat", required=True),
        Field("clean", "It is clean", HELP, "confirm", "knowledge", required=True),
    ),
)
GOOD: dict[str, Any] = {"title": "Birds", "way": "own", "sources": ["one", "two"], "secret": False, "clean": True}


def check_declarations(schedule: Schedule | None, values: dict[str, Any]) -> dict[str, Any]:
    return check(schedule, values, TODAY)


def errors_of(**changed: Any) -> dict[str, str]:
    """Pointer -> sentence for the good answers with `changed` in them."""
    with pytest.raises(DeclarationsInvalid) as refused:
        check_declarations(SCHEDULE, GOOD | changed)
    return {error["pointer"]: error["detail"] for error in refused.value.errors}


def test_json_answers_come_out_as_they_went_in() -> None:
    assert check_declarations(SCHEDULE, GOOD) == GOOD


def test_form_answers_come_out_as_json_answers_do() -> None:
    form = {"title": " Birds ", "note": "", "way": "own", "sources": "one\r\n\r\n two\n", "secret": "no", "clean": "on"}
    assert check_declarations(SCHEDULE, form) == GOOD


def test_answers_are_in_the_order_of_the_questions() -> None:
    backwards = dict(reversed(GOOD.items()))
    assert list(check_declarations(SCHEDULE, backwards)) == list(GOOD)


def test_text_is_brought_to_one_spelling() -> None:
    assert check_declarations(SCHEDULE, GOOD | {"title": "Cafe\u0301"})["title"] == "Caf\u00e9"


def test_a_kind_without_questions_takes_no_answers() -> None:
    assert check_declarations(None, {}) == {}
    with pytest.raises(DeclarationsInvalid, match="the questions are: none"):
        check_declarations(None, {"title": "x"})


def test_nothing_answered_names_every_required_question_once() -> None:
    with pytest.raises(DeclarationsInvalid) as refused:
        check_declarations(SCHEDULE, {})
    pointers = [error["pointer"] for error in refused.value.errors]
    assert pointers == ["/title", "/way", "/sources", "/secret", "/clean"]
    assert refused.value.status == 422
    assert refused.value.extra == {"errors": refused.value.errors}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("title", "", "Answer “Title”."),
        ("title", " \n ", "Answer “Title”."),
        ("title", 7, "takes a text"),
        ("title", ["Birds"], "takes a text"),
        ("title", "x" * 21, "has 21 characters; at most 20 fit"),
        ("title", "a\x00b", "U+0000"),
        ("title", "safe\u202etxt", "U+202E"),
        ("title", "half \ud800", "U+D800"),
        ("note", {"a": 1}, "takes a text"),
        ("way", "stolen", "takes one of: own, web"),
        ("way", True, "takes one of: own, web"),
        ("way", None, "Choose an answer to “Way”."),
        ("sources", [], "Answer “Sources”."),
        ("sources", [" ", ""], "Answer “Sources”."),
        ("sources", ["one", 2], "takes a list of texts"),
        ("sources", "x" * 11, "at most 10 fit"),
        ("sources", ["x"] * (MAX_ITEMS + 1), f"at most {MAX_ITEMS} fit"),
        ("secret", "maybe", "takes yes or no"),
        ("secret", 1, "takes yes or no"),
        ("clean", False, "Confirm “It is clean”, or do not sign"),
        ("clean", "no", "Confirm “It is clean”, or do not sign"),
        ("clean", "maybe", "can only be confirmed"),
        ("colour", "red", "not a question for this kind; the questions are: title, note"),
        ("sorces", ["one"], "did you mean sources?"),
        ("note", "ask ada@example.org about it", "carries an e-mail address; the answers can be read by everybody"),
    ],
)
def test_a_bad_answer_has_one_pointer_and_one_sentence(key: str, value: Any, words: str) -> None:
    errors = errors_of(**{key: value})
    assert set(errors) == {f"/{key}"}
    assert words in errors[f"/{key}"]


def test_a_refusal_does_not_repeat_what_was_typed() -> None:
    assert "hunter2" not in str(errors_of(title="hunter2 " * 10))


def test_a_strange_key_becomes_a_valid_pointer() -> None:
    assert "/a~1b~0c" in errors_of(**{"a/b~c": 1})
