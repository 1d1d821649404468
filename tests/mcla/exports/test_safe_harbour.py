# SPDX-License-Identifier: Apache-2.0
"""The file for a regulator: what is known stands with its contribution, what is not known is missing, and nothing is
ever called met or certified."""

import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from notary import Notary
from releases import ONE, WEIGHTS, given

from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.exports.certification import Certification, read_certification, write_certification
from mcla.exports.evidence import STANDINGS, Item, counts
from mcla.exports.release import Release
from mcla.exports.safe_harbour import items_of, told

FLOP = {"compute": {"value": "3e23", "unit": "FLOP"}, "base_compute": {"value": "6e23", "unit": "FLOP"}}


def file_of(notary: Notary, manifest: Manifest = ONE, **declarations: Any) -> dict[str, Item]:
    release = Release("tiny", "1", (given(notary, manifest, declarations=declarations),))
    return {each.key: each for each in items_of(release)}


def test_an_item_names_what_is_known_with_its_contribution_and_what_is_missing(release: Release) -> None:
    items = {each.key: each for each in items_of(release)}
    assert items["licence"].evidence[0].root == ONE.root
    assert (
        items["licence"].evidence[0].sentence
        == "Tiny model: goes out under Apache-2.0, which likely keeps the exemption"
    )
    assert "weights for tiny-llm: the licence it goes out under" in items["licence"].missing
    against = [each.sentence for each in items["bases"].against]
    assert len(against) == 1
    assert "LicenseRef-llama-3.1, which limits use" in against[0]
    assert "Tiny model: which licence text example/data was taken under" in items["bases"].missing
    assert "Tiny model: the day on which example/base was downloaded" not in items["bases"].missing


def test_data_under_a_licence_that_limits_use_do_not_speak_against_the_licence_of_the_model(notary: Notary) -> None:
    rows = [{"name": "example/songs", "relation": "trained-on-data", "licence": "CC-BY-NC-4.0"}]
    assert file_of(notary, bases=rows)["bases"].against == ()
    rows = [rows[0] | {"relation": "fine-tune"}]
    assert len(file_of(notary, bases=rows)["bases"].against) == 1


def test_nothing_declared_leaves_every_item_but_the_signatures_missing(notary: Notary) -> None:
    items = file_of(notary)
    shown = {key for key, item in items.items() if item.evidence}
    assert shown == {"weights", "rights"}
    assert [key for key, item in items.items() if item.standing == "shown"] == ["rights"]
    assert all(item.missing for key, item in items.items() if key != "rights")


def test_an_empty_release_shows_nothing() -> None:
    items = items_of(Release("none", "1", ()))
    assert not [each.key for each in items if each.evidence or each.against]
    assert counts(items)["shown"] == counts(items)["against"] == 0


@pytest.mark.parametrize(
    ("declared", "risk", "words"),
    [
        (FLOP, "shown", "more than a third"),
        (FLOP | {"compute": {"value": "2e23", "unit": "FLOP"}}, "shown", "not more than a third"),
        (FLOP | {"base_compute": {"value": "1e25", "unit": "FLOP"}}, "against", "not more than a third"),
        ({"compute": {"value": "1.1e25", "unit": "FLOP"}}, "against", ""),
        ({"compute": {"value": "9e25", "unit": "GPU hours"}}, "missing", ""),
        ({"compute": {"value": "NaN", "unit": "FLOP"}}, "missing", ""),
        ({"compute": {"value": "Infinity", "unit": "FLOP"}}, "missing", ""),
        ({"compute": {"value": "-1", "unit": "FLOP"}, "relation": "scratch"}, "missing", "from scratch"),
        ({"compute": {"value": "1e25", "unit": "FLOP"}, "relation": "scratch"}, "shown", "from scratch"),
        ({"compute": "a lot"}, "missing", ""),
        ({"compute_known": "nothing-trained"}, "missing", ""),
        (FLOP | {"base_compute": {"value": "0", "unit": "FLOP"}}, "shown", ""),
    ],
)
def test_computing_is_held_against_the_figures_of_the_act_and_never_guessed(
    notary: Notary, declared: dict[str, Any], risk: str, words: str
) -> None:
    items = file_of(notary, **declared)
    assert items["systemic-risk"].standing == risk
    said = [each.sentence for each in items["modification"].evidence]
    assert (len(said) == 1 and words in said[0]) if words else said == []


def test_licence_texts_and_cards_are_found_among_the_files_by_their_names(notary: Notary) -> None:
    names = ("COPYING", "LICENSE-MIT.txt", "README.md", "sub/Licence", "model.safetensors", "my-license-tool.py")
    items = file_of(notary, Manifest.of([ManifestEntry(name, "5" * 64, 1) for name in names]))
    found = [each.sentence.split(": ")[1].split(" is ")[0] for each in items["licence-text"].evidence]
    assert sorted(found) == ["COPYING", "LICENSE-MIT.txt", "sub/Licence"]
    assert ["README.md" in each.sentence for each in items["usage"].evidence] == [True]


def test_the_file_never_says_met_or_certified_and_its_counts_are_of_its_items(notary: Notary, release: Release) -> None:
    for each in (release, Release("tiny", "1", (given(notary, declarations=WEIGHTS | FLOP),))):
        document = told(each)
        assert sum(document["counts"].values()) == len(document["items"])
        assert {item["standing"] for item in document["items"]} <= set(STANDINGS)
        assert next(item for item in document["items"] if item["key"] == "certification")["standing"] == "missing"
        text = json.dumps(document)
        assert not re.search(
            r"\b(met|certified)\b", text.replace("certified licence", "").replace("certified something", "")
        )
        assert re.fullmatch(r"[0-9a-f]{64}", document["rests_on"]["licences"])


def certification(**changed: Any) -> Certification:
    draft = {
        "schema": "mcla.certification/1", "issuer": "Example Lab", "scheme": "Scheme 2", "statement": "It is open.",
        "about": {"artifact_sha256": ONE.root}, "issued": "2026-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z",
    }  # fmt: skip
    return read_certification(write_certification(json.dumps(draft | changed).encode(), Ed25519PrivateKey.generate()))


def test_only_a_certification_that_holds_and_is_about_the_release_is_evidence(notary: Notary) -> None:
    release = Release("tiny", "1", (given(notary, declarations=WEIGHTS),))

    def of(*vouched: Any) -> Item:
        return items_of(release, vouched)[-1]

    good = of((certification(), "holds"))
    assert (good.standing, good.evidence[0].root) == ("shown", ONE.root)
    assert good.evidence[0].sentence.startswith("Example Lab certifies sha256:")
    a_file = of((certification(about={"artifact_sha256": ONE.files[0].sha256}), "holds"))
    assert (a_file.standing, a_file.evidence[0].root) == ("shown", ONE.root)
    a_licence = of((certification(about={"licence": "Apache-2.0", "words_sha256": "7" * 64}), "holds"))
    assert (a_licence.standing, a_licence.evidence[0].root) == ("shown", None)
    for about, standing in (
        ({"artifact_sha256": ONE.root}, "expired"),
        ({"artifact_sha256": "7" * 64}, "holds"),
        ({"licence": "MIT", "words_sha256": "7" * 64}, "holds"),
    ):
        none = of((certification(about=about), standing))
        assert (none.standing, none.evidence, len(none.missing)) == ("missing", (), 2)
