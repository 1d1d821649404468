# SPDX-License-Identifier: Apache-2.0
"""`mcla check --bundles`: what a folder of proofs says of the files of a change, with no service at all.

Only bundles that list one of the files are verified, each as `mcla verify` would, and none counts unless a list of
withdrawals says that it is in force. A change may bring proofs; what they are measured against it may not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from mcla.artifacts.digest import shown_path
from mcla.artifacts.manifest import Manifest, parse_manifest
from mcla.checks.answer import Answer
from mcla.checks.change import Change
from mcla.checks.offline import Proof, decide_offline, digests_of
from mcla.cli.check_answers import said_anew
from mcla.cli.ends import Known, Wanted, known_ends
from mcla.cli.failure import Undecided
from mcla.cli.offers import answer_in_files
from mcla.cli.target import TrustMissing, manifest_place, read_file, trust_place
from mcla.cli.verify_looking import TrustUnusable
from mcla.envelope.bundle import Bundle, parse_bundle
from mcla.envelope.dsse import Envelope
from mcla.errors import MclaError
from mcla.statements.statement import Contribution, parse_statement
from mcla.verify.artifact import check_manifest
from mcla.verify.standing import AsOf
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle

SUFFIX = ".sigstore.json"
MOST = 10_000


class TooManyBundles(Undecided):
    """A folder holds more bundles than are looked through."""

    code: ClassVar[str] = "bundles-too-many"


@dataclass(frozen=True, slots=True)
class Folder:
    """Proofs, and what they are measured against. `trust` as for `mcla verify`, None for the one that is kept."""

    bundles: Path
    trust: Path | None = None
    withdrawals: Path | None = None
    max_days: int = 7

    def answer(self, change: Change) -> Answer:
        """What the folder says of the change; raises what stands in the way of any answer."""
        trust = read_trust(self.trust)
        known = known_ends(Wanted(self.withdrawals, self.max_days, in_force=False), None, trust)
        proofs = [proof_of(each, trust, known) for each in self._about(change)]
        as_of = known.snapshot.as_of if known.snapshot else AsOf(0, datetime.now(UTC).replace(microsecond=0))
        return said_anew(decide_offline(change, proofs, as_of))

    def _about(self, change: Change) -> Iterator["Found"]:
        """The contributions in the folder that list a file of the change, or have the same tensors."""
        digests = {each.sha256 for each in change.artifacts if each.sha256}
        roots = {each.tensors for each in change.artifacts if each.tensors}
        for place in bundles_in(self.bundles) if digests else ():
            found = read_contribution(place)
            if found is None:
                continue
            statement = found.statement
            same = statement.tensors is not None and statement.tensors.root in roots
            if same or not digests.isdisjoint(digests_of(statement, found.manifest)):
                yield found


@dataclass(frozen=True, slots=True)
class Found:
    """A bundle that states a contribution, believed by nobody yet."""

    place: Path
    bundle: Bundle
    statement: Contribution
    manifest: Manifest | None


def bundles_in(folder: Path) -> Sequence[Path]:
    """Where bundles lie below a folder; raises `TooManyBundles`."""
    found = sorted(folder.rglob(f"*{SUFFIX}"))
    if len(found) > MOST:
        why = f"expected at most {MOST:,} bundles, got {len(found):,}"
        hint = "Name the folder with the bundles of this project's newest files."
        raise TooManyBundles(f"{shown_path(folder)} holds too many bundles.", why=why, hint=hint)
    return found


def read_contribution(place: Path) -> Found | None:
    """The contribution of one file; what is none, or cannot be read, proves nothing and stands in nobody's way."""
    try:
        bundle = parse_bundle(read_file(place, "bundle"))
        statement = parse_statement(bundle.content.payload) if isinstance(bundle.content, Envelope) else None
    except MclaError:
        return None
    if not isinstance(statement, Contribution):
        return None
    return Found(place, bundle, statement, _manifest(place, statement))


def _manifest(bundle: Path, statement: Contribution) -> Manifest | None:
    place = manifest_place(bundle)
    if not place.is_file():
        return None
    try:
        manifest = parse_manifest(read_file(place, "manifest"))
        check_manifest(statement, manifest)
    except MclaError:
        return None  # not the signed one: as good as none
    return manifest


def proof_of(found: Found, trust: TrustedRoot, known: Known) -> Proof:
    """What became of checking it, with what is known of its end."""
    alone = verify_bundle(found.bundle, trust)
    answer = answer_in_files(alone, None, found.place, trust, None)
    return Proof(found.place.name, found.statement, alone.sound, known.complete(alone, answer), found.manifest)


def read_trust(given: Path | None) -> TrustedRoot:
    """The trust file that was given or is kept; raises `TrustMissing` or `TrustUnusable`."""
    try:
        return TrustedRoot.from_json(read_file(trust_place(given), "trust file"))
    except TrustMissing:
        raise
    except MclaError as error:
        raise TrustUnusable("The trust file cannot be used.", why=error.message, hint=TrustMissing.hint) from error
