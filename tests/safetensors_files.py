# SPDX-License-Identifier: Apache-2.0
"""safetensors files for tests, written from the format's description, and a real one to take apart."""

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
