# SPDX-License-Identifier: Apache-2.0
"""What the rest of the service knows of keys: who signs now, and what is published of every key there ever was.

Kinds are kept apart because they prove different things: `ca` certifies signers, `ct` signs certificate
timestamps, `log` signs checkpoints, `pqlog` signs them too (ML-DSA-44, for readers who no longer believe elliptic
curves), `tsa` signs RFC 3161 timestamps, `document` seals records, `feed` signs the compliance feed.
The document key alone has a choice of algorithm: some readers of PDF files know no elliptic curves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar, get_args

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from mcla.log.vkey import VerifierKey
from mcla.signer import Ed25519Signer, MlDsaSigner, P256Signer, RsaSigner

Kind = Literal["ca", "ct", "log", "tsa", "document", "pqlog", "feed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CERTIFIED: tuple[Kind, ...] = ("ca", "tsa", "document")
"""The kinds whose keys have a certificate under a root of their own; the others are published as bare keys."""

Algorithm = Literal["P-256", "RSA-3072", "Ed25519", "ML-DSA-44"]
SealSigner = P256Signer | RsaSigner
AnySigner = SealSigner | Ed25519Signer | MlDsaSigner
PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey | MLDSA44PublicKey
KeyOfAuthority = TypeVar("KeyOfAuthority", bound=SealSigner)


def algorithms(kind: Kind) -> tuple[Algorithm, ...]:
    """What the keys of a kind may be."""
    match kind:
        case "log" | "feed":
            return ("Ed25519",)
        case "pqlog":
            return ("ML-DSA-44",)
        case "document":
            return ("P-256", "RSA-3072")
        case _:
            return ("P-256",)


def algorithm_of(key: object) -> Algorithm | None:
    """What a public key is for; None for one that no kind here uses, such as one on another curve."""
    if isinstance(key, Ed25519PublicKey):
        return "Ed25519"
    if isinstance(key, MLDSA44PublicKey):
        return "ML-DSA-44"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "P-256"
    return "RSA-3072" if isinstance(key, RSAPublicKey) and _is_usual(key) else None


def _is_usual(key: RSAPublicKey) -> bool:
    return (key.key_size, key.public_numbers().e) == (3072, 65537)


@dataclass(frozen=True, slots=True)
class Authority(Generic[KeyOfAuthority]):
    """A key with its certificate chain, leaf or intermediate first, root last."""

    key: KeyOfAuthority
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]


SealAuthority = Authority[SealSigner]


@dataclass(frozen=True, slots=True)
class Generation:
    """One key of one kind, without its private half: `place` says where that lives.

    `start` and `end` are what the trust file says (both UTC, whole seconds; no end: still). A key without `signs_from`
    is prepared: published, but not used yet.
    """

    kind: Kind
    number: int
    place: str
    public_key: PublicKey
    chain: tuple[x509.Certificate, ...]
    start: datetime
    signs_from: datetime | None
    end: datetime | None = None

    @property
    def state(self) -> Literal["prepared", "signing", "retired"]:
        if self.end is not None:
            return "retired"
        return "prepared" if self.signs_from is None else "signing"

    @property
    def published(self) -> bool:
        """Whether the trust file names it: not if it was left aside before it ever signed."""
        return self.signs_from is not None or self.end is None


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The key that signs the log's heads now, every key whose heads count (the newest first), and the second signer.

    Without a `second` heads carry the line of the first key alone.
    """

    signer: Ed25519Signer
    known: tuple[Ed25519PublicKey, ...]
    second: MlDsaSigner | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ServiceKeys:
    """Every key of one service, as at one moment: whoever signs takes the keys once and uses them to the end."""

    ca: Authority[P256Signer]
    ct: P256Signer
    log: Ed25519Signer
    pqlog: MlDsaSigner
    tsa: Authority[P256Signer]
    document: SealAuthority
    feed: Ed25519Signer
    generations: tuple[Generation, ...]

    def signer(self, kind: Kind) -> AnySigner:
        """The key of a kind that signs now."""
        match kind:
            case "ct":
                return self.ct
            case "log":
                return self.log
            case "pqlog":
                return self.pqlog
            case "feed":
                return self.feed
            case "ca":
                return self.ca.key
            case "tsa":
                return self.tsa.key
            case "document":
                return self.document.key

    def of(self, kind: Kind) -> tuple[Generation, ...]:
        """The keys of a kind, the oldest first."""
        return tuple(one for one in self.generations if one.kind == kind)

    @property
    def log_keys(self) -> LogKeys:
        public = [one.public_key for one in reversed(self.of("log"))]
        return LogKeys(self.log, tuple(key for key in public if isinstance(key, Ed25519PublicKey)), self.pqlog)

    def second_log_keys(self, host: str) -> tuple[VerifierKey, ...]:
        """Every published ML-DSA-44 key of the log `host`, the oldest first, as verifiers read them."""
        keys = [one.public_key for one in self.of("pqlog") if one.published]
        return tuple(VerifierKey.of_log_mldsa(host, key) for key in keys if isinstance(key, MLDSA44PublicKey))


KeysNow = Callable[[], ServiceKeys]
"""Answers with the service's keys as they are at the moment of the call."""
