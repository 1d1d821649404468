# SPDX-License-Identifier: Apache-2.0
"""The page of questions in a browser: what hangs on an answer comes and goes, entries, a model card, a draft."""

import hashlib
from pathlib import Path

from looking import check_looks
from playwright.sync_api import Page, expect
from windows import WIDE, Window, answer_questions, paste

CARD = "---\nlicense: mit\nbase_model: [example/one@v1, example/two]\nbase_model_relation: merge\n---\n"


def test_a_model_card_fills_in_entries_that_wait_for_a_yes_and_a_draft_keeps_them(ada: Window, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"for the questions").hexdigest()
    page = paste(ada, "tiny-llm", "Adapter", f"{digest} 5 adapter.safetensors")
    bases, training = page.locator("#f-bases"), page.locator("#f-training_data")
    expect(bases).to_be_hidden()
    page.get_by_role("radio", name="Combined from several models").check()
    expect(bases).to_be_visible()
    expect(training).to_be_hidden()
    page.get_by_role("radio", name="From scratch").check()
    expect(bases).to_be_hidden()
    expect(training).to_be_visible()

    reads(page, tmp_path)
    page.get_by_role("radio", name="Combined from several models").check()
    expect(bases.get_by_label("Name, as on its hub")).to_have_count(2)
    page.get_by_role("button", name="Add another base").click()
    expect(bases.get_by_label("Name, as on its hub")).to_have_count(3)
    expect(bases.get_by_label("Name, as on its hub").nth(2)).to_be_focused()
    page.get_by_role("button", name="Remove this base (3)").click()
    expect(bases.get_by_label("Name, as on its hub")).to_have_count(2)
    bases.get_by_label("Name, as on its hub").first.press("Enter")  # goes on; adds and removes nothing
    expect(page.locator("#faults")).to_contain_text("Confirm “Which bases, under which licences?”, read from README.md")
    check_looks(page)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    page.get_by_role("button", name="Save and go on later").click()
    page.get_by_role("link", name="Adapter for tiny-llm").first.click()
    expect(bases.get_by_label("Name, as on its hub").first).to_have_value("example/one")
    answer_questions(page, relation="merge")
    expect(page.get_by_role("heading", name="Review and sign")).to_be_visible()
    expect(page.locator(".told")).to_contain_text("example/two")


def reads(page: Page, folder: Path) -> None:
    card = folder / "README.md"
    card.write_text(CARD, encoding="utf-8")
    page.locator("details.field summary").click()
    page.get_by_label("Model card (README.md)").set_input_files(str(card))
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("From README.md, please confirm").first).to_be_attached()
