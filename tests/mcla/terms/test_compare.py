# SPDX-License-Identifier: Apache-2.0
"""Versions compared: each rule from the signer's side, what real agreements did, and everything not understood."""

import hashlib
import json
from pathlib import Path

import pytest

from mcla.terms import KINDS, Comparison, compare_versions
from mcla.terms.changes import CLASSES
from mcla.terms.compare import _keys
from mcla.terms.rules import RULES

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "agreements/mcla-individual/1.0.0"
GOOD = (FOLDER / "terms.toml").read_text()
COMPANY = (ROOT / "agreements/mcla-corporate/1.0.0/terms.toml").read_text()
GRANT = (ROOT / "agreements/mcla-grant/1.0.0/terms.toml").read_text()
WHOLE = {str(path.relative_to(FOLDER)): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}


def compared(old: str | bytes, new: str | bytes) -> Comparison:
    as_bytes = [text if isinstance(text, bytes) else text.encode() for text in (old, new)]
    return compare_versions({"terms.toml": as_bytes[0]}, {"terms.toml": as_bytes[1]})


def changed(old: str, new: str, terms: str = GOOD) -> Comparison:
    assert terms.count(old) == 1, old
    return compared(terms, terms.replace(old, new))


def told(found: Comparison) -> tuple[str, list[tuple[str, str]]]:
    return found.name, [(change.key, change.verdict.name) for change in found.changes]


def test_a_version_number_alone_changes_nothing() -> None:
    assert told(changed('version = "1.0.0"', 'version = "1.0.1"')) == ("same", [])


def test_other_spelling_and_order_of_the_same_terms_change_nothing() -> None:
    again = GOOD.replace('["steward", "downstream"]', '[\n "downstream",\n "steward" ] # both\n')
    again = again.replace('"Apache-2.0", "OpenMDW-1.0"', '"OpenMDW-1.0", "Apache-2.0"')
    assert again != GOOD
    assert told(compared(GOOD, again)) == ("same", [])


def test_a_promise_left_out_is_the_same_as_off() -> None:
    without = GOOD.replace('minors = "flat"\n', "")
    assert told(compared(without, GOOD.replace('minors = "flat"', 'minors = "off"'))) == ("same", [])


@pytest.mark.parametrize(
    ("old", "new", "key", "name", "kinds"),
    [
        ('copyright = "licence"', 'copyright = "assignment"', "grant.copyright", "material", ()),
        ('copyright = "licence"', 'copyright = "none"', "grant.copyright", "material", ()),
        ("sublicensable = true", "sublicensable = false", "grant.sublicensable", "material", ()),
        ('term = "perpetual"', 'term = "years"', "grant.term", "material", ()),
        ('"train", "publish-model"', '"publish-model"', "grant.data_rights.allowed", "scoped",
         ("data", "synthetic", "eval")),
        ('promise = "listed"', 'promise = "any"', "outbound.promise", "material", ()),
        ('promise = "listed"', 'promise = "current-only"', "outbound.promise", "notice", ()),
        ('"OpenMDW-1.0", ', "", "outbound.licences", "notice", ()),
        ('"OpenMDW-1.0", ', '"OpenMDW-1.0", "MIT", ', "outbound.licences", "material", ()),
        ('"OpenMDW-1.0", ', '"MIT", ', "outbound.licences", "material", ()),
        ('change = "contributor-vote"', 'change = "steward-decides"', "outbound.change", "material", ()),
        ('change = "contributor-vote"', 'change = "none"', "outbound.change", "notice", ()),
        ('origin = "flat"', 'origin = "checked"', "representations.origin", "notice", ()),
        ('export = "knowledge"', 'export = "flat"', "representations.export", "material", ()),
        ('memorisation = "checked"', 'memorisation = "flat"', "representations.memorisation", "scoped",
         ("weights", "adapter", "tokenizer")),
        ('memorisation = "checked"', 'memorisation = "off"', "representations.memorisation", "notice", ()),
        ('consent = "flat"', 'consent = "knowledge"', "representations.consent", "notice", ()),
        ('adapter = "review"', 'adapter = "own-terms"', "derivatives.adapter", "material", ()),
        ('nc_data = "review"', 'nc_data = "deny"', "flow_down.nc_data", "material", ()),
        ("embargo_days = 90", "embargo_days = 180", "safety.embargo_days", "scoped", ("safety",)),
        ("good_faith_no_claim = true", "good_faith_no_claim = false", "safety.good_faith_no_claim", "material", ()),
        ("convenience_days = 45", "convenience_days = 60", "withdrawal.convenience_days", "notice", ()),
        ("convenience_days = 45", "convenience_days = 44", "withdrawal.convenience_days", "material", ()),
        ('after_merge = "for-cause"', 'after_merge = "none"', "withdrawal.after_merge", "material", ()),
        ('unlearning = "next-training"', 'unlearning = "within-days"', "withdrawal.unlearning", "notice", ()),
        ('unlearning = "next-training"', 'unlearning = "best-effort"', "withdrawal.unlearning", "material", ()),
        ("first_answer_days = 5", "first_answer_days = 9", "takedown.first_answer_days", "notice", ()),
        ('indemnity = "none"', 'indemnity = "contributor"', "liability.indemnity", "material", ()),
        ('governing = "steward-seat"', 'governing = "named-in-text"', "law.governing", "material", ()),
        ('level = "verified-account"', 'level = "advanced"', "signature.level", "material", ()),
        ('"signer-id", "date"', '"signer-id", "name", "date"', "privacy.public_fields", "material", ()),
        ('"signer-id", "date"', '"signer-id"', "privacy.public_fields", "notice", ()),
        ('retention = "distribution-plus-limitation"', 'retention = "distribution"', "privacy.retention", "notice", ()),
        ('retention = "distribution-plus-limitation"', 'retention = "years"', "privacy.retention", "material", ()),
        ('projects = "all-of-steward"', 'projects = "one"', "scope.projects", "material", ()),
        ('coverage = "from-signing"', 'coverage = "past-and-future"', "scope.coverage", "material", ()),
        ('"recipe", "safety"]', '"recipe"]', "scope.kinds", "notice", ()),
        ('language = "en"', 'language = "de"', "agreement.language", "material", ()),
        ('id = "MCLA-I"', 'id = "MCLA-G"', "agreement.id", "material", ()),
    ],
)  # fmt: skip
def test_each_term_has_the_class_that_it_has_for_the_signer(
    old: str, new: str, key: str, name: str, kinds: tuple[str, ...]
) -> None:
    found = changed(old, new)
    assert told(found) == (name, [(key, name)])
    assert found.kinds == (kinds or (KINDS if name == "material" else ()))


def test_a_kind_that_comes_in_concerns_only_who_gives_it() -> None:
    fewer = GOOD.replace('"recipe", "safety"]', '"recipe"]')
    assert (compared(fewer, GOOD).name, compared(fewer, GOOD).kinds) == ("scoped", ("safety",))


@pytest.mark.parametrize(
    ("old", "new", "key", "name"),
    [
        ("managers = 2", "managers = 3", "company.managers", "material"),
        ("managers = 2", "managers = 1", "company.managers", "notice"),
        ('own_signature = "not-needed"', 'own_signature = "needed"', "company.own_signature", "material"),
        ('second_release = ["data", ', "second_release = [", "company.second_release", "scoped"),
    ],
)
def test_the_terms_of_a_company_have_their_classes(old: str, new: str, key: str, name: str) -> None:
    assert told(changed(old, new, COMPANY)) == (name, [(key, name)])


def test_a_shorter_time_for_the_counter_signature_is_material() -> None:
    assert changed("counter_signature_days = 30", "counter_signature_days = 29", GRANT).name == "material"


def test_every_key_of_the_vocabulary_that_changes_is_classed_and_every_rule_is_for_a_key() -> None:
    assert set(RULES) <= set(_keys())
    assert "grant.patent.retaliation" in _keys()
    assert "company.managers" in _keys()


def test_the_strongest_class_wins_and_every_change_is_told() -> None:
    text = GOOD.replace("convenience_days = 45", "convenience_days = 50").replace(
        'memorisation = "checked"', 'memorisation = "flat"'
    )
    assert told(compared(GOOD, text)) == (
        "scoped",
        [("representations.memorisation", "scoped"), ("withdrawal.convenience_days", "notice")],
    )
    assert compared(GOOD, text.replace('moral = "not-asserted"', 'moral = "waived"')).name == "material"


# What real agreements and licences did from one version to the next, as terms in this vocabulary.


def text_of(terms: str, content: bytes) -> str:
    """The terms with the digest of another text."""
    was = terms.partition('text_sha256 = "')[2][:64]
    return terms.replace(was, hashlib.sha256(content).hexdigest())


def test_openmdw_1_0_to_1_1_two_words_more_in_the_retaliation_clause_are_material() -> None:
    newer = text_of(GOOD, b"1.1").replace('retaliation = ["patent"]', 'retaliation = ["patent", "copyright"]')
    assert told(compared(GOOD, newer)) == (
        "material",
        [("agreement.text_sha256", "editorial"), ("grant.patent.retaliation", "material")],
    )


@pytest.mark.parametrize("what", ["gemma 2025-03: where the list of models stands", "ltxv 2025-05: names of models"])
def test_gemma_and_ltxv_changed_words_only_which_is_editorial(what: str) -> None:
    assert told(compared(GOOD, text_of(GOOD, what.encode()))) == ("editorial", [("agreement.text_sha256", "editorial")])


def test_a_new_legal_name_of_the_steward_is_editorial() -> None:
    found = compared(COMPANY, text_of(COMPANY, b"the foundation has another legal name"))
    assert told(found) == ("editorial", [("agreement.text_sha256", "editorial")])


def test_tongyi_2023_to_qwen_2024_a_ban_on_using_output_became_a_duty_to_display_which_is_notice() -> None:
    newer = text_of(GOOD, b"qwen").replace('upstream_terms = "flat"', 'upstream_terms = "knowledge"')
    assert told(compared(GOOD, newer)) == (
        "notice",
        [("agreement.text_sha256", "editorial"), ("representations.upstream_terms", "notice")],
    )


def test_llama_3_1_to_3_2_the_same_text_with_another_policy_incorporated_is_material() -> None:
    older = GOOD.replace("incorporated = []", f'incorporated = [{{ name = "use-policy", sha256 = "{"1" * 64}" }}]')
    newer = older.replace("1" * 64, "2" * 64)
    assert told(compared(older, newer)) == ("material", [("agreement.incorporated.use-policy", "material")])
    assert compared(GOOD, older).name == "material"
    assert compared(older, GOOD).name == "material"
    moved = older.replace('" }]', f'" }}, {{ name = "names", sha256 = "{"3" * 64}" }}]')
    assert told(compared(older, moved)) == ("material", [("agreement.incorporated.names", "material")])


# What is not understood.


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("embargo_days = 90", "embargo_days = 90\nescrow = true", "safety.escrow"),
        ("[takedown]", "[ethics]\nboard = 'yes'\n[takedown]", "ethics.board"),
        ("embargo_days = 90", 'embargo_days = "90"', "safety.embargo_days"),
        ("embargo_days = 90", "embargo_days = 90.0", "safety.embargo_days"),
        ("sublicensable = true", "sublicensable = 1", "grant.sublicensable"),
        ("first_answer_days = 5", "first_answer_days = -5", "takedown.first_answer_days"),
        ("first_answer_days = 5", "", "takedown.first_answer_days"),
        ('"Apache-2.0", ', "1, ", "outbound.licences"),
        ('schema = "mcla.terms/1"', 'schema = "mcla.terms/2"', "schema"),
        ("incorporated = []", "incorporated = [3]", "agreement.incorporated"),
        ("incorporated = []", 'incorporated = [{ name = "x" }]', "agreement.incorporated"),
    ],
)
def test_an_unknown_key_a_wrong_type_and_a_missing_term_are_material(old: str, new: str, key: str) -> None:
    found = changed(old, new)
    assert told(found) == ("material", [(key, "material")])
    assert compared(GOOD.replace(old, new), GOOD).name == "material"


@pytest.mark.parametrize("data", [b"\xff", b"grant = ", b"a = 1\na = 2", b"x = " + b"[" * 5000, b"#" * 300_000])
def test_a_file_that_cannot_be_read_is_material_either_way(data: bytes) -> None:
    for found in (compared(GOOD, data), compared(data, GOOD)):
        assert told(found) == ("material", [("terms.toml", "material")])


def test_an_empty_file_is_material_in_every_term() -> None:
    found = compared(GOOD, b"")
    assert found.name == "material"
    assert {change.new for change in found.changes} == {None}


# Whole folders.


def folders(path: str, old: str, new: str) -> Comparison:
    text = WHOLE[path].decode()
    assert text.count(old) >= 1, old
    return compare_versions(WHOLE, WHOLE | {path: text.replace(old, new, 1).encode()})


def test_the_same_folder_is_the_same() -> None:
    assert told(compare_versions(WHOLE, dict(WHOLE))) == ("same", [])


@pytest.mark.parametrize("path", ["summaries.toml", "consent.toml", "schedules/W.md", "schedules/S.md"])
def test_other_words_in_a_document_beside_the_terms_are_editorial(path: str) -> None:
    assert told(compare_versions(WHOLE, WHOLE | {path: WHOLE[path] + b"\n"})) == ("editorial", [(path, "editorial")])


def question(key: str, required: str, kind: str = "") -> bytes:
    kinds = f'kinds = ["{kind}"]\n' if kind else ""
    return (
        f'\n[[fields]]\nkey = "{key}"\nlabel = "A new question"\nhelp = "It is asked for a reason."\n'
        f'type = "text"\nstandard = "flat"\nrequired = {required}\n{kinds}'
    ).encode()


def test_a_new_question_concerns_only_who_has_to_answer_it() -> None:
    path = "schedules/D.toml"
    asked = compare_versions(WHOLE, WHOLE | {path: WHOLE[path] + question("reviewers", "true", "eval")})
    assert (told(asked), asked.kinds) == (("scoped", [("schedules.D.reviewers", "scoped")]), ("eval",))
    whole = compare_versions(WHOLE, WHOLE | {path: WHOLE[path] + question("reviewers", "true")})
    assert whole.kinds == ("data", "synthetic", "eval")
    assert compare_versions(WHOLE, WHOLE | {path: WHOLE[path] + question("reviewers", "false")}).name == "notice"
    assert compare_versions(WHOLE | {path: WHOLE[path] + question("reviewers", "true")}, WHOLE).name == "notice"


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('label = "How did you screen', 'label = "In which way did you screen', "editorial"),
        ('label = "I hid no behaviour', 'label = "I and others hid no behaviour', "scoped"),
        ('standard = "checked"', 'standard = "flat"', "scoped"),
        ('standard = "checked"', 'standard = "knowledge"', "notice"),
        ("required = true", "required = false", "notice"),
        ('type = "confirm"', 'type = "yesno"', "scoped"),
    ],
)
def test_a_changed_question_is_classed_by_what_it_asks(old: str, new: str, name: str) -> None:
    found = folders("schedules/W.toml", old, new)
    assert found.name == name
    assert set(found.kinds) <= {"weights", "adapter", "tokenizer"}


def test_questions_that_cannot_be_read_are_material() -> None:
    found = compare_versions(WHOLE, WHOLE | {"schedules/W.toml": b"letter = "})
    assert told(found) == ("material", [("schedules/W.toml", "material")])


def test_with_the_terms_alone_on_one_side_documents_are_not_called_removed() -> None:
    assert compare_versions(WHOLE, {"terms.toml": WHOLE["terms.toml"]}).name == "same"


def test_the_json_form_has_the_members_of_the_contract() -> None:
    form = json.loads(json.dumps(changed('memorisation = "checked"', 'memorisation = "flat"').to_dict()))
    assert form == {
        "class": "scoped",
        "kinds": ["weights", "adapter", "tokenizer"],
        "changes": [
            {
                "key": "representations.memorisation",
                "class": "scoped",
                "old": "checked",
                "new": "flat",
                "kinds": ["weights", "adapter", "tokenizer"],
            }
        ],
    }
    assert form["class"] in CLASSES
