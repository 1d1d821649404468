# SPDX-License-Identifier: Apache-2.0
"""Lists of files that model families are known by: read in full or refused, and what they explain and what not."""

import json
from typing import Any

import pytest

from mcla.artifacts.jsontext import JsonInvalid
from mcla.licences.families import EMPTY, FamiliesInvalid, known_of, read_families
from mcla.licences.question import Base
from mcla.licences.registry import registry
from mcla.licences.signals import Seen, signals

LLAMA, DIGEST = "LicenseRef-llama-3.1", "a" * 64
FILE = {"path": "tokenizer.json", "sha256": DIGEST}


def document(**changed: Any) -> bytes:
    family = {"name": "example/base", "licence": LLAMA, "source": "Our own copy", "read": "2026-11-20", "files": [FILE]}
    return json.dumps({"schema": "mcla.families/1", "families": [family | changed]}).encode()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"licence": "llama3.1"}, "known licence"),
        ({"licence": "LicenseRef-unheard-of"}, "known licence"),
        ({"read": "2026-02-30"}, "calendar"),
        ({"read": "yesterday"}, "day"),
        ({"source": ""}, "source"),
        ({"name": "a\u202eb"}, "invisible"),
        ({"files": []}, "got 0"),
        ({"files": [FILE | {"sha256": EMPTY}]}, "empty one"),
        ({"files": [FILE | {"sha256": "A" * 64}]}, "lower case"),
        ({"files": [FILE | {"size": -1}]}, "size"),
        ({"licenses": []}, "licenses"),
    ],
)
def test_a_list_that_cannot_be_used_in_full_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(FamiliesInvalid, match=told):
        read_families(document(**changed))


def test_more_files_than_anybody_lists_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcla.licences.families.MAX_FILES", 2)
    with pytest.raises(FamiliesInvalid, match="expected 1 to 2 files, got 3"):
        read_families(document(files=[FILE | {"sha256": f"{number:064x}"} for number in range(3)]))


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"schema":"mcla.families/2","families":[]}', b"null"])
def test_what_is_no_list_of_families_is_refused(data: bytes) -> None:
    with pytest.raises(FamiliesInvalid):
        read_families(data)


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(JsonInvalid):
        read_families(document().replace(b'"name"', b'"licence"', 1))


@pytest.mark.parametrize(
    ("declared", "bases", "upstream", "signed"),
    [
        ("MIT", [], [], True),
        ("MIT", [Base("MIT", "fine-tune", name="example/base@abc")], ["example/base@abc"], True),
        ("MIT", [Base(LLAMA, "fine-tune", name="example/other")], ["example/other"], False),
        ("MIT", [Base("MIT", "fine-tune", name="example/tuned")], ["example/tuned", "example/base@abc"], False),
        (LLAMA, [], [], False),
    ],
    ids=["no base", "named under another licence", "another of that licence", "by way of another", "its own licence"],
)
def test_a_file_of_a_family_is_told_unless_the_claims_explain_it(
    declared: str, bases: list[Base], upstream: list[str], signed: bool
) -> None:
    found = tuple(known_of(read_families(document()), [("t/tokenizer.json", DIGEST), ("x", "b" * 64)]))
    seen = Seen(declared=declared, bases=tuple(bases), upstream=frozenset(upstream), files=found)
    told = [each for each in signals(seen, registry()) if each.code == "file-of-a-family"]
    assert [each.evidence.get("source") for each in told] == (["Our own copy, read 2026-11-20"] if signed else [])
