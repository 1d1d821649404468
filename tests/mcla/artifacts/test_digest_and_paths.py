# SPDX-License-Identifier: Apache-2.0
"""Digests and paths have one spelling each; everything else is refused with a reason."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcla.artifacts.digest import DigestInvalid, check_sha256, format_digest, parse_digest, read_digest
from mcla.artifacts.paths import PathInvalid, check_path
from mcla.artifacts.reading import FileUnreadable, hash_file

HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_digest_is_written_in_one_form_and_may_be_asked_about_without_the_algorithm() -> None:
    assert parse_digest(f"sha256:{HEX}") == read_digest(f"sha256:{HEX}") == read_digest(HEX) == HEX
    for text in ("", HEX.upper(), HEX[:-1], f"md5:{HEX}", None):
        with pytest.raises(DigestInvalid):
            read_digest(text)  # type: ignore[arg-type]
    assert format_digest(HEX) == f"sha256:{HEX}"


@pytest.mark.parametrize(
    "text",
    [
        "", "sha256:", HEX, f"sha256:{HEX[:-1]}", f"sha256:{HEX}0", f"sha256:{HEX.upper()}", f"SHA256:{HEX}",
        f"sha256: {HEX}", f"sha256:{HEX}\n", f"sha512:{HEX}", f"sha256:{'g' * 64}", f"sha256:{'١' * 64}",
        f"sha256:{HEX[:-2]}é", "sha256:" + "a" * 1_000_000,
    ],
)  # fmt: skip
def test_a_digest_that_is_not_64_lower_case_hexadecimal_digits_is_refused(text: str) -> None:
    with pytest.raises(DigestInvalid, match="expected") as caught:
        parse_digest(text)
    assert len(caught.value.message) < 300
    assert caught.value.hint


@given(st.text() | st.none() | st.integers())
def test_any_text_as_a_digest_gives_a_typed_answer(text: object) -> None:
    with suppress(DigestInvalid):
        assert parse_digest(text) == check_sha256(parse_digest(text))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path", ["a", "a/b/c.bin", "ünï/ço dé.txt", ".gitattributes", "a..b", "...", "xy:z", "a/.hidden"]
)
def test_a_plain_relative_path_is_kept_as_it_is(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/etc/passwd", "..", "a/../b", "../a", "a/..", ".", "./a", "a//b", "a/",
        "a\x00b", "a\nb", "a\x7fb", "a\x85b", "a\\b", "..\\a", "C:/x", "c:x", "mcla:manifest", "\udcff.bin",
        "a/\ud800", "x" * 1025, "é" * 513, "a\u202egnp.exe",
        "a\u2028b", "a\u2066b", None, 3, b"a",
    ],
)  # fmt: skip
def test_a_path_that_another_system_or_a_reader_would_take_for_another_file_is_refused(path: object) -> None:
    with pytest.raises(PathInvalid) as caught:
        check_path(path)
    assert caught.value.hint
    assert caught.value.message.isprintable()


@given(st.text(st.characters()))
def test_any_path_is_accepted_unchanged_or_refused(path: str) -> None:
    with suppress(PathInvalid):
        assert check_path(path) is path


def test_a_file_is_hashed_like_hashlib_and_every_byte_is_reported(tmp_path: Path) -> None:
    data = os.urandom(3 * 1024 * 1024 + 17)
    (tmp_path / "f").write_bytes(data)
    pieces: list[int] = []
    assert hash_file(tmp_path / "f", pieces.append) == (hashlib.sha256(data).hexdigest(), len(data))
    assert sum(pieces) == len(data)
    assert len(pieces) == 4


def test_a_file_that_is_missing_a_folder_or_a_pipe_is_refused_by_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "", "pipe", "bad\x00name"):
        with pytest.raises(FileUnreadable):
            hash_file(str(tmp_path / name) if name else tmp_path)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(bytes(2 * 1024 * 1024))
    with pytest.raises(FileUnreadable, match="changed while it was read"):
        hash_file(file, lambda _: os.utime(file, ns=(1, 1)))
