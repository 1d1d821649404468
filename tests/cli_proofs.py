# SPDX-License-Identifier: Apache-2.0
"""What tests of `mcla verify` share: the answer in JSON, the place of a proof, and a bit that is not as it was."""

import json
from pathlib import Path
from typing import Any

KEYS = {"target", "verdict", "reasons", "steps", "statement", "independent", "checkpoint", "withdrawal"}


def verdict_of(ran: Any) -> dict[str, Any]:
    """The JSON of a run; it has the members that are promised and says why."""
    document = json.loads(ran.out)
    assert set(document) == KEYS
    assert document["verdict"] in ("verified", "not-verified", "unknown")
    assert all({"code", "message"} <= set(reason) for reason in document["reasons"])
    assert document["reasons"]
    return document  # type: ignore[no-any-return]


def beside(path: Path) -> Path:
    """Where the proof of a file lies."""
    return path.with_name(f"{path.name}.sigstore.json")


def flip(path: Path, at: int = 1000) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
