# SPDX-License-Identifier: Apache-2.0
"""safetensors files for tests, written from the format's description, a real one, and headers that nobody may read."""

import importlib.util
import json
from pathlib import Path
from typing import Any

Tensors = dict[str, tuple[str, list[int], bytes]]
"""dtype, shape and bytes, by name."""


def silero_file() -> Path:
    """The safetensors file inside the silero-vad wheel (15 F32 tensors), found without importing it."""
    spec = importlib.util.find_spec("silero_vad")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "silero_vad_16k.safetensors"


def read_simply(data: bytes) -> Tensors:
    """The tensors of a well-formed file, in the order of its header."""
    length = int.from_bytes(data[:8], "little")
    header, buffer = json.loads(data[8 : 8 + length]), data[8 + length :]
    header.pop("__metadata__", None)
    return {
        name: (entry["dtype"], entry["shape"], buffer[slice(*entry["data_offsets"])]) for name, entry in header.items()
    }


def write(tensors: Tensors, metadata: dict[str, str] | None = None) -> bytes:
    """A file of these tensors in this order."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata is not None else {}
    at = 0
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(content)]}
        at += len(content)
    return framed(json.dumps(header).encode()) + b"".join(content for _, _, content in tensors.values())


def framed(header: bytes) -> bytes:
    """The length and the header, padded with spaces to 8 bytes."""
    padded = header + b" " * (-len(header) % 8)
    return len(padded).to_bytes(8, "little") + padded


A = '"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}'
B = '"b":{"dtype":"F16","shape":[2,2],"data_offsets":[4,12]}'


def written_out(text: str) -> str:
    """`@` stands for the member A, `~` for its value."""
    return text.replace("@", A).replace("~", A[4:])


def entry(dtype: str = "U8", shape: Any = (4,), offsets: Any = (0, 4), **more: Any) -> bytes:
    """A header of one tensor."""
    return json.dumps({"a": {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}}).encode()


_CASES: list[tuple[bytes | str, int, str]] = [
    (b"", 0, "begins with"), (b"[]", 0, "begins with"), (b" {}", 0, "begins with"),
    (b"\xef\xbb\xbf{}", 0, "begins"),
    (b'{"\xff"', 0, "UTF-8"), (b"{", 0, "text in quotes"), (b"{}x", 0, "nothing but spaces"),
    (b"{}\n", 0, "nothing but spaces"), (b"{}\0", 0, "nothing but spaces"), (b"{}{}", 0, "nothing but spaces"),
    (b"{,}", 0, "text in quotes"), (b'{"a"}', 0, "':'"), (b'{"a":1}', 0, "an object"), (b'{"a":null}', 0, "object"),
    (f"{{{A},}}".encode(), 4, "text in quotes"), (f"{{{A} {B}}}".encode(), 12, "','"),
    (f"{{{A},{A}}}".encode(), 4, "twice"), ('{@,"\\u0061":~}', 4, "twice"),
    ('{"__metadata__":{},"__metadata__":{},@}', 4, "twice"),
    ('{"__metadata__":{"x":"1","x":"1"},@}', 4, "twice"),
    ('{"__metadata__":null,@}', 4, "'{'"), ('{"__metadata__":{"x":1},@}', 4, "text in quotes"),
    ('{"__metadata__":{"x":{}},@}', 4, "text in quotes"), ('{"__metadata__":[],@}', 4, "'{'"),
    ('{"":~}', 4, "1 to 1024 bytes"), ('{"' + "x" * 1025 + '":~}', 4, "1 to 1024 bytes"),
    ('{"a\\u0000":~}', 4, "control"), ('{"a\\n":~}', 4, "control"),
    ('{"a\u202eb":~}', 4, "control"), ('{"a\x1f":~}', 4, "JSON"),
    ('{"\\ud800":~}', 4, "surrogate"), ('{"__metadata__":{"x":"\\udfff"},@}', 4, "surrogate"),
    (entry(extra=1), 4, "no more and no less"), (b'{"a":{"dtype":"U8","shape":[4]}}', 4, "no more and no less"),
    (b'{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4, "twice"),
    (entry("u8"), 4, "known dtype"), (entry("U128"), 4, "known dtype"), (entry(""), 4, "known dtype"),
    (entry(1), 4, "known dtype"),  # type: ignore[arg-type]
    (entry(shape=4), 4, "shape"), (entry(shape=[True, 4]), 4, "shape"), (entry(shape=["4"]), 4, "shape"),
    (entry(shape=[4.0]), 4, "whole number"), (entry(shape=[-4]), 4, "an object"), (entry(shape=[[4]]), 4, "levels"),
    (entry(shape=None), 4, "shape"), (b'{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}', 0, "an object"),
    (entry(shape=[10**400]), 4, "whole number"), (entry(shape=[2**52, 2**52]), 4, "2\\^53"),
    (entry(shape=[2**52, 2**52, 0], offsets=[0, 0]), 0, "2\\^53"), (entry(shape=[2**53 - 1]), 4, "2\\^53"),
    (entry(offsets=[0]), 4, "two data_offsets"), (entry(offsets=[0, 4, 4]), 4, "two data_offsets"),
    (entry(offsets=[False, 4]), 4, "two data_offsets"), (entry(offsets="04"), 4, "two data_offsets"),
    (entry(offsets=[4, 0]), 4, "by dtype and shape"), (entry(offsets=[0, 2**53 - 1]), 4, "by dtype and shape"),
    (entry("F4", [3], [0, 1]), 1, "whole bytes"), (entry("F6_E2M3", [2], [0, 2]), 2, "whole bytes"),
    (entry("F4", [], [0, 0]), 0, "whole bytes"),
    (entry(offsets=[1, 5]), 5, "a hole"), (f"{{{A},{B}}}".replace("[4,12]", "[5,13]").encode(), 13, "a hole"),
    (f"{{{A},{B}}}".replace("[4,12]", "[3,11]").encode(), 11, "an overlap"),
    (f"{{{A},{B}}}".replace("[4,12]", "[0,8]").encode(), 8, "an overlap"),
    (entry(), 5, "to the end of the buffer"), (entry(), 3, "to the end of the buffer"),
    (b"{}", 1, "to the end of the buffer"),
]  # fmt: skip
BAD_HEADERS = [
    (header if isinstance(header, bytes) else written_out(header).encode(), buffer, reason)
    for header, buffer, reason in _CASES
]
"""Headers that could be read in two ways, the bytes of buffer behind each, and a part of the reason."""
