# SPDX-License-Identifier: Apache-2.0
"""A real browser against a real service: Debian's Chromium through Playwright, one of each for a test process.

Tests share the service, so each gives and asks for files of its own. Where a test is not about signing in, Ada's
signed-in state is handed to it; a test that signs the agreement takes a person who has not done so yet.
"""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from needs import needs_chromium
from playwright.sync_api import Browser, StorageState, sync_playwright
from running import Running, jobs_of, running_service
from windows import WIDE, Window

FLAGS = ("no-sandbox", "no-first-run", "disable-background-networking", "disable-component-update")
NAMES = ("Ada Li", "Bela Novak", "Chris Doe")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo service in processes of its own, with a data directory of its own; at a name, as passkeys need it."""
    with running_service(tmp_path_factory.mktemp("service"), name="localhost", jobs=False) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, started once a run."""
    path = needs_chromium()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[f"--{flag}" for flag in FLAGS])
        yield chromium
        chromium.close()


@dataclass(frozen=True)
class Signed:
    """A person who has signed the agreement: the browser's cookies and the page of the signature."""

    state: StorageState
    path: str


@pytest.fixture(scope="session")
def signed(browser: Browser, service: Running) -> Signed:
    """Ada, signed in and with the agreement signed, through the pages and once a run."""
    window = Window(browser.new_context(), service)
    path = window.sign_agreement(NAMES[0]).url.removeprefix(service.origin)
    state = window.context.storage_state()
    window.context.close()
    assert not window.complaints
    return Signed(state, path)


class Newcomers:
    """People who have not signed anything yet; another service is started when all of them have."""

    def __init__(self, service: Running, more: Callable[[], Running]) -> None:
        self._waiting, self._more = [(service, name) for name in NAMES[1:]], more

    def take(self) -> tuple[Running, str]:
        """A service and the name of a person who has signed nothing there."""
        if not self._waiting:
            service = self._more()
            self._waiting = [(service, name) for name in NAMES]
        return self._waiting.pop(0)

    def put_back(self, service: Running, name: str) -> None:
        """The person signed nothing after all."""
        self._waiting.insert(0, (service, name))


@pytest.fixture(scope="session")
def newcomers(service: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomers]:
    """Where a test that signs the agreement finds its person."""
    with ExitStack() as stack:

        def another() -> Running:
            home = tmp_path_factory.mktemp("another")
            return stack.enter_context(running_service(home, name="localhost", jobs=False))

        yield Newcomers(service, another)


@pytest.fixture
def do_jobs() -> Iterator[Callable[[Running], None]]:
    """From the call on, the service's records are printed and its other jobs done, until the test ends."""
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(jobs_of(service))


@pytest.fixture
def window(browser: Browser, service: Running) -> Iterator[Callable[..., Window]]:
    """Opens windows on the service; at the end, nothing may have gone to another host or been complained of."""
    opened: list[Window] = []

    def open_window(at: Running = service, **options: Any) -> Window:
        context = browser.new_context(**{"accept_downloads": True, "viewport": WIDE, **options})
        opened.append(Window(context, at))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()
    for each in opened:
        assert not each.complaints, "the browser complained"
        assert not each.strangers, "something was loaded from another host"


@pytest.fixture
def ada(window: Callable[..., Window], signed: Signed) -> Window:
    """A window of Ada's, signed in and with the agreement signed, as wide as a laptop."""
    return window(storage_state=signed.state)


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
