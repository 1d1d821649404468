# SPDX-License-Identifier: Apache-2.0
"""What the passkey service answers, as plain values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PasskeyInfo:
    """A passkey as its owner sees it; the credential's id is told to the owner's browser alone."""

    id: str
    foundation: str
    """The foundation's name."""
    credential_id: bytes
    public_key: bytes
    fingerprint: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Registration:
    """What a browser needs to make a passkey for one foundation."""

    challenge: bytes
    rp_id: str
    rp_name: str
    user_handle: bytes
    """Random for each registration: it names nobody and joins nothing."""
    known: tuple[bytes, ...]
    """Credential ids of this signer's other passkeys, so that one authenticator does not get two."""
