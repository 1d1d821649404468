# SPDX-License-Identifier: Apache-2.0
"""A grant in a real browser: one file is offered, counter-signed, counts then, and the foundation takes its record."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fetching import trust_of
from looking import check_looks
from playwright.sync_api import Page, expect
from records_in_console import refused_records, taken_records, waiting_record
from running import Running, make_staff
from windows import GIVEN, Window, saved, wait_for_pdf

from mcla.verify.answers import answered
from mcla.verify.offers import counted
from mcla.verify.standing import NOT_LOOKED_AT
from mcla.verify.verifier import verify_bundle

BELA = "224737"
DIGEST = "9a" * 32


def offers(giver: Window) -> Page:
    """From the agreement's own page to the signed offer."""
    page = giver.go("/sign/mcla-grant")
    page.get_by_role("link", name="Choose the files").click()
    expect(page.get_by_role("radio", name="One for these files alone")).to_be_checked()
    page.locator("#pasting summary").click()
    page.get_by_label("List of files").fill(f"{DIGEST} 42 tools/granted.py")
    page.get_by_label("For which project?").select_option("tiny-llm")
    page.get_by_role("radio", name="Code").check()
    check_looks(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review and sign")
    expect(page.locator(".lead")).to_contain_text("You offer 1 file to Tiny LLM")
    expect(page.locator("dl.answers").first).to_contain_text("within 30 days")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign the offer").click()
    page.wait_for_url(GIVEN)
    return page


@pytest.mark.timeout(240)  # the longest of the journeys
def test_a_file_is_offered_and_counts_once_the_foundation_has_counter_signed(
    ada: Window, window: Callable[..., Window], do_jobs: Callable[[Running], None], tmp_path: Path
) -> None:
    do_jobs(ada.service)
    make_staff(ada.service, BELA)
    page = offers(ada)
    given, path = page.url.rpartition("/")[2], page.url.removeprefix(ada.service.origin)
    expect(page.locator("main")).to_contain_text("Waits for the counter-signature")
    expect(page.locator("main")).to_contain_text("PDF record: waits for the counter-signature")
    check_looks(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Proof", exact=True).click()
    proof = saved(download.value, tmp_path).read_bytes()
    ada.go(f"/verify?digest={DIGEST}")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Offered to Tiny LLM, not in force yet"))
    ada.go("/signatures")
    expect(page.locator("main")).to_contain_text("An offer: the foundation can counter-sign until")

    console = window().sign_in("Bela Novak", "/console")
    waiting_record(console, ada.service)
    console.goto(f"{ada.service.origin}/console")
    console.get_by_role("link", name="Offers", exact=True).click()
    expect(console.get_by_role("heading", level=1)).to_have_text("1 offer waits for you")
    check_looks(console)
    console.get_by_role("link", name="1 file of code for Tiny LLM").click()
    expect(console.locator("main")).to_contain_text("Ada Li")
    expect(console.locator("main")).to_contain_text("tools/granted.py")
    check_looks(console)
    console.get_by_role("checkbox", name="I act for the foundation, I have read").check()
    console.get_by_role("button", name="Counter-sign and record").click()
    expect(console.get_by_role("heading", level=2, name="In force: both have signed")).to_be_visible()

    ada.go(path)
    expect(page.get_by_role("heading", name="In force: both have signed")).to_be_visible()
    wait_for_pdf(page)
    check_looks(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Counter-signature", exact=True).click()
    answer = saved(download.value, tmp_path)
    assert answer.name == f"{given}.answer.sigstore.json"
    trust = trust_of(ada.service)
    alone = verify_bundle(proof, trust)
    both = counted(alone, answered(alone, answer.read_bytes(), trust), NOT_LOOKED_AT)
    assert (alone.verdict, both.verdict) == ("unknown", "verified")
    ada.go(f"/verify?digest={DIGEST}")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Covered: tools/granted.py"))
    taken_records(console, ada.service, tmp_path)
    refused_records(ada)
