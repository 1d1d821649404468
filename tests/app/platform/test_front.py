# SPDX-License-Identifier: Apache-2.0
"""A request's head as the application gets it (PEP 3333): nothing in it can pass for something else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from granian.rsgi import ProtocolClosed

from app.platform.arrivals import Body
from app.platform.front import Front, environ_of
from mcla.records.loop import run


class Fields(dict[str, list[str]]):
    """Headers that may stand more than once."""

    def get_all(self, name: str) -> list[str]:
        return self.get(name, [])


@dataclass(frozen=True)
class Head:
    """A request as the server tells it."""

    headers: Fields = field(default_factory=Fields)
    client: str = "192.0.2.7:4711"
    path: str = "/"
    query_string: str = ""
    method: str = "POST"
    http_version: str = "1.1"
    scheme: str = "http"
    server: str = "127.0.0.1:8000"


def environ(head: Head) -> dict[str, object]:
    return environ_of(head, Body(BytesIO(b"{}"), 2))


def test_a_header_with_an_underscore_cannot_pass_for_one_with_a_hyphen() -> None:
    told = environ(Head(Fields({"x_forwarded_for": ["203.0.113.9"], "content_length": ["7"], "host": ["a"]})))
    assert {name for name in told if name.startswith(("HTTP_", "CONTENT_"))} == {"HTTP_HOST"}


def test_cookies_and_other_repeated_headers_are_joined_each_in_their_way() -> None:
    told = environ(Head(Fields({"cookie": ["a=1", "b=2"], "x-forwarded-for": ["192.0.2.1", "192.0.2.2"]})))
    assert (told["HTTP_COOKIE"], told["HTTP_X_FORWARDED_FOR"]) == ("a=1; b=2", "192.0.2.1,192.0.2.2")


def test_a_value_that_cannot_be_read_is_empty_and_not_absent() -> None:
    assert environ(Head(Fields({"origin": []})))["HTTP_ORIGIN"] == ""


def test_a_length_beside_chunks_is_not_told() -> None:
    told = environ(Head(Fields({"content-length": ["5"], "transfer-encoding": ["chunked"]})))
    assert "CONTENT_LENGTH" not in told
    assert told["HTTP_TRANSFER_ENCODING"] == "chunked"


def test_the_type_and_length_stand_where_the_application_looks() -> None:
    told = environ(Head(Fields({"content-length": ["2"], "content-type": ["application/json"]})))
    assert (told["CONTENT_LENGTH"], told["CONTENT_TYPE"]) == ("2", "application/json")
    assert not {"HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE"} & set(told)


def test_addresses_of_both_families_are_told_without_brackets() -> None:
    assert environ(Head())["REMOTE_ADDR"] == "192.0.2.7"
    six = environ(Head(client="[2001:db8::7]:4711", server="[::1]:8000"))
    assert (six["REMOTE_ADDR"], six["SERVER_NAME"], six["SERVER_PORT"]) == ("2001:db8::7", "::1", "8000")


def test_text_beyond_latin_letters_is_told_as_its_bytes() -> None:
    told = environ(Head(path="/é€", query_string="q=€"))
    assert told["PATH_INFO"] == "/é€".encode().decode("latin-1")
    assert told["QUERY_STRING"] == "q=€".encode().decode("latin-1")


def test_nothing_of_the_process_is_in_it() -> None:
    assert not {"PATH", "HOME", "MCLA_PROVIDERS"} & set(environ(Head()))


class Reader:
    """The server's side of one request without a body: keeps what it is given to send."""

    def __init__(self, leaves: bool = False) -> None:
        self._leaves = leaves
        self.whole: list[tuple[int, bytes]] = []
        self.pieces: list[bytes] = []

    def response_bytes(self, status: int, _headers: list[tuple[str, str]], body: bytes) -> None:
        self.whole.append((status, body))

    def response_stream(self, status: int, _headers: list[tuple[str, str]]) -> "Reader":
        self.whole.append((status, b"in pieces"))
        return self

    async def send_bytes(self, data: bytes) -> None:
        self.pieces.append(data)
        if self._leaves:
            raise ProtocolClosed

    async def __aiter__(self) -> Any:
        yield b""


class Pieces:
    """An answer in two pieces that knows when it was made and closed, and may break off."""

    def __init__(self, reader: Reader, breaks: bool = False) -> None:
        self._reader, self._breaks, self.closed = reader, breaks, False

    def __iter__(self) -> Iterator[bytes]:
        yield b"one"
        assert self._reader.pieces == [b"one"], "the second was made before the first was sent"
        if self._breaks:
            raise RuntimeError("broken off")
        yield b"two"

    def close(self) -> None:
        self.closed = True


def answered(reader: Reader, pieces: Any, status: str, headers: list[tuple[str, str]]) -> None:
    def application(_environ: Any, start_response: Any) -> Any:
        start_response(status, headers)
        return pieces

    front = Front(application, 1)
    run(front.__rsgi__(Head(Fields()), reader))  # type: ignore[arg-type]  # a browser's loop may run in this thread


def test_an_answer_of_unknown_length_is_sent_piece_by_piece_and_closed() -> None:
    reader = Reader()
    answered(reader, pieces := Pieces(reader), "200 OK", [])
    assert (reader.whole, reader.pieces, pieces.closed) == ([(200, b"in pieces")], [b"one", b"two"], True)


def test_an_answer_that_breaks_off_is_closed_and_not_told_to_be_whole() -> None:
    reader = Reader()
    pieces = Pieces(reader, breaks=True)
    with pytest.raises(RuntimeError, match="broken off"):
        answered(reader, pieces, "200 OK", [])
    assert (reader.pieces, pieces.closed) == ([b"one"], True)


def test_for_a_reader_who_is_gone_nothing_more_is_made() -> None:
    reader = Reader(leaves=True)
    answered(reader, pieces := Pieces(reader, breaks=True), "200 OK", [])
    assert (reader.pieces, pieces.closed) == ([b"one"], True)


@pytest.mark.parametrize(("status", "headers"), [("200 OK", [("Content-Length", "3")]), ("304 Not Modified", [])])
def test_an_answer_of_known_length_or_without_a_body_is_sent_whole(status: str, headers: list[tuple[str, str]]) -> None:
    reader = Reader()
    answered(reader, [b"one"], status, headers)
    assert (reader.whole, reader.pieces) == ([(int(status[:3]), b"one")], [])
