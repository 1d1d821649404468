# SPDX-License-Identifier: Apache-2.0
"""The page and the command line read safetensors alike: the same tensors and root, and nothing that one refuses."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from needs import needs
from safetensors_files import BAD_HEADERS, silero_file, write

from mcla.artifacts.safetensors import BITS
from mcla.artifacts.tensors import TensorReader, TensorSet

STATIC = Path(__file__).resolve().parents[3] / "app" / "platform" / "static"
SCRIPTS = ("vendor/hash-wasm-sha256-4.13.0.js", "js/tensor-reader.js", "js/tensor-root.js")
SILERO = silero_file().read_bytes()
ODD = {name: ("U8", [0], b"") for name in ("z", "é", "\ue000", "\U0001f600", "../up", "a b")}
GOOD = [
    SILERO,
    write(ODD, {"format": "pt", "note": 'quotes " and \\ and \n'}),
    write({dtype: (dtype, [2, 4], bytes(range(bits))) for dtype, bits in BITS.items()}),
    write({"scalar": ("F64", [], b"eight...")}),
]


def raw(header: bytes, buffer: int) -> bytes:
    return len(header).to_bytes(8, "little") + header + bytes(buffer)


def in_browser(*files: bytes, piece: int = 1000) -> list[dict[str, Any]]:
    command = [
        needs("node"),
        str(Path(__file__).with_name("tensor_reader.mjs")),
        *(str(STATIC / each) for each in SCRIPTS),
    ]
    asked = json.dumps([{"file": file.hex(), "piece": piece} for file in files])
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("piece", [7, 4 * 1024 * 1024])
def test_the_page_finds_the_tensors_and_the_root_of_the_command_line(piece: int) -> None:
    for file, found in zip(GOOD, in_browser(*GOOD, piece=piece), strict=True):
        reader = TensorReader(len(file))
        reader.update(memoryview(file))
        tensors = reader.finish()
        assert found.get("tensors") == [tensor.to_dict() for tensor in tensors], found
        whole = TensorSet.of([("x", tensors)])
        listed = [tensor.to_dict() for tensor in whole.tensors]
        claim = {"root": whole.root, "count": len(tensors), "bytes": whole.total_bytes}
        assert found["set"] == claim | {"tensors": listed}


def test_what_the_command_line_refuses_the_page_refuses_too() -> None:
    lengths = [b"", b"short", bytes(8), b"\xff" * 8 + b"{}", (3).to_bytes(8, "little") + b"{}"]
    cut = [SILERO[:-1], SILERO + b"x", SILERO[:1000]]
    files = [raw(header, buffer) for header, buffer, _ in BAD_HEADERS] + lengths + cut
    read = [file for file, found in zip(files, in_browser(*files), strict=True) if not found.get("fault")]
    assert read == []
