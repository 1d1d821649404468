# SPDX-License-Identifier: Apache-2.0
"""Whole bundles by a stock client of tests: sign, stamp and log, as such clients do."""

import hashlib
import json
from typing import Any

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

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


def sign_file(origin: str, token: str, data: bytes) -> int:
    """Sign a file over HTTP as a stock client does, with an ID token; returns the place of the log entry."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    pem = request.public_bytes(serialization.Encoding.PEM)
    with httpx2.Client(base_url=origin, trust_env=False) as client:
        wish, bearer = {"certificateSigningRequest": encode_base64(pem)}, {"Authorization": f"Bearer {token}"}
        chain = client.post("/api/v2/signingCert", json=wish, headers=bearer).raise_for_status().json()
        leaf = x509.load_pem_x509_certificate(
            chain["signedCertificateEmbeddedSct"]["chain"]["certificates"][0].encode()
        )
        raw = encode_base64(leaf.public_bytes(serialization.Encoding.DER))
        verifier = {"x509Certificate": {"rawBytes": raw}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
        signed = {"content": encode_base64(key.sign(data, ec.ECDSA(hashes.SHA256()))), "verifier": verifier}
        record = {"hashedRekordRequestV002": {"digest": encode_base64(sha256(data)), "signature": signed}}
        return int(client.post("/api/v2/log/entries", json=record).raise_for_status().json()["logIndex"])
