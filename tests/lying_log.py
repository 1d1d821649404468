# SPDX-License-Identifier: Apache-2.0
"""A log over HTTP that a test makes lie: it serves what it was told to, under a real key or another."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import naive_tree
from cosigning import LOG_VKEY, ORIGIN, entries, head
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from serving import serving

from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, sign_checkpoint
from mcla.log.tiles import encode_bundle, parse_tile_path
from mcla.log.vkey import VerifierKey

_STRANGER = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
STRANGER = VerifierKey.of_log(ORIGIN, _STRANGER.public_key())


@dataclass
class LyingLog:
    """The first `size` entries of a `history`; `note` replaces the head, `bent` changes what a path gives."""

    size: int = 0
    history: str = ""
    note: str | None = None
    bent: dict[str, Callable[[bytes], bytes | int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> bytes | int:
        """The body at `path`, or a status."""
        whole = self._whole(path)
        return self.bent[path](whole if isinstance(whole, bytes) else b"") if path in self.bent else whole

    def _whole(self, path: str) -> bytes | int:
        if path == "checkpoint":
            return (self.note or head(self.size, self.history)).encode()
        try:
            name = parse_tile_path(path)
        except MclaError:
            return 404
        if name.level is None:
            return encode_bundle(entries(self.size, self.history)[name.index * 256 :][: name.width])
        tree = naive_tree.Tiles(entries(self.size, self.history))
        if name.level >= len(tree.levels):
            return 404
        return tree.read_tile(name.level, name.index, name.width) or 404

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix("/log/").lstrip("/")
        self.asked.append(path)
        if path == ".well-known/mcla/policy":
            body: bytes | int = f"log {LOG_VKEY.line}\nquorum none\n".encode()
        else:
            body = self.answer(path)
        if isinstance(body, int):
            start(f"{body} Status", [("Content-Length", "0"), ("Location", "http://127.0.0.1:1/elsewhere")])
            return []
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]


@contextmanager
def lying(size: int) -> Iterator[tuple[LyingLog, str]]:
    """A log of `size` entries and its address."""
    log = LyingLog(size)
    with serving(log) as origin:
        yield log, origin


def by_a_stranger(size: int, origin: str = ORIGIN) -> str:
    """A head of the same tree, signed by a key that nobody knows."""
    checkpoint = Checkpoint(origin, size, naive_tree.root(entries(size)))
    return sign_checkpoint(checkpoint, _STRANGER)
