# SPDX-License-Identifier: Apache-2.0
"""The facts: read strictly, found by any name that stands for one text, and never one of several by guess."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mcla.artifacts.jsontext import JsonInvalid
from mcla.licences.meanings import FIELDS, RESTRICTIONS
from mcla.licences.reading import LicenceDataInvalid
from mcla.licences.registry import LicenceAmbiguous, LicenceUnknown, data_file, parse, registry
from mcla.licences.rules.knowing import OF_WEIGHTS

REGISTRY = registry()
LICENCES = data_file("licences.json")
RULES = data_file("rules.json")


def changed(change: Callable[[Any], None]) -> bytes:
    value = json.loads(LICENCES)
    change(value)
    return json.dumps(value).encode()


def test_every_record_is_read_and_every_rule_has_a_text() -> None:
    assert len(REGISTRY.licences) == len({licence.id for licence in REGISTRY}) == 105
    assert len(REGISTRY.rulebook.rules) == 29


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Apache-2.0", "Apache-2.0"),
        ("apache 2.0", "Apache-2.0"),
        ("GPL-3.0-only", "GPL-3.0"),
        ("gpl-3.0-or-later", "GPL-3.0"),
        ("llama3.1", "LicenseRef-llama-3.1"),
        ("LicenseRef-scancode-gemma-tou-2024-04-01", "LicenseRef-gemma-tou-2024-04-01"),
        ("  none ", "LicenseRef-none"),
        ("", "LicenseRef-none"),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0"),
        (" CC-BY-NC-4.0 ", "CC-BY-NC-4.0"),
        ("GPL-3.0+", "GPL-3.0"),
        ("agpl-3.0+", "AGPL-3.0"),
        ("apache_2.0", "Apache-2.0"),
        ("CC BY_4.0", "CC-BY-4.0"),
        ("llama-3.1", "LicenseRef-llama-3.1"),
        ("Llama 3.1", "LicenseRef-llama-3.1"),
    ],
)
def test_a_licence_is_found_by_each_of_its_names(text: str, found: str) -> None:
    assert REGISTRY.get(text).id == found


@pytest.mark.parametrize("tag", ["gemma", "modified-mit", "falcon-llm-license", "cc-by-nc-4.0"])
def test_a_tag_that_stands_for_several_texts_is_none_of_them(tag: str) -> None:
    match = REGISTRY.find(tag)
    assert len(match.licences) == 2
    assert match.one is None
    with pytest.raises(LicenceAmbiguous, match=match.licences[1].id):
        REGISTRY.get(tag)


@pytest.mark.parametrize(
    "name", ["MIT-or-later", "MIT+", "Apache-2.0-only", "LicenseRef-llama-3.1+", "M\u0406T", "MIT\u200b"]
)
def test_a_name_that_nobody_gave_a_text_is_none_of_it(name: str) -> None:
    assert REGISTRY.find(name).licences == ()


def test_an_unknown_name_is_told_with_near_ones() -> None:
    assert REGISTRY.find("LicenseRef-llama-3.9").licences == ()
    with pytest.raises(LicenceUnknown, match="did you mean LicenseRef-llama-3"):
        REGISTRY.get("LicenseRef-llama-3.9")


def test_a_field_that_is_named_unknown_is_not_known_whatever_stands_in_it() -> None:
    jamba = REGISTRY.get("LicenseRef-jamba-open-model")
    assert jamba.derivatives.outbound == "any"
    assert not jamba.knows("derivatives.outbound")
    assert jamba.knows("flow_down.licence_copy")
    assert not REGISTRY.get("LicenseRef-hf-other").knows("commercial_use")


def test_the_digest_names_the_bytes_of_licences_and_rules() -> None:
    assert parse(LICENCES, RULES).digest == REGISTRY.digest
    assert parse(LICENCES + b"\n", RULES).digest != REGISTRY.digest
    assert parse(LICENCES, RULES + b"\n").digest != REGISTRY.digest


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda v: v.update(schema="mcla.ai-licences/2"), "schema"),
        (lambda v: v["licences"][0].update(colour="red"), "/licences/0/colour: expected no such member"),
        (lambda v: v["licences"][0].pop("notes"), "/licences/0/notes: expected this member"),
        (lambda v: v["licences"][0].update(family="free"), "/licences/0/family: expected one of permissive"),
        (lambda v: v["licences"][0].update(sublicensable=1), "/licences/0/sublicensable: expected true or false"),
        (lambda v: v["licences"][0].update(covers=["code", "code"]), "/licences/0/covers: expected each entry once"),
        (lambda v: v["licences"][0]["flow_down"].update(licence_copy=None), "flow_down/licence_copy"),
        (lambda v: v["licences"][0].update(restrictions=["no_fun"]), "expected known restrictions, got no_fun"),
        (lambda v: v["licences"].append(v["licences"][0]), "Apache-2.0 twice"),
        (lambda v: v["licences"].remove(next(x for x in v["licences"] if x["id"] == "C-UDA-1.0")), "got C-UDA-1.0"),
    ],
)
def test_facts_that_are_not_understood_in_full_are_refused(change: Callable[[Any], None], told: str) -> None:
    with pytest.raises(LicenceDataInvalid, match=told):
        parse(changed(change), RULES)


def test_a_name_that_stands_twice_in_an_object_is_refused() -> None:
    with pytest.raises(JsonInvalid, match="twice"):
        parse(LICENCES.replace(b'"schema"', b'"schema": "x", "schema"', 1), RULES)


@pytest.mark.parametrize("change", [{"schema": "other"}, {"extra": {}}, {"rules": {"R-1": 3}}, {"rules": {"R-1": ""}}])
def test_rules_that_are_not_understood_in_full_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(LicenceDataInvalid):
        parse(LICENCES, json.dumps(json.loads(RULES) | change).encode())


def test_every_key_that_a_sentence_may_name_has_the_words_of_the_data_file() -> None:
    assert dict(RESTRICTIONS) == registry().restrictions
    assert set(FIELDS) == set(OF_WEIGHTS)
