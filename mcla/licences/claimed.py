# SPDX-License-Identifier: Apache-2.0
"""What the rules and the signs say of one contribution, by what its giver declared and what is known beside it.

What ships with it is not declared, so duties count as open; the rules judge nothing without a declared licence and a
base. Signs are seen without either: what is equal to another's tensors may be declared as resting on nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from mcla.licences.asking import MAX_TEXT, QuestionInvalid, read_question
from mcla.licences.deciding import evaluate
from mcla.licences.licence_files import of_base_texts
from mcla.licences.lineage import Edge
from mcla.licences.lineage_file import claims_of_declarations
from mcla.licences.offer import offers
from mcla.licences.question import Policy
from mcla.licences.registry import registry
from mcla.licences.signals import Code, Known, Match, Seen, Signal, signals
from mcla.licences.verdict import Answer, Verdict

NOT_TOLD = "none told"
RULES_OPEN = "Bases are named, and no licence is declared that could be held against theirs."


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a contribution without its giver: everything `upstream`, equal `tensors` and known `files`."""

    upstream: frozenset[str] = frozenset()
    tensors: tuple[Match, ...] = ()
    files: tuple[Known, ...] = ()


NOTHING = Beside()
REVIEW = Policy()
"""The stance of whoever has said nothing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer of the rules, None where they judge nothing; and the signs.

    `open`: bases are named, and no licence is declared that the rules could hold against them.
    """

    answer: Answer | None
    signals: tuple[Signal, ...]
    open: bool = False
    declared: str | None = None
    bases: tuple[Edge, ...] = ()

    @property
    def ruled(self) -> Signal | None:
        """What the rules say, in the form of a sign, where a person has to look or they deny it."""
        if (answer := self.answer) is None:
            return Signal("rules-open", RULES_OPEN, {}) if self.open else None
        if answer.verdict < Verdict.NEEDS_REVIEW:
            return None
        worst = answer.deciding
        evidence = {"verdict": answer.verdict.word, "rules": ", ".join(dict.fromkeys(each.rule for each in worst))}
        code: Code = "rules-deny" if answer.verdict == Verdict.DENIED else "rules-review"
        return Signal(code, _of_rules(answer.verdict, [str(each.sentence) for each in worst]), evidence)


@lru_cache(maxsize=2_048)
def judge(
    outbound: str | None, title: str, bases: tuple[Edge, ...], beside: Beside = NOTHING, policy: Policy = REVIEW
) -> Judged:
    """Pure: the same claims are judged the same again, under one release's data and one stance on debated points."""
    answer, seen = _answered(outbound, title, bases, beside, policy)
    signs = (*signals(seen, registry()), *of_base_texts(bases))
    return Judged(answer, signs, bool(bases) and answer is None, outbound, bases)


def _answered(
    outbound: str | None, title: str, bases: tuple[Edge, ...], beside: Beside, policy: Policy
) -> tuple[Answer | None, Seen]:
    """What the rules say, if they judge, and what is seen; a person reads a person's own words for a licence."""
    seen = Seen(name=title or None, upstream=beside.upstream, tensors=beside.tensors, files=beside.files)
    if outbound is None:
        return None, seen
    try:
        if not bases:
            offers(registry(), outbound)
            return None, replace(seen, declared=outbound)
        question = replace(read_question(_asked(outbound, title, bases)), policy=policy)
        answer = evaluate(question, registry())
        return answer, replace(seen, declared=outbound, bases=question.bases)
    except QuestionInvalid:
        return None, seen


def judge_declarations(
    root: str, declarations: Mapping[str, Any], policy: Policy = REVIEW, beside: Beside = NOTHING
) -> Judged:
    """The same of a contribution with the manifest root `root` by its declarations and what is known beside them."""
    edges, _labels = claims_of_declarations(f"sha256:{root}", declarations, "")
    outbound, title = _text(declarations, "outbound"), _text(declarations, "title")
    return judge(outbound, title or "", tuple(edges), beside, policy)


def _of_rules(verdict: Verdict, sentences: Sequence[str]) -> str:
    more = f" And {len(sentences) - 1} more." if len(sentences) > 1 else ""
    word = "deny" if verdict == Verdict.DENIED else "leave to a person"
    return f"By what its giver declared, the rules {word} its licence. {sentences[0]}{more}"


def _text(declarations: Mapping[str, Any], name: str) -> str | None:
    value = declarations.get(name)
    return value if isinstance(value, str) and value else None


def _asked(outbound: str, title: str, bases: Sequence[Edge]) -> dict[str, Any]:
    asked = {"bases": [_base(edge) for edge in bases], "kind": bases[0].relation, "declared": outbound}
    return asked | ({"artifact_name": title} if title else {})


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
