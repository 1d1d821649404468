# SPDX-License-Identifier: Apache-2.0
"""Addresses that strangers hand us, parsed by one strict reader: pages to go on with, loopback redirects, endpoints.

Text prefixes are never compared: `http://127.0.0.1@evil.example` starts like a loopback address and is none.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

HOME = "/"
MAX_PATH = 2000
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@/%?]*")
_URL = re.compile(
    r"(https?)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?(/[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*)?(\?[^#]*)?"
)


@dataclass(frozen=True, slots=True)
class WebUrl:
    """An absolute http or https address without user information and fragment."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str

    @property
    def is_loopback(self) -> bool:
        """Whether the host is a loopback address literal or the name `localhost` (RFC 6761)."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


def parse_url(text: str) -> WebUrl | None:
    """Read an absolute address; None for user information, backslashes, control characters and the like."""
    if len(text) > MAX_PATH or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        return None
    match = _URL.fullmatch(text)
    if match is None:
        return None
    scheme, host, port, path, query = match.groups()
    if port is not None and not 0 < int(port) < 65536:
        return None
    return WebUrl(scheme, host.lower(), int(port) if port else None, path or "", (query or "")[1:])


def is_safe_endpoint(text: str, issuer: WebUrl) -> bool:
    """Whether an endpoint named by a provider may be called: https, or http where the provider itself is on loopback.

    A provider on the open network never sends us to loopback: that would let it reach this machine's own services.
    """
    url = parse_url(text)
    if url is None:
        return False
    if issuer.is_loopback:
        return url.is_loopback
    return url.scheme == "https" and not url.is_loopback


def is_cli_redirect(text: str) -> bool:
    """Whether `text` is `http://127.0.0.1:<port>/callback` or the same on `[::1]` (RFC 8252 section 7.3)."""
    url = parse_url(text)
    if url is None or url.scheme != "http" or url.port is None or url.query or "?" in text:
        return False
    return url.host in ("127.0.0.1", "[::1]") and url.path == "/callback"


def safe_next_path(text: str | None) -> str:
    """The page of this service to go on with after sign-in; the home page for anything that could lead elsewhere."""
    path = own_path(text)
    return HOME if path.startswith(("/login", "/logout")) else path


def own_path(text: str | None) -> str:
    """A page of this service, as text; the home page for anything that could lead elsewhere.

    Only an absolute path of plain URL characters passes; browsers read `//`, `/\\`, tabs and encoded slashes at the
    start as the beginning of another host, so those are refused in encoded form too.
    """
    if not text or len(text) > MAX_PATH or not _PLAIN_PATH.fullmatch(text):
        return HOME
    decoded = text
    for _ in range(3):  # a proxy or two may decode once more
        decoded = unquote(decoded)
        if decoded.startswith("//") or "\\" in decoded or any(ord(c) < 0x20 or ord(c) == 0x7F for c in decoded):
            return HOME
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or any(p in (".", "..") for p in unquote(parts.path).split("/")):
        return HOME
    return text
