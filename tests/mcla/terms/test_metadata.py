# SPDX-License-Identifier: Apache-2.0
"""Model cards and Croissant files: read within limits, turned into proposals that fit, and nothing of a person."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mcla.terms import Letter, Schedule, parse_schedule
from mcla.terms.frontmatter import MAX_BYTES, MAX_YAML
from mcla.terms.metadata import CARD, CROISSANT, MetadataInvalid, propose, read_metadata

SCHEDULES = Path(__file__).resolve().parents[3] / "agreements" / "mcla-individual" / "1.0.0" / "schedules"
TODAY = date(2026, 11, 22)
HEX = "ab" * 32
CARD_TEXT = """---
license: apache-2.0
model_name: Tiny 1.1
language: [en, de]
base_model:
  - example/tiny-7b@v1
  - example/other
base_model_relation: merge
datasets: example/speech
revision: 1.10
tags: &t [a]
---
# A model
"""
DATASET: dict[str, Any] = {
    "@context": {"@vocab": "https://schema.org/"},
    "@type": "sc:Dataset",
    "name": "Birds",
    "url": "https://example.org/birds",
    "license": ["https://creativecommons.org/licenses/by/4.0/"],
    "inLanguage": "en",
    "temporalCoverage": "2019/2021",
    "creator": [{"@type": "Person", "name": "Ada Li"}, {"@type": "sc:Organization", "name": "Bird Society"}],
    "distribution": [{"@type": "cr:FileObject", "sha256": HEX.upper()}, {"@type": "cr:FileSet"}],
    "recordSet": [{"score": 1.5}],
}


def schedule(letter: Letter, kind: Any) -> Schedule:
    return parse_schedule((SCHEDULES / f"{letter}.toml").read_bytes(), letter).for_kind(kind)


def croissant(**changed: Any) -> bytes:
    return json.dumps(DATASET | changed).encode()


def test_a_model_card_proposes_bases_relation_training_data_and_licence() -> None:
    found = read_metadata(b"\xef\xbb\xbf" + CARD_TEXT.replace("\n", "\r\n").encode())
    assert found.kind == CARD
    assert propose(found, schedule("W", "weights"), TODAY) == {
        "title": "Tiny 1.1",
        "relation": "merge",
        "bases": [
            {"name": "example/tiny-7b", "revision": "v1", "relation": "merge"},
            {"name": "example/other", "relation": "merge"},
        ],
        "training_data": [{"name": "example/speech"}],
        "licence": "apache-2.0",
    }


def test_a_croissant_file_proposes_its_source_and_names_no_person() -> None:
    found = read_metadata(croissant())
    assert found.kind == CROISSANT
    licence = "https://creativecommons.org/licenses/by/4.0/"
    source = {"name": "Birds", "url": "https://example.org/birds", "owner": "Bird Society", "licence": licence}
    assert propose(found, schedule("D", "data"), TODAY) == {
        "title": "Birds",
        "languages": "en",
        "period": "2019/2021",
        "licence": licence,
        "sources": [source | {"sha256": HEX}],
    }
    assert "Ada" not in str(propose(read_metadata(croissant(creator="Ada Li")), schedule("D", "data"), TODAY))


def test_an_other_licence_is_told_by_its_name_and_yaml_makes_no_types_of_its_own() -> None:
    found = read_metadata(b"---\nlicense: other\nlicense_name: llama3\nlanguage: no\n---\n")
    assert (found.licence, found.languages) == ("llama3", "no")


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "javascript:alert(1)"},
        {"url": ["x"], "license": {"a": 1}},
        {"name": "safe\u202etxt"},
        {"name": "x" * 5000},
        {"distribution": [{"sha256": HEX}, {"sha256": "cd" * 32}]},
        {"distribution": {"sha256": "not hex"}},
        {"license": "write to ada@example.org"},
        {"creator": {"@type": "Organization", "name": ["Birds", 3]}, "inLanguage": [None, {"name": 4}]},
    ],
)
def test_what_does_not_fit_a_question_is_left_out(changed: dict[str, Any]) -> None:
    proposed = propose(read_metadata(croissant(**changed)), schedule("D", "data"), TODAY)
    told = json.dumps(proposed)
    for unfit in ("javascript", "u202e", "xxxx", "not hex", "@example", "cdcd"):
        assert unfit not in told


def test_a_kind_without_questions_is_proposed_nothing() -> None:
    assert propose(read_metadata(croissant()), None, TODAY) == {}
    assert (
        propose(
            read_metadata(b"---\nbase_model_relation: unheard\nlicense: []\n---\n"), schedule("W", "weights"), TODAY
        )
        == {}
    )


SWELLING = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{n}: &{n} [*{m},*{m},*{m}]\n" for m, n in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "neither"),
        (b"# A model without a head\n", "neither"),
        (b"---\nlicense: mit\n", "second line ---"),
        (b"---\n- a\n---\n", "got list"),
        (b"---\n---\n", "got"),
        (b"---\nlicense: [mit\n---\n", "got at line"),
        (b"---\n? [a]\n: b\n---\n", "YAML"),
        (b"---\nlicense: !!python/object/apply:os.system ['id']\n---\n", "found a tag"),
        (b"---\nlicense: !<x> mit\n---\n", "found a tag"),
        (b"---\nlicense: ! mit\n---\n", "found a tag"),
        (b"---\nlicense: mit\nlicense: apache-2.0\n---\n", "found a key twice"),
        (b"---\na:\n  b: 1\n  'b': 2\n---\n", "found a key twice"),
        (f"---\n{SWELLING}---\n".encode(), "found an alias"),
        (b"---\na: " + b"[" * 60_000 + b"\n---\n", "YAML"),
        (b"---\na: " + b"x" * MAX_YAML + b"\n---\n", "characters of YAML"),
        (b"x" * (MAX_BYTES + 1), "bytes, got"),
        (b"---\nlicense: \xff\n---\n", "bad byte at offset"),
        (b'{"@type": "Dataset",\n}', "at line 2"),
        (b'{"a":' * 50_000, "got something else"),
        (b'{"@type": "Person"}', "another type"),
        (b'{"@type": 3}', "another type"),
    ],
)
def test_what_is_no_metadata_is_refused_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(MetadataInvalid, match=words):
        read_metadata(data)
