# SPDX-License-Identifier: Apache-2.0
"""Signs answers: a key that exists for one answer, certified for `<origin>/checks`, and a timestamp; stores nothing."""

import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from app.signing.ports import Ports
from app.signing.steady import check_valid_now
from mcla.checks.answer import Answer
from mcla.checks.svr import envelope_of, result_of
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.dsse import pae
from mcla.envelope.timestamp import issue_timestamp


class AnswerSeal:
    """Signs answers with the keys of the moment."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def sign(self, answer: Answer, head: str) -> dict[str, Any]:
        """The envelope of an answer about a change with this head; raises `ClockUnsteady`."""
        ports = self._ports
        with ports.db.read() as session:
            now = ports.steady.now(session)
        keys, origin = ports.keys, ports.settings.origin
        check_valid_now([*keys.ca.chain, *keys.tsa.chain], now)
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = issue_leaf(keys.ca.key, keys.ca.chain, keys.ct, key.public_key(), f"{origin}/checks", origin, now)
        payload = result_of(answer, head, origin, now)
        signature = key.sign(pae(payload), ec.ECDSA(hashes.SHA256()))
        stamp = issue_timestamp(signature, keys.tsa.key, keys.tsa.chain, now, secrets.randbits(126) + 1)
        return envelope_of(payload, signature, leaf.public_bytes(Encoding.DER), stamp)
