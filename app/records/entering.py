# SPDX-License-Identifier: Apache-2.0
"""A sealed file's digest goes into the log, so that its bytes existed by then: as a signature over a file.

Signed with a key that exists for this one entry, certified for `<origin>/records` and stamped, it is what any Sigstore
client reads. What was signed is kept before the log is asked, and asked again it answers with the same entry.
"""

from typing import Any

from app.signing.files import SignedFile, enter_file, sign_file
from app.signing.ports import Ports
from mcla.envelope.encoding import decode_base64, encode_base64

PARTS = ("certificate", "signature", "timestamp")


def sign_digest(ports: Ports, sha256: str) -> dict[str, Any]:
    """A stamped signature over a digest (64 hex), to be kept; raises `ClockUnsteady`."""
    with ports.db.read() as session:
        now = ports.steady.now(session)
    signed = sign_file(ports, bytes.fromhex(sha256), f"{ports.settings.origin}/records", now)
    return {name: encode_base64(getattr(signed, name)) for name in PARTS}


def enter(ports: Ports, sha256: str, signed: dict[str, Any]) -> dict[str, Any]:
    """The bundle (Sigstore v0.3) of what was signed, logged now or found there; raises as the log does."""
    parts = {name: decode_base64(signed[name], name) for name in PARTS}
    return enter_file(ports, SignedFile(bytes.fromhex(sha256), **parts)).to_dict()
