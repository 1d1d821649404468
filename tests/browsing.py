# SPDX-License-Identifier: Apache-2.0
"""A visitor without JavaScript: opens pages, follows redirects, submits the forms that are really there.

As a program (`python browsing.py PERSON DECISION URL`) it is the browser of the person who signs in from a terminal:
MCLA's command line, or a Sigstore client's, starts it through the variable BROWSER.
"""

import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2


@dataclass
class Form:
    """A form of a page: its fields as they stand and its buttons by (name, value)."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """A page's forms and its visible text."""

    def __init__(self, url: str, status: int, text: str) -> None:
        super().__init__()
        self.url, self.status, self.html = url, status, text
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._button: tuple[str, str] | None = None
        self._label = ""
        self.feed(text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                Form(given.get("method", "get").lower(), urljoin(self.url, given.get("action") or self.url))
            )
        elif tag == "input" and self.forms and given.get("name") and given.get("type") not in ("checkbox", "radio"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self._button, self._label = (given.get("name", ""), given.get("value", "")), ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None:
            if self.forms:
                self.forms[-1].buttons.append((*self._button, " ".join(self._label.split())))
            self._button = None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._button is not None:
            self._label += data


class Visitor:
    """One browser window with its cookies."""

    def __init__(self) -> None:
        self._client = httpx2.Client(follow_redirects=True, trust_env=False, timeout=30)

    def open(self, url: str) -> Page:
        return self._page(self._client.get(url))

    def press(self, page: Page, button: str, **fields: str) -> Page:
        """Press the button with this label in whichever form has it."""
        for form in page.forms:
            for name, value, label in form.buttons:
                if label == button:
                    return self._send(page, form, form.fields | fields | ({name: value} if name else {}))
        there = [label for form in page.forms for _, _, label in form.buttons]
        raise AssertionError(f"no button {button!r} at {page.url} ({page.status}), only {there}: {page.text[:500]}")

    def sign_in(self, page: Page, person: str) -> Page:
        """From the sign-in page through the demo provider back to where the visitor wanted to go."""
        return self.press(self.press(page, "Continue with Demo ID"), person)

    def _send(self, page: Page, form: Form, fields: dict[str, str]) -> Page:
        parts = urlsplit(page.url)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}", "Sec-Fetch-Site": "same-origin", "Referer": page.url}
        return self._page(self._client.request(form.method, form.action, data=fields, headers=headers))

    def _page(self, response: httpx2.Response) -> Page:
        return Page(str(response.url), response.status_code, response.text)


def allow_command_line(url: str, person: str, button: str = "Allow for 15 minutes") -> Page:
    """What a person does with the address that `mcla sign` shows."""
    visitor = Visitor()
    return visitor.press(visitor.sign_in(visitor.open(url), person), button)


def answer_address(url: str, person: str, decision: str) -> Page:
    """What a person does with an address that a command line opens: ours asks to be allowed, others ask who it is."""
    visitor = Visitor()
    page = visitor.open(url)
    if "Demo identity provider" in page.text:
        return visitor.press(page, person)
    return visitor.press(visitor.sign_in(page, person), decision)


if __name__ == "__main__":
    answer_address(sys.argv[3], sys.argv[1], sys.argv[2])
