# SPDX-License-Identifier: Apache-2.0
"""Ways that do not end in a signature: a missing tick, a missing answer, an answer changed, somebody else's work."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect
from windows import Window, answer_questions, paste


def test_a_box_that_is_not_ticked_signs_nothing(window: Callable[..., Window], signed: Any) -> None:
    ada = window(java_script_enabled=False, storage_state=signed.state)
    page = paste(ada, "safe-eval", "Code", f"{'0d' * 32} 7 a.txt")
    review = page.url
    token = page.locator("#sign-plain input[name=csrf_token]").get_attribute("value") or ""
    answer = page.request.post(review, form={"csrf_token": token}, headers={"Origin": ada.service.origin})
    assert answer.status == 422
    assert re.search("Tick the box", answer.text())


def test_what_was_entered_stays_when_an_answer_is_missing_or_changed_later(ada: Window) -> None:
    page = paste(ada, "open-voice", "Model weights", f"{'0e' * 32} 7 a.safetensors")
    page.locator("main textarea:visible").first.fill("none at all")
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert page.title().startswith("Error: ")
    expect(page.locator("main textarea:visible").first).to_have_value("none at all")
    page.locator(".faults a").first.click()
    answer_questions(page)
    page.get_by_role("link", name="Change kind").click()
    expect(page.get_by_role("radio", name="Model weights")).to_be_checked()
    expect(page.locator("#files")).to_have_value(f"{'0e' * 32} 7 a.safetensors")


def test_employer_and_unsure_end_honestly_without_a_statement(window: Callable[..., Window], newcomers: Any) -> None:
    service, name = newcomers.take()
    chris = window(service)
    page = chris.sign_in(name, "/sign/mcla-individual/declare")
    page.get_by_role("button", name="My employer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your employer would have to sign")
    page = chris.go("/sign/mcla-individual/declare")
    page.get_by_role("button", name="I am not sure").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("How to find out")
    expect(page.get_by_role("button", name="I do", exact=True)).to_be_visible()
    chris.go("/signatures")
    expect(page.locator(".lead")).to_have_text("You have signed nothing here.")
    newcomers.put_back(service, name)
