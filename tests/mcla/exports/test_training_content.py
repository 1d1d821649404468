# SPDX-License-Identifier: Apache-2.0
"""The fields of the Commission's template: filled from declarations, each under its contribution, and never with no."""

import json
import re
from typing import Any

import pytest
from notary import Notary
from releases import MANY, ONE, given

from mcla.exports.release import Release
from mcla.exports.text import content_text
from mcla.exports.training_content import Field, fields_of, told

SET: dict[str, Any] = {
    "title": "Songs", "modality": ["audio", "text"], "size": {"value": "900", "unit": "hours"}, "languages": "en, de",
    "collection": "crawled", "crawler": "SongBot 2, robots.txt", "opt_outs": "respected", "screened": "screened",
    "screening": [{"method": "hash list", "date": "2026-01-31", "result": "nothing"}],
    "sources": [
        {"name": "Radio", "url": "https://example.org/radio", "licence": "CC-BY-4.0", "retrieved": "2026-03-01"},
        {"name": "Choir", "licence": "own", "retrieved": "2025-12-24"},
    ],
}  # fmt: skip
MODEL = {
    "title": "Singer", "relation": "fine-tune", "opt_outs": "by-source", "screened": "not-screened",
    "bases": [{"name": "example/base", "revision": "v1", "relation": "fine-tune", "licence": "MIT"}],
    "training_data": [{"name": "Birds", "licence": "CC0-1.0", "retrieved": "2026-02-01"}],
}  # fmt: skip


def fields(notary: Notary, *several: tuple[str, dict[str, Any]]) -> dict[str, Field]:
    schedules = {"weights": "W", "data": "D", "synthetic": "D", "eval": "D"}
    gave = (given(notary, MANY, kind=kind, schedule=schedules[kind], declarations=said) for kind, said in several)
    return {each.ask.key: each for each in fields_of(Release("tiny", "1", tuple(gave)))}


def says(field: Field) -> list[str]:
    return [each.sentence for each in field.declared]


def test_every_section_of_the_template_is_there_in_its_order(notary: Notary) -> None:
    document = told(Release("tiny", "1", ()))
    order = list(dict.fromkeys(each["section"] for each in document["fields"]))
    assert order == list(document["sections"])
    assert {"1.1", "1.2", "1.3", "2.1", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6", "3.1", "3.2", "3.3"} <= set(order)
    keys = [each["key"] for each in document["fields"]]
    assert len(keys) == len(set(keys))
    assert {each["state"] for each in document["fields"]} == {"missing", "optional"}
    assert "C(2025) 8311" in document["template"]


def test_declarations_fill_the_fields_that_they_answer_and_name_their_contribution(notary: Notary) -> None:
    found = fields(notary, ("weights", MODEL), ("data", SET))
    assert says(found["dependencies"]) == ["Singer: example/base@v1 (fine-tune)"]
    assert says(found["sizes"]) == ["Songs: 900 hours of audio; text"]
    assert says(found["latest-day"]) == ["Songs: 2026-03-01", "Singer: 2026-02-01"]
    assert says(found["crawled-used"]) == ["Songs: yes: crawled from the web"]
    assert says(found["crawl-period"]) == ["Songs: 2025-12-24 to 2026-03-01"]
    assert says(found["unsorted"]) == ["Singer: Birds (CC0-1.0, 2026-02-01)"]
    assert says(found["illegal-content"]) == [
        "Songs: screened by whoever gave it; hash list on 2026-01-31: nothing",
        "Singer: not screened",
    ]
    assert found["languages"].declared[0].root == MANY.root
    assert found["modalities"].state == "in-part"
    assert found["modalities"].missing == ("Singer: the data that it was trained on",)


@pytest.mark.parametrize(
    ("how", "key"),
    [
        ("public-set", "public-used"),
        ("licensed", "licensed-used"),
        ("crawled", "crawled-used"),
        ("users", "users-of-services"),
        ("generated", "synthetic-used"),
        ("own", "others-used"),
    ],
)
def test_what_was_collected_in_one_way_answers_that_question_alone_and_no_other_with_no(
    notary: Notary, how: str, key: str
) -> None:
    found = fields(notary, ("data", SET | {"collection": how}))
    answered = {name for name, field in found.items() if any("yes" in each for each in says(field))}
    assert answered == {key}
    assert not re.search(r": no\b", json.dumps([each.to_dict() for each in found.values()]))


@pytest.mark.parametrize(("share", "said"), [("40", ["Songs: yes: 40 % of it"]), ("0", []), ("0.0", [])])
def test_a_share_of_nothing_is_no_synthetic_data(notary: Notary, share: str, said: list[str]) -> None:
    found = fields(notary, ("data", SET | {"synthetic_share": {"value": share, "unit": "%"}}))
    assert says(found["synthetic-used"]) == said


def test_test_sets_are_no_training_data_and_what_was_only_converted_was_not_trained(notary: Notary) -> None:
    found = fields(notary, ("eval", SET), ("weights", MODEL | {"relation": "quantisation"}))
    assert {key for key, each in found.items() if each.declared} == {"model-names", "dependencies", "unsorted"}
    assert all(not each.missing for each in found.values())


def test_the_text_counts_first_and_takes_no_markup_from_a_declaration(notary: Notary) -> None:
    hostile = "<script>\n## 9 Certified\n[x](javascript:y) `z` | *w*"
    release = Release(
        "tiny", "1", (given(notary, ONE, kind="data", schedule="D", declarations=SET | {"title": hostile}),)
    )
    text = content_text(release)
    assert re.fullmatch(r"\d+ filled, \d+ in-part, \d+ missing, \d+ optional\. A draft .+", text.splitlines()[2])
    assert "\n## 9" not in text
    assert not re.search(r"(?<!\\)(<script|\[x\]|`z`|\*w\*)", text)
    assert text.count("\n## ") == len({each.ask.section for each in fields_of(release)})
