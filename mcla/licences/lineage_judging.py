# SPDX-License-Identifier: Apache-2.0
"""What the rules say of the artifacts of a lineage: of each that goes out under a licence and names what it rests on.

What ships with it stands in no claim, so duties count as open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mcla.licences.claimed import judge
from mcla.licences.lineage import Label, Lineage
from mcla.licences.question import MAX_BASES, Policy
from mcla.licences.verdict import Answer, Verdict


@dataclass(frozen=True, slots=True)
class Ruled:
    """The answer on `artifact` as `by` says it goes out; None: the rules cannot judge it."""

    artifact: str
    licence: str
    by: str
    answer: Answer | None

    @property
    def verdict(self) -> Verdict:
        """What the rules cannot judge is for a person."""
        return self.answer.verdict if self.answer else Verdict.NEEDS_REVIEW

    def to_dict(self) -> dict[str, Any]:
        told = {"artifact": self.artifact, "licence": self.licence, "by": self.by, "verdict": self.verdict.word}
        answer = self.answer
        rules, missing = (list(answer.rules), list(answer.missing)) if answer else ([], [])
        return told | {"rules": rules, "missing": missing, "sentences": self.sentences}

    @property
    def sentences(self) -> list[str]:
        """Why, as far as it made the verdict."""
        return list(dict.fromkeys(str(each.sentence) for each in self.answer.deciding)) if self.answer else []


def ruled(graph: Lineage, policy: Policy) -> Iterator[Ruled]:
    """Each artifact under each licence that somebody says it goes out under, in the order of the claims."""
    for label in dict.fromkeys(graph.labels):
        bases = graph.bases_of(label.artifact)
        if label.licence is not None and bases:
            answer = (
                judge(label.licence, _name(label), bases, policy=policy).answer if len(bases) <= MAX_BASES else None
            )
            yield Ruled(graph.node(label.artifact), label.licence, label.by, answer)


def _name(label: Label) -> str:
    """What the artifact is called, as far as the claim tells: bytes have no name of their own."""
    names = (label.title, label.artifact, *label.also)
    return next((name.rpartition("@")[0] or name for name in names if name and not name.startswith("sha256:")), "")
