# SPDX-License-Identifier: Apache-2.0
"""German in a real browser: longer words still fit 320 pixels, the switch works by keyboard, scripts speak German."""

import re
from collections.abc import Callable
from typing import Any

from looking import assert_accessible
from playwright.sync_api import expect
from windows import NARROW, Window, assert_fits


def test_longer_words_fit_the_narrowest_screens(window: Callable[..., Window]) -> None:
    reader = window()
    reader.page.set_viewport_size(NARROW)
    for path in ("/", "/verify", "/sign/mcla-individual", "/privacy", "/login"):
        assert_fits(reader.go(f"/language/de?next={path}"))
    assert_accessible(reader.page)


def test_the_switch_works_by_keyboard_and_keeps_the_page(window: Callable[..., Window]) -> None:
    page = window().go("/agreements")
    page.get_by_role("navigation", name="Language").get_by_role("link", name="Deutsch").press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_url(re.compile(r"/agreements$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Vereinbarungen")


def test_what_scripts_say_is_german_too(window: Callable[..., Window], tmp_path: Any) -> None:
    page = window().go("/language/de?next=/verify")
    files = [tmp_path / name for name in ("a.bin", "b.bin")]
    for file in files:
        file.write_bytes(file.name.encode() * 700)
    page.locator("#pick-files").set_input_files(files)
    expect(page.locator("[data-summary]")).to_have_text("0 von 2 Dateien sind abgedeckt")


def test_an_agreement_is_signed_in_german_and_its_own_words_stay_as_they_are(
    window: Callable[..., Window], newcomers: Any
) -> None:
    service, name = newcomers.take()
    signer = window(service)
    signer.sign_in(name, "/sign/mcla-individual")
    page = signer.go("/language/de?next=/sign/mcla-individual/declare")
    page.get_by_role("button", name="Mir", exact=True).click()
    box = page.locator("#f-consent")
    expect(box.locator("[lang=en]")).to_contain_text("I am the person named here")
    box.locator("input").check()
    page.locator("#sign button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Unterzeichnet")
