# SPDX-License-Identifier: Apache-2.0
"""Cases of our own, each answered from the rule texts and the facts alone before the rules were asked.

One of them came out otherwise and the rules were wrong: what is given under GPL 2 "or any later version" may go out
under version 3.
"""

from typing import Any

import pytest

from mcla.licences.asking import read_question
from mcla.licences.deciding import evaluate
from mcla.licences.registry import registry

L = "LicenseRef-"


def base(licence: str, relation: str, **more: Any) -> dict[str, Any]:
    return {"licence": licence, "relation": relation, **more}


def met(*licences: str, **more: Any) -> dict[str, Any]:
    """Evidence of every duty but a name."""
    ids = list(licences)
    shown = {"licence_copies": ids, "attribution_for": ids, "notice_file": True, "modified_notice": True}
    return shown | {"docs_retained": True} | more


Case = tuple[str, dict[str, Any], str, list[str], list[str]]
CASES: list[Case] = [
    (
        "apache recipe to MIT, nothing shown",
        {"bases": [base("Apache-2.0", "recipe")], "declared": "MIT"},
        "needs-notice",
        ["R-PERM-1"],
        ["licence_copy:Apache-2.0", "modified_notice:Apache-2.0", "notice_file:Apache-2.0"],
    ),
    (
        "apache mirror",
        {
            "bases": [base("Apache-2.0", "verbatim-copy")],
            "declared": "Apache-2.0",
            "evidence": {"licence_copies": ["Apache-2.0"], "notice_file": True},
        },
        "allowed",
        ["R-PERM-1"],
        [],
    ),
    (
        "llama mirror renamed",
        {
            "bases": [base(L + "llama-3.2", "verbatim-copy")],
            "declared": L + "llama-3.2",
            "artifact_name": "MetaMirror",
            "evidence": met(L + "llama-3.2"),
        },
        "needs-notice",
        ["R-QUANT-1", "R-SCALE-2"],
        ["name_prefix:Llama"],
    ),
    (
        "llama3 outputs in llama3",
        {
            "bases": [base(L + "llama-3", "trained-on-outputs"), base(L + "llama-3", "fine-tune")],
            "declared": L + "llama-3",
            "artifact_name": "Llama 3 Foo",
            "evidence": met(L + "llama-3"),
        },
        "allowed",
        ["R-OUT-1", "R-SCALE-1"],
        [],
    ),
    (
        "llama3 outputs in llama3.1",
        {
            "bases": [base(L + "llama-3", "trained-on-outputs"), base(L + "llama-3.1", "fine-tune")],
            "declared": L + "llama-3.1",
            "artifact_name": "Llama 3 Foo",
            "evidence": met(L + "llama-3", L + "llama-3.1"),
        },
        "denied",
        ["R-OUT-1", "R-SCALE-1"],
        [],
    ),
    (
        "gemma old to new terms",
        {
            "bases": [base(L + "gemma-tou-2024-04-01", "fine-tune")],
            "declared": L + "gemma-tou-2025-03-24",
            "evidence": met(L + "gemma-tou-2024-04-01"),
        },
        "allowed",
        ["R-RAIL-1"],
        [],
    ),
    (
        "deepseek to creativeml loses military",
        {
            "bases": [base(L + "deepseek-la-1.0", "fine-tune")],
            "declared": L + "creativeml-openrail-m",
            "evidence": met(L + "deepseek-la-1.0"),
        },
        "denied",
        ["R-RAIL-1"],
        [],
    ),
    (
        "deepseek distilled under its own licence",
        {
            "bases": [base(L + "deepseek-la-1.0", "distillation")],
            "declared": L + "deepseek-la-1.0",
            "evidence": met(L + "deepseek-la-1.0"),
        },
        "allowed",
        ["R-RAIL-2", "R-RAIL-1"],
        [],
    ),
    (
        "stability business unregistered",
        {
            "bases": [base(L + "stability-community-2024", "fine-tune")],
            "declared": L + "stability-community-2024",
            "evidence": met(L + "stability-community-2024"),
            "context": {"commercial": True},
        },
        "needs-notice",
        ["R-SCALE-3", "R-SCALE-1"],
        [f"registration:{L}stability-community-2024"],
    ),
    (
        "stability rich",
        {
            "bases": [base(L + "stability-community-2024", "fine-tune")],
            "declared": L + "stability-community-2024",
            "evidence": met(L + "stability-community-2024"),
            "context": {"annual_revenue": {"value": 2000000, "currency": "USD"}},
        },
        "denied",
        ["R-SCALE-3", "R-SCALE-1"],
        [],
    ),
    (
        "ODbL training owes notice",
        {"bases": [base("ODbL-1.0", "trained-on-data")], "declared": "MIT"},
        "needs-notice",
        ["R-COPY-3"],
        ["attribution_display:ODbL-1.0"],
    ),
    (
        "CDLA-Sharing training free",
        {"bases": [base("CDLA-Sharing-1.0", "trained-on-data")], "declared": "MIT"},
        "allowed",
        ["R-COPY-3"],
        [],
    ),
    (
        "NC data policy deny",
        {
            "bases": [base("CC-BY-NC-4.0", "trained-on-data")],
            "declared": "MIT",
            "evidence": met("CC-BY-NC-4.0"),
            "policy": {"nc_data": "deny"},
        },
        "denied",
        ["R-NC-2"],
        [],
    ),
    (
        "NC data policy allow, no credit",
        {"bases": [base("CC-BY-NC-4.0", "trained-on-data")], "declared": "MIT", "policy": {"nc_data": "allow"}},
        "needs-notice",
        ["R-NC-2"],
        ["attribution_display:CC-BY-NC-4.0"],
    ),
    (
        "AGPL adapter alone",
        {"bases": [base("AGPL-3.0", "adapter")], "declared": "MIT", "evidence": met("AGPL-3.0")},
        "needs-review",
        ["R-ADAPT-1"],
        [],
    ),
    (
        "AGPL adapter merged in",
        {
            "bases": [base("AGPL-3.0", "adapter")],
            "declared": "MIT",
            "evidence": met("AGPL-3.0", includes_base_weights=True),
        },
        "denied",
        ["R-COPY-1"],
        [],
    ),
    (
        "bilibili names adapters",
        {"bases": [base(L + "bilibili-2025", "adapter")], "declared": "MIT", "evidence": met(L + "bilibili-2025")},
        "denied",
        ["R-SCALE-1"],
        [],
    ),
    (
        "flux outputs, competing",
        {
            "bases": [base(L + "flux-1-dev-nc", "trained-on-outputs")],
            "declared": "Apache-2.0",
            "context": {"competing_model": True},
        },
        "denied",
        ["R-OUT-2"],
        [],
    ),
    (
        "qwen research outputs uncredited",
        {"bases": [base(L + "qwen-research", "trained-on-outputs")], "declared": "CC-BY-NC-4.0"},
        "needs-notice",
        ["R-OUT-3"],
        [f"attribution_display:{L}qwen-research"],
    ),
    (
        "llama3 tokenizer in MIT model",
        {
            "bases": [base(L + "llama-3", "tokenizer")],
            "declared": "MIT",
            "artifact_name": "Llama 3 tok",
            "evidence": met(L + "llama-3"),
        },
        "denied",
        ["R-SCALE-1"],
        [],
    ),
    (
        "gemini outputs called data, competing",
        {
            "bases": [base(L + "gemini-api-terms-2025", "trained-on-data")],
            "declared": "MIT",
            "context": {"competing_model": True},
        },
        "denied",
        ["R-OUT-2"],
        [],
    ),
    (
        "exaone adapter",
        {"bases": [base(L + "exaone-1.1-nc", "adapter")], "declared": L + "exaone-1.1-nc", "artifact_name": "EXAONE-x"},
        "denied",
        ["R-OWN-1"],
        [],
    ),
    (
        "llama3.2 safety removed",
        {
            "bases": [base(L + "llama-3.2", "fine-tune")],
            "declared": L + "llama-3.2",
            "artifact_name": "Llama-free",
            "evidence": met(L + "llama-3.2"),
            "context": {"removes_safeguards": True},
            "policy": {"removed_safeguards": "allow"},
        },
        "denied",
        ["R-SAFE-1", "R-SCALE-1"],
        [],
    ),
    (
        "hunyuan3d outputs, Germany",
        {
            "bases": [base(L + "hunyuan3d-2.0", "trained-on-outputs")],
            "declared": L + "hunyuan3d-2.0",
            "evidence": met(L + "hunyuan3d-2.0"),
            "context": {"contributor_territory": "DE"},
        },
        "denied",
        ["R-TERR-1", "R-RAIL-2", "R-RAIL-1", "R-OUT-1"],
        [],
    ),
    (
        "kimi-k2 small under MIT",
        {
            "bases": [base(L + "kimi-k2-modified-mit", "fine-tune")],
            "declared": "MIT",
            "evidence": {"licence_copies": [L + "kimi-k2-modified-mit"]},
            "context": {"mau": 10},
        },
        "allowed",
        ["R-PERM-1"],
        [],
    ),
    (
        "cohere, list not known",
        {
            "bases": [base(L + "cohere-cc-by-nc-aup", "fine-tune")],
            "declared": "CC-BY-NC-4.0",
            "evidence": met(L + "cohere-cc-by-nc-aup"),
        },
        "needs-review",
        ["R-UNK-3", "R-NC-1"],
        [],
    ),
    (
        "c-uda training free",
        {"bases": [base("C-UDA-1.0", "trained-on-data")], "declared": "MIT"},
        "allowed",
        ["R-PERM-1"],
        [],
    ),
    (
        "stability-nc student",
        {
            "bases": [base(L + "stability-nc-2023", "distillation")],
            "declared": "CC-BY-NC-4.0",
            "evidence": met(L + "stability-nc-2023"),
        },
        "denied",
        ["R-RAIL-2", "R-NC-1", "R-SCALE-1"],
        [],
    ),
    (
        "NC data republished SA",
        {
            "bases": [base("CC-BY-NC-4.0", "dataset-derived")],
            "declared": "CC-BY-SA-4.0",
            "evidence": met("CC-BY-NC-4.0"),
        },
        "denied",
        ["R-NC-1"],
        [],
    ),
    (
        "GPL-2.0-or-later to GPL-3.0",
        {"bases": [base("GPL-2.0-or-later", "fine-tune")], "declared": "GPL-3.0", "evidence": met("GPL-2.0")},
        "allowed",
        ["R-COPY-1"],
        [],
    ),
    (
        "GPL-2.0-only to GPL-3.0",
        {"bases": [base("GPL-2.0-only", "fine-tune")], "declared": "GPL-3.0", "evidence": met("GPL-2.0")},
        "denied",
        ["R-COPY-1"],
        [],
    ),
    (
        "grok-2 display unknown, outputs",
        {"bases": [base(L + "grok-2-community", "trained-on-outputs")], "declared": "MIT"},
        "denied",
        ["R-UNK-3", "R-OUT-1"],
        [],
    ),
    (
        "yi taken again under Apache",
        {
            "bases": [base("Apache-2.0", "fine-tune", text_version="re-downloaded")],
            "declared": "Apache-2.0",
            "evidence": met("Apache-2.0"),
        },
        "allowed",
        ["R-VER-1", "R-PERM-1"],
        [],
    ),
    (
        "merge of faipl with NC",
        {
            "bases": [base(L + "faipl-1.0", "merge"), base("CC-BY-NC-4.0", "merge")],
            "kind": "merge",
            "declared": "CC-BY-NC-4.0",
            "evidence": met(L + "faipl-1.0", "CC-BY-NC-4.0"),
        },
        "denied",
        ["R-COPY-1", "R-NC-1", "R-MERGE-3", "R-MERGE-1"],
        [],
    ),
    (
        "merge llama2+llama3 name",
        {
            "bases": [base(L + "llama-2", "merge"), base(L + "llama-3", "merge")],
            "kind": "merge",
            "declared": f"{L}llama-2 AND {L}llama-3",
            "artifact_name": "Llama 3 blend",
            "evidence": met(L + "llama-2", L + "llama-3"),
        },
        "allowed",
        ["R-SCALE-1", "R-MERGE-3"],
        [],
    ),
    (
        "SD list carried, enforceable unsaid, but project Apache",
        {
            "bases": [base(L + "creativeml-openrail-m", "fine-tune")],
            "declared": L + "creativeml-openrail-m",
            "evidence": met(L + "creativeml-openrail-m"),
            "context": {"project_outbound": L + "bigscience-openrail-m"},
        },
        "allowed",
        ["R-RAIL-1"],
        [],
    ),
    (
        "fine-tune of ND data-licensed weights under itself",
        {
            "bases": [base("CC-BY-NC-ND-4.0", "fine-tune")],
            "declared": "CC-BY-NC-ND-4.0",
            "evidence": met("CC-BY-NC-ND-4.0"),
        },
        "denied",
        ["R-NC-1", "R-ND-1"],
        [],
    ),
    (
        "eval set CC-BY to MIT bare",
        {"bases": [base("CC-BY-4.0", "eval-set")], "declared": "MIT"},
        "needs-notice",
        ["R-PERM-1"],
        ["attribution_display:CC-BY-4.0", "licence_copy:CC-BY-4.0", "modified_notice:CC-BY-4.0"],
    ),
    (
        "nvidia data shared though policy lax",
        {
            "bases": [base(L + "nvidia-data-training-2025", "eval-set")],
            "declared": "CC0-1.0",
            "policy": {"unknown": "allow"},
        },
        "denied",
        ["R-DATA-1"],
        [],
    ),
    (
        "hf other, everything lax",
        {"bases": [base("other", "fine-tune")], "declared": "MIT", "policy": {"unknown": "allow"}},
        "needs-review",
        ["R-UNK-1"],
        [],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[name for name, *_ in CASES])
def test_a_case_is_answered_as_it_was_reasoned(case: Case) -> None:
    _, question, verdict, rules, missing = case
    answer = evaluate(read_question({"kind": question["bases"][0]["relation"]} | question), registry())
    assert (answer.verdict.word, list(answer.rules), list(answer.missing)) == (verdict, rules, missing)


def test_terms_that_leave_an_older_version_open_keep_no_newer_one() -> None:
    taken = {"bases": [base("GPL-3.0", "fine-tune")], "kind": "fine-tune", "declared": "GPL-2.0-or-later"}
    assert evaluate(read_question(taken), registry()).verdict.word == "denied"
