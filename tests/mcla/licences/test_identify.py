# SPDX-License-Identifier: Apache-2.0
"""Licence files told by their words: the same text in any layout, near texts apart, a clause more or a word less."""

import json
import textwrap
from datetime import date
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest
from needs import skip_or_fail

from mcla.licences.identify import fingerprints, identify, packed, unpacked
from mcla.licences.registry import data_file, registry
from mcla.licences.words import LicenceTextUnfit, digest_of, phrases_of, words_of
from scripts.licence_fingerprints import text_of, texts

L = "LicenseRef-"


@cache
def known() -> dict[str, bytes]:
    if find_spec("licensedcode") is None:
        skip_or_fail("needs the licence texts of scancode-toolkit-mini (make setup)")
    everything = texts()
    found = {licence.id: text_of(licence, everything) for licence in registry()}
    return {licence: text for licence, text in found.items() if text is not None}


def test_every_text_that_the_package_carries_for_an_id_has_a_fingerprint_and_is_told_by_it() -> None:
    assert len(known()) == 69
    assert set(known()) <= {each.licence for each in fingerprints().known}
    for licence, text in known().items():
        assert fingerprints().by_digest[digest_of(words_of(text))] == licence
        assert identify(text).licence == licence


def reflowed(text: str) -> str:
    return "\r\n\r\n".join(textwrap.fill(part, 60) for part in text.split("\n\n"))


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(lambda text: text.upper(), id="in capitals"),
        pytest.param(lambda text: text.replace("\n", "\n> # "), id="quoted"),
        pytest.param(lambda text: "\ufeff" + text.replace(" ", " \u202e\u200b\u202c"), id="with bidi marks"),
        pytest.param(lambda text: f"Copyright (c) 2026 Somebody and others\n\n{text}", id="with an owner"),
        pytest.param(reflowed, id="reflowed"),
    ],
)
def test_layout_case_marks_and_owners_make_no_difference(written: Any) -> None:
    for licence in ("MIT", L + "llama-3.1", L + "bigcode-openrail-m-v1", "CC-BY-4.0"):
        assert identify(written(known()[licence].decode()).encode()).licence == licence


@pytest.mark.parametrize(
    "family",
    [
        [L + "llama-3.1", L + "llama-3.2", L + "llama-3.3", L + "llama-4"],
        [L + "gemma-tou-2024-04-01", L + "gemma-tou-2025-03-24"],
        [L + "creativeml-openrail-m", L + "openrail-pp-m", L + "bigscience-openrail-m", L + "deepseek-la-1.0"],
        [L + "faipl-1.0", L + "faipl-1.0-sd"],
    ],
)
def test_near_texts_are_told_apart_also_where_a_word_is_wrong(family: list[str]) -> None:
    for licence in family:
        words = known()[licence].decode().split(" ")
        words[len(words) // 2] = "mispelt"
        found = identify(" ".join(words).encode())
        assert found.likeness[0].licence == licence
        assert found.sure in ("nearly", "changed", "with-more")


def test_a_licence_without_its_appendix_is_the_same(request: pytest.FixtureRequest) -> None:
    found = identify((request.config.rootpath / "LICENSE").read_bytes())
    assert (found.sure, found.licence) == ("same", "Apache-2.0")


def test_a_rail_without_its_list_of_restrictions_is_another_text() -> None:
    text = known()[L + "bigscience-openrail-m"].decode()
    cut = text[: text.index("END OF TERMS AND CONDITIONS")]
    assert identify(cut.encode()).licence is None


def test_a_clause_more_is_no_longer_that_licence_and_its_words_are_shown() -> None:
    text = known()["MIT"] + b"\nThe Software shall be used for Good, not Evil, by at most 7 persons."
    found = identify(text)
    assert (found.sure, found.licence) == ("with-more", None)
    assert found.likeness[0].licence == "MIT"
    assert "at most 7 persons" in " ".join(found.passages)


def test_a_clause_less_is_a_changed_licence() -> None:
    text = known()[L + "llama-3.1"].decode()
    assert text.count("700 million") == 1
    found = identify((text[: text.index("2. Additional")] + text[text.index("3. Disclaimer") :]).encode())
    assert (found.sure, found.licence, found.likeness[0].licence) == ("changed", None, L + "llama-3.1")


@pytest.mark.parametrize("text", ["", "  \n\n", "\u202e\u200b", "no licence at all", "🦙" * 1_000, "a " * 100_000])
def test_what_is_no_licence_is_unknown(text: str) -> None:
    found = identify(text.encode())
    assert (found.sure, found.licence, found.likeness) == ("unknown", None, ())


@pytest.mark.parametrize(
    ("data", "told"), [(b"MIT\0", "zero bytes"), (b"\xff\xfe", "UTF-8"), (b"a" * 10_000_000, "at most")]
)
def test_bytes_that_are_no_text_are_refused(data: bytes, told: str) -> None:
    with pytest.raises(LicenceTextUnfit, match=told):
        identify(data)


def test_a_long_text_of_nothing_but_anchors_is_answered() -> None:
    text = " ".join(f"{number}.{number} \u202e" for number in range(60_000))
    assert identify(text.encode()).sure == "unknown"


def test_only_numbers_are_shipped_with_where_and_when_the_text_was_read() -> None:
    document = json.loads(data_file("fingerprints.json"))
    for each in document["texts"]:
        assert sorted(each) == ["licence", "phrases", "read", "sha256", "source", "words"]
        assert len(unpacked(each["phrases"])) < each["words"]
        assert date.fromisoformat(each["read"]) <= date(2026, 11, 26)
    assert len({each["sha256"] for each in document["texts"]}) == len(document["texts"])


WITHOUT_A_TEXT = {"LicenseRef-openrail-generic", "LicenseRef-hf-other", "LicenseRef-none"}
"""A family, a tag and an absence: no words could tell them."""
NOT_FOUND = {
    *(f"LicenseRef-ai2-impact-{risk}" for risk in ("lr", "mr", "hr")),
    *(f"LicenseRef-{name}" for name in ("jamba-open-model", "grok-2-community", "falcon-180b")),
    "LicenseRef-cohere-cc-by-nc-aup",
}
"""Whose words nobody has read for a fingerprint yet; of the last one, they are those of CC-BY-NC-4.0 and a policy."""


def test_every_other_licence_is_told_by_its_words() -> None:
    told = {each.licence for each in fingerprints().known}
    assert {each.id for each in registry()} - told == WITHOUT_A_TEXT | NOT_FOUND


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("700 million", "70 million"),
        ("are not authorized", "are authorized"),
        ("must request a license", "must not request a license"),
    ],
)
def test_a_number_or_a_negation_in_a_long_text_is_close_and_never_the_licence(old: str, new: str) -> None:
    text = " ".join(known()[L + "llama-3.1"].decode().split())
    assert old in text
    found = identify(text.replace(old, new, 1).encode())
    assert (found.licence, found.likeness[0].licence) == (None, L + "llama-3.1")
    assert found.sure in ("nearly", "changed")


def test_a_file_with_a_policy_behind_the_licence_is_told_by_the_licence() -> None:
    policy = b" ".join(b"word%d" % number for number in range(1500))
    found = identify(known()[L + "llama-2"] + b"\n\n" + policy)
    assert (found.sure in ("with-more", "changed"), found.likeness[0].licence) == (True, L + "llama-2")
    assert unpacked(packed([0, 2**32 - 1])) == (0, 2**32 - 1)


def test_phrases_are_the_same_wherever_the_passage_stands() -> None:
    passage = [f"word{number * 7 % 50}" for number in range(60)]
    alone = {number for number, place in phrases_of(passage) if 2 <= place < 56}
    within = {number for number, _ in phrases_of(["other"] * 40 + passage + ["more"] * 40)}
    assert alone
    assert alone <= within
