# SPDX-License-Identifier: Apache-2.0
"""What a person does while the page's modules are still on their way is not undone when they arrive."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from windows import Window, paste


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/contributions/new", "Paste a list, or use the command line"),
        ("/verify", "Paste a fingerprint, or choose a proof or a record"),
    ],
)
def test_a_box_that_was_opened_while_a_module_loads_stays_open(ada: Window, path: str, words: str) -> None:
    held: list[Route] = []
    ada.page.route("**/measure.js*", lambda route: held.append(route))
    with ada.page.expect_request("**/measure.js*"):
        ada.page.goto(f"{ada.service.origin}{path}", wait_until="domcontentloaded")
    box, chooser = ada.page.locator("#pasting"), ada.page.get_by_role("button", name="Choose files")
    expect(box).not_to_have_attribute("open")
    ada.page.get_by_text(words).click()
    expect(chooser).to_be_hidden()
    for route in held:
        route.continue_()
    expect(chooser).to_be_visible()  # the module has arrived and its page has run to the end
    expect(box).to_have_attribute("open", "")
    assert held


def test_who_holds_the_key_is_settled_before_there_is_a_button_to_press(ada: Window) -> None:
    held: list[Route] = []
    ada.page.route("**/page.js*", lambda route: held.append(route))
    with ada.page.expect_request("**/page.js*"):
        ada.page.goto(f"{ada.service.origin}/contributions/new", wait_until="commit")
    expect(ada.page.get_by_role("button", name="Continue")).to_be_attached()
    assert ada.page.locator("input[name=key_holder]").input_value() == "browser"
    assert held
    for route in held:
        route.abort()


def test_the_button_that_signs_waits_for_the_part_of_the_page_that_does(ada: Window) -> None:
    held: list[Route] = []
    ada.page.route("**/sign.js*", lambda route: held.append(route))
    with ada.page.expect_request("**/sign.js*"):
        page = paste(ada, "safe-eval", "Code", f"{'0d' * 32} 7 slow.txt")
    button = page.get_by_role("button", name="Sign and record")
    expect(button).to_be_disabled()
    expect(page.get_by_role("status")).to_contain_text("If it stays grey, load the page again")
    for route in held:
        route.continue_()
    expect(button).to_be_enabled()
    expect(page.get_by_role("status")).to_be_empty()


def test_a_box_stays_open_where_the_file_given_in_it_was_no_record_and_no_proof(ada: Window, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    page = ada.go("/verify")
    page.locator("#pasting summary").click()
    page.get_by_label("Proof or record").set_input_files(str(picture))
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("neither a record (PDF) nor a proof (JSON)")
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()  # the page has run to the end
    expect(page.locator("#pasting")).to_have_attribute("open", "")
    field = page.get_by_label("Proof or record")
    expect(field).to_have_accessible_description(re.compile("download that again"))
    page.get_by_role("alert").get_by_role("link").click()
    expect(field).to_be_focused()
