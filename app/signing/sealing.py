# SPDX-License-Identifier: Apache-2.0
"""Signs results (`mcla.verify.svr`): a key that exists for one of them, certified for its purpose; stores nothing."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from app.signing.ports import Ports
from app.signing.steady import check_valid_now
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.dsse import pae
from mcla.envelope.timestamp import issue_timestamp
from mcla.verify.svr import Purpose, envelope_of


def seal(ports: Ports, purpose: Purpose, statement: Callable[[str, datetime], bytes]) -> dict[str, Any]:
    """The envelope over what `statement` makes of the service's origin and the time; raises `ClockUnsteady`."""
    with ports.db.read() as session:
        now = ports.steady.now(session)
    keys, origin = ports.keys, ports.settings.origin
    check_valid_now([*keys.ca.chain, *keys.tsa.chain], now)
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"{origin}/{purpose.segment}"
    leaf = issue_leaf(keys.ca.key, keys.ca.chain, keys.ct, key.public_key(), name, origin, now)
    payload = statement(origin, now)
    signature = key.sign(pae(payload), ec.ECDSA(hashes.SHA256()))
    stamp = issue_timestamp(signature, keys.tsa.key, keys.tsa.chain, now, secrets.randbits(126) + 1)
    return envelope_of(payload, signature, leaf.public_bytes(Encoding.DER), stamp)
