# SPDX-License-Identifier: Apache-2.0
"""safetensors headers: a real one is read; what two programs could read differently is refused by the one error."""

import json
import resource
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors_files import BAD_HEADERS, A, B, entry, framed, read_simply, silero_file

from mcla.artifacts.safetensors import (
    BITS,
    MAX_METADATA,
    MAX_TENSORS,
    SafetensorsInvalid,
    TensorEntry,
    header_length,
    parse_header,
)


def test_a_real_file_is_read_to_its_last_byte() -> None:
    data = silero_file().read_bytes()
    length = header_length(data[:8], len(data))
    header = parse_header(data[8 : 8 + length], len(data) - 8 - length)
    expected = {
        name: (dtype, tuple(shape), len(content)) for name, (dtype, shape, content) in read_simply(data).items()
    }
    assert {tensor.name: (tensor.dtype, tensor.shape, tensor.size) for tensor in header.tensors} == expected
    assert len(header.tensors) == 15
    assert header.tensors[-1].end == len(data) - 8 - length


def test_tensors_come_in_the_order_of_the_buffer_whatever_the_header_says_first() -> None:
    header = parse_header(f'{{{B} , "__metadata__":{{"format":"pt"}},\n{A}}}   '.encode(), 12)
    assert header.tensors == (TensorEntry("a", "U8", (4,), 0, 4), TensorEntry("b", "F16", (2, 2), 4, 12))
    assert header.metadata == {"format": "pt"}
    assert parse_header(b"{}", 0).tensors == ()


@pytest.mark.parametrize(("dtype", "bits"), BITS.items())
def test_every_dtype_takes_its_bits_and_no_others(dtype: str, bits: int) -> None:
    assert parse_header(entry(dtype, [8], [0, bits]), bits).tensors[0].size == bits
    assert parse_header(entry(dtype, [], [0, bits // 8]), bits // 8).tensors[0].size == bits // 8 if bits >= 8 else True
    for wrong in (bits - 1, bits + 1):
        with pytest.raises(SafetensorsInvalid, match="by dtype and shape"):
            parse_header(entry(dtype, [8], [0, wrong]), wrong)


def test_names_are_labels_and_may_look_like_paths() -> None:
    for name in ("../../etc/passwd", "/", "a b", "größe", "x" * 1024, "..", "\\"):
        text = json.dumps({name: {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}})
        assert parse_header(text.encode(), 0).tensors[0].name == name


@pytest.mark.parametrize(("header", "buffer", "reason"), BAD_HEADERS)
def test_a_header_that_could_be_read_in_two_ways_is_refused(header: bytes, buffer: int, reason: str) -> None:
    with pytest.raises(SafetensorsInvalid, match=reason) as caught:
        parse_header(header, buffer)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    ("first", "size", "reason"),
    [
        (b"", 0, "8 bytes"), (b"1234567", 7, "8 bytes"), ((100_000_001).to_bytes(8, "little"), 10**12, "at most"),
        (b"\xff" * 8, 10**12, "at most"), ((100_000_000).to_bytes(8, "little"), 1000, "within the file"),
        ((3).to_bytes(8, "little"), 10, "within the file"), (bytes(8), 8, "at least 2"),
        ((1).to_bytes(8, "little"), 100, "at least 2"), ((64).to_bytes(8, "big"), 100, "at most"),
    ],
)  # fmt: skip
def test_a_length_that_the_file_does_not_hold_is_refused_before_anything_is_read(
    first: bytes, size: int, reason: str
) -> None:
    with pytest.raises(SafetensorsInvalid, match=reason):
        header_length(first, size)


LARGE = 100_000_000


@pytest.mark.parametrize(
    "header",
    [
        lambda: b"{" + b" " * LARGE, lambda: b'{"a":' * (LARGE // 5), lambda: b'{"a":{"dtype":' + b"[" * LARGE,
        lambda: b'{"' + b"a" * LARGE, lambda: b'{"' + b"\\n" * (LARGE // 2) + b'":', lambda: b"{" + b"\0" * LARGE,
        lambda: b'{"a":{"shape":[' + b"1," * (LARGE // 2) + b"1]}}",
    ],
    ids=["spaces", "deep", "brackets", "name", "escapes", "nul", "shape"],
)  # fmt: skip
def test_a_header_of_100_mb_is_refused_in_memory_of_its_own_size(header: Any) -> None:
    data = header()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SafetensorsInvalid):
        parse_header(data, 0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000, "kilobytes"


def test_more_members_than_any_model_has_are_refused() -> None:
    """Each limit is met by a text a little above it; the work before the refusal is bounded by the limit."""
    metadata = ",".join(f'"{n}":""' for n in range(MAX_METADATA + 1))
    with pytest.raises(SafetensorsInvalid, match=f"at most {MAX_METADATA}"):
        parse_header(f'{{"__metadata__":{{{metadata}}}}}'.encode(), 0)
    assert MAX_TENSORS * len('"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},') < 100_000_000


@given(st.binary(max_size=120))
def test_any_bytes_give_a_header_or_the_one_error(data: bytes) -> None:
    for text in (data, b"{" + data, b'{"a":' + data, b'{"a":{"dtype":"U8","shape":[' + data):
        check_typed(text, 4)


PIECES = st.sampled_from(
    ['"a"', '"b"', '"__metadata__"', "{", "}", "[", "]", ":", ",", " ", "0", "4", "12", "-1", "1e3", "null", '"dtype"',
     '"U8"', '"F4"', '"shape"', '"data_offsets"', A, B, A[4:], '"\\ud800"', "99999999999999999999", '"\\', "\x00"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12), st.integers(0, 16))
def test_any_pieces_of_headers_give_a_header_or_the_one_error(pieces: list[str], buffer: int) -> None:
    check_typed(("{" + "".join(pieces)).encode(), buffer)
    check_typed(("{" + ",".join(pieces) + "}").encode(), buffer)


@given(st.data())
def test_a_real_header_with_any_bytes_changed_is_read_whole_or_refused(data: st.DataObject) -> None:
    whole = silero_file().read_bytes()
    length = header_length(whole[:8], len(whole))
    text = bytearray(whole[8 : 8 + length])
    for _ in range(data.draw(st.integers(1, 3))):
        text[data.draw(st.integers(0, length - 1))] = data.draw(st.integers(0, 255))
    check_typed(bytes(text), len(whole) - 8 - length)


def check_typed(text: bytes, buffer: int) -> None:
    try:
        header = parse_header(text, buffer)
    except SafetensorsInvalid:
        return
    assert sum(tensor.size for tensor in header.tensors) == buffer
    assert set(json.loads(text)) - {"__metadata__"} == {tensor.name for tensor in header.tensors}
    assert header_length(framed(text)[:8], len(framed(text)) + buffer) >= len(text)
