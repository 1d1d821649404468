# SPDX-License-Identifier: Apache-2.0
"""The page's SHA-256 counts past 2^32 bytes and bits: a length of 64 bits goes into the last block (FIPS 180-4, 5.1.1).

Four gigabytes are not hashed for that. A state that was kept at the beginning is told another length, and what comes
of it is compared with the compression of the very blocks that the standard pads to. `make soak` measures 5 GB in a
browser to the end.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from needs import needs

HERE = Path(__file__)
SCRIPT = HERE.parents[3] / "app" / "platform" / "static" / "vendor" / "hash-wasm-sha256-4.13.0.js"
LENGTH, WORDS = slice(68, 76), slice(76, 108)
"""Where the state of hash-wasm 4.13 keeps the bytes so far (64 bits) and the eight words, all little-endian."""


def run(*asked: dict[str, Any]) -> list[dict[str, str]]:
    command = [needs("node"), str(HERE.with_name("long_hash.mjs")), str(SCRIPT)]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def as_after(length: int, state: str) -> str:
    """`state`, as if `length` bytes had led to it: a whole number of blocks, so that nothing is waiting."""
    told = bytearray.fromhex(state)
    assert length % 64 == 0
    assert told[LENGTH] == bytes(8)
    told[LENGTH] = length.to_bytes(8, "little")
    return told.hex()


def padded(rest: bytes, length: int) -> bytes:
    """The last blocks of a message of `length` bytes that ends in `rest`."""
    zeros = -(len(rest) + 9) % 64
    return rest + b"\x80" + bytes(zeros) + (8 * length).to_bytes(8, "big")


def words(state: str) -> str:
    """The digest that the eight words of a state spell."""
    kept = bytes.fromhex(state)[WORDS]
    return b"".join(kept[at : at + 4][::-1] for at in range(0, 32, 4)).hex()


@pytest.mark.parametrize(
    ("before", "rest"),
    [(0, b"abc"), (2**29, b"abc"), (2**32 - 64, b"a" * 67), (2**32 - 64, b"a" * 63), (2**32, b""), (5 * 10**9, b"abc"),
     (2**53 - 64, b"a" * 60)],
)  # fmt: skip
def test_the_length_of_a_long_file_is_hashed_whole(before: int, rest: bytes) -> None:
    (begun,) = run({"pieces": []})
    ours, standard = run(
        {"state": as_after(before, begun["state"]), "pieces": [rest[:40].hex(), rest[40:].hex()]},
        {"pieces": [padded(rest, before + len(rest)).hex()]},
    )
    assert ours["digest"] == words(standard["state"])
    assert int.from_bytes(bytes.fromhex(ours["state"])[LENGTH], "little") == before + len(rest)
