# SPDX-License-Identifier: Apache-2.0
"""Every page, as everybody meets it: axe finds nothing, and 320 pixels are enough, in light and in dark."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from every_page import OPEN, OWN
from looking import assert_accessible, check_looks
from playwright.sync_api import Browser, expect
from running import Running
from windows import WIDE, Window, answer_questions, paste, sign_contribution


@contextmanager
def one_window(browser: Browser, service: Running, **options: Any) -> Iterator[Window]:
    """A window for many pages: in each new one, axe would be compiled anew, which takes longer than its work."""
    window = Window(browser.new_context(viewport=WIDE, **options), service)
    yield window
    window.context.close()
    assert not window.complaints
    assert not window.strangers


@pytest.fixture(scope="module")
def visitor(browser: Browser, service: Running) -> Iterator[Window]:
    """Somebody who has not signed in, in one window for the whole module."""
    with one_window(browser, service) as window:
        yield window


@pytest.fixture(scope="module")
def forced(browser: Browser, service: Running) -> Iterator[Window]:
    """The same where the system forces its colours."""
    with one_window(browser, service, forced_colors="active") as window:
        yield window


@pytest.fixture(scope="module")
def giver(browser: Browser, service: Running, signed: Any) -> Iterator[Window]:
    """Ada with one agreement and one contribution, in one window for the whole module."""
    with one_window(browser, service, storage_state=signed.state) as window:
        paste(window, "tiny-llm", "Code", f"{'0f' * 32} 1234567 scripts/train.py")
        sign_contribution(window.page)
        yield window


@pytest.mark.parametrize("path", OPEN)
def test_a_page_for_everybody_is_accessible_at_every_width_and_in_both_schemes(visitor: Window, path: str) -> None:
    try:
        check_looks(visitor.go(path), read_once=path.startswith("/sign/"))
        assert not visitor.complaints
    finally:
        visitor.complaints.clear()  # else one page's fault would be every later one's


@pytest.mark.parametrize("path", OWN)
def test_a_page_of_ones_own_is_accessible_at_every_width_and_in_both_schemes(giver: Window, path: str) -> None:
    check_looks(giver.go(path), read_once=path == "/sign/mcla-individual")


def test_the_way_of_a_contribution_is_accessible_at_every_step(giver: Window, window: Callable[..., Window]) -> None:
    page = giver.go("/contributions/new?project=tiny-llm&kind=weights")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    check_looks(page)
    page.get_by_label("List of files").fill("\n".join(f"{n:064x} {n} shard-{n:05d}.safetensors" for n in range(1, 31)))
    page.get_by_role("button", name="Continue").click()
    check_looks(page)
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    check_looks(page)
    answer_questions(page)
    page.locator("summary", has_text="The exact statement").click()
    check_looks(page)
    contribution = sign_contribution(page)
    check_looks(page)
    giver.go(f"/verify?digest={1:064x}")
    page.locator("summary", has_text="Every step").click()
    check_looks(page)
    giver.go(f"/artifacts/sha256:{1:064x}")
    check_looks(page)
    giver.go("/signatures")
    check_looks(page)
    page = window().go(f"/contributions/{contribution}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("30 files of model weights for Tiny LLM")
    check_looks(page)


@pytest.mark.parametrize("path", ["/", "/sign/mcla-individual", "/verify", "/login"])
def test_colours_forced_by_the_system_leave_everything_usable(forced: Window, path: str) -> None:
    assert_accessible(forced.go(path), read_once=path.startswith("/sign/"))


def test_the_demo_provider_is_accessible_too(window: Callable[..., Window], service: Running) -> None:
    visitor = window()
    page = visitor.go("/login")
    page.goto(f"{service.provider}/")
    check_looks(page, fully=True)
    visitor.go("/login")
    page.get_by_role("button", name="Continue with").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who do you want to be in this demo?")
    check_looks(page, fully=True)
    page.goto(f"{service.provider}/authorize?client_id=somebody")
    expect(page.get_by_role("heading", level=1)).to_have_text("This demo sign-in cannot go on")
    check_looks(page, fully=True)


def test_what_the_command_line_opens_is_accessible(giver: Window) -> None:
    asked = {
        "response_type": "code",
        "client_id": "mcla-cli",
        "redirect_uri": "http://127.0.0.1:49152/callback",
        "code_challenge": "E" * 43,
        "code_challenge_method": "S256",
        "state": "unguessable",
    }
    page = giver.go(f"/oauth/authorize?{urlencode(asked)}")
    expect(page.get_by_role("button", name="Allow for 15 minutes")).to_be_visible()
    check_looks(page, fully=True)
    giver.go(f"/oauth/authorize?{urlencode(asked | {'redirect_uri': 'http://127.0.0.2/callback'})}")
    expect(page.locator("main")).to_contain_text("answer would go elsewhere")
    check_looks(page, fully=True)


def test_the_ends_of_the_question_and_the_review_of_an_acceptance_are_accessible(
    window: Callable[..., Window], newcomers: Any
) -> None:
    service, name = newcomers.take()
    page = window(service).sign_in(name, "/sign/mcla-individual/declare")
    for button, heading in (
        ("My employer", "Your employer would have to sign"),
        ("I am not sure", "How to find out who owns it"),
        ("I do", "Review and sign"),
    ):
        page.goto(f"{service.origin}/sign/mcla-individual/declare")
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        for summary in page.locator("main summary").all():
            summary.click()
        check_looks(page, fully=True)
    newcomers.put_back(service, name)


def test_the_page_of_a_signature_is_accessible(giver: Window, signed: Any) -> None:
    page = giver.go(signed.path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Signed")
    check_looks(page, fully=True)


@pytest.mark.parametrize("path", ["/agreements/mcla-individual/1.0.0", "/sign/mcla-individual"])
def test_an_agreement_on_paper_is_its_text_without_what_leads_elsewhere(
    window: Callable[..., Window], path: str
) -> None:
    page = window().go(path)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    for part in page.locator(".top, .foot, .toc, .steps, .stepbar, .demo, .no-print, summary").all():
        expect(part).to_be_hidden()
    for part in (page.locator(".clause-text"), page.locator(".clause-note")):
        assert part.count() == 28
        expect(part.last).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 25, 29)"  # ink on white paper
