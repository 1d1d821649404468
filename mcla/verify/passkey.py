# SPDX-License-Identifier: Apache-2.0
"""The step `passkey`: the assertion in a statement covers exactly this statement, and is by the passkey that was named.

Alone it proves that the holder of one key, the same in every statement with its fingerprint, was there and agreed.
That this key is the signer's is the word of the service, which registered it, unless the reader names the fingerprint.
"""

from dataclasses import dataclass

from mcla.envelope.webauthn import challenge_of, check_assertion
from mcla.statements.base import Statement
from mcla.statements.passkey import PasskeyRef
from mcla.verify.checks import Refused
from mcla.verify.verdict import Reason


class PasskeyMissing(Refused):
    """A passkey was asked for and the statement carries none."""

    code = "passkey-missing"
    hint = "Ask the signer to sign again and to confirm with the passkey, or ask without naming one."


class PasskeyOther(Refused):
    """The statement was confirmed by another passkey than the one that was asked for."""

    code = "passkey-other"
    hint = "Compare the fingerprint with what the signer told you; a signer may have several passkeys."


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a sound assertion says: the key's SHA-256, the authenticator's counter, and where the key is kept."""

    fingerprint: str
    counter: int
    backed_up: bool
    named: bool
    """Whether the reader named this key, so that the service's word is not needed."""

    def __str__(self) -> str:
        kept = "kept at its provider too" if self.backed_up else "on one device"
        return f"sha256 {self.fingerprint}, person verified, count {self.counter}, {kept}"

    @property
    def reason(self) -> Reason:
        """In a sentence, with its limits."""
        seen = "confirmed exactly this statement, and says that a person was there and was recognised by it."
        if self.named:
            return Reason("confirmed-by-named-passkey", f"The passkey that you named {seen}")
        word = f"That the passkey (sha256 {self.fingerprint}) is the signer's is the word of the service."
        return Reason("confirmed-by-passkey", f"A passkey {seen} {word}")


def passkey_of(statement: object) -> PasskeyRef | None:
    """The passkey that a statement carries; what is signed in the form of others never carries one."""
    return statement.passkey if isinstance(statement, Statement) else None


def check_passkey(statement: object, wanted: str | None) -> Confirmed:
    """Check a statement's assertion, offline; `wanted` is the SHA-256 (64 hex) that its key must have.

    Raises `PasskeyMissing`, `PasskeyOther`, or a `WebauthnRefused` of `mcla.envelope.webauthn`.
    """
    held = passkey_of(statement)
    if not isinstance(statement, Statement) or held is None or held.assertion is None:
        raise PasskeyMissing("expected a statement that a passkey confirmed, got one without")
    if wanted is not None and held.fingerprint != wanted:
        raise PasskeyOther(f"expected the passkey with sha256 {wanted}, got {held.fingerprint}")
    challenge = challenge_of(statement.inner_bytes())
    seen = check_assertion(held.assertion, held.public_key, challenge, statement.service)
    return Confirmed(held.fingerprint, seen.counter, seen.backed_up, wanted is not None)
