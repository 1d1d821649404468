# SPDX-License-Identifier: Apache-2.0
"""Terms of use in a real browser: written, looked at, published by their typed version, and read by everybody."""

from collections.abc import Callable

from looking import check_looks
from playwright.sync_api import expect
from running import Running, make_staff
from windows import Window


def test_terms_are_written_looked_at_published_and_read(service: Running, window: Callable[..., Window]) -> None:
    make_staff(service, "350377")
    page = window().sign_in("Chris Doe", "/console/tiers")
    check_looks(page)
    page.get_by_role("link", name="Write the first version for Safe Eval").click()
    check_looks(page)
    text = page.get_by_label("The tiers, as TOML")
    whole = text.input_value().replace("example-model-terms", "safe-eval-terms")
    text.fill(whole.replace('"USD"', '"dollars"'))
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#e-document")).to_contain_text("a currency of ISO 4217")
    check_looks(page)
    page.get_by_label("The tiers, as TOML").fill(whole)
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("main")).to_contain_text("They go by the name safe-eval-terms for good")
    check_looks(page)
    page.get_by_label("Type 1.0.0 to publish it").fill("1.0.0")
    page.get_by_role("button", name="Publish 1.0.0").click()
    expect(page).to_have_url(f"{service.origin}/tiers/safe-eval-terms/1.0.0")
    expect(page.locator("main")).to_contain_text("You need a licence of your own first")
    check_looks(page)
    for place in ("/tiers", "/trust"):
        page.goto(service.origin + place)
        check_looks(page)
