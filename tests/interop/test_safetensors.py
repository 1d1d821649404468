# SPDX-License-Identifier: Apache-2.0
"""Against the safetensors library itself: what we read it reads alike; where it reads more, the reason is named."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import SafetensorError, deserialize
from safetensors_files import BAD_HEADERS, A, B, entry, framed, silero_file, write

from mcla.artifacts.safetensors import BITS, SafetensorsInvalid
from mcla.artifacts.tensors import TensorReader

STRICTER = {
    "begins with": "a space before the header's object, which the format's description forbids",
    "nothing but spaces": "a line break after it, likewise",
    "twice": "one name with two values: readers choose the first or the last",
    "'{'": "metadata that is null",
    "1 to 1024 bytes": "a tensor without a name, or with one that nobody can read",
    "control": "a name that a person would not see as it is",
    "no more and no less": "members of an entry that mean nothing",
}
"""What the library accepts and we refuse, by our reason."""


def ours(file: bytes) -> list[tuple[str, str, tuple[int, ...], int]]:
    reader = TensorReader(len(file))
    reader.update(memoryview(file))
    return sorted((one.name, one.dtype, one.shape, one.size) for one in reader.finish())


def theirs(file: bytes) -> list[tuple[str, str, tuple[int, ...], int]]:
    return sorted((name, it["dtype"], tuple(it["shape"]), len(it["data"])) for name, it in deserialize(file))


def raw(header: bytes, buffer: int) -> bytes:
    return len(header).to_bytes(8, "little") + header + bytes(buffer)


def test_a_real_file_and_every_dtype_are_read_alike() -> None:
    types = write({dtype: (dtype, [2, 4], bytes(bits)) for dtype, bits in BITS.items()}, {"format": "pt"})
    for file in (silero_file().read_bytes(), types, write({})):
        assert ours(file) == theirs(file)
    data = {name: hashlib.sha256(it["data"]).digest() for name, it in deserialize(types)}
    assert len(data) == len(BITS)


@pytest.mark.parametrize(("header", "buffer", "reason"), BAD_HEADERS)
def test_what_we_refuse_the_library_refuses_too_or_it_is_named_why_not(header: bytes, buffer: int, reason: str) -> None:
    with pytest.raises(SafetensorsInvalid):
        ours(raw(header, buffer))
    try:
        deserialize(raw(header, buffer))
    except SafetensorError:
        return
    assert reason in STRICTER


PARTS = st.sampled_from(
    [A, B, entry("F4", [4], [4, 6]).decode()[1:-1], '"__metadata__":{"a":"b"}', '"c":[]', " ", "\n"]
)


@given(st.lists(PARTS, max_size=4), st.integers(0, 16))
def test_what_we_read_the_library_reads_alike(parts: list[str], buffer: int) -> None:
    file = framed(f"{{{','.join(parts)}}}".encode()) + bytes(buffer)
    try:
        read = ours(file)
    except SafetensorsInvalid:
        return
    assert read == theirs(file)
