# SPDX-License-Identifier: Apache-2.0
"""Bytes that no honest client sends, to a real server: it answers an error or closes, and goes on serving others.

Each probe is bounded to a few seconds. A request must never be read as two: whoever sends a body that two readers
would end at different places (RFC 9112 section 6.3, 11.2) gets at most one answer.
"""

import pytest
from raw_http import CHUNKED, FORM, GET, JSON, SECOND, SMUGGLING, assert_serves_others, probe, statuses
from running import Running


@pytest.fixture(params=["own_server", "gunicorn"])
def running(request: pytest.FixtureRequest) -> Running:
    service: Running = request.getfixturevalue(request.param)
    return service


def test_two_honest_requests_on_one_connection_get_two_answers(running: Running) -> None:
    body = b'{"digests": ["sha256:%b"]}' % (b"ab" * 32)
    plain = JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body
    chunked = JSON + CHUNKED + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    assert statuses(probe(running, plain + SECOND)) == [200, 404]
    assert statuses(probe(running, chunked + SECOND)) == [200, 404]


@pytest.mark.parametrize("name", list(SMUGGLING))
def test_one_request_is_never_read_as_two(running: Running, name: str) -> None:
    answered = statuses(probe(running, SMUGGLING[name]))
    assert len(answered) <= 1
    assert set(answered) <= {400, 408, 411, 413, 415, 422, 431, 501}
    assert_serves_others(running)


BROKEN = {
    "size": b"x\r\n{}\r\n0\r\n\r\n",
    "end of a chunk": b"2\r\n{}0\r\n\r\n",
    "second chunk": b"2\r\n{}\r\n-1\r\n\r\n",
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_chunk_is_the_callers_fault_and_the_answer_says_what_to_do(running: Running, name: str) -> None:
    answer = probe(running, JSON + CHUNKED + b"\r\n" + BROKEN[name] + SECOND)
    assert statuses(answer) == [400]
    assert b'"code": "body-broken"' in answer
    assert_serves_others(running)


LARGE = {
    "10,000 headers": GET + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n",
    "one header of 2 MB": GET + b"X: " + b"y" * 2_000_000 + b"\r\n\r\n",
    "an address of 2 MB": b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no request at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + bytes(300),
}


@pytest.mark.parametrize("name", list(LARGE))
def test_heads_without_measure_are_refused(running: Running, name: str) -> None:
    answered = statuses(probe(running, LARGE[name]))
    assert set(answered) <= {400, 414, 431}
    assert_serves_others(running)


def test_a_form_in_chunks_is_refused_and_not_cut_at_the_limit(running: Running) -> None:
    answer = probe(running, FORM % b"/oauth/token" + CHUNKED + b"\r\n5\r\na=bcd\r\n0\r\n\r\n")
    assert statuses(answer) == [411]
    assert b'"code": "length-required"' in answer


def test_nine_megabytes_of_a_form_are_refused_without_being_waited_for(running: Running) -> None:
    answered = statuses(probe(running, FORM % b"/verify" + b"Content-Length: 9000000\r\n\r\ndigest="))
    assert answered == [413]
    assert_serves_others(running)
