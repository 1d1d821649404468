# SPDX-License-Identifier: Apache-2.0
"""RFC 3161 timestamps for stock clients: over a SHA-256 digest that they send, at a time that can be believed."""

import secrets

from app.signing.ports import Ports
from app.signing.steady import check_valid_now
from app.sigstore.errors import StampRefused
from mcla.envelope.timestamp import StampWish, TimestampInvalid, answer_wish, read_wish

MAX_QUERY_BYTES = 4096


def stamp_query(ports: Ports, der: bytes) -> bytes:
    """The TimeStampResp (DER) for a TimeStampReq; raises `StampRefused` or `ClockUnsteady`."""
    if len(der) > MAX_QUERY_BYTES:
        raise StampRefused(f"A timestamp request takes at most {MAX_QUERY_BYTES} bytes.")
    try:
        return stamp(ports, read_wish(der))
    except TimestampInvalid as error:
        raise StampRefused(f"The timestamp request cannot be read: {error.message}.") from error


def stamp(ports: Ports, wish: StampWish) -> bytes:
    """The TimeStampResp (DER) over a digest; raises `ClockUnsteady`."""
    with ports.db.read() as session:
        now = ports.steady.now(session)
    tsa = ports.keys.tsa
    check_valid_now(tsa.chain, now)
    return answer_wish(wish, tsa.key, tsa.chain, now, secrets.randbits(126) + 1)
