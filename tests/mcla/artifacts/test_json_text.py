# SPDX-License-Identifier: Apache-2.0
"""The JSON writer equals another RFC 8785 implementation; the reader refuses whatever parsers read differently."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from mcla.artifacts.jsontext import MAX_INT, JsonInvalid, JsonUnwritable, canonical_json, parse_json

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INT, MAX_INT) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_the_writer_gives_the_bytes_of_another_rfc_8785_implementation(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_was_written_is_read_back(value: Any) -> None:
    assert parse_json(canonical_json(value)) == value


def test_names_are_ordered_by_utf_16_units_not_by_code_points() -> None:
    assert list(json.loads(canonical_json({"\ufb33": 1, "\U0001f600": 2}))) == ["\U0001f600", "\ufb33"]


@pytest.mark.parametrize("value", [1.5, 2.0, float("nan"), 2**53, -(2**53), "\ud800", {"\udfff": 1}, {1: 2}, {None: 1},
                                   b"x", {1, 2}, object()])  # fmt: skip
def test_what_has_no_place_in_the_protocol_is_not_written(value: object) -> None:
    with pytest.raises(JsonUnwritable):
        canonical_json(value)


def test_a_value_that_holds_itself_is_not_written() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(JsonUnwritable, match="levels"):
        canonical_json(loop)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"a":1,"a":2}', "once"), (b'[{"x":{"b":1,"b":1}}]', "once"), (b'{"a":1,"\\u0061":2}', "once"),
        (b"NaN", "number"), (b"[Infinity]", "number"), (b"-Infinity", "number"), (b"1.5", "whole"), (b"1e3", "whole"),
        (b"9007199254740992", "2\\^53"), (b"9007199254740993", "2\\^53"), (b"-9007199254740993", "2\\^53"),
        (b"1" * 5000, "2\\^53"), (b'"\\ud800"', "surrogate"), (b'{"\\udc00":1}', "surrogate"),
        (b'["\\ude00\\ud83d"]', "surrogate"), (b'["\\uDBff"]', "surrogate"), (b'["\\u2014", "\\uDfFF"]', "surrogate"),
        (b'"\\\\\\ud800"', "surrogate"),
        (b'"\xed\xa0\x80"', "UTF-8"), (b"\xff", "UTF-8"), (b"\xef\xbb\xbf{}", "JSON"), (b"", "JSON"), (b"{", "JSON"),
        (b"{} {}", "JSON"), (b"{'a':1}", "JSON"), (b'{"a":1,}', "JSON"), (b'"a\nb"', "JSON"), (b"01", "JSON"),
        (b"\x00", "JSON"), ("{}".encode("utf-16"), "UTF-8"), (b"// x\n{}", "JSON"),
    ],
)  # fmt: skip
def test_text_that_parsers_read_differently_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(JsonInvalid, match=why):
        parse_json(text)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_a_million_levels_are_refused_fast(opening: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(JsonInvalid):
        parse_json(opening * 1_000_000)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("depth", "fits"), [(32, True), (33, False), (900, False)])
def test_the_limit_of_levels_is_exact(depth: int, *, fits: bool) -> None:
    text = b"[" * depth + b"]" * depth
    if fits:
        parse_json(text)
    else:
        with pytest.raises(JsonInvalid, match="levels"):
            parse_json(text)


def test_a_valid_pair_of_escapes_is_one_character() -> None:
    assert parse_json(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_too_many_bytes_are_refused_before_parsing() -> None:
    with pytest.raises(JsonInvalid, match="at most 10 bytes"):
        parse_json(b'"' + b"a" * 20, max_bytes=10)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_give_a_value_or_a_typed_refusal(data: bytes) -> None:
    with suppress(JsonInvalid):
        parse_json(data)
