# SPDX-License-Identifier: Apache-2.0
"""A version folder is read in full and refused, with the reason, when anything in it is strange."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from version_folders import SOURCE, copy_version, rewrite_text, substitute

from app.agreements.errors import AgreementFolderInvalid
from app.agreements.folder import FIXED, MAX_FILE, documents_digest, read_folder
from mcla.errors import MclaError


def test_the_real_folder_is_fit_to_publish() -> None:
    read = read_folder(SOURCE)
    assert (read.slug, read.version) == ("mcla-individual", "1.0.0")
    assert read.title == "Model Contributor License Agreement for individuals"
    assert set(read.documents) == {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*") if path.is_file()}


def test_the_digest_binds_every_document() -> None:
    read = read_folder(SOURCE)
    for path in read.documents:
        changed = dict(read.documents) | {path: read.documents[path] + b" "}
        assert documents_digest(changed) != read.digest


def test_a_folder_named_with_dots_is_the_folder_it_leads_to(folder: Path) -> None:
    assert read_folder(folder / "schedules" / "..").slug == "mcla-individual"


def test_reading_tells_its_progress(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    read_folder(folder, lambda done, total: seen.append((done, total)))
    assert seen == [(number, 10) for number in range(1, 11)]


@pytest.mark.parametrize("name", FIXED)
def test_a_missing_document_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(AgreementFolderInvalid, match=rf"lacks {name}"):
        read_folder(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgreementFolderInvalid, match="is not a folder"):
        read_folder(tmp_path / "mcla-individual" / "9.9.9")


@pytest.mark.parametrize("name", ["notes.txt", ".DS_Store", "schedules/X.md", "schedules/D/more.md", "AGREEMENT.MD"])
def test_a_file_that_a_version_does_not_have_is_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x\n")
    with pytest.raises(AgreementFolderInvalid, match=name.split("/")[-1]):
        read_folder(folder)


def test_a_link_is_refused_even_to_good_content(folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "consent.toml"
    (folder / "consent.toml").rename(moved)
    (folder / "consent.toml").symlink_to(moved)
    with pytest.raises(AgreementFolderInvalid, match=r"consent\.toml cannot be read as a regular file"):
        read_folder(folder)


def test_a_linked_schedules_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "schedules").rename(tmp_path / "elsewhere")
    (folder / "schedules").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AgreementFolderInvalid, match="is a link"):
        read_folder(folder)


def test_a_pipe_is_refused_and_does_not_hang(folder: Path) -> None:
    (folder / "consent.toml").unlink()
    os.mkfifo(folder / "consent.toml")
    with pytest.raises(AgreementFolderInvalid, match="not a regular file"):
        read_folder(folder)


def test_a_folder_in_the_place_of_a_file_is_refused(folder: Path) -> None:
    (folder / "consent.toml").unlink()
    (folder / "consent.toml").mkdir()
    with pytest.raises(AgreementFolderInvalid, match=r"consent\.toml"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\n", "not UTF-8"),
        (b"# T\r\n## 1. A\r\nx\r\n", "Windows line ends"),
        ("# T\n## 1. A\nsafe\u202etext\n".encode(), "U+202E"),
        (b"# T\n## 1. A\nx\x00\n", "U+0000"),
        (b"\xef\xbb\xbf# T\n## 1. A\n", "U+FEFF"),
        ("# T\n## 1. A\ne\u0301\n".encode(), "normal form C"),
        (b"# T\n## 1. A\nno end", "line feed"),
        (b"", "line feed"),
        (b"Hello\n", "does not start with a title"),
        (b"# T\nHello\n", "expected ## 1., ## 2."),
        (b"# T\n## 1. A\nx\n## 3. B\ny\n", "expected ## 1., ## 2."),
        (b"# T\n## 1. A\nx\n", "[clauses] has 10, 11"),
        (b"x" * (MAX_FILE + 1), "larger than"),
        ("# הסכם\n## 1. א\n".encode(), "agreement.md has letters from right to left in line 1"),
        ("# T\n## 1. A\nsays “(اتفاق) 2”\n".encode(), "in line 3: no signed record could be made"),
    ],
)
def test_a_text_that_is_not_plainly_readable_is_refused(folder: Path, content: bytes, words: str) -> None:
    rewrite_text(folder, content)
    with pytest.raises(AgreementFolderInvalid) as refused:
        read_folder(folder)
    assert words in refused.value.message


Edit = Callable[[Path], object]
EDITS: list[tuple[Edit, str]] = [
    (lambda f: substitute(f / "agreement.md", "free of charge, not", "free, not"), "text_sha256"),
    (
        lambda f: substitute(f / "terms.toml", 'version = "1.0.0"', 'version = "1.0.1"'),
        "the folder's name says '1.0.0'",
    ),
    (lambda f: (f / "schedules/S.md").unlink(), "schedules/S.md is missing"),
    (lambda f: (f / "schedules/S.md").write_text("# נספח\n"), "schedules/S.md has letters from right to left"),
    (lambda f: (f / "schedules/W.toml").unlink(), "schedules/W.toml is missing"),
    (lambda f: substitute(f / "terms.toml", '"recipe", "safety"]', '"recipe"]'), "schedules/S.md is there, although"),
    (
        lambda f: substitute(f / "terms.toml", 'screening = "checked"', 'screening = "flat"'),
        "representations.screening",
    ),
    (lambda f: substitute(f / "terms.toml", 'collection = "flat"\n', ""), "representations.collection = 'off'"),
    (lambda f: substitute(f / "terms.toml", "embargo_days = 90", "embargo_days = 30"), "embargo_until within 90 days"),
    (
        lambda f: substitute(f / "terms.toml", 'hazard_max = "dual-use"', 'hazard_max = "none"'),
        "takes dual_use dual-use, terms.toml says safety.hazard_max = 'none'",
    ),
    (lambda f: substitute(f / "terms.toml", 'moral = "not-asserted"', 'moral = "kept"'), "grant.moral"),
    (lambda f: substitute(f / "schedules/D.toml", 'letter = "D"', 'letter = "W"'), "schedules/D.toml"),
    (lambda f: substitute(f / "summaries.toml", "19 = ", "26 = "), "[clauses] lacks 19"),
    (lambda f: substitute(f / "summaries.toml", "S = ", "T = "), "[schedules] lacks S"),
    (lambda f: (f / "summaries.toml").write_text("clauses = 3\n"), "summaries.toml cannot be used"),
    (lambda f: (f / "consent.toml").write_text("button = true\n"), "consent.toml cannot be used"),
    (lambda f: substitute(f / "consent.toml", 'button = "Sign and record"', 'button = ""'), "button"),
]


@pytest.mark.parametrize(("edit", "words"), EDITS)
def test_documents_that_disagree_are_refused(folder: Path, edit: Edit, words: str) -> None:
    edit(folder)
    with pytest.raises(MclaError) as refused:
        read_folder(folder)
    assert words in refused.value.message


def test_a_slug_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgreementFolderInvalid, match="expected an agreement slug"):
        read_folder(copy_version(tmp_path, "1.0.0", slug="My Agreement"))


def test_an_agreement_for_code_alone_needs_no_schedule(folder: Path) -> None:
    every = 'kinds = ["code", "data", "synthetic", "eval", "weights", "adapter", "tokenizer", "recipe", "safety"]'
    substitute(folder / "terms.toml", every, 'kinds = ["code"]')
    for path in (folder / "schedules").iterdir():
        path.unlink()
    summaries = folder / "summaries.toml"
    summaries.write_text(summaries.read_text().split("[schedules]")[0] + "[schedules]\n")
    assert read_folder(folder).terms.scope.kinds == ("code",)
