# SPDX-License-Identifier: Apache-2.0
"""Fields that a record names as unknown: each is one, and no value that stands in it settles a question."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, get_args

import pytest

from mcla.licences import vocabulary as v
from mcla.licences.deciding import evaluate
from mcla.licences.question import Base, Context, Evidence, Money, Policy, Question, Relation, Terms
from mcla.licences.reading import LicenceDataInvalid
from mcla.licences.records import Licence, Threshold
from mcla.licences.registry import Registry, data_file, parse, registry
from mcla.licences.verdict import Verdict

REGISTRY = registry()
FIELDS = sorted({field for licence in REGISTRY for field in licence.unknown} - {"all"})
NAMED = [(each.id, field) for each in REGISTRY for field in (FIELDS if "all" in each.unknown else each.unknown)]
RICH = Threshold("annual_revenue", ">", 1, "USD", "ongoing", "separate-licence-required")
VALUES: dict[str, tuple[Any, ...]] = {
    "restrictions": ((), ("safety_circumvention",), tuple(REGISTRY.restrictions)),
    "patent_grant": ("none", "express"),
    "output_training": get_args(v.OutputTraining),
    "derivatives.outbound": get_args(v.Outbound),
    "commercial_use": get_args(v.CommercialUse),
    "thresholds": ((), (RICH,)),
    "flow_down.attribution_display": (None, "Built with Zeta"),
}
CONTEXTS = (
    Context(project_outbound=("Apache-2.0", "CC-BY-NC-4.0")),
    Context(removes_safeguards=True, facts={"annual_revenue": Money(10**9, "USD")}, commercial=True),
)
RELATIONS: tuple[Relation, ...] = (
    *("fine-tune", "adapter", "quantisation", "trained-on-outputs", "trained-on-data", "dataset-derived", "code"),
)
"""One of each way in which rules treat a base."""
LAX = Policy(*["allow"] * 6)  # type: ignore[arg-type]
FREE = Terms(commercial_use="no", restrictions=frozenset(REGISTRY.restrictions), base_licence_kept=True)


def with_value(name: str, field: str, value: Any) -> Registry:
    """The facts with one field of one record changed, and the record read well, so that nothing but `unknown` warns."""

    def changed(record: Licence) -> Licence:
        part, _, inner = field.partition(".")
        new = replace(getattr(record, part), **{inner: value}) if inner else value
        return replace(record, confidence="high", **{part: new})

    return replace(REGISTRY, licences=tuple(changed(each) if each.id == name else each for each in REGISTRY))


def questions(name: str) -> Iterator[Question]:
    """Every way of using it, with every duty shown, under the laxest policy."""
    shown = frozenset({name, "MIT"})
    ships = {"notice_file": True, "modified_notice": True, "docs_retained": True, "registered": True}
    met = Evidence(licence_copies=shown, attribution_for=shown, **ships)
    offers = [("MIT", None), ("CC-BY-NC-4.0", None), (name, None), (None, FREE)]
    for relation, (declared, own), context in product(RELATIONS, offers, CONTEXTS):
        bases = (Base(name, relation),)
        yield Question(bases, "fine-tune", declared, own, "Zeta", met, context, LAX)
    yield Question((Base("MIT", "fine-tune"),), "fine-tune", name, None, "Zeta", met, CONTEXTS[0], LAX)


def test_values_are_tried_for_every_field_that_a_record_names_as_unknown() -> None:
    assert set(FIELDS) == set(VALUES)
    assert set(FIELDS) <= Licence.field_names()


@pytest.mark.parametrize(("name", "field"), NAMED)
def test_whatever_stands_in_an_unknown_field_settles_no_question(name: str, field: str) -> None:
    facts = [with_value(name, field, value) for value in VALUES[field]]
    for question in questions(name):
        said = {evaluate(question, each).verdict for each in facts}
        assert len(said) == 1 or min(said) >= Verdict.NEEDS_REVIEW, (question.bases, question.declared, said)


def test_an_unknown_field_that_no_record_has_is_refused() -> None:
    licences = data_file("licences.json").replace(b'"flow_down.attribution_display"', b'"fd.attribution_display"')
    with pytest.raises(LicenceDataInvalid, match=r"fields of a record, got fd\.attribution_display"):
        parse(licences, data_file("rules.json"))
