# SPDX-License-Identifier: Apache-2.0
"""`mcla terms diff` on folders and files: exit codes, the JSON of the contract, and what cannot be compared."""

import json
from pathlib import Path
from typing import Any

import pytest
from version_folders import SOURCE, copy_version, rewrite_text, substitute


def test_the_same_version_needs_no_new_signature(mcla_inside: Any) -> None:
    ran = mcla_inside("terms", "diff", SOURCE, SOURCE / "terms.toml")
    assert (ran.code, ran.out) == (0, "same: Nothing differs.\n")


def test_a_material_change_is_a_no_with_the_change_in_both_forms(mcla_inside: Any, tmp_path: Path) -> None:
    newer = copy_version(tmp_path, "2.0.0")
    substitute(newer / "terms.toml", 'retaliation = ["patent"]', 'retaliation = ["patent", "copyright"]')
    said = mcla_inside("terms", "diff", SOURCE, newer)
    assert said.code == 1
    assert said.out.startswith("material: Everybody signs again.\n")
    assert "grant.patent.retaliation\n             patent -> patent, copyright" in said.out
    document = json.loads(mcla_inside("terms", "diff", SOURCE, newer, "--json").out)
    assert document["class"] == "material"
    assert document["changes"] == [
        {"key": "grant.patent.retaliation", "class": "material", "old": ["patent"], "new": ["patent", "copyright"]}
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        (
            'memorisation = "checked"',
            'memorisation = "flat"',
            1,
            "these kinds sign again: weights, adapter, tokenizer.",
        ),
        ("convenience_days = 45", "convenience_days = 90", 0, "notice: Only what is in the signers' favour differs"),
        ("embargo_days = 90", "embargo_days = soon", 1, "terms.toml"),
    ],
)
def test_the_exit_code_says_whether_somebody_signs_again(
    mcla_inside: Any, tmp_path: Path, old: str, new: str, code: int, said: str
) -> None:
    newer = copy_version(tmp_path, "1.1.0")
    substitute(newer / "terms.toml", old, new)
    ran = mcla_inside("terms", "diff", SOURCE, newer)
    assert ran.code == code
    assert said in ran.out


def test_other_words_are_editorial_and_a_person_has_to_vouch_for_them(mcla_inside: Any, tmp_path: Path) -> None:
    newer = copy_version(tmp_path, "1.0.1")
    rewrite_text(newer, (newer / "agreement.md").read_bytes().replace(b"free of charge, not", b"free, not"))
    ran = mcla_inside("terms", "diff", SOURCE, newer)
    assert ran.code == 0
    assert "once a person has vouched for that" in ran.out


def test_a_text_that_was_changed_under_its_terms_is_not_compared(mcla_inside: Any, tmp_path: Path) -> None:
    newer = copy_version(tmp_path, "1.0.1")
    (newer / "agreement.md").write_text("# Another\n")
    ran = mcla_inside("terms", "diff", SOURCE, newer)
    assert ran.code == 3
    assert "version-unreadable" in ran.err
    assert "publish it as a new version" in ran.err


def test_a_folder_without_terms_is_wrong_usage(mcla_inside: Any, tmp_path: Path) -> None:
    ran = mcla_inside("terms", "diff", SOURCE, tmp_path)
    assert ran.code == 2
    assert "expected terms.toml in it" in ran.err
    assert mcla_inside("terms", "diff", SOURCE, tmp_path / "nowhere").code == 2
    assert mcla_inside("terms", "diff", SOURCE).code == 2


def test_a_hostile_key_cannot_move_the_cursor(mcla_inside: Any, tmp_path: Path) -> None:
    newer = copy_version(tmp_path, "1.1.0")
    with (newer / "terms.toml").open("a") as file:
        file.write('"\\u001b[2J" = 1\n')
    ran = mcla_inside("terms", "diff", SOURCE, newer)
    assert ran.code == 1
    assert "\x1b[2J" not in ran.out
