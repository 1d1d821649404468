# SPDX-License-Identifier: Apache-2.0
"""What a model card claims: a question about its licence, and edges of a lineage. Claims, as said by whoever wrote it.

A card names its bases and data sets and says nothing of their licences. Those are what the bases' own cards say, where
they are at hand, and not known otherwise, which is never allowed.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from mcla.exports.model_card import Card, ModelCardInvalid, Relation
from mcla.licences.asking import read_question
from mcla.licences.lineage import Edge, Label
from mcla.licences.question import Question
from mcla.licences.question import Relation as OfBase
from mcla.licences.signals import Seen

NOT_TOLD = "not-told"
"""Stands for a licence of which nothing is known: no record has this name."""
NO_TERMS = "LicenseRef-none"
"""What a card without a licence declares: no terms under which anybody could take it."""
SAID_BY = "its model card"
_RELATIONS: Mapping[Relation, OfBase] = MappingProxyType(
    {"adapter": "adapter", "merge": "merge", "quantized": "quantisation", "finetune": "fine-tune"}
)


def question_of(card: Card, others: Mapping[str, Card]) -> Question:
    """Whether it may go out as its card says. `others` are cards of bases and data sets, by name on their hub.

    Raises `ModelCardInvalid` for a card that names nothing to ask about, or bases without how it was made from them.
    """
    bases = [_base(name, relation, others) for name, relation in _bases(card)]
    if not bases:
        raise ModelCardInvalid("expected base_model or datasets, got neither: there is nothing to compare with")
    case: dict[str, Any] = {
        "bases": bases,
        "kind": _RELATIONS[card.base_model_relation] if card.base_model_relation else "model",
        "declared": card.licence or NO_TERMS,
        **({"artifact_name": card.model_name} if card.model_name else {}),
    }
    return read_question(case)


def seen_of(card: Card, others: Mapping[str, Card]) -> Seen:
    """What the card shows of a lost licence, for `mcla.licences.signals`; bases only as far as it says how they were
    used, data sets only those whose card is at hand. Raises `ModelCardInvalid` as `question_of` does."""
    told = card if card.base_model_relation else replace(card, base_model=())
    bases = question_of(told, others).bases if told.base_model or told.datasets else ()
    said = card.licence or None
    data = {name: others[name].licence for name in card.datasets if name in others}
    return Seen(declared=said, tag=said, name=card.model_name or None, bases=bases, data=data)


def claims_of(name: str, card: Card) -> tuple[list[Edge], list[Label]]:
    """What the card of `name` says of its lineage; raises `ModelCardInvalid` as `question_of` does."""
    edges = [Edge(name, base, relation, by=SAID_BY) for base, relation in _bases(card)]
    return edges, [Label(name, card.licence or None, SAID_BY)]


def _bases(card: Card) -> list[tuple[str, OfBase]]:
    if card.base_model and card.base_model_relation is None:
        raise ModelCardInvalid(
            "base_model_relation: expected how it was made from its base, got none",
            hint="Add base_model_relation to the card: adapter, merge, quantized or finetune.",
        )
    relation = _RELATIONS[card.base_model_relation] if card.base_model_relation else "fine-tune"
    return [*((base, relation) for base in card.base_model), *((name, "trained-on-data") for name in card.datasets)]


def _base(name: str, relation: OfBase, others: Mapping[str, Card]) -> dict[str, str]:
    known = others.get(name)
    return {"name": name, "relation": relation, "licence": (known.licence if known else "") or NOT_TOLD}
