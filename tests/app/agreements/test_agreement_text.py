# SPDX-License-Identifier: Apache-2.0
"""The legal texts of this repository: complete, readable, and in agreement with their own terms."""

import hashlib
import re
import tomllib
from functools import cached_property
from pathlib import Path

import pytest
from version_folders import PUBLISHED

from app.agreements.folder import CLAUSE, VersionFolder, read_folder
from app.agreements.render import RenderedAgreement, render_documents
from mcla.terms import LETTERS, Letter, When, kinds_of, parse_schedule
from mcla.terms.kinds import PROMISE_KINDS

HEADINGS = {
    "mcla-individual": [
        "parties", "definitions", "under this agreement", "covered", "licence", "no exclusive right", "patents",
        "moral", "foundation promises", "your promises", "bases", "made from a base", "limits on use", "back",
        "requests", "safety", "employer", "liability", "sanctions", "new versions", "law", "electronic signature",
        "data protection", "evidence", "successors",
    ],
    "mcla-corporate": [
        "parties", "definitions", "signatory", "list of people", "managers", "under this agreement", "covered",
        "licence", "no exclusive right", "patents", "moral", "foundation promises", "your promises",
        "second person releases", "your people", "bases", "made from a base", "limits on use", "back", "requests",
        "safety", "liability", "sanctions", "new versions", "law", "electronic signature", "data protection",
        "evidence", "successors",
    ],
    "mcla-grant": [
        "parties", "definitions", "what is granted", "counter-signature", "what you own", "licence",
        "no exclusive right", "patents", "moral", "which licences", "names and marks", "your promises", "bases",
        "made from a base", "limits on use", "no further duties", "back", "requests", "safety", "employer",
        "liability", "sanctions", "new versions", "law", "electronic signature", "data protection", "evidence",
        "successors",
    ],
}  # fmt: skip

PROMISES = {
    "authority": "Authority", "origin": "Origin", "employer": "Employer", "sources": "Sources",
    "collection": "Collection", "optouts": "Opt-outs", "personal_data": "Personal data", "consent": "Consent",
    "minors": "Minors", "screening": "Screening", "upstream_terms": "Upstream terms", "base_chain": "Bases",
    "delta_data": "Training data", "delta_compute": "Training compute", "confidential": "Confidential material",
    "contamination": "Contamination", "integrity": "Integrity", "memorisation": "Memorisation", "export": "Export",
    "ai_assisted": "AI help", "safeguards": "Safeguards",
}  # fmt: skip
STANDARDS = {"flat": "promise outright", "checked": "after the checks", "knowledge": "as far as you know"}
IN_THE_TEXT = {"authority", "origin", "employer", "ai_assisted", "integrity", "confidential", "export"}


class Law:
    """One version of this repository, taken apart for reading."""

    def __init__(self, folder: Path) -> None:
        self.read: VersionFolder = read_folder(folder)
        self.slug, self.terms = self.read.slug, self.read.terms
        self.text = self.document("agreement.md")
        self.schedules: dict[Letter, str] = {letter: self.document(f"schedules/{letter}.md") for letter in LETTERS}
        self.everything = self.text + "".join(self.schedules.values())
        parts = CLAUSE.split(self.text)
        self.titles = [title.lower() for title in parts[2::3]]
        self.clauses = dict(zip(map(int, parts[1::3]), parts[3::3], strict=True))

    @cached_property
    def rendered(self) -> RenderedAgreement:
        return render_documents(self.read.documents)

    def document(self, path: str) -> str:
        return self.read.documents[path].decode()

    def clause(self, heading: str) -> str:
        """The text of the clause that has `heading` at this place of the outline."""
        return self.clauses[HEADINGS[self.slug].index(heading) + 1]


LAWS = {f"{folder.parent.name}-{folder.name}": Law(folder) for folder in PUBLISHED}


@pytest.fixture(params=LAWS)
def law(request: pytest.FixtureRequest) -> Law:
    return LAWS[request.param]


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


def numbers_in(text: str, number: int) -> list[int]:
    return [int(each) for each in re.findall(rf"^{number}\.([0-9]+) ", text, flags=re.MULTILINE)]


def test_the_text_has_its_clauses_in_their_order(law: Law) -> None:
    assert all(part in title for part, title in zip(HEADINGS[law.slug], law.titles, strict=True))


def test_the_text_says_first_that_it_is_a_template_for_review(law: Law) -> None:
    first = law.text.split("\n\n")[1]
    assert "template" in first
    assert "review" in first


def test_the_text_says_which_version_it_is(law: Law) -> None:
    assert f"This is `{law.slug}`, version {law.terms.agreement.version}." in law.text.split("\n\n")[2]


def test_the_terms_name_the_text_by_its_digest(law: Law) -> None:
    actual = hashlib.sha256(law.text.encode()).hexdigest()
    assert law.terms.agreement.text_sha256 == actual, f'set text_sha256 = "{actual}" in terms.toml'


def test_paragraphs_are_numbered_without_gaps(law: Law) -> None:
    for number, clause in law.clauses.items():
        numbers = numbers_in(clause, number)
        assert numbers == list(range(1, len(numbers) + 1)) != []


def test_sentences_are_short_and_paragraphs_have_at_most_three(law: Law) -> None:
    for block in blocks(law.text) + [each for text in law.schedules.values() for each in blocks(text)]:
        found = sentences(block)
        assert len(found) <= 4 if block.startswith("**") else len(found) <= 3, block
        for sentence in found:
            assert words(sentence) <= 25, sentence


def test_summaries_are_short_too(law: Law) -> None:
    for summary in [each.summary for each in (*law.rendered.clauses, *law.rendered.schedules)]:
        assert len(sentences(summary)) <= 2, summary
        assert words(summary) <= 45, summary


def test_nobody_is_shouted_at_and_no_latin_is_spoken(law: Law) -> None:
    shouted = set(re.findall(r"\b[A-Z]{4,}\b", law.everything)) - {"CDLA"}
    assert not shouted
    latin = "inter alia|mutatis|bona fide|pro rata|ipso|sui generis|herein|hereby|thereof|hereto|notwithstanding"
    assert not re.search(rf"\b({latin})\b|\bi\.e\.|\be\.g\.", law.everything, flags=re.IGNORECASE)


def test_it_is_read_in_about_ten_minutes_and_for_a_company_in_fifteen(law: Law) -> None:
    assert law.rendered.reading_minutes <= (15 if law.slug == "mcla-corporate" else 13)


def test_every_clause_and_schedule_that_the_text_points_to_exists(law: Law) -> None:
    for number in re.findall(r"[Cc]lauses? ([0-9]+)", law.everything):
        assert int(number) in law.clauses
    for reference in re.findall(r"[Pp]aragraphs? ((?:[0-9]+|[DWS])\.[0-9]+)", law.everything):
        assert re.search(rf"^{re.escape(reference)} ", law.everything, flags=re.MULTILINE), reference
    # A company's list and its managers stand in Schedules A and B of the service.
    there = {*LETTERS, "A", "B"} if law.terms.company else set(LETTERS)
    assert set(re.findall(r"Schedule ([A-Z])\b", law.text)) <= there


def test_every_defined_word_is_used(law: Law) -> None:
    after = law.text.split("2.2 ", 1)[1].lower() + "".join(law.schedules.values()).lower()
    for term in re.findall(r"^- \*\*([A-Z][a-z -]+)\*\*", law.clauses[2], flags=re.MULTILINE):
        assert term.lower() in after, term


def test_the_outbound_licences_of_text_and_terms_are_the_same(law: Law) -> None:
    clause = law.clause("which licences" if law.slug == "mcla-grant" else "foundation promises")
    assert tuple(re.findall(r"^- (\S+)$", clause, flags=re.MULTILINE)) == law.terms.outbound.licences


def test_every_use_of_data_in_the_terms_is_granted_in_the_text(law: Law) -> None:
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
    assert set(law.terms.grant.data_rights.allowed) == set(said)
    assert all(phrase in law.clause("licence") for phrase in said.values())


def test_every_kind_is_defined(law: Law) -> None:
    assert set(re.findall(r"`([a-z]+)`", law.clauses[2].split("2.2 ")[1])) == set(law.terms.scope.kinds)


def test_each_promise_stands_in_the_text_with_the_standard_of_the_terms(law: Law) -> None:
    standards = law.terms.promises()
    assert set(standards) == set(PROMISES)
    assert promised(law.clause("your promises")) == {PROMISES[key]: standards[key] for key in IN_THE_TEXT}
    for letter, text in law.schedules.items():
        expected = {
            PROMISES[key]: standards[key]
            for key, kinds in PROMISE_KINDS.items()
            if key not in IN_THE_TEXT and set(kinds) & set(kinds_of(letter))
        }
        assert promised(text) == expected


def test_each_schedule_names_its_kinds_and_speaks_of_no_other(law: Law) -> None:
    for letter, text in law.schedules.items():
        assert set(re.findall(r"`([a-z]+)`", text)) == set(kinds_of(letter))


def test_the_consent_words_make_the_five_statements_about_electronic_records(law: Law) -> None:
    told = tomllib.loads(law.document("consent.toml"))["disclosure"]
    phrases = ["covers only", "paper copy on request", "need not sign", "how you can be reached", "need a web browser"]
    for line, phrase in zip(told, phrases, strict=True):
        assert phrase in line


SAME_EVERYWHERE = {
    "licence": [
        "copyright", "database makers", "related rights", "patents", "trade secrets", "without an end date",
        "free of charge, not exclusive", "may grant sublicences, but only under",
    ],
    "no exclusive right": ["By contract, you allow", "claim no right", "binds only you"],
    "patents": ["infringed only by combining", "no other lawsuit has this effect"],
    "moral": ["not assert moral rights", "without a lawful ground"],
    "bases": ["reviewed case by case before use", "Neither side may drop a limit"],
    "made from a base": ["follow the licence of their base", "adapter given on its own is reviewed"],
    "limits on use": ["only where their"],
    "back": ["The next training of each model is done without", "cannot be called back"],
    "safety": ["inform the foundation promptly", "brings no claim"],
    "liability": ["only for harm that you cause on purpose", "no indemnity"],
    "law": ["The law at the foundation's registered seat", "English text prevails"],
    "electronic signature": ["verified account"],
    "new versions": ["never changes"],
    "evidence": ["does not expire"],
}  # fmt: skip


@pytest.mark.parametrize("heading", SAME_EVERYWHERE)
def test_each_text_says_what_its_terms_say(law: Law, heading: str) -> None:
    for phrase in SAME_EVERYWHERE[heading]:
        assert phrase in law.clause(heading), phrase


def test_the_numbers_of_text_and_terms_are_the_same(law: Law) -> None:
    terms = law.terms
    assert f"within {terms.takedown.first_answer_days} days" in law.clause("requests")
    assert f"at most {terms.safety.embargo_days} days" in law.clause("safety")
    assert f"at most {terms.safety.embargo_days} days" in law.schedules["S"]
    days = f"for {terms.withdrawal.convenience_days} days"
    assert (days in law.clause("back")) == (terms.withdrawal.convenience_days > 0)


def test_the_values_behind_those_phrases_are_the_terms_values(law: Law) -> None:
    terms = law.terms
    assert terms.liability.contributor_cap == "intent-only"
    assert terms.liability.indemnity == "none"
    assert terms.grant.patent.scope == "contribution-and-combination"
    assert terms.grant.patent.retaliation == ("patent",)
    assert (terms.grant.term, terms.grant.database, terms.grant.trade_secret) == ("perpetual", "licence", "release")
    assert (terms.grant.fallback, terms.grant.moral) == ("contract-and-covenant", "not-asserted")
    assert (terms.derivatives.adapter, terms.flow_down.nc_data, terms.flow_down.sa_data) == ("review",) * 3
    assert (terms.flow_down.policy_feed, terms.withdrawal.unlearning) == ("advisory", "next-training")
    assert (terms.law.governing, terms.signature.level) == ("steward-seat", "verified-account")
    assert (terms.scope.affiliates, terms.privacy.expiry_months) == ("not-covered", 0)


def test_a_regular_contributor_is_bound_from_signing_and_votes_on_licences() -> None:
    for slug in ("mcla-individual", "mcla-corporate"):
        law = LAWS[f"{slug}-1.0.0"]
        assert (law.terms.scope.coverage, law.terms.scope.projects) == ("from-signing", "all-of-steward")
        assert "Earlier work is covered only if" in law.clause("covered")
        assert law.terms.outbound.change == "contributor-vote"
        assert "only after a vote" in law.clause("foundation promises")
        assert not law.terms.signature.counter_signature
        assert "The foundation need not sign as well" in law.clause("electronic signature")


def test_a_company_has_managers_a_list_and_a_second_pair_of_eyes_as_its_terms_say() -> None:
    law = LAWS["mcla-corporate-1.0.0"]
    assert law.terms.company is not None
    assert "at least two managers" in law.clause("managers")
    assert law.terms.company.managers == 2
    assert "An empty list authorises nobody" in law.clause("list of people")
    assert "never effective backwards" in law.clause("managers")
    assert "stays covered after they leave" in law.clause("managers")
    released = law.clause("second person releases")
    assert tuple(re.findall(r"`([a-z]+)`", released)) == law.terms.company.second_release
    assert law.terms.company.own_signature == "not-needed"
    assert "needs no agreement of their own" in law.clause("your people")


def test_a_grant_is_one_set_of_files_and_needs_the_foundations_signature_in_time() -> None:
    law = LAWS["mcla-grant-1.0.0"]
    assert (law.terms.scope.coverage, law.terms.scope.projects) == ("listed-only", "one")
    assert law.terms.signature.counter_signature
    days = law.terms.signature.counter_signature_days
    assert f"an offer that stands for {days} days" in law.clause("counter-signature")
    assert f"within these {days} days" in law.clause("counter-signature")
    assert "nothing else is granted" in law.clause("what is granted")
    assert law.terms.outbound.change == "none"
    assert "cannot add a licence" in law.clause("which licences")
    assert "licenses no trade mark" in law.clause("names and marks")


ASKED = {
    "D": "title modality size languages period licence sources copyright collection crawler opt_outs personal_data "
    "consent minors generators generated_by synthetic_share changes annotators screened screening known_images "
    "contamination bias intended_use limits keep_from_training",
    "W": "title architecture parameters relation bases training_data recipe personal_data opt_outs screened screening "
    "compute_known compute base_compute compute_reason memorisation_tested memorisation evaluation contamination "
    "safeguards safeguards_changed watermark licence no_payload no_confidential",
    "S": "form bases training_data protects_against hazard dual_use severity affected_versions embargo embargo_until "
    "found reported_to sources collection generators personal_data tests regressions safeguards screened screening "
    "credit no_payload",
}
"""What every agreement asks, by schedule; a grant asks about the whole work besides, the others for a licence."""


def test_each_schedule_asks_what_has_to_be_known_of_its_kinds_and_no_more_than_fits_a_page() -> None:
    for law in LAWS.values():
        grant = law.slug == "mcla-grant"
        for letter in LETTERS:
            schedule = parse_schedule(law.read.documents[f"schedules/{letter}.toml"], letter)
            whole = "title published_at exceptions earlier_releases release_licences keep_name" if grant else ""
            more = whole or ("outbound" if letter == "W" else "")
            assert {field.key for field in schedule.fields} == set(f"{ASKED[letter]} {more}".split())
            for kind in schedule.kinds:
                fields = schedule.for_kind(kind).fields
                needed = [each for each in fields if each.required and each.when is None]
                assert 4 <= len(needed) <= (19 if grant else 16)
                assert len(fields) <= (32 if grant else 27)


def test_the_computing_of_a_change_is_stated_or_it_is_said_why_it_is_not_known() -> None:
    for law in LAWS.values():
        schedule = parse_schedule(law.read.documents["schedules/W.toml"], "W")
        for kind in ("weights", "adapter"):
            asked = {field.key: field for field in schedule.for_kind(kind).fields}
            assert asked["compute_known"].required
            for answer, key in (("known", "compute"), ("not-known", "compute_reason")):
                assert asked[key].required
                assert asked[key].when == When("compute_known", (answer,))
