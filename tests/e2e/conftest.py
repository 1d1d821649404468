# SPDX-License-Identifier: Apache-2.0
"""A real browser against a real service: Debian's Chromium through Playwright, one service for each test module."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from needs import needs
from playwright.sync_api import Browser, Page, sync_playwright
from running import Running, running_service
from windows import Window

FLAGS = ("no-sandbox", "no-first-run", "disable-background-networking", "disable-component-update")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo service in processes of its own, with a data directory of its own."""
    with running_service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, started once a run."""
    path = needs("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[f"--{flag}" for flag in FLAGS])
        yield chromium
        chromium.close()


@pytest.fixture
def window(browser: Browser, service: Running) -> Iterator[Callable[..., Window]]:
    """Opens windows on the service; at the end, nothing may have gone to another host or been complained of."""
    opened: list[Window] = []

    def open_window(**options: object) -> Window:
        opened.append(Window(browser.new_context(accept_downloads=True, **options), service))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()
    for each in opened:
        assert not each.complaints, "the browser complained"
        assert not each.strangers, "something was loaded from another host"


@pytest.fixture
def page(window: Callable[..., Window]) -> Page:
    """A page of a window as wide as a laptop."""
    return window(viewport={"width": 1280, "height": 900}).page


@pytest.fixture(scope="session")
def weights() -> Path:
    """A real model of 1.2 MB in safetensors, from an installed package that is never imported."""
    spec = importlib.util.find_spec("silero_vad")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "silero_vad_16k.safetensors"


@pytest.fixture
def folder(tmp_path: Path, weights: Path) -> Path:
    """A folder as people give them: weights, text, an empty file, a hidden file, odd names, a Git LFS pointer."""
    root = tmp_path / "my model"
    (root / "docs").mkdir(parents=True)
    (root / "model.safetensors").write_bytes(weights.read_bytes())
    (root / "docs" / "Größe & Maß.md").write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    (root / "empty.txt").touch()
    (root / ".hidden").write_bytes(b"counts too\n")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 6400000000\n"
    (root / "large.gguf").write_text(pointer)
    return root
