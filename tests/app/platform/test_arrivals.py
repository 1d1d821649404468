# SPDX-License-Identifier: Apache-2.0
"""Bodies as they arrive: what is whole is given on, everything else is refused when read, and nothing stays held."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from app.platform import arrivals
from app.platform.arrivals import Arrivals, BodiesHeld, Body, BodyBroken, BodyLate
from mcla.records.loop import run

JSON = "application/json"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def sized(size: int, kind: str = JSON) -> dict[str, str]:
    return {"content-length": str(size), "content-type": kind}


def chunks(kind: str = JSON) -> dict[str, str]:
    return {"transfer-encoding": "chunked", "content-type": kind}


async def pieces(*sent: bytes, pause: float = 0) -> AsyncIterator[bytes]:
    for piece in sent:
        await asyncio.sleep(pause)
        yield piece


async def untouched() -> AsyncIterator[bytes]:
    raise AssertionError("the body was read")
    yield b""


def taken(head: dict[str, str], body: AsyncIterator[bytes], at: Arrivals | None = None) -> Body:
    at = at or Arrivals()
    return run(at.take(head, body))  # in a thread of its own where a browser's loop runs in this one


def assert_refused(body: Body, why: type[Exception]) -> Exception:
    with pytest.raises(why) as raised:
        body.stream.read(1)
    return raised.value


@pytest.mark.parametrize("head", [{}, sized(0), sized(0, FORM)])
def test_no_body_is_not_waited_for(head: dict[str, str]) -> None:
    assert taken(head, untouched()).stream.read() == b""


def test_a_body_is_given_on_when_its_length_is_there() -> None:
    body = taken(sized(5), pieces(b"he", b"llo", b"never asked for"))
    assert (body.stream.read(), body.size) == (b"hello", 5)


def test_a_body_in_chunks_is_given_on_at_its_end() -> None:
    assert taken(chunks(), pieces(b"he", b"llo", b"")).stream.read() == b"hello"


def test_a_length_beside_chunks_says_nothing() -> None:
    assert taken(chunks() | {"content-length": "2"}, pieces(b"hello", b"")).stream.read() == b"hello"


@pytest.mark.parametrize("head", [sized(2**30), sized(64 * 2**20 + 1), sized(8 * 2**20 + 1, FORM), chunks(FORM)])
def test_what_its_head_forbids_is_not_read(head: dict[str, str]) -> None:
    assert_refused(taken(head, untouched()), RequestEntityTooLarge)


@pytest.mark.parametrize(
    ("head", "sent"),
    [
        (sized(5), (b"hell", b"")),
        (sized(5), (b"hello!",)),
        (sized(5), ()),
        (chunks(), (b"hello",)),
        (chunks(), (b"hello", b"", b"")),
        (chunks(), ()),
    ],
    ids=["short", "long", "nothing", "no end", "broken, or trailers", "no chunk"],
)
def test_what_is_not_whole_is_broken(head: dict[str, str], sent: tuple[bytes, ...]) -> None:
    at = Arrivals()
    assert_refused(taken(head, pieces(*sent), at), BodyBroken)
    assert at.held == 0


def test_chunks_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.platform.security.MAX_BODY_BYTES", 9)
    at = Arrivals()
    assert_refused(taken(chunks(), pieces(b"hello", b"hello", b""), at), RequestEntityTooLarge)
    assert at.held == 0


def test_a_body_that_pauses_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "SECONDS", 0.05)
    at = Arrivals()
    fault = assert_refused(taken(sized(100), pieces(*[b"x"] * 100, pause=0.02), at), BodyLate)
    assert "bytes of it" in str(fault)
    assert at.held == 0


def test_a_long_body_has_time_for_what_it_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "SECONDS", 0.5)
    long = [bytes(64 * 1024)] * 5  # each worth a second more
    assert taken(sized(5 * 64 * 1024), pieces(*long, pause=0.15)).size == 5 * 64 * 1024


def test_all_bodies_together_hold_so_much_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "HELD_BYTES", 10)
    at = Arrivals()
    first = taken(sized(8), pieces(b"12345678"), at)
    fault = assert_refused(taken(sized(8), pieces(b"1234", b"5678"), at), BodiesHeld)
    assert getattr(fault, "extra", {})["retry_after"] > 0
    at.let_go(first)
    assert at.held == 0
    assert taken(sized(8), pieces(b"12345678"), at).stream.read() == b"12345678"
