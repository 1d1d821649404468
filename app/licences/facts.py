# SPDX-License-Identifier: Apache-2.0
"""One licence as rows of a page: what is asked of it, and what is known, in groups that read from use to law.

A field that the record names as unknown is shown as not known, whatever value stands in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.licences import words
from app.tiers.words import MEASURED
from mcla.licences.records import Licence, Threshold
from mcla.wording import Joined, Worded


@dataclass(frozen=True, slots=True)
class Fact:
    """A row: its name, the texts that answer it (none: `words.NOTHING`), and whether they may be relied on.

    `keys` are restriction keys, whose meaning the page adds; `quoted` texts are the licence's own words.
    """

    name: str
    texts: tuple[str, ...]
    known: bool = True
    keys: tuple[str, ...] = ()
    quoted: bool = False

    @property
    def said(self) -> str:
        """Everything as one text, to compare two licences by."""
        return "|".join((*self.texts, *self.keys))


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    title: str
    facts: tuple[Fact, ...]


def facts_of(licence: Licence) -> tuple[Group, ...]:
    """Every fact of a record that a reader may want, in groups; two licences have the same rows in the same order."""
    return tuple(Group(title, tuple(_row(licence, *row) for row in rows)) for title, rows in _ROWS)


def differing(left: Licence, right: Licence) -> tuple[tuple[str, tuple[tuple[Fact, Fact], ...]], ...]:
    """The groups of two licences side by side: (title, pairs of rows)."""
    return tuple(
        (mine.title, tuple(zip(mine.facts, theirs.facts, strict=True)))
        for mine, theirs in zip(facts_of(left), facts_of(right), strict=True)
    )


def threshold_text(threshold: Threshold) -> str:
    """`More than 700,000,000 monthly active users, measured …: needs a separate licence`."""
    metric, effect = words.METRIC[threshold.metric], words.EFFECT[threshold.effect]
    if threshold.op == "is":
        return Worded("%(metric)s %(effect)s", metric=metric, effect=effect)
    if threshold.value is None:
        return Worded("More than an amount that is not known (%(metric)s) %(effect)s", metric=metric, effect=effect)
    amount = f"{threshold.value:,}" + (f" {threshold.currency}" if threshold.currency else "")
    parts = {"amount": amount, "metric": metric, "measured": MEASURED[threshold.measured], "effect": effect}
    if threshold.op == ">":
        return Worded("More than %(amount)s %(metric)s (%(measured)s) %(effect)s", **parts)
    return Worded("%(amount)s %(metric)s or more (%(measured)s) %(effect)s", **parts)


Value = Callable[[Licence], Any]
Row = tuple[str, str, Value]


def _row(licence: Licence, name: str, field: str, value: Value) -> Fact:
    if not licence.knows(field):
        return Fact(name, (words.UNKNOWN,), known=False)
    found = value(licence)
    if isinstance(found, Fact):
        return Fact(name, found.texts, keys=found.keys, quoted=found.quoted)
    texts = (found,) if isinstance(found, str) else tuple(found or ())
    return Fact(name, texts or (words.NOTHING,))


def _word(table: words.Words, get: Callable[[Licence], object]) -> Value:
    return lambda licence: table.get(str(get(licence)), str(get(licence)))


def _quoted(get: Callable[[Licence], str | None]) -> Value:
    def make(licence: Licence) -> Fact:
        text = get(licence)
        return Fact("", (text,), quoted=True) if text else Fact("", (words.NOTHING,))

    return make


def _covers(licence: Licence) -> Sequence[str]:
    return [Joined(", ", [words.COVERS[each] for each in licence.covers])]


def _restrictions(licence: Licence) -> Fact:
    return Fact("", () if licence.restrictions else (words.NOTHING,), keys=licence.restrictions)


def _territory(licence: Licence) -> Fact:
    if not licence.territory_excluded:
        return Fact("", (words.NOTHING,))
    scope = {"multimodal-only": Worded("for multimodal models"), "all-and-outputs": Worded("outputs included")}
    said = scope.get(licence.territory_scope or "", "")
    places = ", ".join(licence.territory_excluded)
    return Fact("", (Worded("%(places)s (%(scope)s)", places=places, scope=said) if said else places,))


_USE: tuple[Row, ...] = (
    (Worded("Written for"), "covers", _covers),
    (Worded("Commercial use"), "commercial_use", _word(words.COMMERCIAL, lambda each: each.commercial_use)),
    (Worded("Limits of scale"), "thresholds", lambda each: [threshold_text(one) for one in each.thresholds]),
    (Worded("Places left out"), "territory_excluded", _territory),
    (Worded("Uses that it bars"), "restrictions", _restrictions),
    (
        Worded("The list may change later"),
        "restrictions_dynamic",
        _word(words.TRUTH, lambda each: each.restrictions_dynamic),
    ),
    (
        Worded("Ends when safeguards are removed"),
        "guardrail_removal_terminates",
        _word(words.TRUTH, lambda each: each.guardrail_removal_terminates),
    ),
)
_DERIVED: tuple[Row, ...] = (
    (
        Worded("A derivative goes out under"),
        "derivatives.outbound",
        _word(words.OUTBOUND, lambda each: each.derivatives.outbound),
    ),
    (Worded("Share alike"), "share_alike", _word(words.SHARE_ALIKE, lambda each: each.share_alike)),
    (
        Worded("Who owns a derivative"),
        "derivatives.owner",
        _word(words.OWNER, lambda each: each.derivatives.owner),
    ),
    (
        Worded("A fine-tune is a derivative"),
        "derivatives.finetune",
        _word(words.COUNTED, lambda each: each.derivatives.finetune),
    ),
    (
        Worded("An adapter is a derivative"),
        "derivatives.adapter",
        _word(words.COUNTED, lambda each: each.derivatives.adapter),
    ),
    (
        Worded("A quantised copy is a derivative"),
        "derivatives.quantised",
        _word(words.COUNTED, lambda each: each.derivatives.quantised),
    ),
    (Worded("A merge is a derivative"), "derivatives.merge", _word(words.COUNTED, lambda each: each.derivatives.merge)),
    (
        Worded("A model trained on its outputs is a derivative"),
        "derivatives.distilled_from_outputs",
        _word(words.COUNTED, lambda each: each.derivatives.distilled_from_outputs),
    ),
    (
        Worded("Its outputs may train other models"),
        "output_training",
        _word(words.OUTPUT_TRAINING, lambda each: each.output_training),
    ),
)
_DUTIES: tuple[Row, ...] = (
    (
        Worded("Use restrictions"),
        "flow_down.use_restrictions",
        _word(words.FLOW_DOWN, lambda each: each.flow_down.use_restrictions),
    ),
    (
        Worded("Its text goes along"),
        "flow_down.licence_copy",
        _word(words.TRUTH, lambda each: each.flow_down.licence_copy),
    ),
    (
        Worded("A notice file goes along"),
        "flow_down.notice_file",
        _word(words.TRUTH, lambda each: each.flow_down.notice_file),
    ),
    (
        Worded("Changes are stated"),
        "flow_down.modified_notice",
        _word(words.TRUTH, lambda each: each.flow_down.modified_notice),
    ),
    (
        Worded("Words to display"),
        "flow_down.attribution_display",
        _quoted(lambda each: each.flow_down.attribution_display),
    ),
    (Worded("The model’s name begins with"), "flow_down.name_prefix", _quoted(lambda each: each.flow_down.name_prefix)),
    (
        Worded("The model card is kept and extended"),
        "flow_down.doc_retention",
        _word(words.TRUTH, lambda each: each.flow_down.doc_retention),
    ),
)
_LAW: tuple[Row, ...] = (
    (Worded("Patents"), "patent_grant", _word(words.PATENTS, lambda each: each.patent_grant)),
    (Worded("Database right"), "database_right", _word(words.DATABASE, lambda each: each.database_right)),
    (Worded("May be sublicensed"), "sublicensable", _word(words.TRUTH, lambda each: each.sublicensable)),
    (Worded("May be taken back"), "revocable", _word(words.TRUTH, lambda each: each.revocable)),
    (
        Worded("The publisher may change the terms"),
        "licensor_may_change_terms",
        _word(words.TRUTH, lambda each: each.licensor_may_change_terms),
    ),
    (
        Worded("Ends for who sues over patents"),
        "patent_retaliation",
        _word(words.TRUTH, lambda each: each.patent_retaliation),
    ),
    (
        Worded("Ends for who sues over other rights"),
        "ip_suit_terminates",
        _word(words.TRUTH, lambda each: each.ip_suit_terminates),
    ),
    (
        Worded("The publisher claims outputs"),
        "outputs_claimed_by_licensor",
        _word(words.TRUTH, lambda each: each.outputs_claimed_by_licensor),
    ),
    (Worded("Law that governs"), "governing_law", lambda each: each.governing_law or words.NOT_SAID),
    (Worded("Approved by the OSI"), "osi_approved", _word(words.TRUTH, lambda each: each.osi_approved)),
    (Worded("Free by the FSF’s list"), "fsf_libre", _word(words.TRUTH, lambda each: each.fsf_libre)),
    (
        Worded("Open-source exemption of the AI Act (our reading, weights alone)"),
        "ai_act_foss_exemption",
        _word(words.EXEMPTION, lambda each: each.ai_act_foss_exemption),
    ),
)
_ROWS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (Worded("What it allows"), _USE),
    (Worded("What is made from it"), _DERIVED),
    (Worded("What goes along with a copy"), _DUTIES),
    (Worded("Rights and law"), _LAW),
)
