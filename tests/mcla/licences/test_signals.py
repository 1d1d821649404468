# SPDX-License-Identifier: Apache-2.0
"""Signs of a lost licence: each seen where it is, not seen where it is not, with evidence and without accusing."""

from dataclasses import replace
from typing import Any

import pytest

from mcla.artifacts.compare import compare
from mcla.artifacts.tensors import Tensor, TensorSet
from mcla.licences.identify import Identification, Likeness
from mcla.licences.question import Base
from mcla.licences.registry import registry
from mcla.licences.signals import Known, Match, Seen, Signal, signals

L = "LicenseRef-"
LLAMA = L + "llama-3.1"
BASE = Base(LLAMA, "fine-tune", name="meta/llama")


def told(seen: Seen) -> dict[str, Signal]:
    return {signal.code: signal for signal in signals(seen, registry())}


def tensors(*contents: str) -> TensorSet:
    return TensorSet(tuple(Tensor(f"t{place}", "F32", (1,), 100, content) for place, content in enumerate(contents)))


NOTHING = Seen(declared=LLAMA, tag="llama3.1", name="org/Llama-x", bases=(BASE,), data={"wiki": "CC-BY-SA-4.0"})
MATCH = Match.of(
    "sha256:" + "1" * 64, L + "qwen-research", compare(tensors("a", "b", "c", "d"), tensors("a", "b", "c", "e"))
)
GEMMA_FILE = Known("tokenizer.json", "2" * 64, "Gemma", L + "gemma-tou-2025-03-24")
TOLD = Identification("same", "MIT", (Likeness("MIT", 1000, 1000),), 160, "0" * 64)
UNKNOWN = replace(TOLD, sure="unknown", licence=None, likeness=())


def test_what_fits_together_gives_no_signal() -> None:
    assert told(NOTHING) == {}
    assert told(Seen()) == {}


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (
            {"declared": "Apache-2.0"},
            "more-permissive-than-base",
            f"Declared is Apache-2.0, which is freer than {LLAMA} of the base meta/llama.",
        ),
        (
            {"declared": f"{LLAMA} OR MIT"},
            "more-permissive-than-base",
            f"Declared is MIT, which is freer than {LLAMA} of the base meta/llama.",
        ),
        (
            {"tensors": (MATCH,)},
            "tensors-of-another",
            (
                f"3 of 4 tensors, 75 % of bytes, are equal to sha256:{'1' * 64} (LicenseRef-qwen-research), "
                "which is not named as a base."
            ),
        ),
        (
            {"files": (GEMMA_FILE,)},
            "file-of-a-family",
            (
                "tokenizer.json is known as a file of Gemma (LicenseRef-gemma-tou-2025-03-24), and no base under that "
                "licence is named."
            ),
        ),
        (
            {"declared": "MIT", "bases": (replace(BASE, relation="quantisation"),)},
            "copy-under-another-licence",
            f"A quantisation of something under {LLAMA} is declared MIT.",
        ),
        (
            {"licence_file": TOLD},
            "file-differs-from-tag",
            "The licence file has the words of MIT and the tag says llama3.1.",
        ),
        (
            {
                "licence_file": replace(TOLD, sure="with-more", licence=None),
                "tag": "mit",
                "declared": "MIT",
                "bases": (),
            },
            "file-differs-from-tag",
            "The licence file reads as a changed MIT and the tag says mit.",
        ),
        (
            {"licence_file": UNKNOWN},
            "file-differs-from-tag",
            "The licence file is not the text of llama3.1, which the tag says, and none that is known.",
        ),
        ({"tag": "gemma"}, "tag-names-no-text", "The tag gemma does not say which licence text holds."),
        ({"tag": "other"}, "tag-names-no-text", "The tag other does not say which licence text holds."),
        (
            {"name": "org/MedChat"},
            "prefix-missing",
            f"The name org/MedChat does not begin with Llama, as {LLAMA} of a base asks.",
        ),
        (
            {"bases": (replace(BASE, retrieved="2024-07-01"),)},
            "licence-newer-than-download",
            f"{LLAMA} is of 2024-07-23, and the base was downloaded before, on 2024-07-01.",
        ),
        (
            {"declared": "Apache-2.0", "bases": (Base(L + "gemma-tou-2025-03-24", "distillation", name="g"),)},
            "more-permissive-than-base",
            f"Declared is Apache-2.0, which is freer than {L}gemma-tou-2025-03-24 of the base g.",
        ),
        (
            {"declared": "CC-BY-4.0", "bases": (Base("CC-BY-SA-4.0", "dataset-derived", name="wiki"),)},
            "more-permissive-than-base",
            "Declared is CC-BY-4.0, which is freer than CC-BY-SA-4.0 of the base wiki.",
        ),
        (
            {"name": "Orca-Tiny", "bases": (replace(BASE, relation="trained-on-outputs"),)},
            "prefix-missing",
            f"The name Orca-Tiny does not begin with Llama, as {LLAMA} of a base asks.",
        ),
        (
            {"bases": (replace(BASE, relation="trained-on-outputs", retrieved="2024-07-01"),)},
            "licence-newer-than-download",
            f"{LLAMA} is of 2024-07-23, and the base was downloaded before, on 2024-07-01.",
        ),
        (
            {"data": {"wiki": "CC0-1.0", "crawl": None, "books": ""}},
            "data-without-licence",
            "No licence is told for training data: books, crawl.",
        ),
    ],
)
def test_each_sign_is_told_with_its_evidence(change: dict[str, Any], code: str, sentence: str) -> None:
    found = told(replace(NOTHING, **change))
    assert found[code].sentence == sentence
    assert found[code].evidence
    assert found[code].to_dict()["code"] == code
    assert "launder" not in sentence


@pytest.mark.parametrize(
    "change",
    [
        {"tensors": (replace(MATCH, artifact="meta/llama"),)},
        {"tensors": (replace(MATCH, licence="llama3.1"),)},
        {"tensors": (Match.of("x", "MIT", compare(tensors("a"), tensors("b"))),)},
        {"tensors": (MATCH,), "upstream": frozenset({MATCH.artifact})},
        {"tensors": (replace(MATCH, bytes=49, of_bytes=1000),)},
        {"files": (Known("tokenizer.json", "2" * 64, "Llama", LLAMA),)},
        {"files": (GEMMA_FILE, replace(GEMMA_FILE, family="sha256:1", licence="Apache-2.0"))},
        {"files": (GEMMA_FILE,), "upstream": frozenset({"Gemma"})},
        {"files": (GEMMA_FILE,), "declared": GEMMA_FILE.licence, "bases": ()},
        {"bases": (replace(BASE, retrieved="2024-07-23"),)},
        {"bases": (replace(BASE, licence="unheard-of"),)},
        {"declared": f"Apache-2.0 AND {LLAMA}"},
        {"name": None},
        {"declared": "Apache-2.0", "bases": (replace(BASE, relation="trained-on-outputs"),)},
        {"name": "x", "bases": (Base(L + "qwen-2024", "trained-on-outputs"),)},
        {"declared": "Apache-2.0", "bases": (Base("CC-BY-SA-4.0", "trained-on-data"),)},
        {"licence_file": UNKNOWN, "tag": L + "falcon-180b", "declared": L + "falcon-180b", "bases": ()},
        {"licence_file": UNKNOWN, "tag": None, "declared": None, "bases": ()},
    ],
)
def test_what_has_an_explanation_gives_no_signal(change: dict[str, Any]) -> None:
    assert told(replace(NOTHING, **change)) == {}


def test_a_content_that_stands_in_many_tensors_counts_once_so_that_masks_alone_are_no_sign() -> None:
    mask = [Tensor(f"mask{place}", "F32", (1,), 100, "m") for place in range(12)]
    own, other = Tensor("w", "F32", (1,), 3_000, "own"), Tensor("w", "F32", (1,), 3_000, "other")
    match = Match.of("sha256:1", "MIT", compare(TensorSet((*mask, other)), TensorSet((*mask, own))))
    assert (match.tensors, match.of_tensors, match.bytes, match.of_bytes) == (1, 2, 100, 3_100)
    assert told(replace(NOTHING, tensors=(match,))) == {}


def test_equal_tensors_carry_how_many_and_how_much() -> None:
    evidence = told(replace(NOTHING, tensors=(MATCH,)))["tensors-of-another"].evidence
    assert (evidence["tensors"], evidence["of_tensors"]) == (3, 4)
    assert (evidence["bytes"], evidence["per_mille_of_bytes"]) == (300, 750)
