# SPDX-License-Identifier: Apache-2.0
"""The single checks of a verification, each a small function that answers with what it saw or raises `MclaError`.

The order in which they run, and what they depend on, is in `mcla.verify.verifier`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import ExtendedKeyUsageOID

from mcla.envelope.bundle import Bundle, MessageSignature
from mcla.envelope.certificate import Leaf
from mcla.envelope.chain import ChainInvalid, check_chain, shown
from mcla.envelope.dsse import PAYLOAD_TYPE, Envelope, EnvelopeInvalid, check_signature
from mcla.envelope.encoding import check_p256_signature, key_of
from mcla.envelope.entry import HASHEDREKORD, digest_body, envelope_body
from mcla.envelope.sct import check_sct
from mcla.envelope.timestamp import TimestampInvalid, check_timestamp, is_by, read_timestamp
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, CheckpointInvalid, open_checkpoint
from mcla.log.merkle import leaf_hash, verify_inclusion
from mcla.log.note import NoteInvalid
from mcla.log.policy import Cosigned, Policy
from mcla.statements.oms import OmsStatement
from mcla.statements.statement import AnyStatement
from mcla.verify.trust import TrustedAuthority, TrustedLog, TrustedRoot

_YEAR_10000 = 253_402_300_800


class Refused(MclaError):
    """A check did not hold."""

    code: ClassVar[str] = "check-failed"
    hint = "Do not rely on this bundle. Download it again from the service; if it stays so, tell the service."


class PayloadTypeRefused(Refused):
    """The envelope carries something else than an in-toto statement."""

    code = "payload-type-refused"


class LogUnknown(Refused):
    """The bundle's log is none that the trust file names."""

    code = "log-unknown"
    hint = "Use the trust file of the service that made this bundle (--trust FILE); get it from a source you trust."


class EntryMismatch(Refused):
    """The log entry speaks of another statement, signature or certificate than the bundle holds."""

    code = "log-entry-mismatch"


class CheckpointMismatch(Refused):
    """The checkpoint is not the one that the entry's proof leads to."""

    code = "checkpoint-mismatch"


class SignerMismatch(Refused):
    """Statement and certificate name different signers or services."""

    code = "signer-mismatch"


class IdentityMismatch(Refused):
    """The signer or service is not the one that was asked for."""

    code = "identity-mismatch"
    hint = "Compare the signer letter by letter: parts, patterns and other spellings are not accepted."


class CertificateExpired(Refused):
    """The signature's time lies outside the certificate's life."""

    code = "certificate-not-valid-then"


@dataclass(frozen=True, slots=True)
class Stamped:
    """A timestamp that was believed: its time and by which authority of the trust file."""

    time: datetime
    authority: TrustedAuthority


def payload_type(content: Envelope | MessageSignature) -> str:
    if isinstance(content, MessageSignature):
        return "none, a file was signed"
    envelope = content
    if envelope.payload_type != PAYLOAD_TYPE:
        raise PayloadTypeRefused(f"expected payload type {PAYLOAD_TYPE}, got {envelope.payload_type!a}")
    return envelope.payload_type


def signature(content: Envelope | MessageSignature, key: ec.EllipticCurvePublicKey) -> None:
    """By the key in the certificate, over the statement's PAE or over the file that has the digest."""
    if isinstance(content, Envelope):
        return check_signature(content, key)
    check_p256_signature(content.signature, "the signature")
    try:
        return key.verify(content.signature, content.digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature as error:
        raise EnvelopeInvalid(
            "expected a signature by the key in the certificate, got one that does not fit"
        ) from error


def timestamp(bundle: Bundle, trust: TrustedRoot) -> Stamped:
    """Over these signature bytes, by a trusted authority, within the time that the trust file gives it."""
    return stamped(bundle.timestamp, bundle.content.signature, trust)


def stamped(timestamp: bytes, signature: bytes, trust: TrustedRoot) -> Stamped:
    """The same for a timestamp (DER) and the signature that it is over."""
    stamp = read_timestamp(timestamp)
    authority = next((one for one in trust.timestampers if is_by(stamp, one.chain[0])), None)
    if authority is None:
        raise TimestampInvalid("expected a timestamp by an authority in the trust file, got one by another")
    check_timestamp(stamp, signature, authority.chain)
    if not authority.validity.covers(stamp.time):
        raise TimestampInvalid(
            f"expected the trust file to cover the timestamp's time {shown(stamp.time)}, it does not"
        )
    return Stamped(stamp.time, authority)


def chain(leaf: Leaf, at: datetime, trust: TrustedRoot) -> ec.EllipticCurvePublicKey:
    """Return the key of the issuing authority; the first fault is reported if no authority of the trust file fits."""
    faults: list[ChainInvalid] = []
    for authority in trust.authorities:
        try:
            if not authority.validity.covers(at):
                raise ChainInvalid(f"expected the trust file to cover {shown(at)} for {authority.uri}")
            check_chain(leaf.certificate, authority.chain, at, ExtendedKeyUsageOID.CODE_SIGNING)
        except ChainInvalid as error:
            faults.append(error)
            continue
        key = key_of(authority.chain[0])
        if isinstance(key, ec.EllipticCurvePublicKey):
            return key
        faults.append(ChainInvalid("expected an authority with an elliptic-curve key"))
    raise faults[0] if faults else ChainInvalid("expected a certificate authority in the trust file, got none")


def certificate_life(leaf: Leaf, stamped: Stamped) -> str:
    """The signature existed while its certificate was valid; both ends count."""
    life = f"{shown(leaf.not_before)} to {shown(leaf.not_after)}"
    if not leaf.not_before <= stamped.time <= leaf.not_after:
        raise CertificateExpired(
            f"expected a timestamp within the certificate's life {life}, got {shown(stamped.time)}"
        )
    return f"stamped {shown(stamped.time)} within {life}"


def transparency(leaf: Leaf, issuer_key: ec.EllipticCurvePublicKey, trust: TrustedRoot, at: datetime) -> datetime:
    keys = [log.key for log in trust.ct_logs if log.validity.covers(at)]
    return check_sct(leaf.certificate, issuer_key, keys)


def log_entry(bundle: Bundle) -> str:
    """The logged bytes are exactly what this envelope and certificate give: nothing in them is left unread."""
    if bundle.entry.body != _expected_body(bundle):
        raise EntryMismatch("expected the log entry of this signature and certificate, got another entry")
    return f"entry {bundle.entry.log_index}"


def _expected_body(bundle: Bundle) -> bytes | None:
    if isinstance(bundle.content, Envelope):
        return envelope_body(bundle.content, bundle.certificate, bundle.entry.kind)
    if bundle.entry.kind != HASHEDREKORD:
        return None  # the other form is for statements
    return digest_body(bundle.content.digest, bundle.content.signature, bundle.certificate)


def known_log(bundle: Bundle, trust: TrustedRoot, at: datetime) -> TrustedLog:
    """The log of the trust file with this very key id; other keys are not tried."""
    log = next((one for one in trust.logs if one.key_id == bundle.entry.log_id), None)
    if log is None:
        names = ", ".join(one.name for one in trust.logs)
        raise LogUnknown(f"expected an entry in a log of the trust file ({names}), got one in an unknown log")
    if not log.validity.covers(at):
        raise LogUnknown(f"expected the trust file to cover {shown(at)} for the log {log.name}, it does not")
    return log


def head_by_key_of(text: str, trust: TrustedRoot, at: datetime) -> Checkpoint:
    """The signed head `text`, by any key of a log of the trust file that counted at this time: not by a retired one."""
    for log in trust.logs:
        try:
            if log.validity.covers(at):
                return open_checkpoint(text, log.name, log.key)
        except (NoteInvalid, CheckpointInvalid):
            continue
    raise LogUnknown(f"expected a head by a log's key that the trust file believes for {shown(at)}, got one by another")


def checkpoint(bundle: Bundle, log: TrustedLog) -> Checkpoint:
    """Signed by the log's key under the log's own name, and for the very tree the proof speaks of."""
    head = open_checkpoint(bundle.entry.checkpoint, log.name, log.key)
    if head.size != bundle.entry.tree_size:
        raise CheckpointMismatch(f"expected a checkpoint of {bundle.entry.tree_size} entries, got {head.size}")
    if head.root != bundle.entry.root:
        raise CheckpointMismatch("expected a checkpoint with the root hash of the proof, got another root")
    return head


def inclusion(bundle: Bundle, head: Checkpoint) -> str:
    entry = bundle.entry
    verify_inclusion(entry.log_index, head.size, leaf_hash(entry.body), entry.proof, head.root)
    return f"entry {entry.log_index} of {head.size}"


def witnesses(bundle: Bundle, head: Checkpoint, policy: Policy) -> tuple[Cosigned, ...]:
    """The head meets the reader's policy: by one of its logs, and cosigned by a quorum of its witnesses."""
    del head  # the step rests on it: whose head it is was checked against the trust file
    return policy.check(bundle.entry.checkpoint).cosigned


def witnesses_said(cosigned: tuple[Cosigned, ...]) -> str:
    said = [f"{one.witness.name} {_time_said(one.time)}" for one in cosigned]
    return "seen by " + (", ".join(said) or "nobody, as the policy allows")


def _time_said(seconds: int) -> str:
    # A witness may name any 63-bit second; only those of four-digit years have a date.
    return shown(datetime.fromtimestamp(seconds, UTC)) if seconds < _YEAR_10000 else f"at second {seconds}"


def signer(statement: AnyStatement | OmsStatement | MessageSignature, leaf: Leaf) -> str:
    """The statement names the signer and service that the certificate was issued for and by; other things name none."""
    if isinstance(statement, OmsStatement | MessageSignature):
        return f"{leaf.signer_uri}, named by the certificate alone"
    if statement.signer != leaf.signer_uri:
        raise SignerMismatch(f"expected the certificate of {statement.signer}, got that of {leaf.signer_uri!a}")
    if statement.service != leaf.issuer:
        raise SignerMismatch(f"expected a certificate by {statement.service}, got one by {leaf.issuer!a}")
    return leaf.signer_uri


def exactly(expected: str, got: str, what: str) -> str:
    """Equal code point by code point: no prefix, pattern, case folding or Unicode normalisation."""
    if got != expected:
        raise IdentityMismatch(f"expected the {what} {expected!a}, got {got!a}")
    return got


def same_operator(stamped: Stamped, leaf: Leaf) -> bool:
    """Whether the stamping authority sits at the host of the service that certified the signer."""
    return urlsplit(stamped.authority.uri).hostname == urlsplit(leaf.issuer).hostname
