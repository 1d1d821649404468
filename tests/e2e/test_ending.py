# SPDX-License-Identifier: Apache-2.0
"""Taking a contribution back in a real browser, and its answer by the foundation's staff in the console.

It is found under My signatures, said before, signed by the browser; the answer is there for everybody to read.
"""

import re
from collections.abc import Callable
from pathlib import Path

from fetching import fetched, trust_of
from looking import assert_accessible, check_looks
from playwright.sync_api import expect
from running import make_staff
from windows import GIVEN, Window, paste, saved, sign_contribution

from mcla.verify.verifier import verify_bundle
from mcla.verify.withdrawals import open_snapshot

CHRIS = "350377"


def test_a_contribution_is_taken_back_and_everybody_is_told(
    ada: Window, window: Callable[..., Window], tmp_path: Path
) -> None:
    digest = "e1" * 32
    given = sign_contribution(paste(ada, "tiny-llm", "Code", f"{digest} 42 scripts/regretted.py"))
    page = ada.go("/signatures")
    page.locator(f"a[href='/contributions/{given}/end']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Take this contribution back?")
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    check_looks(page)
    page.get_by_label("Somebody else claims rights in it").check()
    page.get_by_label("I do not know").check()
    page.get_by_role("button", name="Continue to review").click()
    expect(page.locator("main")).to_contain_text("A one-use key is made in this browser")
    check_looks(page)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="End and record").click()
    page.wait_for_url(GIVEN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Taken back")
    check_looks(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Proof of the end").click()
    verdict = verify_bundle(saved(download.value, tmp_path).read_bytes(), trust_of(ada.service))
    assert verdict.verified
    assert verdict.statement is not None
    assert (verdict.statement["key_holder"], verdict.statement["reason"]) == ("browser", "rights-claim")
    listed = open_snapshot(fetched(ada.service, "/.well-known/mcla/withdrawals"), trust_of(ada.service))
    assert verdict.statement["ends"]["statement"] in listed.ends
    page.get_by_role("link", name="does about it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The foundation’s answer is due by")
    check_looks(page)
    make_staff(ada.service, CHRIS)
    answers(window(), page.url.rpartition("/")[2])
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Taken back. The foundation ends its use.")
    ada.go(f"/verify?digest={digest}")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Taken back: scripts/regretted.py"))
    check_looks(page)
    ada.go("/signatures")
    check_looks(page)


def answers(staff: Window, case: str) -> None:
    """Find the case in the console, forget to say something, say it, publish the answer; then ask who was covered."""
    page = staff.sign_in("Chris Doe", "/console")
    assert_accessible(page)
    page.get_by_role("link", name="Withdrawals").click()
    assert_accessible(page)
    page.locator(f"a[href='/console/withdrawals/{case}']").click()
    page.get_by_label("Yes: its use ends").check()
    page.get_by_role("button", name="Publish the answer").click()
    expect(page.locator("#faults")).to_contain_text("Say how far it had come.")
    assert_accessible(page)
    page.get_by_label("Merged into the project").first.check()
    page.get_by_role("button", name="Publish the answer").click()
    expect(page.locator(".panel h2")).to_contain_text("Allowed")
    staff.go("/console/coverage")
    page.get_by_label("A person, by account").check()
    page.get_by_label("Its number").fill("104729")
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator(".verdict h2")).to_have_text("Covered")
    assert_accessible(page)
