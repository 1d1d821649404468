# SPDX-License-Identifier: Apache-2.0
"""One POST to an address that staff of a project gave: it must not become a way into the operator's own network.

The name is resolved once, every address that it stands for is looked at, and the connection goes to the very address
that was looked at, so that a name cannot point elsewhere a moment later. No redirect is followed, no proxy is asked,
nothing of the answer but its status is read, and everything together has ten seconds.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from app.identity.urls import WebUrl, parse_url
from mcla.wording import Worded

SECONDS = 10.0
"""For resolving the name, connecting, the handshake, sending, and the head of the answer, together."""
Resolve = Callable[[str, int], list[str]]
# Addresses that carry another one, which no flag of the library looks into: NAT64, 6to4, Teredo.
_CARRIERS = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try: the status of the answer, or None and why there is none."""

    status: int | None
    failure: str = ""


class AddressRefused(OSError):
    """A name stands for an address that nothing is sent to."""


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, by the machine's resolver."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def unfit(text: str, loopback: bool) -> str | None:
    """What is wrong with an address of a webhook, None if nothing is; `loopback`: whether it may be on this machine."""
    url = parse_url(text)
    if url is None:
        return Worded("Expected an address such as https://hooks.example.org/mcla, without a password in it.")
    if url.scheme != "https" and not (loopback and url.is_loopback):
        return Worded("Expected https, because what is sent names people.")
    literal = _literal(url.host)
    if (url.is_loopback and not loopback) or (literal is not None and not may_reach(literal, loopback)):
        return Worded("Expected an address on the open network, got a private one.")
    return None


def may_reach(address: IPv4Address | IPv6Address, loopback: bool) -> bool:
    """Whether something may be sent there: the open network, and this machine where that is allowed."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return may_reach(address.ipv4_mapped, loopback)
        if address.is_site_local or any(address in each for each in _CARRIERS):
            return False
    return (address.is_loopback and loopback) or (address.is_global and not address.is_multicast)


def send(
    text: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    loopback: bool = False,
    resolve: Resolve = resolved,
    trust: ssl.SSLContext | None = None,
    seconds: float = SECONDS,
) -> Outcome:
    """POST `body`; whatever goes wrong is an `Outcome` without a status, in words that name no address."""
    url = parse_url(text)
    if url is None or unfit(text, loopback):
        return Outcome(None, "the address is not one that anything is sent to")
    try:
        return Outcome(_status(url, headers, body, _pinned(url, loopback, resolve, seconds), trust, seconds))
    except AddressRefused as error:
        return Outcome(None, str(error))
    except (OSError, HTTPException, ValueError) as error:
        return Outcome(None, f"no answer ({type(error).__name__})")


def _pinned(url: WebUrl, loopback: bool, resolve: Resolve, seconds: float) -> str:
    """The first address of the host; refused if any of them is one that nothing is sent to."""
    port, literal = _port(url), _literal(url.host)
    found = [str(literal)] if literal else _in_time(lambda: resolve(url.host, port), seconds)
    addresses = [ip_address(each.partition("%")[0]) for each in found]
    if not addresses or not all(may_reach(each, loopback) for each in addresses):
        raise AddressRefused("the name stands for a private address, and nothing is sent there")
    return str(addresses[0])


def _in_time(ask: Callable[[], list[str]], seconds: float) -> list[str]:
    """The system's resolver takes no limit of its own: it is waited for in another thread."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(ask).result(seconds)
    finally:
        pool.shutdown(wait=False)


def _status(
    url: WebUrl, headers: Mapping[str, str], body: bytes, address: str, trust: ssl.SSLContext | None, seconds: float
) -> int:
    plain = socket.create_connection((address, _port(url)), timeout=seconds)
    connection = HTTPConnection(url.host, url.port)  # with a socket of its own it looks nothing up
    if url.scheme == "https":
        context = trust or ssl.create_default_context()
        plain = context.wrap_socket(plain, server_hostname=url.host.strip("[]"), do_handshake_on_connect=False)
    connection.sock = plain
    # A time-out of the socket is one for each step, and a receiver may send a byte a step.
    watch = threading.Timer(seconds, _cut, (plain,))
    watch.start()
    try:
        if isinstance(plain, ssl.SSLSocket):
            plain.do_handshake()
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", target, body, dict(headers))
        return connection.getresponse().status
    finally:
        watch.cancel()
        plain.close()


def _cut(connection: socket.socket) -> None:
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return  # it ended by itself just now


def _port(url: WebUrl) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
