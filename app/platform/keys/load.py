# SPDX-License-Identifier: Apache-2.0
"""The keys as a running process sees them: the ring is looked at again whenever it was replaced.

So a rotation needs no restart: the next signature that begins in any process on this data directory uses the new key,
and one that has begun keeps the key it took.
"""

import threading
from pathlib import Path
from typing import Any, cast

from app.platform.keys.errors import KeyMismatch, KeyUnusable
from app.platform.keys.files import read_private
from app.platform.keys.homes import Homes
from app.platform.keys.ring import Ring, read_ring, ring_stamp
from app.platform.keys.values import AnySigner, Authority, Generation, Kind, ServiceKeys
from app.platform.settings import TokenSettings
from mcla.signer import Ed25519Signer, MlDsaSigner, P256Signer

FOLDER = "keys"
FORM_FILE = "form-tokens"


class KeyRing:
    """The keys under `home`, always those of the moment; safe for threads."""

    def __init__(self, home: Path, token: TokenSettings | None = None) -> None:
        self._folder = home / FOLDER
        self._homes = Homes(self._folder, token or TokenSettings())
        self._lock = threading.Lock()
        self._loaded: tuple[object, ServiceKeys] | None = None
        self.current()

    def current(self) -> ServiceKeys:
        """The keys as they are now: the same object until the ring is replaced. Raises `KeyUnusable`."""
        loaded = self._loaded
        if loaded is None or loaded[0] != ring_stamp(self._folder):
            with self._lock:
                loaded = self._loaded = self._load()
        return loaded[1]

    def _load(self) -> tuple[object, ServiceKeys]:
        while True:
            stamp = ring_stamp(self._folder)
            if self._loaded is not None and self._loaded[0] == stamp:
                return self._loaded  # another thread did it
            try:
                return stamp, self._open(read_ring(self._folder))
            except KeyUnusable:
                # A key that was retired between the two reads is gone, and the ring says so by now.
                if ring_stamp(self._folder) == stamp:
                    raise

    def _open(self, ring: Ring) -> ServiceKeys:
        self._homes.keep([one.place for one in ring if one.state == "signing"])
        return ServiceKeys(
            ca=self._authority(ring, "ca"),
            ct=cast(P256Signer, self._signer(ring, "ct")),
            log=cast(Ed25519Signer, self._signer(ring, "log")),
            pqlog=cast(MlDsaSigner, self._signer(ring, "pqlog")),
            tsa=self._authority(ring, "tsa"),
            document=self._authority(ring, "document"),
            feed=cast(Ed25519Signer, self._signer(ring, "feed")),
            generations=ring,
        )

    def _authority(self, ring: Ring, kind: Kind) -> Authority[Any]:
        return Authority(key=self._signer(ring, kind), chain=signing(ring, kind).chain)

    def _signer(self, ring: Ring, kind: Kind) -> AnySigner:
        one = signing(ring, kind)
        signer = self._homes.open(kind, one.place)
        if signer.public_key() != one.public_key:
            raise KeyMismatch(f"{one.place} holds another key than the key ring says for {kind}")
        return signer


def signing(ring: Ring, kind: Kind) -> Generation:
    """The key of a kind that signs now; raises `KeyUnusable` if there is none."""
    found = [one for one in ring if one.kind == kind and one.state == "signing"]
    if len(found) != 1:
        raise KeyUnusable(f"expected one key of kind {kind} that signs, got {len(found)}", hint="Run: mcla-server init")
    return found[0]


def load_keys(home: Path, token: TokenSettings | None = None) -> ServiceKeys:
    """The keys as they are now; raises `KeyUnusable` naming the key or file at fault."""
    return KeyRing(home, token).current()


def load_form_secret(home: Path) -> bytes:
    """The secret under the pages' form tokens, which every process shares; raises `KeyUnusable`."""
    secret = read_private(home / FOLDER / FORM_FILE)
    if len(secret) != 32:
        raise KeyUnusable(f"{FORM_FILE} holds {len(secret)} bytes, not 32")
    return secret
