# SPDX-License-Identifier: Apache-2.0
"""The signer's side of a signing, for tests: a key, its proof and the signature, as a browser makes them."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from app.identity.ports import Actor
from app.signing.values import NOTHING_SEEN, Completed, Seen, Shown, SigningInfo
from mcla.artifacts.manifest import ManifestEntry
from mcla.envelope.dsse import pae
from mcla.envelope.possession import possession_message

PROJECT = "tiny-llm"
WEIGHTS = hashlib.sha256(b"weights").hexdigest()
ANY_FILE = {"path": "model.safetensors", "sha256": WEIGHTS, "size": 7}


def spki(key: Any) -> bytes:
    """The DER SubjectPublicKeyInfo of a private key's public half."""
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_key().public_bytes(serialization.Encoding.DER, public))


@dataclass
class Holder:
    """Holds one P-256 key, as a browser or the command line does."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def spki(self) -> bytes:
        return spki(self.key)

    def proof(self, signing: SigningInfo) -> bytes:
        return self._sign(possession_message(signing.id, signing.statement_sha256))

    def signature(self, statement: bytes) -> bytes:
        return self._sign(pae(statement))

    def _sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


def file(path: str = "model.safetensors", content: bytes = b"weights") -> ManifestEntry:
    return ManifestEntry(path, hashlib.sha256(content).hexdigest(), len(content))


def draft_acceptance(services: Any, actor: Actor, holder: str = "browser") -> SigningInfo:
    return services.signing.draft_acceptance(actor, "mcla-individual", "1.0.0", holder)


def draft_contribution(services: Any, actor: Actor, *files: ManifestEntry, holder: str = "cli") -> SigningInfo:
    """A contribution of kind `code`, which has no questions to answer."""
    return services.signing.draft_contribution(actor, PROJECT, "code", files or (file(),), {}, holder)


def certify(services: Any, actor: Actor, signing: SigningInfo, holder: Holder) -> Any:
    return services.signing.certify(actor, signing.id, holder.spki, holder.proof(signing), signing.statement_sha256)


def finish(services: Any, actor: Actor, signing: SigningInfo, seen: Seen = NOTHING_SEEN) -> Completed:
    """Certify a fresh key and sign."""
    holder = Holder()
    certify(services, actor, signing, holder)
    return services.signing.complete(actor, signing.id, holder.signature(signing.statement), seen=seen, consent=True)


def page_of(signing: SigningInfo, at: datetime) -> Shown:
    """A page that shows what somebody agrees to, in German."""
    said = ("Prüfen und unterzeichnen", f"☐ {signing.consent.text}", f"[{signing.consent.button}]")
    return Shown(at, "de", "0.1.0+4f1d2c3b5a69", "\n".join(said))


def certified(services: Any, actor: Actor, draft: Any = draft_acceptance) -> tuple[SigningInfo, Holder]:
    """A draft whose key is certified, with the holder of that key."""
    signing, holder = draft(services, actor), Holder()
    certify(services, actor, signing, holder)
    return signing, holder


def sign(services: Any, actor: Actor, signing: SigningInfo, holder: Holder, *, consent: bool = True) -> Completed:
    return services.signing.complete(actor, signing.id, holder.signature(signing.statement), consent=consent)


def count(db: Any, table: Any) -> int:
    """How many rows a table has."""
    with db.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)))


def accept(services: Any, actor: Actor) -> Completed:
    return finish(services, actor, draft_acceptance(services, actor))


def give(services: Any, actor: Actor, *files: ManifestEntry) -> Completed:
    return finish(services, actor, draft_contribution(services, actor, *files))


def draft_end(services: Any, actor: Actor, ended: Completed | str, holder: str = "cli", **asked: Any) -> SigningInfo:
    """The withdrawal of an own acceptance or contribution, by its outcome or its id."""
    wanted = {"reason": "none-given", "stage": None} | asked
    identifier = ended if isinstance(ended, str) else ended.id
    return services.signing.draft_withdrawal(actor, identifier, wanted["reason"], wanted["stage"], holder)


def end(services: Any, actor: Actor, ended: Completed | str, **asked: Any) -> Completed:
    return finish(services, actor, draft_end(services, actor, ended, **asked))


def bearer(services: Any, actor: Actor) -> dict[str, str]:
    """The headers of a command line that acts as `actor`."""
    verifier, back = "v" * 43, "http://127.0.0.1:9/callback"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    code = services.identity.tokens.issue_code(actor, back, challenge)
    token = services.identity.tokens.redeem_code(code, back, "mcla-cli", verifier)
    return {"Authorization": f"Bearer {token.access_token}"}
