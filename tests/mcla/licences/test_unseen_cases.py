# SPDX-License-Identifier: Apache-2.0
"""Cases beyond the worked ones, each read as counsel would: every relation, own terms, limits, merges, the project."""

from typing import Any

import pytest

from mcla.licences.asking import read_question
from mcla.licences.deciding import evaluate
from mcla.licences.registry import registry

L = "LicenseRef-"
LLAMA, GEMMA, SD = L + "llama-3.1", L + "gemma-tou-2025-03-24", L + "creativeml-openrail-m"
BIGCODE = L + "bigcode-openrail-m-v1"
SD_LIST = list(registry().get(SD).restrictions)


def asked(
    bases: list[tuple[str, str]], declared: str | None, *, met: bool = True, **more: Any
) -> tuple[str, list[str]]:
    """Verdict and rules; `met` shows every duty but a name."""
    ids = [name for name, _ in bases]
    shown = {"licence_copies": ids, "attribution_for": ids, "notice_file": True, "modified_notice": True}
    evidence = (shown | {"docs_retained": True} if met else {}) | more.pop("evidence", {})
    given = {"bases": [{"licence": name, "relation": how} for name, how in bases], "kind": "fine-tune"}
    answer = evaluate(read_question(given | {"declared": declared, "evidence": evidence} | more), registry())
    return answer.verdict.word, list(answer.rules)


@pytest.mark.parametrize(
    ("licence", "relation", "declared", "verdict", "rules"),
    [
        ("Apache-2.0", "quantisation", "MIT", "allowed", ["R-PERM-1"]),
        (LLAMA, "quantisation", LLAMA, "allowed", ["R-QUANT-1"]),
        ("CC-BY-SA-4.0", "verbatim-copy", "GPL-3.0", "denied", ["R-QUANT-1"]),
        ("CC-BY-SA-4.0", "dataset-derived", "GPL-3.0", "allowed", ["R-COPY-1"]),
        ("CC-BY-SA-3.0", "dataset-derived", "CC-BY-SA-4.0", "allowed", ["R-COPY-1"]),
        ("CC-BY-SA-4.0", "dataset-derived", "CC-BY-SA-3.0", "denied", ["R-COPY-1"]),
        ("GPL-3.0", "fine-tune", "AGPL-3.0", "denied", ["R-COPY-1"]),
        ("MPL-2.0", "code", "Apache-2.0", "needs-review", ["R-COPY-1"]),
        ("CC-BY-ND-4.0", "verbatim-copy", "CC-BY-ND-4.0", "allowed", ["R-QUANT-1"]),
        ("CC-BY-NC-ND-4.0", "quantisation", "CC-BY-NC-ND-4.0", "denied", ["R-NC-1", "R-ND-1"]),
        ("CC-BY-NC-SA-4.0", "fine-tune", "CC-BY-NC-4.0", "denied", ["R-COPY-1", "R-NC-1"]),
        ("CC-BY-NC-4.0", "fine-tune", "CC-BY-NC-SA-4.0", "allowed", ["R-NC-1"]),
        ("CC-BY-NC-4.0", "fine-tune", L + "unheard-of", "needs-review", ["R-NC-1"]),
        (L + "yi-series-1.0", "fine-tune", "CC-BY-NC-4.0", "denied", ["R-NC-1", "R-RAIL-1"]),
        (L + "chameleon-research", "fine-tune", "CC-BY-NC-4.0", "denied", ["R-NC-1", "R-SCALE-1"]),
        (SD, "fine-tune", "Apache-2.0", "denied", ["R-RAIL-1"]),
        (SD, "fine-tune", L + "proprietary", "denied", ["R-RAIL-1"]),
        (SD, "fine-tune", f"Apache-2.0 AND {SD}", "allowed", ["R-RAIL-1"]),
        (SD, "fine-tune", f"Apache-2.0 OR {SD}", "denied", ["R-RAIL-1"]),
        (SD, "code", "MIT", "allowed", ["R-RAIL-1"]),
        (BIGCODE, "code", "MIT", "needs-review", ["R-UNK-3"]),
        (SD, "adapter", "MIT", "needs-review", ["R-ADAPT-1"]),
        (L + "stability-community-2024", "adapter", "MIT", "denied", ["R-SCALE-1"]),
        (L + "nvidia-open-model-2025-04", "fine-tune", "Apache-2.0", "allowed", ["R-RAIL-1"]),
        (L + "falcon-2-11b-1.0", "fine-tune", "Apache-2.0", "denied", ["R-UNK-3", "R-RAIL-1"]),
        (L + "minimax-m2-modified-mit", "fine-tune", "MIT", "needs-review", ["R-UNK-3", "R-PERM-1"]),
        (L + "exaone-1.1-nc", "trained-on-outputs", "MIT", "denied", ["R-OUT-1"]),
        (L + "llama-2", "distillation", "MIT", "denied", ["R-OUT-1"]),
        (L + "llama-1", "trained-on-outputs", "MIT", "denied", ["R-NC-1"]),
        (L + "stability-community-2024", "distillation", "MIT", "denied", ["R-RAIL-2", "R-SCALE-1", "R-OUT-1"]),
        (L + "flux-1-dev-nc", "trained-on-outputs", "MIT", "needs-review", ["R-OUT-2"]),
        (L + "mnpl-0.1", "trained-on-outputs", "MIT", "needs-review", ["R-UNK-3"]),
        (L + "openai-tou-2024-12", "fine-tune", "MIT", "denied", ["R-UNK-2"]),
        (L + "openai-tou-2024-12", "dataset-derived", "CC0-1.0", "needs-review", ["R-OUT-2"]),
        ("CC-BY-ND-4.0", "trained-on-outputs", "MIT", "needs-review", ["R-ND-1"]),
        ("CC-BY-NC-SA-4.0", "trained-on-data", "CC-BY-SA-4.0", "needs-review", ["R-COPY-2", "R-NC-2"]),
        ("CC-BY-SA-4.0", "trained-on-data", "CC-BY-SA-4.0", "allowed", ["R-COPY-2"]),
        ("ODbL-1.0", "trained-on-data", "MIT", "allowed", ["R-COPY-3"]),
        (L + "nvidia-data-training-2025", "verbatim-copy", "MIT", "denied", ["R-DATA-1"]),
        ("MIT", "fine-tune", "other", "needs-review", ["R-PERM-1", "R-UNK-1"]),
        ("MIT", "fine-tune", "", "needs-review", ["R-PERM-1", "R-UNK-1"]),
    ],
)
def test_one_base(licence: str, relation: str, declared: str, verdict: str, rules: list[str]) -> None:
    assert asked([(licence, relation)], declared, artifact_name="Llama-x") == (verdict, rules)


@pytest.mark.parametrize(
    ("licence", "terms", "verdict"),
    [
        (SD, {"restrictions": SD_LIST}, "allowed"),
        (SD, {"restrictions": SD_LIST[1:]}, "denied"),
        (SD, {"restrictions": SD_LIST, "enforceable": False}, "denied"),
        (SD, {}, "needs-review"),
        (SD, {"restrictions": [], "equivalent_to": [SD]}, "denied"),
        (BIGCODE, {"restrictions": [], "equivalent_to": [BIGCODE]}, "needs-review"),
        (LLAMA, {"base_licence_kept": True}, "allowed"),
        (LLAMA, {"restrictions": list(registry().get(LLAMA).restrictions)}, "denied"),
        (L + "stability-community-2024", {"base_licence_kept": True}, "denied"),
        ("CC-BY-NC-4.0", {"commercial_use": "no"}, "allowed"),
        ("CC-BY-NC-4.0", {"commercial_use": "yes"}, "denied"),
        ("GPL-3.0", {"commercial_use": "no"}, "denied"),
    ],
)
def test_terms_of_ones_own(licence: str, terms: dict[str, Any], verdict: str) -> None:
    declared = licence if licence == "GPL-3.0" else None
    more = {"artifact_name": "Llama-x", "declared_terms": terms}
    assert asked([(licence, "fine-tune")], declared, **more)[0] == verdict


@pytest.mark.parametrize(
    ("licence", "context", "verdict", "first"),
    [
        (L + "hunyuan3d-2.0", {"contributor_territory": "DE"}, "denied", "R-TERR-1"),
        (L + "hunyuan3d-2.0", {"project_territory": "uk"}, "denied", "R-TERR-1"),
        (L + "hunyuan3d-2.0", {"contributor_territory": "US"}, "allowed", "R-RAIL-1"),
        (L + "llama-3.2", {"contributor_territory": "DE"}, "needs-review", "R-TERR-1"),
        (L + "llama-3.2", {"contributor_territory": "DE", "multimodal": True}, "denied", "R-TERR-1"),
        (L + "llama-3.2", {"contributor_territory": "DE", "multimodal": False}, "allowed", "R-SCALE-1"),
        (L + "llama-4", {"contributor_territory": "EU", "multimodal": False}, "denied", "R-TERR-1"),
        (LLAMA, {"mau": 700_000_000}, "allowed", "R-SCALE-1"),
        (LLAMA, {"mau": 700_000_001}, "denied", "R-SCALE-3"),
        (L + "stability-community-2024", {"annual_revenue_usd": 1_000_001}, "denied", "R-SCALE-3"),
        (L + "ltxv-owl-2025", {"annual_revenue_usd": 10_000_000}, "denied", "R-SCALE-3"),
        (L + "bilibili-2025", {"annual_revenue_usd": 10**12}, "needs-review", "R-SCALE-3"),
        (L + "chatglm3", {"commercial": True}, "needs-notice", "R-SCALE-3"),
        (L + "falcon-180b", {"hosting_use": True}, "denied", "R-UNK-3"),
        (L + "jamba-open-model", {"annual_revenue_usd": 10**12}, "needs-review", "R-UNK-3"),
        (L + "hyperclovax-seed-2025", {"competing_service": True}, "denied", "R-SCALE-3"),
        (L + "qwen-research", {"commercial": True}, "denied", "R-NC-1"),
        (GEMMA, {"removes_safeguards": True}, "denied", "R-SAFE-1"),
        (LLAMA, {"removes_safeguards": True}, "needs-review", "R-SAFE-1"),
    ],
)
def test_who_asks_and_from_where(licence: str, context: dict[str, Any], verdict: str, first: str) -> None:
    name = "HyperCLOVA X y" if "hyper" in licence else "Llama-x"
    said, rules = asked([(licence, "fine-tune")], licence, artifact_name=name, context=context)
    assert (said, rules[0]) == (verdict, first)


@pytest.mark.parametrize(
    ("bases", "declared", "verdict", "rules"),
    [
        ([("GPL-3.0", "merge"), ("MIT", "merge")], "GPL-3.0", "allowed", ["R-COPY-1", "R-PERM-1", "R-MERGE-3"]),
        (
            [("CC-BY-NC-SA-4.0", "merge"), ("CC-BY-NC-4.0", "merge")],
            "CC-BY-NC-SA-4.0",
            "allowed",
            ["R-COPY-1", "R-NC-1", "R-MERGE-3"],
        ),
        (
            [("GPL-3.0", "merge"), ("CC-BY-NC-4.0", "merge")],
            "GPL-3.0",
            "denied",
            ["R-COPY-1", "R-NC-1", "R-MERGE-3", "R-MERGE-1"],
        ),
        (
            [(L + "faipl-1.0-sd", "merge"), (SD, "merge")],
            L + "faipl-1.0-sd",
            "allowed",
            ["R-COPY-1", "R-RAIL-1", "R-MERGE-3"],
        ),
        ([("unheard-of", "merge"), ("MIT", "merge")], "MIT", "needs-review", ["R-UNK-1", "R-PERM-1", "R-MERGE-3"]),
        ([("none", "merge"), ("unheard-of", "merge")], "MIT", "denied", ["R-UNK-2", "R-UNK-1", "R-MERGE-3"]),
        (
            [(L + "llama-3", "merge"), (LLAMA, "merge")],
            f"{L}llama-3 AND {LLAMA}",
            "allowed",
            ["R-SCALE-1", "R-MERGE-3"],
        ),
        ([(L + "llama-2", "trained-on-outputs"), (L + "llama-2", "fine-tune")], L + "llama-2", "allowed", None),
        ([(L + "llama-2", "trained-on-outputs"), ("MIT", "fine-tune")], L + "llama-2", "denied", None),
    ],
)
def test_several_bases(bases: Any, declared: str, verdict: str, rules: list[str] | None) -> None:
    kind = "merge" if bases[0][1] == "merge" else "fine-tune"
    said, named = asked(bases, declared, artifact_name="Llama 3 mix", kind=kind)
    assert said == verdict
    assert rules is None or named == rules


@pytest.mark.parametrize(
    ("declared", "project", "verdict"),
    [
        ("MIT", "Apache-2.0", "allowed"),
        ("Apache-2.0", "GPL-3.0", "allowed"),
        ("GPL-3.0", "Apache-2.0", "denied"),
        ("C-UDA-1.0", "Apache-2.0", "denied"),
        ("CC-BY-NC-4.0", ["Apache-2.0", "CC-BY-NC-SA-4.0"], "allowed"),
        (L + "kimi-k3", "Apache-2.0", "denied"),
        (L + "proprietary", "Apache-2.0", "denied"),
        (L + "unheard-of", "Apache-2.0", "needs-review"),
        ("GPL-3.0", "unheard-of", "denied"),
    ],
)
def test_the_project_takes_no_part_that_carries_more_limits(declared: str, project: Any, verdict: str) -> None:
    said, rules = asked([("MIT", "fine-tune")], declared, context={"project_outbound": project})
    assert said == verdict
    assert ("R-PROJ-1" in rules) == (verdict != "allowed")


@pytest.mark.parametrize(
    ("base", "verdict"),
    [
        ({"text_version": "newer"}, "needs-review"),
        ({"text_version": "older"}, "allowed"),
        ({"text_version": "re-downloaded", "retrieved": "2024-01-01"}, "allowed"),
        ({"retrieved": "2024-07-22"}, "needs-review"),
        ({"retrieved": "2024-07-23"}, "allowed"),
    ],
)
def test_the_text_held_at_download_decides(base: dict[str, str], verdict: str) -> None:
    given = {
        "bases": [{"licence": LLAMA, "relation": "fine-tune"} | base],
        "kind": "fine-tune",
        "declared": LLAMA,
        "artifact_name": "org/llama_x",
        "evidence": {"licence_copies": ["llama3.1"], "notice_file": True, "attribution_for": [LLAMA]},
    }
    assert evaluate(read_question(given), registry()).verdict.word == verdict


@pytest.mark.parametrize(
    ("name", "prefix", "met"),
    [
        ("org/Llama-3-Med", "llama-3", True),
        ("llama3_med", "llama-3", True),
        ("Llama-Med", "llama-3", False),
        ("Med-Llama-3", "llama-3", False),
        ("Llama-3/Med", "llama-3", False),
        ("", "llama-3", False),
        ("ＬＬＡＭＡ-x", "llama-3.1", True),
    ],
)
def test_a_name_begins_with_the_words_however_they_are_joined(name: str, prefix: str, met: bool) -> None:
    licence = L + prefix
    said, rules = asked([(licence, "fine-tune")], licence, artifact_name=name)
    assert (said == "allowed") is met
    assert ("R-SCALE-2" in rules) is not met


def test_duties_are_told_for_each_base_also_where_the_terms_are_denied() -> None:
    given = {
        "bases": [{"licence": SD, "relation": "fine-tune"}, {"licence": "CC-BY-4.0", "relation": "trained-on-data"}]
    }
    answer = evaluate(read_question(given | {"kind": "fine-tune", "declared": "MIT"}), registry())
    assert answer.verdict.word == "denied"
    assert answer.missing == ("attribution_display:CC-BY-4.0", f"licence_copy:{SD}", f"modified_notice:{SD}")
