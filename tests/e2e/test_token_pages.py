# SPDX-License-Identifier: Apache-2.0
"""Access for CI in a real browser: a token is seen once, and a step back does not show it again."""

from collections.abc import Callable

from looking import check_looks
from playwright.sync_api import Error, expect
from running import Running, make_staff
from windows import Window


def test_a_token_is_seen_once_and_a_step_back_does_not_show_it(service: Running, window: Callable[..., Window]) -> None:
    make_staff(service, "350377")
    page = window().sign_in("Chris Doe", "/console/tokens")
    page.get_by_role("link", name="Make a token").click()
    page.get_by_role("checkbox", name="checks:read").check()
    page.get_by_label("Label").fill("nightly")
    check_looks(page)
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("[data-once]")).to_contain_text("mcla_pat_")
    check_looks(page)
    page.get_by_role("link", name="I have copied it").click()
    expect(page.locator("main")).to_contain_text("nightly")
    check_looks(page)
    try:
        page.go_back()
    except Error as error:  # the browser has nothing to show: the page was kept nowhere
        assert "ERR_CACHE_MISS" in str(error)  # noqa: PT017 (either outcome is right)
    page.wait_for_load_state()
    expect(page.locator("html")).not_to_contain_text("mcla_pat_")  # asked again while the error page takes its place
