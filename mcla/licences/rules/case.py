# SPDX-License-Identifier: Apache-2.0
"""What a rule looks at: the whole question with one offer of outbound terms, or one base of it with its record.

Relations fall into six groups, and a group decides which rules apply: the weights or a component of them are changed,
or merely copied; outputs train another model; data train a model, or are published again; code and recipes are taken.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from mcla.licences.meanings import SETTLED
from mcla.licences.offer import Offer
from mcla.licences.question import Base, Question
from mcla.licences.records import Licence
from mcla.licences.registry import Registry
from mcla.licences.rulebook import Rulebook
from mcla.licences.verdict import Finding, Verdict

CHANGED = frozenset({"fine-tune", "adapter", "merge", "tokenizer", "safety-patch"})
COPIED = frozenset({"verbatim-copy", "format-conversion", "quantisation"})
OUTPUTS = frozenset({"distillation", "trained-on-outputs"})
TRAINED = frozenset({"trained-on-data"})
DATA = frozenset({"dataset-derived", "eval-set"})
MATERIAL = frozenset({"code", "recipe"})
IN_THE_FILE = CHANGED | COPIED

ALLOWED, NEEDS_NOTICE, NEEDS_REVIEW, DENIED = Verdict
STANCES = {"allow": ALLOWED, "review": NEEDS_REVIEW, "deny": DENIED}
Found = tuple[Finding, ...]
NOTHING: Found = ()


class Situation:
    """A question with one offer, and what several rules ask of both."""

    def __init__(self, question: Question, registry: Registry, offer: Offer) -> None:
        self.question, self.registry, self.offer = question, registry, offer
        self.book: Rulebook = registry.rulebook
        self.copies = self._ids(question.evidence.licence_copies)
        self.attributed = self._ids(question.evidence.attribution_for)
        self.cases: list[Case] = []

    def _ids(self, names: frozenset[str]) -> frozenset[str]:
        """The evidence by id; a name that stands for several texts is evidence for none."""
        if all(map(self.registry.by_id, names)):
            return names
        return names.union(match.one.id for match in map(self.registry.find, names) if match.one)

    @cached_property
    def cases_in_the_file(self) -> "list[Case]":
        """Those whose weights, or a component of them, are in the artifact."""
        return [case for case in self.cases if case.base.relation in IN_THE_FILE]

    @cached_property
    def in_the_file(self) -> dict[str, Licence]:
        """The licences of what is in the artifact, by id."""
        return {case.licence.id: case.licence for case in self.cases_in_the_file}

    @cached_property
    def name(self) -> str:
        return folded(name_of(self.question.artifact_name or ""))

    def is_named(self, prefix: str) -> bool:
        """Whether the artifact's name begins with `prefix`."""
        return begins(self.question.artifact_name or "", prefix)


@dataclass(slots=True)
class Case:
    """One base of a situation, at `place`, with the record of its licence."""

    situation: Situation
    place: int
    base: Base
    licence: Licence

    def say(self, rule: str, verdict: Verdict, code: str, missing: tuple[str, ...] = (), **parts: Any) -> Found:
        """One finding on this base."""
        return (Finding(rule, verdict, code, {"licence": self.licence.id, **parts}, self.place, missing),)

    def debated(self, rule: str, verdict: Verdict, code: str) -> Found:
        """The same on a point that law has not settled: its sentence says who did."""
        return self.say(rule, verdict, code, stance=SETTLED[verdict.word])


Rule = Callable[[Case], Found]
RuleOfTheWhole = Callable[[Situation], Found]


def name_of(path: str) -> str:
    """The model's own name in `organisation/name`."""
    return path.rstrip("/").rpartition("/")[2]


def begins(path: str, prefix: str) -> bool:
    """Whether a model's name begins with `prefix`; Llama 30 does not begin with Llama 3."""
    return bool(_beginning(prefix).match(unicodedata.normalize("NFKC", name_of(path)).casefold()))


@lru_cache(maxsize=256)
def _beginning(prefix: str) -> re.Pattern[str]:
    letters = folded(prefix)
    whole = r"(?!\d)" if letters[-1:].isdigit() else ""
    return re.compile(r"[\W_]*" + r"[\W_]*".join(map(re.escape, letters)) + whole)


@lru_cache(maxsize=1024)
def folded(name: str) -> str:
    """A name as two readers would take it for the same: without case, spaces, dots, dashes and underscores."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())
