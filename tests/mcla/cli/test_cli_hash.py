# SPDX-License-Identifier: Apache-2.0
"""`mcla hash` on real files, on large and many files, and on everything that cannot be hashed."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


def test_a_real_model_is_hashed_as_sha256sum_would(mcla: Any, silero: Path) -> None:
    ran = mcla("hash", silero)
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[0] == f"{hashlib.sha256(silero.read_bytes()).hexdigest()}  silero_vad_16k.safetensors"
    assert lines[1].endswith("  root of 1 file")


def test_json_of_a_folder_names_every_file_and_the_root(mcla: Any, folder: Path) -> None:
    document = json.loads(mcla("hash", folder, "--json").out)
    on_disk = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert set(document) == {"root", "files"}
    assert {entry["path"] for entry in document["files"]} == on_disk
    assert all(set(entry) == {"path", "sha256", "size"} for entry in document["files"])
    assert [e["path"] for e in document["files"]] == sorted(on_disk, key=str.encode)


def test_text_and_json_tell_the_same_root(mcla: Any, folder: Path) -> None:
    root = json.loads(mcla("hash", folder, "--json").out)["root"]
    assert mcla("hash", folder).out.splitlines()[-1].startswith(root)


def test_the_root_changes_with_a_name_and_not_with_the_place(mcla: Any, folder: Path, tmp_path: Path) -> None:
    before = json.loads(mcla("hash", folder, "--json").out)["root"]
    moved = folder.rename(tmp_path / "elsewhere")
    assert json.loads(mcla("hash", moved, "--json").out)["root"] == before
    (moved / "README.md").rename(moved / "README.txt")
    assert json.loads(mcla("hash", moved, "--json").out)["root"] != before


def test_an_lfs_pointer_counts_as_the_file_it_stands_for_and_that_is_said(
    mcla: Any, tmp_path: Path, silero: Path
) -> None:
    digest, size = hashlib.sha256(silero.read_bytes()).hexdigest(), silero.stat().st_size
    pointer = tmp_path / "silero_vad_16k.safetensors"
    pointer.write_text(POINTER.format(digest, size))
    ran = mcla("hash", pointer, "--json")
    assert json.loads(ran.out) == json.loads(mcla("hash", silero, "--json").out)
    assert "Git LFS pointer" in ran.err


def test_a_near_miss_of_a_pointer_is_an_ordinary_file(mcla: Any, tmp_path: Path) -> None:
    text = POINTER.format("A" * 64, 12)
    (tmp_path / "x").write_text(text)
    for _ in range(2):  # not only when it is read for the first time
        ran = mcla("hash", tmp_path / "x")
        assert ran.out.startswith(hashlib.sha256(text.encode()).hexdigest())
        assert ran.err.count("x looks like a Git LFS pointer but is not one in the form that counts") == 1


def test_a_missing_file_is_wrong_usage(mcla: Any) -> None:
    ran = mcla("hash", "nowhere.bin")
    assert (ran.code, ran.out) == (2, "")
    assert "nowhere.bin" in ran.err


def test_no_path_at_all_is_wrong_usage(mcla: Any) -> None:
    assert mcla("hash").code == 2


def test_an_unknown_option_is_wrong_usage_even_with_json(mcla: Any, silero: Path) -> None:
    assert mcla("hash", silero, "--json", "--fast").code == 2


def test_an_empty_folder_is_refused_with_expected_and_got(mcla: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = mcla("hash", tmp_path / "empty", "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["error"]["code"] == "manifest-invalid"
    assert "expected" in ran.err
    assert "got 0" in ran.err


def test_a_file_that_may_not_be_read_leaves_the_answer_unknown(mcla: Any, weights: Path, powerless: Any) -> None:
    weights.chmod(0)
    ran = mcla("hash", weights, before=powerless)
    assert (ran.code, ran.out) == (3, "")
    assert "cannot read" in ran.err
    assert "Permission denied" in ran.err


def test_a_file_that_breaks_while_it_is_read_leaves_the_answer_unknown(mcla: Any) -> None:
    ran = mcla("hash", "/proc/self/mem")
    assert (ran.code, ran.out) == (3, "")


def test_a_pipe_is_refused_at_once_and_not_waited_for(mcla: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    ran = mcla("hash", tmp_path / "pipe", timeout=10)
    assert ran.code == 3
    assert "pipe" in ran.err


def test_a_link_out_of_the_folder_is_refused_by_name(mcla: Any, folder: Path) -> None:
    (folder / "leak").symlink_to("/etc/passwd")
    ran = mcla("hash", folder)
    assert (ran.code, ran.out) == (3, "")
    assert "leak" in ran.err


def test_a_name_with_a_terminal_escape_cannot_reach_the_terminal(mcla: Any, folder: Path) -> None:
    (folder / "\x1b[31mred").write_text("x")
    ran = mcla("hash", folder)
    assert ran.code == 1
    assert "\x1b" not in ran.out + ran.err


def test_a_name_that_is_not_utf8_is_refused_readably(mcla: Any, folder: Path) -> None:
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe"))).write_text("x")
    ran = mcla("hash", folder)
    assert ran.code == 1
    assert "UTF-8" in ran.err


def test_names_that_are_one_file_elsewhere_are_refused_together(mcla: Any, folder: Path) -> None:
    (folder / "readme.MD").write_text("x")
    ran = mcla("hash", folder)
    assert ran.code == 1
    assert "README.md" in ran.err


def test_ten_thousand_files_take_seconds(mcla: Any, tmp_path: Path) -> None:
    many = tmp_path / "many"
    for number in range(100):
        (many / f"{number:02}").mkdir(parents=True)
        for inner in range(100):
            (many / f"{number:02}" / f"{inner:02}.txt").write_text(f"{number} {inner}")
    started = time.monotonic()
    ran = mcla("hash", many)
    assert ran.code == 0
    assert ran.out.splitlines()[-1].endswith("root of 10,000 files")
    assert time.monotonic() - started < 30


@pytest.mark.timeout(300)
def test_five_gigabytes_are_hashed_in_flat_memory_with_progress(mcla: Any, tmp_path: Path) -> None:
    size = 5 * 1024**3  # more than 32 bits can count
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(size)
    code = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:])\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.exit(done.returncode)"
    )
    command = [sys.executable, "-c", code, sys.executable, "-m", "mcla.cli", "hash", "--json", str(large)]
    ran = subprocess.run(command, env=mcla.env(), capture_output=True, text=True, timeout=280)
    known = "7f06c62352aebd8125b2a1841e2b9e1ffcbed602f381c3dcb3200200e383d1d5"  # head -c 5G /dev/zero | sha256sum
    assert ran.returncode == 0
    told, resident = ran.stdout.rsplit("\n", 2)[:2]
    assert json.loads(told)["files"] == [{"path": "large.bin", "sha256": known, "size": size}]
    assert int(resident) < 100_000, "kB resident at most"
    steps = [line for line in ran.stderr.splitlines() if line.startswith("Hashing: ")]
    assert 1 <= len(steps) <= 10
    assert all("/s" in line and "left" in line for line in steps)


def test_quick_work_says_nothing_on_stderr(mcla: Any, silero: Path) -> None:
    assert mcla("hash", silero).err == ""


def test_a_reader_that_goes_away_ends_the_command_quietly(mcla: Any, folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mcla.cli", "hash", str(folder)],
        env=mcla.env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.wait(timeout=20)
    process.stderr.close()
    assert "Traceback" not in errors


def test_ctrl_c_stops_with_130_and_without_a_trace(mcla: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(20 * 1024**3)
    process = subprocess.Popen(
        [sys.executable, "-m", "mcla.cli", "hash", str(large)],
        env=mcla.env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    first = process.stderr.readline()  # the first line of progress: hashing is under way
    process.send_signal(2)
    out, rest = process.communicate(timeout=20)
    assert first.startswith(b"Hashing")
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in rest
