# SPDX-License-Identifier: Apache-2.0
"""The four-line deed follows the terms: change a term and the line changes with it."""

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from app.agreements.deed import DeedLine, deed
from mcla.terms import parse_terms
from mcla.terms.vocabulary import Grant, Liability, Outbound, Withdrawal

ROOT = Path(__file__).resolve().parents[3]
GOOD = (ROOT / "agreements/mcla-individual/1.0.0/terms.toml").read_text()


def lines(old: str = "", new: str = "") -> dict[str, str]:
    assert old in GOOD
    return {line.key: line.text for line in deed(parse_terms(GOOD.replace(old, new).encode()))}


def test_the_deed_has_its_four_lines_in_order() -> None:
    shown = deed(parse_terms(GOOD.encode()))
    assert [line.label for line in shown] == ["What you give", "What you keep", "What you promise", "How to get out"]
    assert all(isinstance(line, DeedLine) and 40 < len(line.text) < 400 for line in shown)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('copyright = "licence"', 'copyright = "assignment"', "give", "Ownership of the copyright"),
        ('database = "licence"', 'database = "none"', "give", "copyright, related rights, patents"),
        ('to = ["steward", "downstream"]', 'to = ["steward"]', "give", "to the foundation."),
        ('term = "perpetual"', 'term = "years"', "give", "for a term of years"),
        ('change = "contributor-vote"', 'change = "steward-decides"', "keep", "may change that by itself"),
        ('promise = "listed"', 'promise = "any"', "keep", "under any licence"),
        ('"OpenMDW-1.0", ', "", "keep", "under Apache-2.0 or CDLA-Permissive-2.0"),
        ('contributor_cap = "intent-only"', 'contributor_cap = "amount"', "keep", "upper limit"),
        ("convenience_days = 45", "convenience_days = 14", "leave", "for 14 days after"),
        ("convenience_days = 45", "convenience_days = 0", "leave", "until the merge. Later"),
        ('after_merge = "for-cause"', 'after_merge = "none"', "leave", "Later it stays licensed"),
        ('unlearning = "next-training"', 'unlearning = "none"', "leave", "keep what they learned"),
        (
            "counter_signature = false",
            "counter_signature = true\ncounter_signature_days = 30",
            "leave",
            "until the foundation signs too, for at most 30 days",
        ),
        ('employer = "flat"', 'employer = "off"', "promise", "that it is yours to give, where it comes from"),
    ],
)
def test_each_line_follows_its_terms(old: str, new: str, key: str, words: str) -> None:
    assert words in lines(old, new)[key]
    assert words not in lines()[key]


def test_the_deed_of_a_company_speaks_of_its_people() -> None:
    terms = parse_terms((ROOT / "agreements/mcla-corporate/1.0.0/terms.toml").read_bytes())
    told = {line.key: line.text for line in deed(terms)}["promise"]
    assert told.startswith("That those who sign and give may do so, that it is yours to give, that you hold the rights")


@pytest.mark.parametrize(
    ("table", "shape", "key"),
    [
        ("outbound", Outbound, "promise"),
        ("outbound", Outbound, "change"),
        ("grant", Grant, "copyright"),
        ("grant", Grant, "moral"),
        ("liability", Liability, "contributor_cap"),
        ("withdrawal", Withdrawal, "after_merge"),
        ("withdrawal", Withdrawal, "unlearning"),
    ],
)
def test_every_value_of_the_vocabulary_has_words(table: str, shape: type, key: str) -> None:
    terms = parse_terms(GOOD.encode())
    current = getattr(getattr(terms, table), key)
    for value in get_args(get_type_hints(shape)[key]):
        assert len(lines(f'{key} = "{current}"', f'{key} = "{value}"')) == 4
