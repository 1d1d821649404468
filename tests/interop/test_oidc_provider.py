# SPDX-License-Identifier: Apache-2.0
"""Sign-in against a provider written by others: the certified npm package oidc-provider, run by Node on loopback."""

import html
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from flask.testing import FlaskClient
from forms import post
from installed import npm_package
from needs import needs
from running import free_port

from app.platform.clock import Clock, SystemClock
from app.platform.settings import ProviderSettings, Settings

PACKAGE = "oidc-provider"
VERSION = "9.13.3"
SCRIPT = Path(__file__).with_name("oidc_provider.mjs")


@pytest.fixture(scope="session")
def module() -> Path:
    """The installed package's entry."""
    return npm_package(PACKAGE, VERSION) / "lib" / "index.js"


@pytest.fixture
def clock() -> Clock:
    """The provider signs with the machine's clock, so the service must read it too."""
    return SystemClock()


@pytest.fixture
def issuer(module: Path, settings: Settings) -> Iterator[str]:
    """A running provider that knows our redirect address."""
    port = free_port()
    redirect_uri = f"{settings.origin}/login/node/callback"
    command = [needs("node"), str(SCRIPT), str(module), str(port), redirect_uri]
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def services(issuer: str, settings: Settings, db: Any, clock: Clock) -> Any:
    from app.wiring import build_services

    entry = ProviderSettings(
        name="node", kind="oidc", issuer=issuer, client_id="mcla-at-node", client_secret="node-secret", label="Node"
    )
    wired = build_services(settings.model_copy(update={"providers": (entry,)}), db, clock)
    wired.log.recover()
    return wired


def walk(client: FlaskClient, login: str, *, cancel: bool = False) -> Any:
    """Leave through our page, fill in the provider's own pages, and come back."""
    left = post(client, "/login/node", client.get("/login").text, next="/account")
    with httpx2.Client(follow_redirects=False) as browser:
        answer = browser.get(left.headers["Location"])
        for _ in range(12):
            if answer.status_code in (302, 303):
                target = urljoin(str(answer.url), answer.headers["Location"])
                if "/login/node/callback" in target:
                    parts = urlsplit(target)
                    return client.get(f"{parts.path}?{parts.query}")
                answer = browser.get(target)
            elif cancel:
                answer = browser.get(link(answer, "abort"))
            else:
                answer = browser.post(action(answer), data=fields(answer) | {"login": login, "password": "any"})
    raise AssertionError(f"the provider never sent us back: {answer.status_code} {answer.text[:500]}")


def action(answer: httpx2.Response) -> str:
    found = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
    assert found, answer.text[:1000]
    return urljoin(str(answer.url), html.unescape(found.group(1)))


def link(answer: httpx2.Response, word: str) -> str:
    found = re.search(rf'href="([^"]*{word}[^"]*)"', answer.text)
    assert found, answer.text[:1000]
    return urljoin(str(answer.url), html.unescape(found.group(1)))


def fields(answer: httpx2.Response) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))


def test_a_person_of_a_certified_provider_signs_in_through_the_real_pages(client: FlaskClient) -> None:
    back = walk(client, "jane")
    assert (back.status_code, back.headers.get("Location")) == (303, "/account"), back.text
    page = client.get("/account").text
    assert "Jane Roe" in page
    assert "jane@example.org" in page


def test_an_address_that_the_certified_provider_did_not_verify_does_not_count(client: FlaskClient) -> None:
    walk(client, "unverified")
    page = client.get("/account").text
    assert "Jane Roe" in page
    assert "unverified@example.org" not in page


def test_saying_no_at_the_certified_provider_signs_nobody_in(client: FlaskClient) -> None:
    back = walk(client, "", cancel=True)
    assert back.status_code == 400
    assert "said no" in back.text
    assert client.get("/account").status_code == 303
