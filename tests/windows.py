# SPDX-License-Identifier: Apache-2.0
"""A browser window of the end-to-end tests, and the steps that its people take again and again."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Download, Locator, Page, Request, expect
from playwright.sync_api import TimeoutError as NotInTime
from running import Running

SIGNED = re.compile(r".*/signatures/sig_[0-9a-z]{26}$")
GIVEN = re.compile(r".*/contributions/ctr_[0-9a-z]{26}$")
SLOW = 30_000
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}

NOTE_PROGRESS = """() => {
  const words = document.querySelector('#progress [data-words]');
  window.told = [];
  new MutationObserver(() => window.told.push(words.textContent)).observe(words, {childList: true});
}"""
"""Evaluate it to have in `window.told` what the page says of its measuring from then on."""

SIDEWAYS = """addEventListener('load', () => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    console.error(`${location.pathname} scrolls sideways: ${scrollWidth} of ${clientWidth} pixels`);
  }
});"""


class Window:
    """A browser context with one page; notes what it complains of and every host that it talks to.

    A page that scrolls sideways once it is loaded is a complaint too (only where scripts run).
    """

    def __init__(self, context: BrowserContext, service: Running) -> None:
        self.context, self.service = context, service
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.requests: list[Request] = []
        self._own = {urlsplit(service.origin).netloc, urlsplit(service.provider).netloc}
        context.add_init_script(SIDEWAYS)
        context.on("console", self._heard)
        context.on("request", self._asked)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_default_timeout(SLOW)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.service.origin}{path}")
        return self.page

    def sign_in(self, name: str, path: str = "/") -> Page:
        """Through the sign-in page and the demo provider, back to `path`."""
        self.go(f"/login?next={path}")
        self.page.get_by_role("button", name="Continue with").click()
        self.page.get_by_role("button", name=name).click()
        self.page.wait_for_url(f"{self.service.origin}{path}")
        return self.page

    def sign_agreement(self, name: str) -> Page:
        """Signed in, and the agreement signed, whether it was before or not."""
        page = self.sign_in(name, "/sign/mcla-individual")
        if page.get_by_role("button", name="I do", exact=True).count():
            page.get_by_role("button", name="I do", exact=True).click()
            page.get_by_role("checkbox").check()
            page.get_by_role("button", name="Sign and record").click()
            page.wait_for_url(SIGNED)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # Chromium also logs every 4xx answer, which the tests provoke on purpose.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc not in self._own:
            self.strangers.append(request.url)


def choose(page: Page, path: Path, what: str = "files") -> None:
    """Choose files or a folder with the page's own button, which appears once the page can measure."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder" if what == "folder" else "Choose files").click()
    chooser.value.set_files(str(path))


def paste(window: Window, project: str, kind: str, files: str) -> Page:
    """Give a pasted list of files to a project, as far as what follows "Continue"."""
    page = window.go(f"/contributions/new?project={project}")
    if not page.get_by_label("List of files").is_visible():
        page.locator("#pasting summary").click()
    page.get_by_label("List of files").fill(files)
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", level=1, name=re.compile("Questions about|Review and sign")).wait_for()
    return page


def assert_fits(page: Page) -> None:
    """Nothing on the page needs to be scrolled sideways."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{page.url} scrolls sideways: {width} pixels"  # type: ignore[index]


def wait_for_pdf(page: Page) -> Locator:
    """Look again, as the page says, until the PDF is there."""
    link = page.get_by_role("link", name="PDF record")
    for _ in range(120):
        try:
            link.wait_for(timeout=500)
        except NotInTime:
            page.reload()
        else:
            return link
    raise AssertionError("no PDF record within a minute")


def answer_questions(page: Page, **chosen: str) -> None:
    """Answer every question that is asked: the first choice (or the `chosen` one), a true sentence, every promise."""
    for group in page.locator("fieldset.field").all():
        for radio in group.locator("input[type=radio]").all()[:1] if _is_asked(page, group) else ():
            name = str(radio.get_attribute("name")).removeprefix("d-")
            value = chosen.get(name) or str(radio.get_attribute("value"))
            group.locator(f"input[type=radio][value={value}]").check()
    for field in page.locator(".field").all():
        if _is_asked(page, field):
            _fill(field)
    page.get_by_role("button", name="Continue to review").click()


def _is_asked(page: Page, field: Locator) -> bool:
    """Whether the answers so far call for a question; where scripts run, one that is not asked is not there to see."""
    when, values = field.get_attribute("data-when"), str(field.get_attribute("data-values")).split()
    return not when or any(page.locator(f"[name={when}][value={value}]:checked").count() for value in values)


def _fill(field: Locator) -> None:
    for box in field.locator("input[type=checkbox]").all():
        box.check()
    for text in field.locator("textarea, input[type=text]:not(.mono)").all():
        if not text.input_value():
            text.fill("9" if text.get_attribute("inputmode") else "none")
    for day in field.locator("input[type=date]").all():
        if not day.input_value():
            day.fill("2026-01-31")
    for list_ in field.locator("select").all():
        list_.select_option(index=1)


def sign_contribution(page: Page) -> str:
    """From the review page to the finished contribution; returns its id."""
    expect(page.get_by_role("heading", name="Review and sign")).to_be_visible()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and record").click()
    page.wait_for_url(GIVEN)
    return page.url.rpartition("/")[2]


def saved(download: Download, folder: Path) -> Path:
    """The downloaded file under the name that the page gave it."""
    path = folder / download.suggested_filename
    download.save_as(path)
    return path
