# SPDX-License-Identifier: Apache-2.0
"""`mcla licences`: the contract of its answers and exit codes, and what cannot be asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcla.licences.identify import fingerprints, wordless
from mcla.licences.registry import data_file, registry

CASES = {case["id"]: case for case in json.loads(data_file("cases.json"))["cases"]}


@pytest.fixture
def ask(mcla_inside: Any, tmp_path: Path) -> Any:
    def ask(case: Any, *more: str) -> Any:
        path = tmp_path / "case.json"
        path.write_text(case if isinstance(case, str) else json.dumps(case))
        return mcla_inside("licences", "check", path, *more)

    return ask


@pytest.mark.parametrize(("case", "code"), [("LC-006", 0), ("LC-008", 1), ("LC-004", 1), ("LC-013", 3)])
def test_the_exit_code_is_the_verdict_and_the_json_the_contract(ask: Any, case: str, code: int) -> None:
    ran = ask(CASES[case], "--json")
    document = json.loads(ran.out)
    assert ran.code == code
    assert {key: document[key] for key in CASES[case]["expect"]} == CASES[case]["expect"]
    assert next(sorted(reason) for reason in document["reasons"]) == [
        "base",
        "code",
        "missing",
        "rule",
        "sentence",
        "verdict",
    ]


def test_a_person_reads_the_verdict_each_rule_and_what_is_missing(ask: Any) -> None:
    said = ask(CASES["LC-008"]).out
    assert said.startswith("needs-notice: compatible once the listed missing duties are met\n")
    assert "R-SCALE-2  needs-notice LicenseRef-llama-3 asks that the model's name begin with Llama 3. (base 1)" in said
    assert "Missing:\n  name_prefix:Llama 3\n" in said
    assert "Screening, not legal advice. Data of 2026-11-22, sha256:" in said


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("{", "json-invalid"),
        ('{"kind": 1, "kind": 2}', "json-invalid"),
        (('{"bases": [{"licence": "MIT", "relation": "merge"}], "kind": "merge", "declared": "MIT", "context": '
         '{"mau": NaN}}'), "json-invalid"),
        ("[]", "licence-question-invalid"),
        ({"bases": [], "kind": "merge", "declared": "MIT"}, "licence-question-invalid"),
        (CASES["LC-006"] | {"context": {"mau": -1}}, "figure-invalid"),
        (CASES["LC-006"] | {"context": {"annual_revenue": 1}}, "currency-missing"),
        (CASES["LC-006"] | {"declared": "MIT AND"}, "licence-question-invalid"),
        (CASES["LC-003"] | {"declared": "CC-BY-NC-4.0", "declared_terms": {"commercial_use": "yes"}},
         "facts-contradict"),
    ],
)  # fmt: skip
def test_a_case_that_means_nothing_is_wrong_usage_with_a_code(ask: Any, case: Any, code: str) -> None:
    ran = ask(case, "--json")
    assert ran.code == 2
    assert json.loads(ran.out)["error"]["code"] == code


def test_what_is_wrong_with_the_json_of_a_case_is_told_to_who_wrote_it(ask: Any) -> None:
    said = ask('{"kind": 1, "kind": 2}').err
    assert "got 'kind' twice" in said
    assert "Write the case as plain JSON: each name once" in said


def test_what_is_said_of_many_bases_is_said_once(ask: Any) -> None:
    base = {"licence": "MIT", "relation": "merge"}
    said = ask({"bases": [base] * 1000, "kind": "merge", "declared": "MIT"}).out
    assert "MIT lets a derivative go out under any terms. (bases 1, 2, 3, 4, 5 and 995 more)" in said
    assert said.count("\n") < 10
    two = ask({"bases": [base] * 2, "kind": "merge", "declared": "MIT"}).out
    assert "under any terms. (bases 1, 2)\n" in two


def test_a_licence_is_shown_with_what_is_unknown_of_it(mcla_inside: Any) -> None:
    said = mcla_inside("licences", "show", "LicenseRef-jamba-open-model").out
    assert "derivatives.outbound                   (unknown)" in said
    document = json.loads(mcla_inside("licences", "show", "llama3.1", "--json").out)
    assert document["licence"]["id"] == "LicenseRef-llama-3.1"
    assert document["licence"]["thresholds"][0]["value"] == 700_000_000
    assert "may not: military" in mcla_inside("licences", "show", "llama3.1").out


@pytest.mark.parametrize(("name", "code"), [("nothing", "licence-unknown"), ("gemma", "licence-ambiguous")])
def test_a_name_that_stands_for_no_single_text_is_unknown(mcla_inside: Any, name: str, code: str) -> None:
    ran = mcla_inside("licences", "show", name, "--json")
    assert ran.code == 3
    assert json.loads(ran.out)["error"]["code"] == code


def test_the_list_is_narrowed_by_words_and_facts(mcla_inside: Any) -> None:
    rows = json.loads(mcla_inside("licences", "list", "--json").out)["licences"]
    assert len(rows) == 105
    said = mcla_inside("licences", "list", "GEMMA-tou", "--family", "rail", "--covers", "weights").out
    assert [line.split()[0] for line in said.splitlines()] == [
        "LicenseRef-gemma-tou-2024-04-01",
        "LicenseRef-gemma-tou-2025-03-24",
    ]
    assert "No known licence fits that." in mcla_inside("licences", "list", "zzz").err


def test_what_no_words_can_tell_is_said_in_the_list_of_one_and_beside_a_text_that_is_not_known(
    mcla_inside: Any, tmp_path: Path
) -> None:
    texts = {each.id for each in registry() if fingerprints().of(each.id)}
    assert set(wordless()) == {each.id for each in registry()} - texts
    rows = json.loads(mcla_inside("licences", "list", "--json").out)["licences"]
    assert {row["id"] for row in rows if not row["known_by_words"]} == set(wordless())
    assert "not known by its words" in mcla_inside("licences", "list", "jamba").out
    assert "not known by its words" not in mcla_inside("licences", "list", "Apache-2.0").out
    assert "  not known by its words: no copy of its text" in mcla_inside("licences", "show", "grok2-community").out
    path = tmp_path / "LICENSE"
    path.write_text("Permission is hereby granted to everybody who asks nicely.")
    assert all(each in mcla_inside("licences", "identify", path).out for each in wordless())
    assert json.loads(mcla_inside("licences", "identify", path, "--json").out)["not_known_by_words"] == [*wordless()]


def test_two_licences_side_by_side_tell_which_restrictions_only_one_has(mcla_inside: Any) -> None:
    said = mcla_inside("licences", "compare", "LicenseRef-creativeml-openrail-m", "LicenseRef-deepseek-la-1.0").out
    assert "restrictions only in LicenseRef-creativeml-openrail-m: pii_harm, medical_advice" in said
    assert "restrictions only in LicenseRef-deepseek-la-1.0: third_party_rights, military" in said
    assert "  share_alike" not in said
    same = json.loads(mcla_inside("licences", "compare", "llama3.1", "llama3.2", "--json").out)["restrictions"]
    assert (same["only_in_one"], same["only_in_other"]) == ([], ["safety_circumvention", "third_party_unlawful_tools"])


def test_a_licence_file_is_told_by_its_words(mcla_inside: Any, tmp_path: Path) -> None:
    path = tmp_path / "LICENSE"
    path.write_text("Permission is hereby granted to everybody who asks nicely.")
    ran = mcla_inside("licences", "identify", path)
    assert (ran.code, ran.out.splitlines()[0]) == (3, "unknown: The text is none that is known.")
    path.write_bytes(b"MIT\0")
    ran = mcla_inside("licences", "identify", path, "--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (3, "licence-text-unfit")


CARD = "---\nlicense: apache-2.0\nbase_model: org/base\nbase_model_relation: finetune\n---\n# Mine\n"


def test_a_model_card_is_a_case_with_the_cards_of_its_bases(mcla_inside: Any, tmp_path: Path) -> None:
    mine, base = tmp_path / "README.md", tmp_path / "base.md"
    mine.write_text(CARD)
    base.write_text("---\nlicense: apache-2.0\n---\n")
    alone = mcla_inside("licences", "check", mine, "--json")
    assert (alone.code, json.loads(alone.out)["verdict"]) == (3, "needs-review")
    assert alone.err == "No card tells the licence of org/base: --card org/base FILE\n"
    ran = mcla_inside("licences", "check", mine, "--card", "org/base", base, "--json")
    assert (ran.code, json.loads(ran.out)["verdict"], ran.err) == (1, "needs-notice", "")
    base.write_text("---\nlicense: llama3.1\n---\n")
    assert mcla_inside("licences", "check", mine, "--card", "org/base", base).code == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("---\nlicense: mit\n---\n", "model-card-invalid"),
        ("---\nlicense: mit\nbase_model: a/b\n---\n", "model-card-invalid"),
        ("---\nlicense: mit\nlicense: mit\n---\n", "model-card-invalid"),
        ("--- # never ends", "model-card-invalid"),
        ('{"bases": [{"licence": "MIT", "relation": "merge"}], "kind": "merge", "declared": "MIT"}', "wrong-usage"),
    ],
)
def test_a_card_that_means_nothing_is_wrong_usage(mcla_inside: Any, tmp_path: Path, text: str, code: str) -> None:
    mine, other = tmp_path / "README.md", tmp_path / "other.md"
    mine.write_text(text)
    other.write_text(CARD)
    ran = mcla_inside("licences", "check", mine, "--card", "org/other", other, "--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (2, code)


def test_a_service_signs_the_answer_and_verify_reads_it(
    ask: Any, mcla_inside: Any, service: Any, kept_trust: Path, tmp_path: Path
) -> None:
    place = tmp_path / "decision.json"
    ran = ask(CASES["LC-006"], "--service", service.origin, "--decision", str(place))
    assert (ran.code, ran.out.splitlines()[0]) == (0, f"allowed, signed: {place}"), ran.err
    read = mcla_inside("verify", place, "--trust", kept_trust)
    assert (read.code, read.out.split()[0]) == (0, "ALLOWED")
    told = json.loads(mcla_inside("verify", place, "--trust", kept_trust, "--json").out)
    assert (told["verdict"], told["licence"]["verdict"]) == ("verified", "allowed")
    place.write_bytes(place.read_bytes().replace(b'"verdict":"allowed"', b'"verdict":"denied"'))
    changed = mcla_inside("verify", place, "--trust", kept_trust, "--json")
    assert (changed.code, json.loads(changed.out)["verdict"]) == (1, "not-verified")
    denied = ask(CASES["LC-004"], "--service", service.origin, "--decision", str(place), "--json")
    assert (denied.code, json.loads(denied.out)["verdict"]) == (1, "denied")
    assert mcla_inside("verify", place, "--trust", kept_trust).code == 1
    for half in (("--service", service.origin), ("--decision", str(place))):
        assert ask(CASES["LC-006"], *half).code == 2


def test_a_policy_in_a_file_settles_debated_points_and_not_beside_another(ask: Any, tmp_path: Path) -> None:
    policy = tmp_path / ".mcla.toml"
    policy.write_text("version = 1\n[licences.stance]\nnc_data = 'deny'\n")
    case = {"bases": [{"licence": "CC-BY-NC-4.0", "relation": "trained-on-data"}], "kind": "model", "declared": "MIT"}
    assert ask(case).code == 3
    ran = ask(case, "--policy", str(policy), "--json")
    assert (ran.code, json.loads(ran.out)["policy"]["nc_data"]) == (1, "deny")
    both = ask(case | {"policy": {"nc_data": "allow"}}, "--policy", str(policy))
    assert (both.code, "got both" in both.err) == (2, True)
    policy.write_text("version = 1\n[licences.stance]\nnc_data = 'perhaps'\n")
    assert "licences.stance.nc_data" in ask(case, "--policy", str(policy)).err
