# SPDX-License-Identifier: Apache-2.0
"""What the rules and the signs say of one contribution, by nothing but what its giver declared.

What ships with it is not declared, so duties count as open; a contribution without a declared licence is not judged.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.licences.origins import Given
from mcla.licences.asking import MAX_TEXT, QuestionInvalid, read_question
from mcla.licences.deciding import evaluate
from mcla.licences.lineage import Edge
from mcla.licences.registry import registry
from mcla.licences.signals import Seen, Signal, signals
from mcla.licences.verdict import Answer

NOT_TOLD = "none told"


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer of the rules, None where no licence is declared or nothing rests on a base; and the signs."""

    answer: Answer | None
    signals: tuple[Signal, ...]


@lru_cache(maxsize=2_048)
def judge(given: Given) -> Judged:
    """Pure: the same contribution is judged the same again, under one release's data."""
    if not given.bases or given.outbound is None:
        return Judged(None, ())
    asked: dict[str, Any] = {
        "bases": [_base(edge) for edge in given.bases],
        "kind": given.bases[0].relation,
        "declared": given.outbound,
    }
    try:
        question = read_question(asked | ({"artifact_name": given.title} if given.title else {}))
        seen = Seen(declared=given.outbound, name=given.title or None, bases=question.bases)
        return Judged(evaluate(question, registry()), signals(seen, registry()))
    except QuestionInvalid:  # a person's own words for a licence; a person reads them
        return Judged(None, ())


def _base(edge: Edge) -> dict[str, Any]:
    bare = edge.base.removeprefix("sha256:")
    told = {
        "licence_sha256": edge.licence_sha256,
        "retrieved": edge.retrieved,
        "sha256": bare if bare != edge.base else None,
        "name": edge.base[:MAX_TEXT] if bare == edge.base else None,
    }
    given = {name: value for name, value in told.items() if value}
    return {"licence": edge.licence or NOT_TOLD, "relation": edge.relation, **given}
