# SPDX-License-Identifier: Apache-2.0
"""Whole bundles by a stock client of tests: sign, stamp and log, as such clients do."""

import hashlib
import json
from typing import Any

from mcla.envelope.bundle import make_bundle
from mcla.envelope.dsse import pae
from mcla.envelope.encoding import decode_base64, encode_base64


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def bundle_of(stock: Any, payload: bytes, certificate: bytes) -> bytes:
    """Sign, stamp and log a payload as a stock client does; returns the bundle."""
    signature = stock.sign(pae(payload))
    logged = stock.log(stock.entry(sha256(pae(payload)), signature, certificate))
    assert logged.status_code == 201, logged.text
    stamped = stock.http.post("/api/v1/timestamp", json=stamp_wish(signature))
    proof = logged.json["inclusionProof"]
    made = make_bundle(
        payload=payload,
        signature=signature,
        certificate=certificate,
        timestamp=stamped.data,
        body=decode_base64(logged.json["canonicalizedBody"], "it"),
        log_id=decode_base64(logged.json["logId"]["keyId"], "it"),
        log_index=int(logged.json["logIndex"]),
        tree_size=int(proof["treeSize"]),
        root=decode_base64(proof["rootHash"], "it"),
        proof=[decode_base64(each, "it") for each in proof["hashes"]],
        checkpoint=proof["checkpoint"]["envelope"],
    )
    return json.dumps(made).encode()


def stamp_wish(data: bytes, **changed: Any) -> dict[str, Any]:
    return {"artifactHash": encode_base64(sha256(data)), "hashAlgorithm": "sha256"} | changed
