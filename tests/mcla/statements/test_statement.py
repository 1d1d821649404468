# SPDX-License-Identifier: Apache-2.0
"""Statements: what was written is read back byte for byte, and nothing but what we would write is read."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from any_member import replace_any_member
from hypothesis import given
from hypothesis import strategies as st
from interop.private_sigstore import NOW, ORIGIN, SIGNER, acceptance, contribution, manifest_of

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.errors import MclaError
from mcla.statements.parts import (
    AgreementRef,
    ConsentRef,
    EarlierRef,
    ManifestRef,
    StatementInvalid,
    Subject,
    TensorsRef,
    parse_time,
)
from mcla.statements.statement import Acceptance, Contribution, manifest_subjects, parse_statement
from mcla.statements.strict import JsonInvalid

FILES = manifest_of({"model.safetensors": b"weights", "docs/card.md": b"card"})
HEX = sha256_hex(b"x")


def many(count: int) -> Manifest:
    return Manifest.of(ManifestEntry(f"f{number:05}", HEX, 1) for number in range(count))


def test_a_contribution_is_read_back_byte_for_byte() -> None:
    statement = contribution(FILES)
    data = statement.to_bytes()
    assert data == rfc8785.dumps(json.loads(data))
    assert parse_statement(data) == statement
    assert [subject.name for subject in statement.subjects] == ["mcla:manifest", "docs/card.md", "model.safetensors"]
    assert statement.root == FILES.root


@pytest.mark.parametrize("kind", ["weights", "adapter"])
def test_tensors_are_named_by_root_number_and_bytes_or_not_at_all(kind: str) -> None:
    statement = contribution(FILES, kind=kind, tensors=TensorsRef(HEX, 104, 7))
    assert json.loads(statement.to_bytes())["predicate"]["tensors"] == {"root": HEX, "count": 104, "bytes": 7}
    assert parse_statement(statement.to_bytes()) == statement
    assert json.loads(contribution(FILES).to_bytes())["predicate"]["tensors"] is None


def test_earlier_signatures_are_named_by_entry_and_place_or_not_at_all() -> None:
    statement = contribution(FILES, earlier=(EarlierRef(HEX, 4), EarlierRef(HEX, 9)))
    named = [{"entry": HEX, "logIndex": 4}, {"entry": HEX, "logIndex": 9}]
    assert json.loads(statement.to_bytes())["predicate"]["earlier"] == named
    assert parse_statement(statement.to_bytes()) == statement
    assert "earlier" not in json.loads(contribution(FILES).to_bytes())["predicate"]


def test_an_acceptance_is_read_back_byte_for_byte() -> None:
    statement = acceptance(manifest_of({"agreement.md": b"text", "terms.toml": b"terms"}))
    assert parse_statement(statement.to_bytes()) == statement
    assert statement.agreement.digest == statement.root


def test_the_members_are_those_of_the_protocol() -> None:
    value = json.loads(contribution(FILES).to_bytes())
    assert value["_type"] == "https://in-toto.io/Statement/v1"
    assert value["predicateType"] == "https://w3id.org/mcla/contribution/v1"
    assert set(value["predicate"]) == {
        "schema", "salt", "service", "foundation", "signer", "identityCommitment", "keyHolder", "capacity",
        "agreement", "consent",
        "createdAt", "project", "kind", "schedule", "manifest", "acceptance", "declarations", "tensors",
    }  # fmt: skip
    assert value["predicate"]["createdAt"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(("count", "subjects"), [(1, 2), (512, 513), (513, 1), (10_000, 1)])
def test_single_files_are_subjects_up_to_512_and_the_root_always(count: int, subjects: int) -> None:
    statement = contribution(many(count))
    assert len(statement.subjects) == subjects
    assert statement.manifest == ManifestRef.of(many(count))
    assert parse_statement(statement.to_bytes()) == statement


def test_the_time_is_written_in_utc_whole_seconds() -> None:
    zone = timezone(timedelta(hours=2))
    statement = contribution(FILES, created_at=datetime(2026, 1, 1, 1, 0, 0, 5, tzinfo=zone))
    assert statement.predicate()["createdAt"] == "2025-12-31T23:00:00Z"


@pytest.mark.parametrize(
    "changes",
    [
        {"salt": b""}, {"salt": bytes(31)}, {"salt": "x" * 32}, {"service": "https://mcla.example.org/"},
        {"service": "ftp://x"},
        {"service": "https://MCLA.example.org"}, {"service": None}, {"signer": f"{ORIGIN}.evil/signers/x"},
        {"signer": f"{ORIGIN}/signers/"}, {"signer": f"{ORIGIN}/signers/a/b"}, {"signer": f"{ORIGIN}/signers/a?b"},
        {"signer": "https://other.example/signers/a"}, {"signer": f"{ORIGIN}/signers/é"}, {"signer": None},
        {"foundation": "Example"}, {"foundation": ""}, {"foundation": "a b"}, {"identity_commitment": HEX.upper()},
        {"identity_commitment": "ab"}, {"key_holder": "passkeys"}, {"key_holder": None}, {"capacity": "company"},
        {"created_at": NOW.replace(tzinfo=None)}, {"project": "../x"}, {"kind": "weight"}, {"kind": ""},
        {"schedule": "X"},
        {"schedule": ""}, {"declarations": {"a": 1.5}}, {"declarations": {"a": "\ud800"}}, {"declarations": {1: 2}},
        {"declarations": []}, {"declarations": {"n": 2**53}}, {"subjects": ()},
        {"subjects": manifest_subjects(many(3))},
        {"subjects": manifest_subjects(FILES)[1:]}, {"subjects": manifest_subjects(FILES)[::-1]},
        {"subjects": manifest_subjects(FILES)[:2]}, {"subjects": manifest_subjects(FILES)[:1] * 3},
        {"subjects": manifest_subjects(FILES)[:2] + manifest_subjects(FILES)[1:2]},
        {"manifest": ManifestRef.of(many(2))},
        {"manifest": ManifestRef(FILES.root, 3, 1)}, {"tensors": TensorsRef(HEX, 1, FILES.total_bytes + 1)},
        {"kind": "data", "schedule": "D", "tensors": TensorsRef(HEX, 1, 1)},
        {"earlier": (EarlierRef(HEX, 4),) * 2}, {"earlier": (EarlierRef(HEX, 4), EarlierRef(HEX, 3))},
        {"earlier": tuple(EarlierRef(HEX, index) for index in range(513))},
    ],
)  # fmt: skip
def test_a_statement_with_a_part_that_does_not_fit_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(StatementInvalid) as caught:
        contribution(FILES, **changes)
    assert "expected" in caught.value.message


def test_parts_that_do_not_fit_cannot_be_made() -> None:
    makers: list[Callable[[], object]] = [
        lambda: Subject("../a", HEX), lambda: Subject("a", "x"), lambda: Subject("a\\b", HEX),
        lambda: AgreementRef("A", "1.0.0", HEX, HEX), lambda: AgreementRef("a", "1.0", HEX, HEX),
        lambda: AgreementRef("a", "01.0.0", HEX, HEX), lambda: AgreementRef("a", "1.0.0", "", HEX),
        lambda: AgreementRef("a", "1.0.0\n", HEX, HEX), lambda: ConsentRef("x", "Sign"), lambda: ConsentRef(HEX, ""),
        lambda: ConsentRef(HEX, "x" * 201), lambda: ManifestRef(HEX, 0, 0), lambda: ManifestRef(HEX, 100_001, 0),
        lambda: ManifestRef(HEX, files=True, bytes=0), lambda: ManifestRef(HEX, 1, -1),
        lambda: ManifestRef(HEX, 1, 2**53), lambda: TensorsRef("x", 1, 1), lambda: TensorsRef(HEX, 0, 0),
        lambda: TensorsRef(HEX, 1, -1), lambda: TensorsRef(HEX, count=True, bytes=1),
    ]  # fmt: skip
    for make in makers:
        with pytest.raises(StatementInvalid):
            make()


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22T12:00:00+00:00", "2026-11-22T12:00:00.0Z",
     "2026-11-22t12:00:00z",
     "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "26-11-22T12:00:00Z", "2026-1-2T3:4:5Z", " 2026-11-22T12:00:00Z",
     5, None],
)  # fmt: skip
def test_a_time_in_another_form_is_refused(text: object) -> None:
    assert parse_time("2026-11-22T12:00:00Z") == NOW
    with pytest.raises(StatementInvalid):
        parse_time(text)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(contribution(FILES).to_bytes())
    change(value)
    return rfc8785.dumps(value)


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.update(_type="https://in-toto.io/Statement/v0.1"), lambda v: v.update(extra=1),
        lambda v: v.pop("subject"),
        lambda v: v.update(subject=[]), lambda v: v.update(subject={}), lambda v: v["subject"].append(3),
        lambda v: v["subject"][1].update(extra=1), lambda v: v["subject"][1].pop("name"),
        lambda v: v["subject"][1].update(name=None),
        lambda v: v["subject"][1]["digest"].update(sha512="0" * 128), lambda v: v["subject"][1].update(digest=HEX),
        lambda v: v["subject"][1]["digest"].update(sha256=HEX[:-1]),
        lambda v: v["subject"][1].update(name="/etc/passwd"),
        lambda v: v["subject"].reverse(), lambda v: v["subject"].append(v["subject"][2]), lambda v: v["subject"].pop(),
        lambda v: v.update(predicateType="https://slsa.dev/provenance/v1"), lambda v: v.update(predicateType=None),
        lambda v: v.update(predicateType="https://w3id.org/mcla/acceptance/v1"), lambda v: v.update(predicate=[]),
        lambda v: v["predicate"].update(schema="2"), lambda v: v["predicate"].update(schema=1),
        lambda v: v["predicate"].update(name="Ada"), lambda v: v["predicate"].pop("salt"),
        lambda v: v["predicate"].update(salt="!!"),
        lambda v: v["predicate"].update(salt=None), lambda v: v["predicate"].update(salt="AAAA"),
        lambda v: v["predicate"].update(createdAt="now"), lambda v: v["predicate"].update(keyHolder=["cli"]),
        lambda v: v["predicate"].update(kind={}), lambda v: v["predicate"].update(schedule=[]),
        lambda v: v["predicate"].update(declarations=[]), lambda v: v["predicate"].update(agreement="mcla-individual"),
        lambda v: v["predicate"]["agreement"].update(version=1), lambda v: v["predicate"]["agreement"].pop("text"),
        lambda v: v["predicate"]["manifest"].update(files=1), lambda v: v["predicate"]["manifest"].update(files="2"),
        lambda v: v["predicate"]["manifest"].update(root=HEX),
        lambda v: v["predicate"]["acceptance"].update(logIndex=-1),
        lambda v: v["predicate"]["acceptance"].update(statement=None),
        lambda v: v["predicate"].update(signer=SIGNER + "/"),
        lambda v: v["predicate"].pop("tensors"), lambda v: v["predicate"].update(tensors={}),
        lambda v: v["predicate"].update(tensors=[HEX, 1, 1]),
        lambda v: v["predicate"].update(tensors={"root": HEX, "count": 0, "bytes": 0}),
        lambda v: v["predicate"].update(tensors={"root": HEX, "count": 1, "bytes": 1, "names": []}),
        *(lambda v, e=earlier: v["predicate"].update(earlier=e) for earlier in (
            None, [], {}, [7], [{}], [{"entry": HEX}], [{"entry": "x", "logIndex": 1}],
            [{"entry": HEX, "logIndex": -1}], [{"entry": HEX, "logIndex": True}],
            [{"entry": HEX, "logIndex": 1, "time": "now"}],
        )),
    ],
)  # fmt: skip
def test_a_statement_that_we_would_not_write_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(MclaError) as caught:
        parse_statement(changed(change))
    assert caught.value.hint


def test_1025_subjects_are_refused_before_they_are_read() -> None:
    with pytest.raises(StatementInvalid, match="1 to 1024 subjects"):
        parse_statement(changed(lambda v: v["subject"].extend([{"name": f"f{n}"} for n in range(1022)])))


def test_the_same_content_in_another_spelling_is_refused() -> None:
    data = contribution(FILES).to_bytes()
    value = json.loads(data)
    for text in (json.dumps(value), json.dumps(value, indent=2), data.decode() + "\n", " " + data.decode()):
        with pytest.raises(StatementInvalid, match="canonical"):
            parse_statement(text.encode())
    escaped = data.replace(b"weights", b"\\u0077eights", 1)
    with pytest.raises(StatementInvalid, match="canonical"):
        parse_statement(escaped)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"schema":"1"', b'"schema":"1","schema":"1"'), (b'"logIndex":3', b'"logIndex":3.0'),
        (b'"logIndex":3', b'"logIndex":NaN'),
        (b'"logIndex":3', b'"logIndex":9007199254740993'), (b'"weights"', b'"\\ud800"'), (b'"weights"', b'"\xff"'),
    ],
)  # fmt: skip
def test_json_that_parsers_read_differently_is_refused(old: bytes, new: bytes) -> None:
    data = contribution(FILES).to_bytes()
    assert old in data
    with pytest.raises(JsonInvalid):
        parse_statement(data.replace(old, new, 1))


def test_a_first_subject_that_is_not_the_versions_digest_makes_no_acceptance() -> None:
    documents = manifest_of({"agreement.md": b"text"})
    good = acceptance(documents)
    fields = {name: getattr(good, name) for name in Acceptance.__dataclass_fields__ if name != "TYPE"}
    with pytest.raises(StatementInvalid, match="digest of the agreement version"):
        Acceptance(**fields | {"agreement": AgreementRef("mcla-individual", "1.0.0", HEX, HEX)})


@given(st.binary(max_size=200))
def test_any_bytes_as_a_statement_give_a_typed_answer(data: bytes) -> None:
    with pytest.raises(MclaError):
        parse_statement(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_a_statement_with_any_member_replaced_is_read_back_or_refused(data: st.DataObject) -> None:
    value: Any = json.loads(contribution(FILES).to_bytes())
    replace_any_member(data, value, JSON)
    with suppress(MclaError):
        text = rfc8785.dumps(value)
        statement = parse_statement(text)
        assert isinstance(statement, Contribution)
        assert statement.to_bytes() == text
