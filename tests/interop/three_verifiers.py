# SPDX-License-Identifier: Apache-2.0
"""One question to three verifiers: ours and sigstore-python in this process, @sigstore/verify in one of its own.

A stock client checks the proof and the certificate's names; it
reads no statement. So ours is asked for its whole verdict where the statement is one of ours, and for the proof alone
(every step but `statement` and `signer`) where it is somebody else's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from interop.stock import Question
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from mcla.artifacts.digest import sha256_hex
from mcla.errors import MclaError
from mcla.verify.trust import TrustedRoot as OurTrust
from mcla.verify.verifier import verify_artifact, verify_bundle

OURS, PYTHON, JAVASCRIPT = "mcla", "sigstore-python", "@sigstore/verify"
OF_THE_STATEMENT = ("statement", "signer")
Faults = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A bundle under a name, and whether its statement is somebody else's."""

    name: str
    question: Question
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What each verifier found to be wrong; nothing where it accepts."""

    faults: Mapping[str, Faults]

    @property
    def accepting(self) -> frozenset[str]:
        return frozenset(who for who, found in self.faults.items() if not found)

    @property
    def agree(self) -> bool:
        return len(self.accepting) in (0, len(self.faults))


def ask_all(case: Case, javascript: Callable[[Question], str | None]) -> Answers:
    said = javascript(case.question)
    found = {OURS: _ours(case), PYTHON: _python(case.question), JAVASCRIPT: () if said is None else (said,)}
    return Answers(found)


def _ours(case: Case) -> Faults:
    """Each step that did not hold, with what it saw."""
    asked = case.question
    try:
        trust = our_trust(asked.trust)
    except MclaError as error:
        return (f"trust: {error.message}",)
    if asked.artifact is None:
        verdict = verify_bundle(asked.bundle, trust, identity=asked.identity, issuer=asked.issuer)
    else:
        digest = sha256_hex(asked.artifact)
        verdict = verify_artifact(digest, asked.bundle, trust, identity=asked.identity, issuer=asked.issuer)
    passed_over = OF_THE_STATEMENT if case.foreign else ()
    faults = [step for step in verdict.steps if step.outcome == "no" and step.name not in passed_over]
    assert case.foreign or verdict.verified is not bool(faults)
    return tuple(f"{step.name}: {step.detail}" for step in faults)


def _python(asked: Question) -> Faults:
    policy = Identity(identity=asked.identity, issuer=asked.issuer)
    try:
        verifier, bundle = _verifier(asked.trust), Bundle.from_json(asked.bundle)
        if asked.artifact is None:
            verifier.verify_dsse(bundle, policy)
        else:
            verifier.verify_artifact(asked.artifact, bundle, policy)
    except Exception as error:  # noqa: BLE001 - it lets errors of other packages through
        return (f"{type(error).__name__}: {error} {error.__cause__ or ''}",)
    return ()


@lru_cache
def our_trust(path: Path) -> OurTrust:
    """Our reading of a trust file; raises `MclaError`."""
    return OurTrust.from_json(path.read_bytes())


@lru_cache
def _verifier(path: Path) -> Verifier:
    return Verifier(trusted_root=TrustedRoot.from_file(str(path)))
