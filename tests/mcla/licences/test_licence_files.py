# SPDX-License-Identifier: Apache-2.0
"""Licence files in hand, and digests of licence texts, held against what is declared: a sign where they differ."""

from pathlib import Path

import pytest

from mcla.licences.claimed import judge
from mcla.licences.identify import Sure, fingerprints
from mcla.licences.licence_file import LicenceFile, is_licence_file, read_licence_file
from mcla.licences.licence_files import signs_of_files
from mcla.licences.lineage import Edge

APACHE = Path(__file__).resolve().parents[3] / "LICENSE"
DIFFERS = "LICENSE has the words of MIT, and Apache-2.0 is declared."
MIT_WORDS = fingerprints().of("MIT")[0].sha256


def held(
    path: str = "LICENSE", *, words: str = "a" * 64, sure: Sure = "same", licence: str | None = "MIT"
) -> LicenceFile:
    return LicenceFile(path, "b" * 64, words, sure, licence)


def said(declared: str | None, *files: LicenceFile, path: str = "weights/model.bin") -> list[str]:
    signs = signs_of_files([path], declared, (), files)
    assert {each.code for each in signs} <= {"file-differs-from-tag"}
    return [str(each.sentence) for each in signs]


def test_a_licence_file_is_read_by_its_words_and_one_that_is_no_text_is_none() -> None:
    found = read_licence_file("LICENSE", APACHE.read_bytes())
    assert found is not None
    assert (found.licence, found.sure) == ("Apache-2.0", "same")
    assert fingerprints().by_digest[found.words_sha256] == "Apache-2.0"
    assert read_licence_file("LICENSE", b"\xff\xfe\0") is None
    names = ("LICENSE", "weights/licence.md", "COPYING.txt", "license.py", "LICENSES/x", "README.md")
    assert [is_licence_file(each) for each in names] == [True, True, True, False, False, False]


@pytest.mark.parametrize("declared", [None, "my own words", "MIT", "MIT AND Apache-2.0", "MIT OR CC-BY-4.0", "MIT AND"])
def test_a_file_that_fits_and_words_that_nobody_knows_are_no_sign(declared: str | None) -> None:
    assert said(declared, held()) == []


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (held(), DIFFERS),
        (held(sure="changed"), "LICENSE reads as a changed MIT, and Apache-2.0 is declared."),
        (
            held(sure="unknown", licence=None),
            "LICENSE is not the text of Apache-2.0, which is declared, and none that is known.",
        ),
        # What the asker says of known words is not believed.
        (held(words=MIT_WORDS, licence="Apache-2.0"), DIFFERS),
        (
            held(words=MIT_WORDS, sure="unknown", licence=None),
            DIFFERS,
        ),
    ],
)
def test_a_file_that_differs_is_told_with_its_path(file: LicenceFile, sentence: str) -> None:
    assert said("Apache-2.0", file) == [sentence]


def test_the_nearest_file_speaks_and_one_of_several_beside_each_other_is_enough() -> None:
    near, root = held("weights/LICENSE", licence="Apache-2.0"), held("LICENSE")
    assert said("Apache-2.0", near, root) == []
    assert said("Apache-2.0", near, root, path="other/model.bin") == [DIFFERS]
    assert said("Apache-2.0", held("code/LICENSE")) == []
    assert said("MIT", held("weights/LICENSE", licence="Apache-2.0"), held("weights/COPYING")) == []


def test_a_base_whose_text_is_another_ones_is_told_and_one_that_nobody_can_read_is_not() -> None:
    def of(licence: str | None, digest: str | None, *files: LicenceFile) -> list[str]:
        bases = (Edge("a", "org/base@1", "fine-tune", licence, digest),)
        signs = (*judge("MIT", "", bases).signals, *signs_of_files([], "MIT", bases, files))
        return [str(each.sentence) for each in signs if each.code == "file-differs-from-tag"]

    differs = "The licence text of org/base@1 has the words of MIT, and Apache-2.0 is named."
    assert of("Apache-2.0", MIT_WORDS) == [differs]
    assert of("Apache-2.0", "b" * 64, held()) == [differs]  # by the bytes of a file in hand
    for licence, digest in (("mit", MIT_WORDS), ("Apache-2.0", "c" * 64), (None, MIT_WORDS), ("own words", MIT_WORDS)):
        assert of(licence, digest, held()) == []
    assert of("Apache-2.0", "b" * 64, held(sure="nearly")) == []
