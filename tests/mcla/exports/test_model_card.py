# SPDX-License-Identifier: Apache-2.0
"""Model cards: out of a release with nothing squeezed in, read strictly, and the same after writing and reading."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st
from notary import Notary
from releases import ONE, WEIGHTS, given

from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.exports.card_claims import NOT_TOLD, claims_of, question_of
from mcla.exports.card_of_release import CardOfRelease, NoModel, card_of
from mcla.exports.model_card import MAX_ENTRIES, RELATIONS, Card, ModelCardInvalid, read_card
from mcla.exports.release import Release
from mcla.licences.deciding import evaluate
from mcla.licences.registry import registry

MINE = b"""---
license: apache-2.0
base_model: example/base
base_model_relation: finetune
datasets: [example/birds]
language: [no, en]
tags: [a, {b: c}]
---
# Mine
"""


def made(notary: Notary, manifest: Manifest = ONE, kind: str = "weights", **declared: Any) -> CardOfRelease:
    return card_of(Release("tiny", "1", (given(notary, manifest, kind=kind, declarations=declared),)))


def test_what_was_declared_and_has_a_place_in_a_card_is_in_it(notary: Notary) -> None:
    data = given(notary, kind="data", schedule="D", declarations={"languages": "en, de; Low German"})
    names = ["adapter_config.json", "LICENSE.md"]
    files = Manifest.of([ManifestEntry(name, "5" * 64, 1) for name in names])
    rows = [{"name": "example/birds"}, {"name": "A drawer of tapes"}]
    said = WEIGHTS | {"outbound": "LicenseRef-llama-3.1", "training_data": rows}
    weights = given(notary, files, kind="adapter", declarations=said)
    found = card_of(Release("tiny", "1", (weights, data)))
    assert found.card == Card(
        license=("llama3.1",),
        base_model=("example/base",),
        base_model_relation="finetune",
        datasets=("example/birds", "example/data"),
        language=("en", "de"),
        library_name="peft",
        model_name="tiny",
    )
    assert dict(found.missing)["datasets"] == "no name on a hub: A drawer of tapes"
    assert [why for key, why in found.missing if key == "language"] == [
        "no code of ISO 639: Low",
        "no code of ISO 639: German",
    ]
    assert read_card(found.card.to_text().encode()) == found.card


@pytest.mark.parametrize(
    ("outbound", "tag", "name"),
    [
        ("Apache-2.0", "apache-2.0", ""),
        ("CC-BY-NC-4.0", "other", "CC-BY-NC-4.0"),
        ("LicenseRef-gemma-tou-2025-03-24", "other", "LicenseRef-gemma-tou-2025-03-24"),
        ("GPL-3.0-only AND MIT", "other", "GPL-3.0-only AND MIT"),
        ("by letter", "other", "by letter"),
        ("unknown", "other", "unknown"),
    ],
)
def test_a_licence_that_no_tag_names_alone_is_other_with_its_name(
    notary: Notary, outbound: str, tag: str, name: str
) -> None:
    found = made(notary, outbound=outbound)
    assert (found.card.license, found.card.license_name) == ((tag,), name)
    assert ("license_link" in dict(found.missing)) is bool(name)
    with_text = Manifest.of([ManifestEntry(path, "5" * 64, 1) for path in ("LICENSE", "model.bin", "deep/LICENSE")])
    assert made(notary, with_text, outbound=outbound).card.license_link == ("LICENSE" if name else "")


def test_every_licence_of_the_table_comes_back_as_itself_or_as_what_it_stands_for(notary: Notary) -> None:
    for licence in registry():
        card = read_card(made(notary, outbound=licence.id).card.to_text().encode())
        assert registry().find(card.licence).one is licence, licence.id


def test_models_that_disagree_give_no_licence_and_bases_of_two_sorts_no_relation(notary: Notary) -> None:
    one, other = (given(notary, declarations={"outbound": licence}) for licence in ("MIT", "Apache-2.0"))
    found = card_of(Release("tiny", "1", (one, other)))
    assert (found.card.license, dict(found.missing)["license"][:11]) == ((), "the models ")
    rows = [{"name": "a/b", "relation": "merge"}, {"name": "c/d", "relation": "format-conversion"}]
    found = made(notary, bases=rows)
    assert (found.card.base_model, found.card.base_model_relation) == (("a/b", "c/d"), None)
    assert "base_model_relation" in dict(found.missing)
    assert made(notary, bases=[{"name": "a/b", "relation": "distillation"}]).card.base_model == ()
    assert "base_model" not in dict(made(notary, relation="scratch").missing)


def test_a_release_of_data_alone_has_no_model_card(notary: Notary) -> None:
    with pytest.raises(NoModel, match="expected a contribution of weights"):
        made(notary, kind="data")


def test_a_card_is_read_whatever_else_stands_in_it_and_no_is_norwegian() -> None:
    card = read_card(b"\xef\xbb\xbf" + MINE.replace(b"\n", b"\r\n"))
    assert (card.licence, card.language, card.datasets) == ("apache-2.0", ("no", "en"), ("example/birds",))
    assert yaml.safe_load(card.to_text().split("---")[1])["language"] == ["no", "en"]
    assert Card().to_text() == ""


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("license: [mit, apache-2.0]", "license: expected one, got 2"),
        ("license: {a: b}", "license: expected a text or a list of texts, got a table"),
        ("license: [[mit]]", "a list that holds something else"),
        ("license_name: [x]", "license_name: expected a text"),
        ("base_model_relation: cousin", "expected one of adapter, merge, quantized, finetune, got 'cousin'"),
        ("base_model: " + "x" * 301, "at most 300 characters, got 301"),
        (f"datasets: [{','.join(f'a/{n}' for n in range(MAX_ENTRIES + 1))}]", "at most 200 entries, got 201"),
        ("license: mit\nlicense: gpl-3.0", "found a key twice"),
        ("license: !!python/name:os.system mit", "found a tag"),
        ("a: &a [mit]\nlicense: *a", "found an alias"),
        ("license: 'mit", "got at line"),
        ("- mit", "got list"),
        ("", "second line ---"),
    ],
)
def test_a_card_that_means_nothing_or_two_things_is_refused_by_its_own_error(head: str, words: str) -> None:
    with pytest.raises(ModelCardInvalid) as caught:
        _ = read_card(f"---\n{head}\n---\n".encode() if head else b"---\n").licence
    assert words in caught.value.message
    assert caught.value.hint


def test_a_card_asks_with_the_licences_that_its_bases_own_cards_tell_and_without_them_nothing_is_allowed() -> None:
    mine = replace(read_card(MINE), datasets=())
    alone = question_of(mine, {})
    assert [(base.name, base.relation, base.licence) for base in alone.bases] == [
        ("example/base", "fine-tune", NOT_TOLD)
    ]
    assert evaluate(alone, registry()).verdict.word == "needs-review"
    verdicts = {
        licence: evaluate(question_of(mine, {"example/base": Card(license=(licence,))}), registry()).verdict.word
        for licence in ("apache-2.0", "cc-by-nc-4.0", "gemma", "")
    }
    assert verdicts == {"apache-2.0": "needs-notice", "cc-by-nc-4.0": "needs-review", "gemma": "needs-review",
                        "": "needs-review"}  # fmt: skip
    bare = replace(mine, license=())
    assert (
        evaluate(question_of(bare, {"example/base": Card(license=("mit",))}), registry()).verdict.word == "needs-review"
    )


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (Card(license=("mit",)), "neither"),
        (Card(license=("mit",), base_model=("a/b",)), "base_model_relation: expected how"),
        (Card(license=("mit", "gpl-3.0"), datasets=("a/b",)), "license: expected one"),
    ],
)
def test_a_card_that_leaves_out_what_decides_is_refused(card: Card, words: str) -> None:
    with pytest.raises(ModelCardInvalid, match=words):
        question_of(card, {})


def test_a_card_claims_edges_and_a_label_as_said_by_itself() -> None:
    edges, labels = claims_of("example/mine@1", read_card(MINE))
    assert [(edge.base, edge.relation, edge.licence, edge.by) for edge in edges] == [
        ("example/base", "fine-tune", None, "its model card"),
        ("example/birds", "trained-on-data", None, "its model card"),
    ]
    assert [(label.artifact, label.licence) for label in labels] == [("example/mine@1", "apache-2.0")]


WORD = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).map(str.strip).filter(bool)
SEVERAL = st.lists(WORD, max_size=4, unique=True).map(tuple)
CARDS = st.builds(
    Card,
    license=SEVERAL, license_name=WORD | st.just(""), license_link=WORD | st.just(""), base_model=SEVERAL,
    base_model_relation=st.sampled_from([None, *RELATIONS]), datasets=SEVERAL, language=SEVERAL,
    library_name=WORD | st.just(""), model_name=WORD | st.just(""),
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@hypothesis_given(CARDS)
def test_whatever_texts_a_card_holds_it_is_read_as_it_was_written(card: Card) -> None:
    if text := card.to_text():
        assert read_card(text.encode()) == card


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@hypothesis_given(
    st.text(st.sampled_from("license:base_model-[]{}&*!|>'\"#?,\n \t\x00\u2028é1"), max_size=120),
    st.binary(max_size=20),
)
def test_whatever_stands_on_top_is_a_card_that_can_be_written_again_or_refused(head: str, more: bytes) -> None:
    for data in (f"---\n{head}\n---\n".encode(), b"---\n" + more + b"\n---\n"):
        with suppress(ModelCardInvalid):
            card = read_card(data)
            assert read_card(card.to_text().encode() or b"---\na: b\n---\n") == card
