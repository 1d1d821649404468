# SPDX-License-Identifier: Apache-2.0
"""How to reach the mail server: `smtps://`, `smtp+starttls://`, or `smtp://` on loopback; parsed from its setting."""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from typing import Literal
from urllib.parse import urlsplit

_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_SENDER = re.compile(rf"(?P<name>[^<>@\"\\]*)<(?P<address>{_ADDRESS})>|(?P<bare>{_ADDRESS})")
Security = Literal["tls", "starttls", "none"]
_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtps": ("tls", 465),
    "smtp+starttls": ("starttls", 587),
    "smtp": ("none", 25),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Host, port, and whether the connection begins with TLS (RFC 8314), turns to it (RFC 3207), or never does."""

    host: str
    port: int
    security: Security

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Login:
    """What the mail server knows this service by."""

    user: str
    password: str = field(repr=False)


def parse_mail_server(url: str) -> MailServer:
    """The server that an address names; raises `ValueError`."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("expected smtps://HOST, smtp+starttls://HOST or, on loopback, smtp://HOST; a port may follow")
    if parts.username or parts.password:
        raise ValueError("must not carry a user name or password: set MCLA_SMTP_USER and MCLA_SMTP_PASSWORD_FILE")
    security, port = _SCHEMES[parts.scheme]
    return MailServer(parts.hostname, parts.port or port, security)


def parse_sender(text: str) -> Address:
    """`name@example.org` or `Some Name <name@example.org>`; raises `ValueError`."""
    found = _SENDER.fullmatch(text)
    if found is None or not text.isprintable():
        raise ValueError("expected an address such as MCLA <mcla@example.org>")
    return Address((found["name"] or "").strip(), addr_spec=found["address"] or found["bare"])
