# SPDX-License-Identifier: Apache-2.0
"""The legal text of mcla-individual 1.0.0: complete, readable, and in agreement with its terms."""

import hashlib
import re
import tomllib

import pytest
from version_folders import SOURCE

from app.agreements.folder import CLAUSE, read_folder
from app.agreements.render import render_documents
from mcla.terms import LETTERS, Letter, parse_schedule, parse_terms
from mcla.terms.kinds import PROMISE_KINDS, kinds_of

TEXT = (SOURCE / "agreement.md").read_text(encoding="utf-8")
SCHEDULES: dict[Letter, str] = {letter: (SOURCE / f"schedules/{letter}.md").read_text() for letter in LETTERS}
TERMS = parse_terms((SOURCE / "terms.toml").read_bytes())
CLAUSES = dict(zip(map(int, CLAUSE.split(TEXT)[1::3]), CLAUSE.split(TEXT)[3::3], strict=True))

HEADINGS = [
    "parties", "definitions", "under this agreement", "covered", "licence", "no exclusive right", "patents", "moral",
    "foundation promises", "your promises", "bases", "made from a base", "limits on use", "back", "requests", "safety",
    "employer", "liability", "sanctions", "new versions", "law", "electronic signature", "data protection",
    "evidence", "successors",
]  # fmt: skip

PROMISES = {
    "authority": "Authority", "origin": "Origin", "employer": "Employer", "sources": "Sources",
    "collection": "Collection", "optouts": "Opt-outs", "personal_data": "Personal data", "consent": "Consent",
    "minors": "Minors", "screening": "Screening", "upstream_terms": "Upstream terms", "base_chain": "Bases",
    "delta_data": "Training data", "delta_compute": "Training compute", "confidential": "Confidential material",
    "contamination": "Contamination", "integrity": "Integrity", "memorisation": "Memorisation", "export": "Export",
    "ai_assisted": "AI help", "safeguards": "Safeguards",
}  # fmt: skip
STANDARDS = {"flat": "promise outright", "checked": "after the checks", "knowledge": "as far as you know"}
IN_CLAUSE_10 = {"authority", "origin", "employer", "ai_assisted", "integrity", "confidential", "export"}


def blocks(text: str) -> list[str]:
    """Paragraphs and list items, without their marks and numbers."""
    parts = re.split(r"\n\n|\n- ", re.sub(r"^#+ .*$", "", text, flags=re.MULTILINE))
    return [
        re.sub(r"^(- )?([1-9DWS][0-9]?\.[1-9][0-9]? )?", "", " ".join(part.split())) for part in parts if part.strip()
    ]


def sentences(block: str) -> list[str]:
    return [each for each in re.split(r"(?<=[.!?:])[*”]* +(?=[A-Z“*])", block) if each]


def words(sentence: str) -> int:
    return len([word for word in sentence.split() if re.search(r"\w", word)])


def promised(text: str) -> dict[str, str]:
    """Bold promise name -> the standard of the list it stands in."""
    found, standard = {}, ""
    for line in text.splitlines():
        standard = next(
            (key for key, phrase in STANDARDS.items() if f"ou {phrase}" in line or f"romise {phrase}" in line), standard
        )
        if (name := re.match(r"- \*\*([^*]+)\.\*\*", line)) is not None:
            found[name.group(1)] = standard
    return found


def test_the_text_has_the_25_clauses_in_their_order() -> None:
    titles = [title.lower() for _, title in CLAUSE.findall(TEXT)]
    assert len(titles) == 25
    assert all(part in title for part, title in zip(HEADINGS, titles, strict=True))


def test_the_text_says_first_that_it_is_a_template_for_review() -> None:
    first = TEXT.split("\n\n")[1]
    assert "template" in first
    assert "review" in first


def test_the_terms_name_the_text_by_its_digest() -> None:
    actual = hashlib.sha256((SOURCE / "agreement.md").read_bytes()).hexdigest()
    assert TERMS.agreement.text_sha256 == actual, f'set text_sha256 = "{actual}" in terms.toml'


@pytest.mark.parametrize("number", range(1, 26))
def test_paragraphs_are_numbered_without_gaps(number: int) -> None:
    numbers = [int(each) for each in re.findall(rf"^{number}\.([0-9]+) ", CLAUSES[number], flags=re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1)) != []


@pytest.mark.parametrize("name", ["agreement.md", *(f"schedules/{letter}.md" for letter in LETTERS)])
def test_sentences_are_short_and_paragraphs_have_at_most_three(name: str) -> None:
    for block in blocks((SOURCE / name).read_text(encoding="utf-8")):
        found = sentences(block)
        assert len(found) <= 4 if block.startswith("**") else len(found) <= 3, block
        for sentence in found:
            assert words(sentence) <= 25, sentence


def test_summaries_and_consent_words_are_short_too() -> None:
    rendered = render_documents(read_folder(SOURCE).documents)
    for summary in [each.summary for each in (*rendered.clauses, *rendered.schedules)]:
        assert len(sentences(summary)) <= 2
        assert words(summary) <= 45


def test_nobody_is_shouted_at_and_no_latin_is_spoken() -> None:
    everything = TEXT + "".join(SCHEDULES.values())
    shouted = set(re.findall(r"\b[A-Z]{4,}\b", everything)) - {"CDLA"}
    assert not shouted
    latin = "inter alia|mutatis|bona fide|pro rata|ipso|sui generis|herein|hereby|thereof|hereto|notwithstanding"
    assert not re.search(rf"\b({latin})\b|\bi\.e\.|\be\.g\.", everything, flags=re.IGNORECASE)


def test_it_is_read_in_about_ten_minutes() -> None:
    assert render_documents(read_folder(SOURCE).documents).reading_minutes <= 12


def test_every_clause_and_schedule_that_the_text_points_to_exists() -> None:
    everything = TEXT + "".join(SCHEDULES.values())
    for number in re.findall(r"[Cc]lauses? ([0-9]+)", everything):
        assert int(number) in CLAUSES
    for reference in re.findall(r"[Pp]aragraphs? ((?:[0-9]+|[DWS])\.[0-9]+)", everything):
        assert re.search(rf"^{re.escape(reference)} ", everything, flags=re.MULTILINE), reference
    assert set(re.findall(r"Schedule ([A-Z])\b", TEXT)) <= set(LETTERS)


def test_every_defined_word_is_used() -> None:
    after = TEXT.split("2.2 ", 1)[1].lower() + "".join(SCHEDULES.values()).lower()
    for term in re.findall(r"^- \*\*([A-Z][a-z ]+)\*\*", CLAUSES[2], flags=re.MULTILINE):
        assert term.lower() in after, term


@pytest.mark.parametrize(
    ("clause", "phrase"),
    [
        (14, f"for {TERMS.withdrawal.convenience_days} days"),
        (15, f"within {TERMS.takedown.first_answer_days} days"),
        (16, f"at most {TERMS.safety.embargo_days} days"),
        (9, "only after a vote"),
        (18, "only for harm that you cause on purpose"),
        (18, "no indemnity"),
        (7, "infringed only by combining"),
        (7, "no other lawsuit has this effect"),
        (5, "without an end date"),
        (5, "database makers"),
        (5, "trade secrets"),
        (6, "By contract, you allow"),
        (6, "claim no right"),
        (8, "you do not assert moral rights"),
        (4, "after you accept it"),
        (4, "every project of the foundation"),
        (12, "An adapter given on its own is reviewed case by case"),
        (11, "reviewed case by case before use"),
        (13, "only where their outbound licence says so"),
        (14, "The next training of each model is done without it"),
        (21, "The law at the foundation's registered seat"),
        (22, "verified account"),
        (22, "The foundation need not sign as well"),
        (24, "does not expire"),
    ],
)
def test_the_text_says_what_the_terms_say(clause: int, phrase: str) -> None:
    assert phrase in CLAUSES[clause]


def test_the_values_behind_those_phrases_are_the_terms_values() -> None:
    assert TERMS.outbound.change == "contributor-vote"
    assert TERMS.liability.contributor_cap == "intent-only"
    assert TERMS.liability.indemnity == "none"
    assert TERMS.grant.patent.scope == "contribution-and-combination"
    assert TERMS.grant.patent.retaliation == ("patent",)
    assert (TERMS.grant.term, TERMS.grant.database, TERMS.grant.trade_secret) == ("perpetual", "licence", "release")
    assert (TERMS.grant.fallback, TERMS.grant.moral) == ("contract-and-covenant", "not-asserted")
    assert (TERMS.scope.coverage, TERMS.scope.projects) == ("from-signing", "all-of-steward")
    assert (TERMS.derivatives.adapter, TERMS.flow_down.nc_data, TERMS.flow_down.sa_data) == ("review",) * 3
    assert (TERMS.flow_down.policy_feed, TERMS.withdrawal.unlearning) == ("advisory", "next-training")
    assert (TERMS.law.governing, TERMS.signature.level) == ("steward-seat", "verified-account")
    assert (TERMS.signature.counter_signature, TERMS.privacy.expiry_months) == (False, 0)


def test_the_outbound_licences_of_text_and_terms_are_the_same() -> None:
    assert tuple(re.findall(r"^- (\S+)$", CLAUSES[9], flags=re.MULTILINE)) == TERMS.outbound.licences


def test_every_use_of_data_in_the_terms_is_granted_in_the_text() -> None:
    said = {
        "access": "access the data",
        "label": "label it",
        "represent": "represent it",
        "benchmark": "benchmark models",
        "train": "train models on it",
        "publish-model": "publish such models",
        "sell-model": "sell them",
        "sell-output": "sell what they produce",
        "redistribute": "redistribute the data",
    }
    assert set(TERMS.grant.data_rights.allowed) == set(said)
    assert all(phrase in CLAUSES[5] for phrase in said.values())


def test_every_kind_is_defined() -> None:
    assert set(re.findall(r"`([a-z]+)`", CLAUSES[2].split("2.2 ")[1])) == set(TERMS.scope.kinds)


def test_each_promise_stands_in_the_text_with_the_standard_of_the_terms() -> None:
    standards = TERMS.promises()
    assert set(standards) == set(PROMISES)
    assert promised(CLAUSES[10]) == {PROMISES[key]: standards[key] for key in IN_CLAUSE_10}
    for letter, text in SCHEDULES.items():
        expected = {
            PROMISES[key]: standards[key]
            for key, kinds in PROMISE_KINDS.items()
            if key not in IN_CLAUSE_10 and set(kinds) & set(kinds_of(letter))
        }
        assert promised(text) == expected


def test_each_schedule_names_its_kinds_and_speaks_of_no_other() -> None:
    for letter, text in SCHEDULES.items():
        assert set(re.findall(r"`([a-z]+)`", text)) == set(kinds_of(letter))


def test_each_kind_with_a_schedule_is_asked_four_to_eight_questions() -> None:
    for letter in LETTERS:
        schedule = parse_schedule((SOURCE / f"schedules/{letter}.toml").read_bytes(), letter)
        for kind in schedule.kinds:
            assert 4 <= len(schedule.for_kind(kind).fields) <= 8


def test_the_consent_words_make_the_five_statements_about_electronic_records() -> None:
    told = tomllib.loads((SOURCE / "consent.toml").read_text())["disclosure"]
    assert len(told) == 5
    for line, phrase in zip(
        told,
        [
            "covers only",
            "paper copy on request",
            "If you stop",
            "correct how you can be reached",
            "you need a web browser",
        ],
        strict=True,
    ):
        assert phrase in line
