# SPDX-License-Identifier: Apache-2.0
"""Verdicts on stored bundles: the one verifier of `mcla.verify`, run once for each bundle and trust, then remembered.

A bundle never changes once it is stored, so a verdict on it holds for as long as the trust does. Which digests a
bundle covers is read from the verified statement; for more than 512 files from the manifest, if its root is the
signed one. Both memories are bounded.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import parse_manifest
from mcla.envelope.bundle import parse_bundle
from mcla.errors import MclaError
from mcla.log.policy import Policy
from mcla.statements.canonical import canonical_json
from mcla.statements.statement import parse_statement
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Reason, Verdict
from mcla.verify.verifier import verify_bundle

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
REMEMBERED = 4096
MANIFESTS_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict on one bundle, and the digests among its statement's subjects (the root included)."""

    verdict: Verdict
    digests: frozenset[str]


class Remembered(Generic[K, V]):
    """The newest answers by key; safe for threads. Two threads may compute the same answer, which costs time only."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def among(self, keys: Iterable[K]) -> dict[K, V]:
        """The answers that are remembered for some of these keys."""
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
            for key in found:
                self._known.move_to_end(key)
        return found

    def put(self, key: K, value: V) -> V:
        with self._lock:
            self._known[key] = value
            self._known.move_to_end(key)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return value


class Verdicts:
    """Checks stored bundles under the trust of the moment; what was found under another is not used."""

    def __init__(self, trust_now: Callable[[], TrustedRoot], issuer: str, policy: Policy | None) -> None:
        self._trust_now, self._issuer, self._policy = trust_now, issuer, policy
        self._seen = _with_digest(trust_now())
        self._checked: Remembered[tuple[str, str], Checked] = Remembered(REMEMBERED)
        self._listed: Remembered[tuple[str, str], frozenset[str]] = Remembered(MANIFESTS_REMEMBERED)

    def known(self, contribution_ids: Iterable[str]) -> dict[str, Checked]:
        """The remembered verdicts on contributions' bundles, by contribution."""
        return self._among(self._checked, contribution_ids)

    def check(self, contribution_id: str, bundle: Mapping[str, Any]) -> Checked:
        """Verify a stored bundle now and remember the verdict."""
        trust, digest = self._trust()
        return self._checked.put((contribution_id, digest), self._verify(canonical_json(bundle), trust))

    def known_files(self, contribution_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """The remembered digests in the manifests of contributions with many files, by contribution."""
        return self._among(self._listed, contribution_ids)

    def files(self, contribution_id: str, manifest: bytes, checked: Checked) -> frozenset[str]:
        """The digests in a stored manifest, empty if it is not the one whose root was signed."""
        return self._listed.put((contribution_id, self._trust()[1]), _listed(manifest, checked.digests))

    def _among(self, remembered: Remembered[tuple[str, str], V], contribution_ids: Iterable[str]) -> dict[str, V]:
        _, digest = self._trust()  # looked at once: it asks the disk whether a key was changed
        found = remembered.among((identifier, digest) for identifier in contribution_ids)
        return {identifier: answer for (identifier, _), answer in found.items()}

    def _trust(self) -> tuple[TrustedRoot, str]:
        seen, trust = self._seen, self._trust_now()
        if trust is not seen[0]:
            self._seen = seen = _with_digest(trust)
        return seen

    def _verify(self, data: bytes, trust: TrustedRoot) -> Checked:
        try:
            bundle = parse_bundle(data)
            verdict = verify_bundle(bundle, trust, issuer=self._issuer, policy=self._policy)
            statement = parse_statement(bundle.envelope.payload)
        except MclaError as error:
            return Checked(Verdict("not-verified", (Reason(error.code, error.message, error.hint),)), frozenset())
        return Checked(verdict, frozenset(subject.sha256 for subject in statement.subjects))


def _with_digest(trust: TrustedRoot) -> tuple[TrustedRoot, str]:
    return trust, sha256_hex(trust.to_json())


def _listed(manifest: bytes, signed: frozenset[str]) -> frozenset[str]:
    try:
        parsed = parse_manifest(manifest)
    except MclaError:
        return frozenset()
    return frozenset(entry.sha256 for entry in parsed.files) if parsed.root in signed else frozenset()
