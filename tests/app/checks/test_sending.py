# SPDX-License-Identifier: Apache-2.0
"""One POST to a stranger's address: never into the own network, never elsewhere than looked at, never for long."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from post_office import server_certificate
from receivers import receiver

from app.checks.sending import may_reach, send, unfit

PRIVATE = (
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 198.18.0.1 "
    "::1 :: fe80::1 fc00::1 fec0::1 ff02::1 ff0e::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 "
    "2002:7f00:1:: 2001:0:7f00:1::"
)


@pytest.mark.parametrize("address", PRIVATE.split())
def test_nothing_is_sent_into_a_private_network(address: str) -> None:
    assert not may_reach(ip_address(address), loopback=False)
    assert send("https://hooks.example.org/", {}, b"", resolve=lambda *_: [address]).failure.startswith(
        "the name stands"
    )
    literal = f"[{address}]" if ":" in address else address
    assert unfit(f"https://{literal}/", loopback=False)


def test_the_open_network_may_be_reached_and_loopback_where_it_is_allowed() -> None:
    assert all(may_reach(ip_address(each), loopback=False) for each in ("93.184.216.34", "2606:4700::1111"))
    assert may_reach(ip_address("127.0.0.1"), loopback=True)
    assert may_reach(ip_address("::ffff:127.0.0.1"), loopback=True)
    assert not may_reach(ip_address("10.0.0.1"), loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "ftp://hooks.example.org/",
        "http://hooks.example.org/",
        "https://ada:pw@hooks.example.org/",
        "https://hooks.example.org/#x",
        "https://hooks.example.org:0/",
        "https://localhost/",
        "http://127.0.0.1:80/",
        "https://hooks.example.org/\r\nX: y",
        "https://hooks.example.org\\@127.0.0.1/",
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_refused_when_it_is_set_and_when_it_is_used(url: str) -> None:
    assert unfit(url, loopback=False)
    assert send(url, {}, b"").status is None


def test_a_name_with_one_private_address_among_others_is_refused() -> None:
    both = ["93.184.216.34", "10.0.0.1"]
    assert "private" in send("https://hooks.example.org/", {}, b"", resolve=lambda *_: both).failure
    assert "private" in send("https://hooks.example.org/", {}, b"", resolve=lambda *_: []).failure
    assert "private" in send("https://127.1/", {}, b"").failure


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at() -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1" if len(asked) == 1 else "10.0.0.1"]

    with receiver() as there:
        port = there.url.split(":")[2].split("/")[0]
        told = send(f"http://localhost:{port}/hook", {}, b"{}", loopback=True, resolve=rebinding)
        assert (told.status, asked) == (204, ["localhost"])
        assert there.messages[0].headers["host"] == f"localhost:{port}"


def test_a_redirect_is_an_answer_and_a_long_body_is_not_read() -> None:
    with receiver() as there, receiver() as elsewhere:
        there.status, there.heads = 302, {"Location": elsewhere.url}
        assert send(there.url, {"webhook-id": "7"}, b"body", loopback=True).status == 302
        assert elsewhere.messages == []
        assert (there.messages[0].body, there.messages[0].headers["webhook-id"]) == (b"body", "7")


@contextmanager
def stalling(drip: bytes) -> Iterator[str]:
    """A server that takes a connection and then says only this, again and again, until the block ends."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while not over.wait(0.02):
                    try:
                        connection.sendall(drip)
                    except OSError:
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            over.set()
            thread.join(10)


@pytest.mark.parametrize("drip", [b"", b"H"])
def test_a_receiver_that_stalls_or_drips_is_cut_off(drip: bytes) -> None:
    with stalling(drip) as url:
        assert send(url, {}, b"", loopback=True, seconds=0.2).failure.startswith("no answer")


def test_a_resolver_that_stalls_is_not_waited_for() -> None:
    over = threading.Event()

    def stall(*_: object) -> list[str]:
        over.wait(10)
        return []

    try:
        assert send("https://a.example/", {}, b"", resolve=stall, seconds=0.1).failure.startswith("no answer")
    finally:
        over.set()


def test_nobody_listening_is_no_answer() -> None:
    assert send("http://127.0.0.1:9/", {}, b"", loopback=True).failure == "no answer (ConnectionRefusedError)"


@pytest.mark.parametrize(("name", "status"), [("localhost", 200), ("other.example", None)])
def test_over_tls_the_certificate_is_the_names_although_the_connection_goes_to_an_address(
    tmp_path: Path, name: str, status: int | None
) -> None:
    serving_as, trust = server_certificate(tmp_path, name), ssl.create_default_context()
    trust.load_verify_locations(tmp_path / "server.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            try:
                with serving_as.wrap_socket(connection, server_side=True) as secure:
                    heard = b""
                    while not heard.endswith(b"\r\n\r\nx"):  # who closes before all was read resets the connection
                        heard += secure.recv(4096)
                    secure.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            except OSError:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://localhost:{server.getsockname()[1]}/"
        told = send(url, {}, b"x", loopback=True, resolve=lambda *_: ["127.0.0.1"], trust=trust)
        thread.join(10)
    assert told.status == status
