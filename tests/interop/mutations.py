# SPDX-License-Identifier: Apache-2.0
"""Bundles with one fault each, everything else made again so that it fits: what refuses is the check of that fault.

`MUTATIONS` is the one table for all verifiers. `step` is the step of our own verifier that says no; `python` and
`javascript` are what the stock clients say.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from interop.private_sigstore import NOW, SIGNER, Parts, PrivateSigstore

from mcla.envelope.certificate import issue_leaf
from mcla.envelope.dsse import Envelope
from mcla.envelope.entry import EntryKind, envelope_body


@dataclass(frozen=True)
class Notaries:
    """A service, one that pretends to be it with keys of its own, and the form of log entry to make."""

    service: PrivateSigstore
    impostor: PrivateSigstore
    kind: EntryKind

    def good(self, payload: bytes) -> bytes:
        return self.made(self.service.sign(payload, kind=self.kind))

    def made(self, parts: Parts) -> bytes:
        return parts.bytes(kind=self.kind)

    def body(self, parts: Parts, payload: bytes) -> bytes:
        return envelope_body(Envelope(payload, parts.signature), parts.certificate, self.kind)


@dataclass(frozen=True)
class Mutation:
    """One fault: how it is made, and which check of each verifier refuses it."""

    make: Callable[[Notaries, bytes], bytes]
    step: str
    python: str
    javascript: str


def _other(payload: bytes) -> bytes:
    """A statement as sound as the first, about another project or model."""
    assert b"tiny-llm" in payload
    return payload.replace(b"tiny-llm", b"tiny-llx")


def _payload(all_: Notaries, payload: bytes) -> bytes:
    parts = all_.service.sign(payload, kind=all_.kind)
    parts.payload = _other(payload)
    parts.body = all_.body(parts, parts.payload)
    return all_.made(all_.service.log(parts))


def _payload_signed_again(all_: Notaries, payload: bytes) -> bytes:
    """The signer signs something else and has it stamped, but the log knows the first signature only."""
    key = ec.generate_private_key(ec.SECP256R1())
    first = all_.service.sign(payload, key=key, kind=all_.kind)
    second = all_.service.sign(_other(payload), key=key, certificate=first.certificate, logged=first.body)
    return all_.made(second)


def _proof(all_: Notaries, payload: bytes) -> bytes:
    parts = all_.service.sign(payload, kind=all_.kind)
    parts.proof[0] = bytes(32)
    return all_.made(parts)


def _checkpoint_of_another_tree(all_: Notaries, payload: bytes) -> bytes:
    """The log's own key signed both heads; the bundle has the proof of one and the head of the other."""
    parts = all_.service.sign(payload, kind=all_.kind)
    elsewhere = replace(all_.service, entries=[b"other" for _ in all_.service.entries[: parts.log_index]])
    head = parts.checkpoint
    forked = elsewhere.log(parts)
    forked.checkpoint = head
    return all_.made(forked)


def _checkpoint_of_another_log(all_: Notaries, payload: bytes) -> bytes:
    parts = all_.service.sign(payload, kind=all_.kind)
    foreign = replace(all_.impostor, entries=all_.service.entries[: parts.log_index])
    log_id, parts = parts.log_id, foreign.log(parts)
    parts.log_id = log_id
    return all_.made(parts)


def _certificate_of_another_ca(all_: Notaries, payload: bytes) -> bytes:
    """Another authority's certificate for the signer's real name, with a sound SCT, timestamp and log entry."""
    key, keys, foreign = ec.generate_private_key(ec.SECP256R1()), all_.service.keys, all_.impostor.keys.ca
    leaf = issue_leaf(foreign.key, foreign.chain, keys.ct, key.public_key(), SIGNER, all_.service.origin, NOW)
    der = leaf.public_bytes(serialization.Encoding.DER)
    return all_.made(all_.service.sign(payload, key=key, certificate=der, kind=all_.kind))


def _stamped(after: timedelta) -> Callable[[Notaries, bytes], bytes]:
    certified = NOW + timedelta(hours=1)  # well within the time that the trust file covers

    def make(all_: Notaries, payload: bytes) -> bytes:
        at = certified + after
        return all_.made(all_.service.sign(payload, certified_at=certified, stamped_at=at, kind=all_.kind))

    return make


_OUTSIDE = "(not yet valid|not valid|valid at validation time|expired)"
MUTATIONS: dict[str, Mutation] = {
    "payload changed": Mutation(_payload, "signature", "invalid signature", "SIGNATURE_ERROR"),
    "payload signed again but not logged": Mutation(
        _payload_signed_again, "log-entry", "(inconsistent|does not match|do not match)", "TLOG_BODY_ERROR"
    ),
    "proof changed": Mutation(_proof, "inclusion", "inclusion proof", "TLOG_INCLUSION_PROOF_ERROR"),
    "checkpoint of another tree": Mutation(
        _checkpoint_of_another_tree, "checkpoint", "(root hash|checkpoint)", "TLOG_INCLUSION_PROOF_ERROR"
    ),
    "checkpoint of another log": Mutation(
        _checkpoint_of_another_log, "checkpoint", "signature", "TLOG_INCLUSION_PROOF_ERROR"
    ),
    "certificate of another CA": Mutation(
        _certificate_of_another_ca, "certificate-chain", "certificate chain", "CERTIFICATE_ERROR"
    ),
    "timestamp after the certificate's life": Mutation(
        _stamped(timedelta(minutes=11)), "certificate-life", _OUTSIDE, "CERTIFICATE_ERROR"
    ),
    "timestamp before the certificate's life": Mutation(
        _stamped(-timedelta(minutes=2)), "certificate-life", _OUTSIDE, "CERTIFICATE_ERROR"
    ),
}
