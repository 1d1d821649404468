# SPDX-License-Identifier: Apache-2.0
"""A company in a real browser, from the invitation to the covered employee: four people, each with their own key."""

import re
from collections.abc import Callable

from fetching import fetched, trust_of
from looking import check_looks
from playwright.sync_api import Page, expect
from windows import GIVEN, SIGNED, Window

from mcla.verify.verifier import verify_bundle

COMPANY = re.compile(r".*/companies/com_[0-9a-z]{26}$")
DOMAIN = "Everybody in a mail domain"


def sign(page: Page, button: str = "Sign and record") -> None:
    """The last step of each change: read, tick, sign with a key that this browser makes."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Review and sign")
    expect(page.locator("main")).to_contain_text("A one-use key is made in this browser")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=button).click()


def invite(head: Window, company: str, address: str) -> str:
    """Invite a manager on the pages; returns the path of the link, which is shown once."""
    page = head.go(f"{company}/managers/new")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Continue to review").click()
    sign(page)
    page.wait_for_url(COMPANY)
    page.get_by_role("button", name=f"Make the link for {address}").click()
    link = page.locator(".command code").inner_text()
    return link.removeprefix(head.service.origin)


def join(manager: Window, name: str, link: str) -> Page:
    page = manager.sign_in(name, link)
    page.get_by_role("button", name="Continue to review").click()
    sign(page)
    page.wait_for_url(COMPANY)
    return page


def test_a_company_from_the_invitation_to_the_covered_employee(window: Callable[..., Window]) -> None:
    dana, eli, fay, gus = (window() for _ in range(4))
    page = dana.sign_in("Dana Roth", "/sign/mcla-corporate")
    page.get_by_role("link", name="Name the company").click()
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    check_looks(page)
    for label, text in (
        ("Legal name", "Firm Works GmbH"),
        ("Country of the register", "DE"),
        ("Register number", "HRB 42"),
        ("Your title", "Managing director"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("I may sign by an entry in the register").check()
    page.get_by_role("button", name="Continue to review").click()
    sign(page, "Sign for the company")
    page.wait_for_url(SIGNED)
    page.get_by_role("link", name="Go to Firm Works GmbH").click()
    expect(page.locator("main")).to_contain_text("The company has no manager yet.")
    company = page.url.removeprefix(dana.service.origin)

    first, second = (invite(dana, company, each) for each in ("eli.brandt@firm.example", "fay.okoro@firm.example"))
    expect(join(eli, "Eli Brandt", first).locator("main")).to_contain_text("One manager is not enough.")
    page = join(fay, "Fay Okoro", second)
    expect(page.locator("main")).to_contain_text("Nobody is covered yet")
    page.get_by_role("link", name="Add to the list").click()
    page.get_by_label(DOMAIN).check()
    page.get_by_role("textbox", name="Mail domain").fill("*.firm.example")
    page.get_by_role("checkbox", name="Code").check()
    page.get_by_role("textbox", name="Reason").fill("Everybody at work")
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("alert")).to_contain_text("without a star")
    check_looks(page)
    page.get_by_role("textbox", name="Mail domain").fill("firm.example")
    page.get_by_role("button", name="Continue to review").click()
    sign(page)
    page.wait_for_url(COMPANY)

    page = gus.sign_in("Gus Maier", f"{company}/confirm")
    check_looks(page)
    page.get_by_role("button", name="Continue to review").click()
    sign(page)
    page.wait_for_url(COMPANY)
    expect(page.locator("main")).not_to_contain_text("everybody at @firm.example")
    page.get_by_role("link", name="Give files").click()
    page.locator("#pasting summary").click()
    page.get_by_label("List of files").fill(f"{'c0' * 32} 7 scripts/work.py")
    page.get_by_label("For which project?").select_option("tiny-llm")
    page.get_by_role("radio", name="Code Programs").check()
    page.get_by_label("For Firm Works GmbH").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main")).to_contain_text("for Firm Works GmbH")
    sign(page, "Sign for the company")
    page.wait_for_url(GIVEN)

    given = fetched(gus.service, f"/api/v1/contributions/{page.url.rpartition('/')[2]}/bundle")
    verdict = verify_bundle(given, trust_of(gus.service))
    assert verdict.verified
    assert verdict.statement is not None
    assert (verdict.statement["capacity"], verdict.statement["key_holder"]) == ("company", "browser")
    page = fay.go(company)
    expect(page.locator("main")).to_contain_text("Gus Maier")
    check_looks(page)

    page = dana.go(company)
    page.get_by_role("link", name="The company has another name now").click()
    check_looks(page)
    page.get_by_label("Legal name").fill("Firm Works GmbH")
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("alert")).to_contain_text("exactly this name and register number")
    check_looks(page)
    page.get_by_label("Legal name").fill("Firm Works AG")
    page.get_by_role("button", name="Continue to review").click()
    expect(page.locator("main")).to_contain_text("Says that Firm Works GmbH is called Firm Works AG from now on")
    sign(page)
    page.wait_for_url(COMPANY)
    expect(page.get_by_role("heading", level=1)).to_have_text("Firm Works AG")
    expect(page.locator("main")).to_contain_text("Firm Works GmbH, HRB 42")
    check_looks(page)
    page = gus.go(company)
    expect(page.locator("main")).to_contain_text("Firm Works AG lists you, and you have confirmed to give for it.")
