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
        ('type = "text"', 'type = "money"', '"text", "choice", "choices", "yesno", "confirm", "list", "number"'),
        ('type = "text"', 'type = "date"', "fields[1].dates: is needed"),
        ('type = "text"', 'type = "date"\ndates = "soon"', '"past", "future"'),
        ('type = "text"', 'type = "date"\ndates = "past"\nwithin_days = 9', 'belongs to dates = "future"'),
        ('type = "text"', 'type = "number"', "fields[1].units: are needed"),
        ('type = "text"', 'type = "number"\nunits = ["%"]\nleast = 9\nmost = 1', "is 1, less than least, 9"),
        ('type = "text"', 'type = "text"\nmost = 1', 'and most belong to the type "number"'),
        (
            'key = "tests"\n',
            'key = "tests"\nwhen = { key = "sources", values = ["a"] }\n',
            '"sources" is no earlier question',
        ),
        (
            'key = "tests"\n',
            'key = "tests"\nwhen = { key = "relation", values = ["a"] }\n',
            "are some of scratch, merge",
        ),
        ('key = "tests"\n', 'key = "tests"\nwhen = { key = "relation", values = [] }\n', "are some of scratch, merge"),
        ('key = "tests"\n', 'key = "tests"\nwhen = { key = "relation" }\n', "when.values: is missing"),
        ('key = "tests"', 'key = "bases"', 'is "bases" wherever bases is asked'),
        ('key = "tests"', 'key = "embargo_until"', 'is "date" wherever embargo_until is asked'),
        ('key = "relation"', 'key = "dual_use"', "are some of none, dual-use, controlled wherever"),
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


def test_a_question_that_hangs_on_one_that_its_kind_is_not_asked_is_refused() -> None:
    hanging = GOOD.replace('key = "tests"\n', 'key = "tests"\nwhen = { key = "relation", values = ["merge"] }\n')
    assert parse_schedule(hanging.encode(), "W").fields[1].when is not None
    narrowed = hanging.replace('promise = "base_chain"', 'promise = "base_chain"\nkinds = ["weights"]')
    with pytest.raises(ScheduleInvalid, match="is not asked for every kind"):
        parse_schedule(narrowed.encode(), "W")


def test_a_schedule_without_questions_is_refused() -> None:
    with pytest.raises(ScheduleInvalid, match="asks at least one question"):
        parse_schedule(GOOD.split("[[fields]]")[0].encode() + b"fields = []", "W")
