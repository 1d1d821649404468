# SPDX-License-Identifier: Apache-2.0
"""The identity commitment: binds a statement to a person without naming one.

The public statement carries HMAC-SHA256 (RFC 2104) over the RFC 8785 JSON of what the provider said of the person
and the statement's salt. The key is the person row's own secret and never leaves the side table: who holds a
bundle cannot guess names against it, and once the row is erased nobody can open it. While the row exists the
service can prove, in a record or in court, that this statement was made by exactly this account.
"""

import hashlib
import hmac
from dataclasses import dataclass

from mcla.statements.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Person:
    """What a provider said of a person at the sign-in that the signature came from."""

    provider: str
    subject: str
    name: str
    login: str
    email: str | None
    """Only an address that the provider said is verified."""


def commit(secret: bytes, person: Person, salt: str) -> str:
    """The commitment as 64 lower hex digits; `secret` is the person row's 32 bytes, `salt` the statement's base64."""
    if len(secret) != 32:
        raise ValueError(f"a person's secret is 32 bytes, got {len(secret)}")
    opened = {
        "provider": person.provider,
        "subject": person.subject,
        "name": person.name,
        "login": person.login,
        "email": person.email,
        "salt": salt,
    }
    return hmac.new(secret, canonical_json(opened), hashlib.sha256).hexdigest()


def commit_title(secret: bytes, title: str, salt: str) -> str:
    """The same for the title in which somebody signs for a company, which could tell who it is."""
    return hmac.new(secret, canonical_json({"title": title, "salt": salt}), hashlib.sha256).hexdigest()


def opens(commitment: str, secret: bytes, person: Person, salt: str) -> bool:
    """Whether `commitment` was made of exactly this person, secret and salt."""
    return hmac.compare_digest(commitment.encode(), commit(secret, person, salt).encode())
