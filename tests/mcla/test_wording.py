# SPDX-License-Identifier: Apache-2.0
"""Sentences that remember how they were made are the English text everywhere else, through copies and files too."""

import json
import pickle
from copy import deepcopy

import pytest

from mcla.errors import MclaError
from mcla.wording import Joined, Worded

TOLD = Worded("There is no project %(slug)s.", slug="'tiny'")


def test_a_sentence_reads_as_its_text_and_remembers_template_and_parts() -> None:
    assert TOLD == "There is no project 'tiny'."
    assert (TOLD.template, TOLD.parts) == ("There is no project %(slug)s.", {"slug": "'tiny'"})
    assert json.dumps([TOLD]) == json.dumps(["There is no project 'tiny'."])
    assert {TOLD: 1}["There is no project 'tiny'."] == 1


def test_a_part_may_be_called_as_the_words_are_and_without_parts_a_percent_sign_is_one() -> None:
    assert Worded("%(template)s of %(cls)s", template="a", cls="b") == "a of b"
    assert Worded("100% sure") == "100% sure"


def test_a_part_that_lacks_is_a_mistake_and_found_at_once() -> None:
    with pytest.raises(KeyError):
        Worded("There is no %(what)s.", name="x")


def test_several_leave_out_what_is_empty() -> None:
    assert Joined(" ", ("Stop.", "", TOLD)) == "Stop. There is no project 'tiny'."
    assert Joined(" ", ("Stop.", "", TOLD)).each == ("Stop.", TOLD)


@pytest.mark.parametrize("again", [deepcopy, lambda said: pickle.loads(pickle.dumps(said))])  # noqa: S301
def test_a_copy_remembers_too(again: object) -> None:
    copied = again(Worded("%(rate)s of 100%%", rate="5"))  # type: ignore[operator]
    assert (copied, copied.template, copied.parts) == ("5 of 100%", "%(rate)s of 100%%", {"rate": "5"})


def test_an_error_hands_on_the_sentence_itself() -> None:
    assert MclaError(TOLD).message is TOLD
