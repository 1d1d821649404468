# SPDX-License-Identifier: Apache-2.0
"""`mcla lineage --withdrawals`: which artifacts of a lineage were taken back, and everything that rests on them.

An end is that of a statement, so it is known of what came as a bundle: its proof is verified, as `mcla verify` does. An
artifact is withdrawn when everybody who gave it here has taken it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcla.cli.check_offline import proof_of, read_contribution, read_trust
from mcla.cli.ends import Wanted, known_ends
from mcla.cli.service import Service

if TYPE_CHECKING:
    from mcla.checks.offline import Proof
    from mcla.licences.lineage import Lineage, Walk


@dataclass(frozen=True, slots=True)
class Ends:
    """The proofs by the node of their artifact."""

    proofs: "Mapping[str, Sequence[Proof]]"

    @property
    def withdrawn(self) -> "dict[str, Proof]":
        """Each artifact that was taken back, with the last proof that says so."""
        return {
            node: several[-1]
            for node, several in self.proofs.items()
            if all(each.sound and each.verdict.withdrawal.state == "ended" for each in several)
        }

    @property
    def unclear(self) -> "list[Proof]":
        """The proofs that do not hold, or of which the list cannot tell."""
        found = [each for several in self.proofs.values() for each in several]
        return [each for each in found if not each.sound or each.verdict.withdrawal.state == "unknown"]

    def below(self, graph: "Lineage") -> "Walk":
        """Everything that rests on what was taken back."""
        return graph.downstream_of(self.withdrawn)

    def to_dict(self, graph: "Lineage") -> dict[str, Any]:
        walk = self.below(graph)
        return {
            "withdrawn": [
                {"artifact": node, **each.verdict.withdrawal.to_dict()} for node, each in self.withdrawn.items()
            ],
            "downstream": {
                "artifacts": [{"id": node, "steps": steps} for node, steps in walk.nodes],
                "whole": walk.whole,
            },
            "not_known": [{"bundle": each.name, "why": why(each)} for each in self.unclear],
        }


def why(proof: "Proof") -> str:
    """Why it is not known whether what was given is in force."""
    return str(proof.verdict.withdrawal.sentence if proof.sound else proof.verdict.reasons[0].message)


def ends_of(graph: "Lineage", bundles: Sequence[Path], wanted: Wanted, url: str | None, trust: Path | None) -> Ends:
    """What the list says of these bundles; raises `TrustMissing`, `TrustUnusable` or `ListUnusable`."""
    believed = read_trust(trust)
    if url is None:
        known = known_ends(wanted, None, believed)
    else:
        with Service(url) as service:
            known = known_ends(wanted, service, believed)
    proofs: dict[str, list[Proof]] = {}
    for found in filter(None, map(read_contribution, bundles)):
        node = graph.node(f"sha256:{found.statement.root}")
        proofs.setdefault(node, []).append(proof_of(found, believed, known))
    return Ends(proofs)
