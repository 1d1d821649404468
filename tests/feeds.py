# SPDX-License-Identifier: Apache-2.0
"""Feeds for tests: an issuer with a key, who writes one after the other."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mcla.feed.document import Feed, Life, read_feed, write_feed
from mcla.feed.keys import FeedKey, Rotation, hand_over, sign
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import format_time

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NAME = "https://feed.example.org/.well-known/mcla/feed.json"


def entry(identifier: str = "example.scoring", **changes: Any) -> dict[str, Any]:
    """An entry; None takes a member out."""
    whole = {
        "id": identifier,
        "key": "social_behaviour_discrimination",
        "meaning": "Rating people by how they behave.",
        "source": {"text": "Example Act, section 5"},
        "jurisdictions": ["EU"],
        "effect": "prohibited",
        "status": "in-force",
        "confidence": "high",
        "from": "2025-02-02",
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


@dataclass
class Issuer:
    """Signs feeds one after the other."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    last: Feed | None = None
    rotations: list[Rotation] = field(default_factory=list)

    @property
    def pin(self) -> FeedKey:
        return FeedKey.of(self.key.public_key())

    def bytes(self, *entries: dict[str, Any], at: datetime = NOW, days: int = 30) -> bytes:
        """The next feed as it is served."""
        life = Life(at, at, at + timedelta(days=days))
        data = write_feed(NAME, "Example", entries or [entry()], life, self.last, self.rotations, self.key)
        self.last = read_feed(data)
        return data

    def next(self, *entries: dict[str, Any], at: datetime = NOW, days: int = 30) -> Feed:
        return read_feed(self.bytes(*entries, at=at, days=days))

    def rotate(self) -> None:
        """From the next feed on another key signs."""
        new, serial = Ed25519PrivateKey.generate(), (self.last.serial if self.last else 0) + 1
        self.rotations.append(hand_over(NAME, serial, self.key, new.public_key(), format_time(NOW)))
        self.key = new


def resigned(data: bytes, key: Ed25519PrivateKey, **changes: Any) -> bytes:
    """A feed with other members, signed anew; None takes a member out."""
    value = json.loads(data) | changes
    value = {name: each for name, each in value.items() if name != "signature" and each is not None}
    return canonical_json(value | {"signature": sign(canonical_json(value), key).to_dict()})


def with_entries(data: bytes, key: Ed25519PrivateKey, entries: Sequence[dict[str, Any]]) -> bytes:
    return resigned(data, key, entries=list(entries))
