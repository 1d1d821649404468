# SPDX-License-Identifier: Apache-2.0
"""The proofs at a gate: which contributions cover the files of a model, and what is wrong with the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mcla.cli.output import plain

if TYPE_CHECKING:
    from mcla.artifacts.manifest import Manifest, ManifestEntry
    from mcla.checks.offline import Proof
    from mcla.tiers.hurdle import Hurdle


@dataclass(frozen=True, slots=True)
class Covered:
    """What the proofs say: who gave each digest that is proven, what is wrong with others, and the digest of each
    path."""

    proven: "Mapping[str, Sequence[Proof]]"
    faults: Mapping[str, str]
    paths: Mapping[str, str]

    def givers_of(self, files: "Manifest") -> "list[Proof]":
        """The contributions that cover a file of the model, each once."""
        found = {id(each): each for file in files.files for each in self.proven.get(file.sha256, ())}
        return list(found.values())

    def why(self, file: "ManifestEntry") -> str | None:
        """None for a file that is proven; else what is wrong with it, empty where no proof speaks of it."""
        if file.sha256 in self.proven:
            return None
        changed = f"it was signed as sha256:{self.paths[file.path]}" if file.path in self.paths else ""
        return self.faults.get(file.sha256, changed)

    def hurdle(self, files: "Manifest", *, ends_known: bool) -> "Hurdle":
        """Whether every file is in a contribution whose proof holds; `ends_known`: withdrawals were looked at."""
        from mcla.tiers.hurdle import Hurdle

        bare = [each for each in files.files if self.why(each) is not None]
        if not bare:
            looked = "" if ends_known else "; withdrawals were not looked at"
            return Hurdle("proof", "yes", "proven", f"{len(files.files)} files are given and proven{looked}")
        said = f"{len(bare)} of {len(files.files)} files are not proven, among them {plain(bare[0].path, keep='')}"
        if why := next(filter(None, map(self.why, bare)), ""):
            step = "Do not load it. Ask whoever gave you the files."
            return Hurdle("proof", "no", "not-proven", f"{said}: {why}", step)
        step = "Ask whoever gave you the files for the proof (--bundle FILE)."
        return Hurdle("proof", "unknown", "proof-missing", said, step)


def covered_by(places: Sequence[Path], trust_file: Path | None, withdrawals: Path | None, max_age: int) -> Covered:
    """What the proofs at these places cover; raises what reading the trust file or the withdrawals raises."""
    from mcla.checks.offline import digests_of
    from mcla.cli.check_offline import proof_of, read_contribution, read_trust
    from mcla.cli.ends import Wanted, known_ends

    trust = read_trust(trust_file)
    known = known_ends(Wanted(withdrawals, max_age, withdrawals is not None), None, trust)
    proven: dict[str, list[Proof]] = {}
    faults: dict[str, str] = {}
    paths: dict[str, str] = {}
    for found in filter(None, map(read_contribution, places)):
        proof = proof_of(found, trust, known)
        digests = digests_of(proof.statement, proof.manifest)
        if proof.verdict.verified and proof.verdict.withdrawal.state != "ended":
            for each in digests:
                proven.setdefault(each, []).append(proof)
            paths |= {each.name: each.sha256 for each in proof.statement.subjects[1:]}
        else:
            ended = proof.verdict.withdrawal.state == "ended"
            why = proof.verdict.withdrawal.sentence if ended else proof.verdict.reasons[0].message
            faults |= dict.fromkeys(digests, why)
    return Covered(proven, faults, paths)
