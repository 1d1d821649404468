# SPDX-License-Identifier: Apache-2.0
"""Makes the README's pictures of the sign page and the verify page from a running demo service: `make pictures`.

A service is started on free ports in a temporary directory, a demo person signs and gives a real file, and the two
pages are photographed in light colours at a laptop's width. Writes `docs/pictures/{sign,verify}.png`.
"""

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from running import running_service
from windows import Window, answer_questions, choose, sign_contribution

OUT = Path(__file__).resolve().parents[1] / "docs" / "pictures"
VIEW = {"width": 1120, "height": 760}


def main() -> None:
    """Take both pictures."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    weights = importlib.util.find_spec("silero_vad")
    if chromium is None or weights is None or weights.origin is None:
        sys.exit("Pictures need Debian's chromium-headless-shell and the test packages (make setup).")
    model = Path(weights.origin).parent / "data" / "silero_vad_16k.safetensors"
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, running_service(Path(home)) as service, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        window = Window(browser.new_context(viewport=VIEW, color_scheme="light"), service)  # type: ignore[arg-type]
        take(window, model)
        browser.close()


def take(window: Window, model: Path) -> None:
    """Walk the way of a contributor and photograph two of its pages."""
    page = window.sign_in("Ada Li", "/sign/mcla-individual")
    page.screenshot(path=OUT / "sign.png")
    window.sign_agreement("Ada Li")
    window.go("/contributions/new?project=open-voice")
    choose(page, model)
    page.get_by_role("button", name="Continue").click()
    answer_questions(page)
    sign_contribution(page)
    window.go("/verify")
    choose(page, model)
    page.wait_for_url("**/verify?digest=*")
    page.screenshot(path=OUT / "verify.png")


if __name__ == "__main__":
    main()
