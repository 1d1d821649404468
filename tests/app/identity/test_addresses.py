# SPDX-License-Identifier: Apache-2.0
"""Addresses that strangers hand us: pages to go on with, and the command line's loopback redirects."""

import pytest

from app.identity.urls import is_cli_redirect, is_safe_endpoint, parse_url, safe_next_path

OWN_PAGES = [
    "/",
    "/sign/mcla-individual",
    "/sign/mcla-individual?project=tiny-llm&change=12",
    "/artifacts/sha256:" + "0" * 64,
    "/oauth/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A4000%2Fcallback&state=a%20b",
    "/verify?next=//evil",
    "/agreements",
]
TRICKS = [
    None,
    "",
    "//evil",
    "///evil",
    "////evil",
    "/\\evil",
    "\\/evil",
    "\\\\evil",
    "https:evil",
    "https://evil",
    "http:///evil",
    "/%09/evil",
    "/%0a/evil",
    "/%0d%0aLocation:%20//evil",
    "/\t/evil",
    "/\n/evil",
    "\t//evil",
    " //evil",
    "/ /evil",
    "/%2fevil",
    "/%2Fevil",
    "/%252fevil",
    "/%5cevil",
    "/%5Cevil",
    "/%255cevil",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil",
    "evil.example/",
    "//user@evil",
    "http://127.0.0.1:8000@evil/",
    "http://127.0.0.1:8000/own",
    "/..//evil",
    "/./evil",
    "/a/../../evil",
    "/%2e%2e//evil",
    "/.//evil",
    "/a/%2e%2e/b",
    "/é",
    "/\u2215/evil",
    "/\uff0f/evil",
    "/a#b",
    "/a b",
    "/a\x00b",
    "/%00",
    "/" + "a" * 2001,
    "/login",
    "/login?next=/x",
    "/login/demo/callback?code=1",
    "/logout",
    "?x",
    "#x",
    ";//evil",
    "/<script>",
    '/"x',
    "/[x]",
    "/^",
    "/`",
]


@pytest.mark.parametrize("path", OWN_PAGES)
def test_a_page_of_this_service_is_kept(path: str) -> None:
    assert safe_next_path(path) == path


@pytest.mark.parametrize("path", TRICKS)
def test_anything_that_could_lead_elsewhere_becomes_the_home_page(path: str | None) -> None:
    assert safe_next_path(path) == "/"


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:4000/callback", "http://[::1]:65535/callback", "http://127.0.0.1:1/callback"]
)
def test_the_command_lines_own_address_is_accepted(uri: str) -> None:
    assert is_cli_redirect(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "https://127.0.0.1:1/callback",
        "http://127.0.0.1:1/callback/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1:1/callback?x=1",
        "http://127.0.0.1:1/callback?",
        "http://127.0.0.1:1/callback#x",
        "http://127.0.0.1:1@evil.example/callback",
        "http://127.0.0.1:1:2/callback",
        "http://127.0.0.1@evil.example:80/callback",
        "http://evil.example:80/callback",
        "http://127.0.0.1.evil.example:80/callback",
        "http://localhost:1/callback",
        "http://127.0.0.2:1/callback",
        "http://127.1:1/callback",
        "http://2130706433:1/callback",
        "http://0x7f000001:1/callback",
        "http://0.0.0.0:1/callback",
        "http://[::]:1/callback",
        "http://[::ffff:127.0.0.1]:1/callback",
        "http://127.0.0.1:1\\@evil.example/callback",
        "http://127.0.0.1:1/callback\n",
        "\thttp://127.0.0.1:1/callback",
        "HTTP://127.0.0.1:1/callback",
        "http://127.0.0.1:1/callback%2f..",
        "http://127.0.0.1:1//callback",
        "http:127.0.0.1:1/callback",
        "//127.0.0.1:1/callback",
        "http://127.0.0.1:１/callback",
        "http://[::1%25lo]:1/callback",
        "javascript://127.0.0.1:1/callback",
        "file:///callback",
    ],
)
def test_any_other_address_is_refused(uri: str) -> None:
    assert not is_cli_redirect(uri)


@pytest.mark.parametrize(
    ("endpoint", "issuer", "safe"),
    [
        ("https://op.example/token", "https://op.example", True),
        ("https://login.op.example/token", "https://op.example", True),
        ("http://op.example/token", "https://op.example", False),
        ("http://127.0.0.1/token", "https://op.example", False),
        ("https://127.0.0.1/token", "https://op.example", False),
        ("https://localhost/token", "https://op.example", False),
        ("http://127.0.0.1:1/token", "http://localhost:1", True),
        ("https://op.example/token", "http://127.0.0.1:1", False),
        ("https://user:secret@op.example/token", "https://op.example", False),
    ],
)
def test_endpoints_are_https_or_on_the_loopback_of_a_loopback_issuer(endpoint: str, issuer: str, safe: bool) -> None:
    base = parse_url(issuer)
    assert base is not None
    assert is_safe_endpoint(endpoint, base) is safe
