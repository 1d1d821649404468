# SPDX-License-Identifier: Apache-2.0
"""German on pages that have something to show, and on forms that were refused: all that they say."""

import re
from typing import Any

import pytest
from beginnings import Gift
from company_pages import browser, press
from company_walk import Firm
from flask import Flask
from flask.testing import FlaskClient
from forms import post
from signin import sign_in
from spoken import english_left
from werkzeug.test import TestResponse

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # words do not depend on it
FILES = f"{'0a' * 32} 12 a.txt"


def german(client: FlaskClient) -> FlaskClient:
    client.set_cookie("mcla-language", "de", domain="localhost")
    return client


def after(client: FlaskClient, answer: TestResponse) -> TestResponse:
    return client.get(answer.headers["Location"])


def assert_german(pages: dict[str, TestResponse]) -> None:
    left = {name: english_left(page, name) for name, page in pages.items()}
    assert {name: words for name, words in left.items() if words} == {}


def test_what_a_person_signed_and_gives_is_shown_in_german(client: FlaskClient, services: Any, gift: Gift) -> None:
    sign_in(german(client), services, "ada")
    accepted, given = gift.accepted.id, gift.given.id
    own = ("/signatures", f"/signatures/{accepted}", f"/signatures/{accepted}/end", f"/contributions/{given}/end")
    pages = {path: client.get(path) for path in (*own, f"/contributions/{given}", "/contributions/new")}
    pages["no files"] = press(client, "/contributions/new", project="tiny-llm")
    asked = press(client, "/contributions/new", project="tiny-llm", kind="data", files=FILES)
    entered = {"project": "tiny-llm", "kind": "data", "files": FILES}
    pages |= {"asked": asked, "no answers": post(client, "/contributions/questions", asked.text, **entered)}
    review = press(client, "/contributions/new", project="tiny-llm", kind="code", files=FILES)
    pages["review"] = after(client, review)
    pages["no consent"] = post(client, review.headers["Location"], pages["review"].text)
    pages["review of an end"] = after(
        client, press(client, f"/contributions/{given}/end", reason="none-given", stage="S1")
    )
    pages["no reason"] = press(client, f"/contributions/{given}/end")
    assert_german(pages)


def test_what_everybody_may_check_and_what_there_is_not_is_told_in_german(client: FlaskClient, gift: Gift) -> None:
    public = german(client).get(f"/contributions/{gift.given.id}")
    digest = re.findall(r"<code[^>]*>([0-9a-f]{64})</code>", public.text)[0]
    pages = {"contribution": public, "artifact": client.get(f"/artifacts/sha256:{digest}")}
    pages["several"] = press(client, "/verify", digest=f"{digest}\n{'ab' * 32}")
    pages |= {"no digest": after(client, press(client, "/verify", digest="x")), "404": client.get("/agreements/nope")}
    assert '<span lang="en">' not in pages["no digest"].text
    assert_german(pages | {"405": client.get("/logout")})


def test_a_company_is_managed_in_german(firm: Firm, app: Flask, services: Any) -> None:
    firm.with_emil()
    at, pages = f"/companies/{firm.id}", {}
    for who in ("sig", "max", "emil"):
        head = german(browser(app, services, getattr(firm, who)))
        paths = (at, f"{at}/confirm", f"{at}/list/new", f"{at}/release", f"/companies/entries/{firm.entry}/remove")
        pages |= {f"{who} {path}": head.get(path) for path in ("/companies", *paths)}
    manager, signatory = (german(browser(app, services, each)) for each in (firm.max, firm.sig))
    pages["public mail"] = press(manager, f"{at}/list/new", who="domain", domain="gmail.com", kind="code")
    listed = press(manager, f"{at}/list/new", who="domain", domain="example.com", kind="code", reason="x")
    pages["review"] = after(manager, listed)
    pages["no facts"] = press(signatory, "/sign/mcla-corporate/company")
    assert_german(pages)


def test_a_foundation_works_in_german(client: FlaskClient, services: Any, gift: Gift) -> None:
    ada = sign_in(german(client), services, "ada")
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    paths = (
        "/console",
        "/console/withdrawals",
        "/console/coverage",
        "/console/agreements/new",
        "/console/grants",
        "/console/records",
    )
    pages = {path: client.get(path) for path in paths}
    asked = {"project": "tiny-llm", "who": "account", "provider": ada.provider, "subject": ada.subject}
    pages["covered"] = press(client, "/console/coverage", **asked)
    pages["nobody"] = press(client, "/console/coverage", project="tiny-llm")
    pages["a file"] = press(client, "/console/coverage", project="tiny-llm", who="artifact", artifact="0a" * 32)
    assert [each for each in pages if '<span lang="en">' in pages[each].text] == []
    access = {"project": "tiny-llm", "scope": "checks:read"}
    rule = access | {"issuer": "https://token.actions.githubusercontent.com"}
    pages["token refused"] = press(client, "/console/tokens/new", **access, days="0")
    pages["token"] = press(client, "/console/tokens/new", **access, days="9")
    pages["rule refused"] = press(client, "/console/tokens/rules/new", **rule, claims="repository=octo/repo")
    press(client, "/console/tokens/rules/new", **rule, claims="repository_id=74")
    pages |= {path: client.get(f"/console/tokens{path}") for path in ("", "/new", "/rules/new")}
    assert_german(pages)
