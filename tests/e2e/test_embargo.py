# SPDX-License-Identifier: Apache-2.0
"""The journey of an embargoed safety patch: given and signed, shown to its giver and a named person, opened at last."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from looking import check_looks
from playwright.sync_api import Page, expect
from windows import NARROW, WIDE, Window, answer_questions, paste, sign_contribution

from app.platform.formats import date_text

SECRET = "the-secret-hole.py"
HIDDEN = "shown only to its giver, the people named for it and those who handle reports for the foundation"


@pytest.mark.parametrize("scripts", [pytest.param(True, id="javascript"), pytest.param(False, id="plain")])
def test_an_embargoed_patch_is_seen_by_few_until_its_giver_opens_it(
    ada: Window, window: Callable[..., Window], signed: Any, scripts: bool
) -> None:
    giver = ada if scripts else window(storage_state=signed.state, java_script_enabled=False)
    digest = hashlib.sha256(f"patch {scripts}".encode()).hexdigest()
    page = paste(giver, "tiny-llm", "Safety contribution", f"{digest} 5 {SECRET}")
    until = (datetime.now(UTC) + timedelta(days=30)).date()
    page.get_by_role("group", name="Shall it stay secret").get_by_label("Yes").check()
    page.get_by_label("Until which day?").fill(until.isoformat())
    answer_questions(page)
    expect(page.locator("main")).to_contain_text(until.isoformat())  # as it is signed
    path = f"/contributions/{sign_contribution(page)}"
    expect(page.locator("main")).to_contain_text(f"Under embargo until {date_text(until)}.")

    stranger, named = window(viewport=NARROW), window(viewport=WIDE)
    assert_hidden(stranger.go(path))
    page_of_the_file = stranger.go(f"/verify?digest={digest}")
    expect(page_of_the_file.get_by_role("heading", level=1)).to_contain_text("Covered: this file")
    expect(page_of_the_file.locator("main")).not_to_contain_text(SECRET)
    named.sign_in("Bela Novak")
    assert_hidden(named.go(path))

    names(page, "bela.novak@example.org")
    expect(page.locator("main")).to_contain_text("bela.novak@example.org")
    expect(named.go(path).locator("main")).to_contain_text(SECRET)
    assert_hidden(stranger.go(path))
    if scripts:
        check_looks(page)
        check_looks(stranger.page)
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    page.get_by_role("button", name="End the embargo now").click()
    expect(stranger.go(path).locator("main")).to_contain_text(SECRET)


def names(page: Page, address: str) -> None:
    page.get_by_label("Let somebody see it").fill("nobody")
    page.get_by_role("button", name="Let them see it").click()
    expect(page.locator("#faults")).to_contain_text("not an e-mail address")
    page.get_by_label("Let somebody see it").fill(address)
    page.get_by_role("button", name="Let them see it").click()


def assert_hidden(page: Page) -> None:
    expect(page.locator("main")).to_contain_text(HIDDEN)
    expect(page.locator("html")).not_to_contain_text(SECRET)
