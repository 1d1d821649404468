# SPDX-License-Identifier: Apache-2.0
"""Model cards at the command line: what they claim, for whoever asks about licences or draws a lineage."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mcla.artifacts.digest import shown_path
from mcla.cli.failure import Exit
from mcla.cli.finding import Refused
from mcla.cli.output import current, plain
from mcla.cli.target import read_file
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.exports.model_card import Card
    from mcla.licences.lineage import Edge, Label
    from mcla.licences.question import Question
    from mcla.licences.signals import Seen


def is_card(data: bytes) -> bool:
    """Whether a file begins as a card does, so that no JSON is taken for one."""
    return data.removeprefix(b"\xef\xbb\xbf").startswith(b"---")


def of_card(data: bytes, others: Sequence[tuple[str, Path]]) -> "Question":
    """The question that a card asks, with the cards of its bases; says of which one is missing. Raises `Refused`."""
    from mcla.exports.card_claims import NOT_TOLD, question_of
    from mcla.exports.model_card import ModelCardInvalid, read_card
    from mcla.licences.asking import QuestionInvalid

    known = {name: _card(path) for name, path in others}
    try:
        question = question_of(read_card(data), known)
    except (ModelCardInvalid, QuestionInvalid) as error:
        raise Refused(error, Exit.USAGE) from None
    for base in question.bases:
        if base.licence == NOT_TOLD:
            current().say(plain(f"No card tells the licence of {base.name}: --card {base.name} FILE", keep=""))
    return question


def seen_in(place: Path, others: Sequence[tuple[str, Path]]) -> "Seen":
    """What a card and those of its bases show of a lost licence; raises `Refused`."""
    from mcla.exports.card_claims import seen_of
    from mcla.exports.model_card import ModelCardInvalid
    from mcla.licences.asking import QuestionInvalid

    card, known = _card(place), {name: _card(path) for name, path in others}
    try:
        seen = seen_of(card, known)
    except (ModelCardInvalid, QuestionInvalid) as error:
        raise Refused(error, Exit.USAGE) from None
    if card.base_model and not card.base_model_relation:
        current().say("The card does not say how it was made from its base (base_model_relation): not looked at.")
    return seen


def claims(cards: Sequence[tuple[str, Path]]) -> "tuple[list[Edge], list[Label]]":
    """What the cards, each under the name of what it describes, say of lineage; raises `Refused`."""
    from mcla.exports.card_claims import claims_of
    from mcla.exports.model_card import ModelCardInvalid

    edges: list[Edge] = []
    labels: list[Label] = []
    for name, path in cards:
        try:
            more = claims_of(name, _card(path))
        except ModelCardInvalid as error:
            raise _refused(path, error) from None
        edges += more[0]
        labels += more[1]
    return edges, labels


def _card(path: Path) -> "Card":
    from mcla.exports.model_card import ModelCardInvalid, read_card

    try:
        return read_card(read_file(path, "model card"))
    except ModelCardInvalid as error:
        raise _refused(path, error) from None


def _refused(path: Path, error: MclaError) -> Refused:
    """The error with the name of the card that it is in: several may have been given."""
    return Refused(type(error)(f"{shown_path(path)}: {error.message}", hint=error.hint), Exit.USAGE)
