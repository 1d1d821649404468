# SPDX-License-Identifier: Apache-2.0
"""A person in a browser of their own on the pages of companies, without JavaScript."""

from typing import Any

from company_walk import somebody
from flask import Flask
from flask.testing import FlaskClient
from forms import post
from werkzeug.test import TestResponse

from app.identity.ports import Actor, VerifiedClaims


def browser(app: Flask, services: Any, actor: Actor | str) -> FlaskClient:
    """A browser that this person is signed in with."""
    who = somebody(services, actor) if isinstance(actor, str) else actor
    claims = VerifiedClaims("demo", who.subject, name=who.name, login=who.login, email=who.email)
    client = app.test_client()
    client.set_cookie("mcla", services.identity.start_session(claims, "Test browser"), domain="localhost", path="/")
    return client


def signed(client: FlaskClient, answer: TestResponse) -> str:
    """Review and sign what a form led to; returns where that ends."""
    assert answer.status_code == 303, answer.text
    review = answer.headers["Location"]
    done = post(client, review, client.get(review).text, consent="yes")
    assert done.status_code == 303, done.text
    return str(done.headers["Location"])


def press(client: FlaskClient, path: str, **values: str) -> TestResponse:
    """Open a page and send its form."""
    return post(client, path, client.get(path).text, **values)
