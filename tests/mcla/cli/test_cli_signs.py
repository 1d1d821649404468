# SPDX-License-Identifier: Apache-2.0
"""`mcla licences signs`: what a folder's card and licence file say against each other, and what cannot be looked at."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from running import ROOT

APACHE = (ROOT / "LICENSE").read_bytes()


@pytest.fixture
def look(mcla_inside: Any, tmp_path: Path) -> Any:
    folder = tmp_path / "model"
    folder.mkdir()

    def look(card: str | None, *more: Any, files: dict[str, bytes] | None = None) -> tuple[int, dict[str, str]]:
        """The exit code, and each sign's sentence by its code; of an error the code alone."""
        for name, data in (files or {}).items():
            (folder / name).write_bytes(data)
        if card is not None:
            (folder / "README.md").write_text(f"---\n{card}\n---\nA model.\n")
        ran = mcla_inside("licences", "signs", folder, *more, "--json")
        told = json.loads(ran.out)
        if "error" in told:
            return ran.code, {"error": told["error"]["code"]}
        return ran.code, {each["code"]: each["sentence"] for each in told["signals"]}

    return look


def base_card(tmp_path: Path, licence: str) -> Path:
    place = tmp_path / "base.md"
    place.write_text(f"---\nlicense: {licence}\n---\n")
    return place


def test_a_folder_that_fits_together_shows_no_sign(look: Any) -> None:
    assert look("license: apache-2.0", files={"LICENSE": APACHE}) == (0, {})


@pytest.mark.parametrize(
    ("card", "text", "sentence"),
    [
        ("license: mit", APACHE, "The licence file has the words of Apache-2.0 and the tag says mit."),
        (
            "license: apache-2.0",
            APACHE.replace(b"perpetual", b"revocable"),
            "The licence file reads as a changed Apache-2.0 and the tag says apache-2.0.",
        ),
        (
            "license: other\nlicense_name: llama3.1",
            b"You may look at it and do nothing else.",
            "The licence file is not the text of llama3.1, which the tag says, and none that is known.",
        ),
    ],
)
@pytest.mark.parametrize("name", ["LICENSE", "licence.txt", "COPYING.md"])
def test_a_licence_file_that_differs_from_the_tag_is_seen(
    look: Any, card: str, text: bytes, sentence: str, name: str
) -> None:
    assert look(card, files={name: text}) == (3, {"file-differs-from-tag": sentence})


def test_the_cards_of_bases_and_data_are_held_against_it(look: Any, tmp_path: Path) -> None:
    given = ("--card", "meta/llama", base_card(tmp_path, "llama3.1"))
    card = "license: apache-2.0\nmodel_name: MedChat\nbase_model: meta/llama\nbase_model_relation: quantized"
    code, told = look(card, *given)
    assert code == 3
    assert set(told) == {"more-permissive-than-base", "copy-under-another-licence", "prefix-missing"}
    bare = tmp_path / "data.md"
    bare.write_text("---\nlanguage: en\n---\n")
    told = look("license: mit\ndatasets: [x/crawl]", "--card", "x/crawl", bare)[1]
    assert told == {"data-without-licence": "No licence is told for training data: x/crawl."}


def test_what_a_card_does_not_say_is_not_guessed(look: Any, tmp_path: Path) -> None:
    given = ("--card", "meta/llama", base_card(tmp_path, "llama3.1"))
    assert look("license: apache-2.0\nbase_model: meta/llama", *given) == (0, {})
    assert look("license: gemma")[1].keys() == {"tag-names-no-text"}
    assert look("language: en", files={"LICENSE": APACHE}) == (0, {})


@pytest.mark.parametrize(
    ("card", "files", "expected"),
    [
        (None, {}, (2, "wrong-usage")),
        ("license: [mit, apache-2.0]", {}, (2, "model-card-invalid")),
        ("license: mit", {"LICENSE": b"\0"}, (3, "licence-text-unfit")),
        ("license: mit", {"LICENSE": b"a " * 1_100_000}, (3, "licence-text-unfit")),
        ("license: MIT AND", {}, (2, "licence-question-invalid")),
    ],
)
def test_what_cannot_be_looked_at_says_so(
    look: Any, card: str | None, files: dict[str, bytes], expected: tuple[int, str]
) -> None:
    assert look(card, files=files) == (expected[0], {"error": expected[1]})


def test_a_person_reads_each_sign_and_no_marks_that_turn_the_line_round(mcla_inside: Any, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nlicense: \u202egemma\n---\n")
    ran = mcla_inside("licences", "signs", tmp_path)
    assert ran.code == 3
    assert "tag-names-no-text: The tag" in ran.out
    assert "\u202e" not in ran.out
    assert "Screening, not legal advice." in ran.out


def test_files_that_a_list_of_families_has_are_told_with_where_that_was_had_from(look: Any, tmp_path: Path) -> None:
    tokenizer = b"a tokenizer"
    family = {"name": "example/base", "licence": "LicenseRef-llama-3.1", "source": "Our own copy", "read": "2026-11-20"}
    files = [{"path": "tokenizer.json", "sha256": hashlib.sha256(tokenizer).hexdigest()}]
    place = tmp_path / "families.json"
    place.write_text(json.dumps({"schema": "mcla.families/1", "families": [family | {"files": files}]}))
    shipped = {"LICENSE": APACHE, "tok.json": tokenizer}
    code, told = look("license: apache-2.0", "--families", place, files=shipped)
    assert (code, list(told)) == (3, ["file-of-a-family"])
    assert told["file-of-a-family"].startswith("tok.json is known as a file of example/base (LicenseRef-llama-3.1)")
    assert look("license: apache-2.0", files=shipped) == (0, {})
    place.write_text("{}")
    assert look("license: apache-2.0", "--families", place) == (2, {"error": "families-invalid"})
