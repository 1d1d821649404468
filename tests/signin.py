# SPDX-License-Identifier: Apache-2.0
"""Signing in without the walk through a provider: a real session row of a demo person, for tests of other things."""

from typing import Any
from urllib.parse import urlsplit

from app.identity.ports import Actor, VerifiedClaims
from app.identity.service import IdentityService

PEOPLE = {
    "ada": VerifiedClaims("demo", "104729", name="Ada Li", login="adali", email="ada.li@example.org"),
    "bela": VerifiedClaims("demo", "224737", name="Bela Novak", login="bnovak", email="bela.novak@example.org"),
    "chris": VerifiedClaims("demo", "350377", name="Chris Doe", login="cdoe", email=None),
}


def sign_in(client: Any, services: Any, who: str = "ada") -> Actor:
    """Give a Flask test client the session cookie of a demo person; returns who that is."""
    identity: IdentityService = services.identity
    secret = identity.start_session(PEOPLE[who], "Test browser")
    settings = services.settings
    name = "__Host-mcla" if settings.secure else "mcla"
    for host in {"localhost", urlsplit(settings.origin).hostname or "localhost"}:
        client.set_cookie(name, secret, domain=host, path="/", secure=settings.secure, httponly=True, samesite="Lax")
    actor = identity.actor_of_session(secret)
    assert actor is not None
    return actor


def person(identity: IdentityService, who: str = "ada") -> Actor:
    """A signed-in demo person for tests that call services without a browser."""
    actor = identity.actor_of_session(identity.start_session(PEOPLE[who], "Test browser"))
    assert actor is not None
    return actor
