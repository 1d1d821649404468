# SPDX-License-Identifier: Apache-2.0
"""`terms.toml`: read in full or refused, with every bad key named together with the values it allows."""

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from mcla.terms import KINDS, TermsInvalid, parse_terms, schedule_letter, schedules_of
from mcla.terms.kinds import PROMISE_KINDS, kinds_of
from mcla.terms.strict import MAX_BYTES

ROOT = Path(__file__).resolve().parents[3]
GOOD = (ROOT / "agreements/mcla-individual/1.0.0/terms.toml").read_text()


def faults_of(text: str | bytes) -> dict[str, str]:
    """Key -> message of every fault in `text`."""
    with pytest.raises(TermsInvalid) as refused:
        parse_terms(text if isinstance(text, bytes) else text.encode())
    return {fault.key: fault.message for fault in refused.value.faults}


def test_the_published_terms_are_understood_in_full() -> None:
    terms = parse_terms(GOOD.encode())
    assert terms.agreement.id == "MCLA-I"
    assert terms.scope.kinds == KINDS
    assert terms.grant.patent.retaliation == ("patent",)
    assert terms.withdrawal.convenience_days == 45
    assert terms.takedown.first_answer_days == 5


def test_terms_cannot_be_changed_after_reading() -> None:
    with pytest.raises(FrozenInstanceError):
        parse_terms(GOOD.encode()).withdrawal.convenience_days = 1  # type: ignore[misc]


def test_the_dictionary_form_is_json_with_the_keys_of_the_file() -> None:
    shape = json.loads(json.dumps(parse_terms(GOOD.encode()).to_dict()))
    assert shape["grant"]["patent"] == {"scope": "contribution-and-combination", "retaliation": ["patent"]}
    assert shape["schema"] == "mcla.terms/1"


def test_a_promise_left_out_of_the_file_is_off() -> None:
    terms = parse_terms(GOOD.replace('minors = "flat"\n', "").encode())
    assert terms.representations.minors == "off"
    assert "minors" not in terms.promises()


def test_promises_are_narrowed_to_a_kind() -> None:
    terms = parse_terms(GOOD.encode())
    assert "memorisation" in terms.promises("weights")
    assert "memorisation" not in terms.promises("code")
    assert set(terms.promises()) == set(PROMISE_KINDS)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('copyright = "licence"', 'copyright = "license"', "grant.copyright", '"licence", "assignment", "none"'),
        ('copyright = "licence"', "copyright = true", "grant.copyright", "got true"),
        ('copyright = "licence"', "", "grant.copyright", "is missing; allowed"),
        (
            "embargo_days = 90",
            "embargo_days = 90\nembargo_day = 1",
            "safety.embargo_day",
            "did you mean 'embargo_days'",
        ),
        ("sublicensable = true", 'sublicensable = "yes"', "grant.sublicensable", "expected true or false"),
        ("sublicensable = true", "sublicensable = 1", "grant.sublicensable", "got 1"),
        ("embargo_days = 90", "embargo_days = -1", "safety.embargo_days", "from 0 to 3650"),
        ("embargo_days = 90", "embargo_days = 90.0", "safety.embargo_days", "whole number"),
        ("embargo_days = 90", "embargo_days = true", "safety.embargo_days", "got true"),
        ('version = "1.0.0"', 'version = "1.0"', "agreement.version", "a version such as 1.0.0"),
        ('version = "1.0.0"', 'version = "01.0.0"', "agreement.version", "a version such as 1.0.0"),
        ('version = "1.0.0"', 'version = "1.0.0\\n"', "agreement.version", "a version such as 1.0.0"),
        ('language = "en"', 'language = "English"', "agreement.language", "language tag"),
        ('retaliation = ["patent"]', 'retaliation = "patent"', "grant.patent.retaliation", "expected a list"),
        ('retaliation = ["patent"]', 'retaliation = ["trade"]', "grant.patent.retaliation[0]", '"any-ip"'),
        ('retaliation = ["patent"]', 'retaliation = ["patent", "patent"]', "grant.patent.retaliation[1]", "twice"),
        ('schema = "mcla.terms/1"', 'schema = "mcla.terms/2"', "schema", '"mcla.terms/1"'),
        ('origin = "flat"', 'origin = "strict"', "representations.origin", '"off", "flat", "checked", "knowledge"'),
        ('origin = "flat"', 'orgin = "flat"', "representations.orgin", "did you mean 'origin'"),
        ('"Apache-2.0", ', '"Apache 2.0", ', "outbound.licences[0]", "licence identifier"),
        ("incorporated = []", 'incorporated = [{ name = "x" }]', "agreement.incorporated[0].sha256", "is missing"),
        ("incorporated = []", "incorporated = [3]", "agreement.incorporated[0]", "expected a table"),
        ('"code", "data"', '"code", "music"', "scope.kinds[1]", '"weights"'),
        ("[takedown]\nfirst_answer_days = 5", "", "takedown", "is missing"),
        ("[takedown]\nfirst_answer_days = 5", "[[takedown]]\nfirst_answer_days = 5", "takedown", "expected a table"),
        ('language = "en"', 'language = "en"\nnote = "hi"', "agreement.note", "is not a known key"),
    ],
)
def test_a_bad_key_is_named_with_what_it_allows(old: str, new: str, key: str, words: str) -> None:
    assert old in GOOD
    found = faults_of(GOOD.replace(old, new, 1))
    assert set(found) == {key}
    assert words in found[key]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('promise = "listed"\nlicences = ["Apache-2.0", "OpenMDW-1.0", "CDLA-Permissive-2.0"]',
         'promise = "listed"\nlicences = []', "outbound.licences"),
        ('scope = "contribution-and-combination"', 'scope = "none"', "grant.patent.retaliation"),
        ('to = ["steward", "downstream"]', "to = []", "grant.to"),
        ('id = "MCLA-I"', 'id = "MCLA-C"', "company"),
        ("[takedown]", '[company]\nmanagers = 2\nsecond_release = []\nown_signature = "needed"\n[takedown]',
         "company"),
        ("counter_signature = false", "counter_signature = true", "signature.counter_signature_days"),
        ("counter_signature = false", "counter_signature = false\ncounter_signature_days = 3",
         "signature.counter_signature_days"),
    ],
)  # fmt: skip
def test_values_that_cannot_stand_together_are_refused(old: str, new: str, key: str) -> None:
    assert set(faults_of(GOOD.replace(old, new))) == {key}


def test_every_fault_is_told_at_once() -> None:
    text = GOOD.replace('moral = "not-asserted"', 'moral = "sold"').replace(
        "embargo_days = 90", 'embargo_days = "long"'
    )
    assert set(faults_of(text)) == {"grant.moral", "safety.embargo_days"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is missing"),
        (b"schema = ", "not TOML"),
        (b"\xff\xfe", "not UTF-8: bad byte at offset 0"),
        (b"\xef\xbb\xbfschema = 'x'", "not TOML"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"#" * (MAX_BYTES + 1), "at most"),
        (b"schema = 'mcla.terms/1'\nschema = 'mcla.terms/1'", "not TOML"),
    ],
)
def test_a_file_that_is_no_terms_file_is_refused(data: bytes, words: str) -> None:
    assert words in " ".join(faults_of(data).values())


def test_an_invisible_character_in_a_value_is_refused() -> None:
    with pytest.raises(TermsInvalid, match=r"outbound\.licences\[0\].*U\+202E"):
        parse_terms(GOOD.replace('"Apache-2.0", ', '"Apache-2.0\\u202e", ').encode())


def test_each_kind_has_the_schedule_that_the_design_names() -> None:
    letters = {kind: schedule_letter(kind) for kind in KINDS}
    assert letters == {
        "code": None, "recipe": None, "data": "D", "synthetic": "D", "eval": "D",
        "weights": "W", "adapter": "W", "tokenizer": "W", "safety": "S",
    }  # fmt: skip
    assert kinds_of("W") == ("weights", "adapter", "tokenizer")


def test_only_the_schedules_of_covered_kinds_are_needed() -> None:
    kinds = 'kinds = ["code", "data", "synthetic", "eval", "weights", "adapter", "tokenizer", "recipe", "safety"]'
    assert kinds in GOOD
    assert schedules_of(parse_terms(GOOD.replace(kinds, 'kinds = ["code", "safety"]').encode())) == ("S",)
    assert schedules_of(parse_terms(GOOD.replace(kinds, 'kinds = ["recipe"]').encode())) == ()
