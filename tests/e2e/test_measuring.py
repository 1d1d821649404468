# SPDX-License-Identifier: Apache-2.0
"""What the browser measures is what `hashlib` says, on both ways through the worker; very large files get advice."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from windows import Window, choose

from mcla.artifacts.scan import scan

VENDOR = Path(__file__).resolve().parents[2] / "app" / "platform" / "static" / "vendor"
STREAMED = 33 * 1024 * 1024  # more than the worker takes in one piece


def drop_page(window: Callable[..., Window]) -> Page:
    ada = window(viewport={"width": 1280, "height": 900})
    return ada.sign_in("Ada Li", "/contributions/new")


def test_the_vendored_script_is_the_one_that_was_reviewed() -> None:
    listed = dict(reversed(line.split("  ")) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}
    assert there == listed


def test_a_file_too_large_for_one_piece_is_streamed_to_the_same_digest(
    window: Callable[..., Window], tmp_path: Path, weights: Path
) -> None:
    large = tmp_path / "large.safetensors"
    with large.open("wb") as file:
        while file.tell() < STREAMED:
            file.write(weights.read_bytes())
    page = drop_page(window)
    choose(page, large)
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    expect(page.locator("#files")).to_have_value(f"{digest} {large.stat().st_size} {large.name}", timeout=60_000)
    expect(page.locator("#progress")).to_contain_text("GB/s")


def test_a_folder_is_measured_to_the_manifest_of_the_command_line(window: Callable[..., Window], folder: Path) -> None:
    page = drop_page(window)
    choose(page, folder, "folder")
    expect(page.locator("#measured")).to_contain_text("5 files")
    lines = page.locator("#files").input_value().splitlines()
    assert sorted(lines) == sorted(f"{entry.sha256} {entry.size} {entry.path}" for entry in scan([folder]).files)


def test_dropped_files_are_taken_like_chosen_ones(window: Callable[..., Window]) -> None:
    page = drop_page(window)
    expect(page.locator("#drop")).to_be_visible()
    transfer = page.evaluate_handle(
        "() => { const t = new DataTransfer(); t.items.add(new File(['abc'], 'abc.txt')); return t; }"
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    expect(page.locator("#files")).to_have_value(f"{hashlib.sha256(b'abc').hexdigest()} 3 abc.txt")


def test_a_near_miss_of_a_pointer_is_an_ordinary_file(window: Callable[..., Window], tmp_path: Path) -> None:
    near = tmp_path / "near.bin"
    near.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 007\n")
    page = drop_page(window)
    choose(page, near)
    digest, size = hashlib.sha256(near.read_bytes()).hexdigest(), near.stat().st_size
    expect(page.locator("#files")).to_have_value(f"{digest} {size} near.bin")


def test_more_than_two_gigabytes_are_offered_the_command_line_first(
    window: Callable[..., Window], tmp_path: Path
) -> None:
    huge = tmp_path / "huge.gguf"
    with huge.open("wb") as file:
        file.truncate(5_000_000_000)
    page = drop_page(window)
    choose(page, huge)
    expect(page.locator("#large")).to_contain_text("5.0 GB")
    expect(page.locator("#large")).to_contain_text("mcla sign")
    expect(page.locator("#progress")).to_be_hidden()
    page.get_by_role("button", name="Measure here anyway").click()
    expect(page.locator("#progress")).to_contain_text("of 5.0 GB")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#files")).to_have_value("")
    expect(page.get_by_role("button", name="Continue")).to_be_enabled()


def test_files_of_a_check_are_asked_for_by_fingerprint_only(
    window: Callable[..., Window], folder: Path, weights: Path
) -> None:
    anybody = window(viewport={"width": 1280, "height": 900})
    page = anybody.go("/verify")
    choose(page, folder, "folder")
    expect(page.locator("#many")).to_contain_text("0 of 5 files are covered")
    asked = [each for each in anybody.requests if each.url.endswith("/api/v1/verify")]
    assert len(asked) == 1
    assert "model.safetensors" not in (asked[0].post_data or "")
    assert len(asked[0].post_data or "") < weights.stat().st_size / 100
