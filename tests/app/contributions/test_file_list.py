# SPDX-License-Identifier: Apache-2.0
"""Pasted lists of files: every tool's output that is understood, and a clear sentence for everything else."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from app.contributions.filelist import MAX_TEXT, FileListInvalid, parse_file_list, write_file_list
from mcla.artifacts.scan import scan

A, B = hashlib.sha256(b"a").hexdigest(), hashlib.sha256(b"b").hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of real text with a space, a leading digit and a non-ASCII letter in its names."""
    root = tmp_path / "given"
    root.mkdir()
    for name in ("2024 report.txt", "grüße.md", "plain.txt"):
        (root / name).write_bytes(Path(__file__).read_bytes() + name.encode())
    return root


def test_our_own_lines_are_read_back_as_they_were_written(folder: Path) -> None:
    manifest = scan([folder])
    assert parse_file_list(write_file_list(manifest)) == manifest


def test_the_output_of_sha256sum_and_wc_together_is_a_list(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir())
    sums = subprocess.run(["sha256sum", *names], cwd=folder, capture_output=True, text=True, check=True).stdout
    sizes = subprocess.run(["wc", "-c", *names], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert parse_file_list(sums + sizes).root == scan([folder]).root


def test_the_json_of_mcla_hash_is_a_list(folder: Path) -> None:
    manifest = scan([folder])
    text = json.dumps({"root": manifest.root, "files": [entry.to_dict() for entry in manifest.files]})
    assert parse_file_list(text).root == manifest.root


def test_the_plain_output_of_mcla_hash_with_sizes_is_a_list_and_its_last_line_is_no_file() -> None:
    assert len(parse_file_list(f"{A}  a.txt\n{B}  root of 1 file\n1 a.txt").files) == 1


def test_windows_line_ends_and_upper_case_digests_are_understood() -> None:
    assert parse_file_list(f"{A.upper()} 1 a.txt\r\n\r\n{B} 1 b.txt\r\n").files[0].sha256 == A


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose the files"),
        ("  \n ", "Choose the files"),
        (f"{A}  a.txt", "no size"),
        (f"{A}  a.txt\n{B}  b.txt\n1 a.txt", "One file has no size, “b.txt”"),
        ("1 a.txt", "no SHA-256"),
        ("what is this", "Line 1"),
        (f"{A[:-1]} 1 a.txt", "Line 1"),
        (f"{A}0 1 a.txt", "Line 1"),
        (f"{A} -1 a.txt", "Line 1"),
        (f"{A} 1 a.txt\n{B} 1 a.txt", "a second time"),
        (f"\\{A}  a\\nb.txt", "backslash or line break"),
        (f"{A} 1 ../a.txt", "'..'"),
        (f"{A} 1 /a.txt", "relative"),
        (f"{A} 1 C:/a.txt", "relative"),
        (f"{A} 1 a\x00.txt", "control"),
        (f"{A} 1 mcla:manifest", "reserved"),
        (f"{A} 1 A.txt\n{B} 1 a.txt", "a.txt"),
        (f"{A} 9999999999999999 a.txt", "2^53"),
        ("{", "JSON"),
        ('{"files": 3}', "JSON"),
        ('{"files": [{"path": "a"}]}', "JSON"),
        ('{"files": [{"path": "a", "sha256": 3, "size": 1}]}', ""),
        ('{"files": [{"path": "a", "sha256": "' + A + '", "size": 1.5}]}', "size"),
        ('{"files": [{"path": 7, "sha256": "' + A + '", "size": 1}]}', "text"),
        ('{"files": []}', "1 to 100000"),
        ("x" * (MAX_TEXT + 1), "mcla sign"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(FileListInvalid) as refused:
        parse_file_list(text)
    assert said in refused.value.message


def test_at_most_five_faults_are_told_at_once() -> None:
    with pytest.raises(FileListInvalid) as refused:
        parse_file_list("nonsense\n" * 1000)
    assert len(refused.value.faults) == 5
