# SPDX-License-Identifier: Apache-2.0
"""`schedules/<letter>.toml`: the questions of a schedule, refused when they contradict themselves."""

import pytest

from mcla.terms import ScheduleInvalid, parse_schedule

GOOD = """
schema = "mcla.schedule/1"
letter = "W"
title = "About the weights"
[[fields]]
key = "relation"
label = "How was it made?"
help = "The licence of a base reaches it."
type = "choice"
standard = "flat"
promise = "base_chain"
required = true
options = [{ value = "scratch", label = "From scratch" }, { value = "merge", label = "A merge" }]
[[fields]]
key = "tests"
label = "How was it tested?"
help = "So that a maintainer can decide."
type = "text"
standard = "checked"
required = false
kinds = ["adapter"]
"""


def test_questions_are_narrowed_to_a_kind() -> None:
    schedule = parse_schedule(GOOD.encode(), "W")
    assert [field.key for field in schedule.for_kind("weights").fields] == ["relation"]
    assert [field.key for field in schedule.for_kind("adapter").fields] == ["relation", "tests"]
    assert schedule.kinds == ("weights", "adapter", "tokenizer")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('letter = "W"', 'letter = "D"', 'letter: is "D" in a file named for schedule W'),
        ('letter = "W"', 'letter = "X"', 'allowed: "D", "W", "S"'),
        ('key = "tests"', 'key = "relation"', "is asked twice"),
        ('key = "tests"', 'key = "Tests!"', "a key such as base_models"),
        ('type = "text"', 'type = "choice"', "fields[1].options: are needed"),
        ('type = "choice"', 'type = "text"', "fields[0].options: are needed"),
        ('type = "text"', 'type = "date"', '"text", "choice", "yesno", "confirm", "list"'),
        ('standard = "checked"', 'standard = "off"', '"flat", "checked", "knowledge"'),
        ('value = "merge"', 'value = "scratch"', "the same value twice"),
        ('promise = "base_chain"', 'promise = "minors"', '"minors" is no promise for these kinds'),
        ('promise = "base_chain"', 'promise = "love"', "known: authority"),
        ('kinds = ["adapter"]', 'kinds = ["code"]', "code is not of this schedule"),
        ("required = false", 'required = "no"', "expected true or false"),
        ('help = "So that a maintainer can decide."', "", "fields[1].help: is missing"),
        ('help = "So that a maintainer can decide."', 'help = "short"', "10 to 600"),
        ('label = "How was it tested?"', 'label = "How \\u200b was it?"', "U+200B"),
        ("required = false", "required = false\nmax_length = 0", "from 1 to 4000"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused_by_name(old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(ScheduleInvalid) as refused:
        parse_schedule(GOOD.replace(old, new, 1).encode(), "W")
    assert words in refused.value.message
    assert "schedules/W.toml" in refused.value.message


def test_a_schedule_without_questions_is_refused() -> None:
    with pytest.raises(ScheduleInvalid, match="asks at least one question"):
        parse_schedule(GOOD.split("[[fields]]")[0].encode() + b"fields = []", "W")
