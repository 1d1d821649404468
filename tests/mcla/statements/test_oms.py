# SPDX-License-Identifier: Apache-2.0
"""The OMS statement: written byte for byte, read back, and refused wherever it could be read in two ways."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.errors import MclaError
from mcla.statements.oms import OmsInvalid, OmsUnsupported, oms_root, oms_statement, parse_oms

CONTENTS = {"a/x": b"1", "a-b/x": b"2", "empty": b"", "weights:1.bin": b"3"}
MANIFEST = Manifest.of(ManifestEntry(path, sha256_hex(data), len(data)) for path, data in CONTENTS.items())
SOUND = oms_statement(MANIFEST, "tiny-llm")


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The sound statement after `change`, its root made to fit again where files were changed."""
    value = json.loads(SOUND)
    change(value)
    resources = value.get("predicate", {}).get("resources")
    if isinstance(resources, list) and all(isinstance(one, dict) for one in resources):
        digests = [str(one.get("digest")) for one in resources]
        if all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for digest in digests):
            value["subject"][0]["digest"].setdefault("sha256", "")
            value["subject"][0]["digest"]["sha256"] = oms_root(digests)
    return json.dumps(value).encode()


def files(change: Callable[[list[dict[str, Any]]], object]) -> bytes:
    return changed(lambda value: change(value["predicate"]["resources"]))


def serialization(**members: Any) -> bytes:
    return changed(lambda value: value["predicate"]["serialization"].update(members))


def test_what_is_written_is_read_back_in_the_order_of_the_specification() -> None:
    read = parse_oms(SOUND)
    assert [file.path for file in read.files] == ["a-b/x", "a/x", "empty", "weights:1.bin"]
    assert {file.path: file.sha256 for file in read.files} == {each.path: each.sha256 for each in MANIFEST.files}
    assert (read.name, read.ignored) == ("tiny-llm", ())


def test_the_root_is_the_digest_over_the_raw_digests_in_their_order() -> None:
    raw = b"".join(hashlib.sha256(CONTENTS[path]).digest() for path in ("a-b/x", "a/x", "empty", "weights:1.bin"))
    assert parse_oms(SOUND).root == hashlib.sha256(raw).hexdigest()


def test_the_same_files_give_the_same_bytes_for_ever() -> None:
    """The bytes are signed: another spelling would leave signatures that were made without what they sign."""
    one = Manifest.of([ManifestEntry("f", "1" * 64, 3)])
    digest = hashlib.sha256(bytes.fromhex("1" * 64)).hexdigest()
    assert oms_statement(one, "m") == (
        b'{"_type":"https://in-toto.io/Statement/v1","predicate":{"resources":[{"algorithm":"sha256","digest":"'
        + b"1" * 64
        + b'","name":"f"}],"serialization":{"allow_symlinks":false,"hash_type":"sha256","ignore_paths":[],'
        b'"method":"files"}},"predicateType":"https://model_signing/signature/v1.0","subject":[{"digest":{"sha256":"'
        + digest.encode()
        + b'"},"name":"m"}]}'
    )


def test_the_order_of_the_reference_implementation_is_read_too() -> None:
    def by_parts(resources: list[dict[str, Any]]) -> None:
        resources.sort(key=lambda one: one["name"].split("/"))

    assert [file.path for file in parse_oms(files(by_parts)).files][:2] == ["a/x", "a-b/x"]


def test_a_model_of_one_file_is_called_by_the_name_of_the_model() -> None:
    one = json.loads(oms_statement(Manifest.of([ManifestEntry("f", "1" * 64, 3)]), "model.bin"))
    one["predicate"]["resources"][0]["name"] = "."
    assert parse_oms(json.dumps(one).encode()).files[0].path == "model.bin"


REFUSED: dict[str, bytes] = {
    "another predicate type": changed(lambda value: value.update(predicateType="https://model_signing/Digests/v0.1")),
    "another statement type": changed(lambda value: value.update(_type="https://in-toto.io/Statement/v0.1")),
    "a member that nobody knows in the statement": changed(lambda value: value.update(note="x")),
    "a member that nobody knows in the predicate": changed(lambda value: value["predicate"].update(note="x")),
    "a member that nobody knows in the serialization": serialization(note="x"),
    "a member that nobody knows in a file": files(lambda all_: all_[0].update(uri="x")),
    "no files": files(lambda all_: all_.clear()),
    "a file twice": files(lambda all_: all_.insert(1, all_[0])),
    "one name with two digests": files(lambda all_: all_.insert(1, all_[0] | {"digest": "0" * 64})),
    "an order that no writer has": files(lambda all_: all_.reverse()),
    "a root over other files": SOUND.replace(sha256_hex(b"1").encode(), sha256_hex(b"9").encode()),
    "a name with dots": files(lambda all_: all_[0].update(name="../x")),
    "an absolute name": files(lambda all_: all_[0].update(name="/etc/passwd")),
    "a name with a null": files(lambda all_: all_[0].update(name="a\0b")),
    "a name of a shard's folder": files(lambda all_: all_[0].update(name=".")),
    "a digest in capitals": files(lambda all_: all_[0].update(digest="A" * 64)),
    "a short digest": files(lambda all_: all_[0].update(digest="ab")),
    "a number as digest": files(lambda all_: all_[0].update(digest=7)),
    "two subjects": changed(lambda value: value["subject"].append(value["subject"][0])),
    "a second digest of the subject": changed(lambda value: value["subject"][0]["digest"].update(sha512="0")),
    "symbolic links that are neither allowed nor not": serialization(allow_symlinks="false"),
    "a text as ignored paths": serialization(ignore_paths=".git"),
    "a line break in an ignored path": serialization(ignore_paths=["a\nb"]),
    "a shard size for whole files": serialization(shard_size=1000),
    "a list": b"[]",
}


@pytest.mark.parametrize("fault", list(REFUSED))
def test_what_could_be_read_in_two_ways_is_refused(fault: str) -> None:
    with pytest.raises(OmsInvalid) as refused:
        parse_oms(REFUSED[fault])
    assert not isinstance(refused.value, OmsUnsupported)
    assert refused.value.hint


@pytest.mark.parametrize(
    "statement",
    [
        serialization(method="shards", shard_size=1_000_000_000),
        serialization(hash_type="blake3"),
        files(lambda all_: all_[1].update(algorithm="blake2b")),
    ],
    ids=["shards", "BLAKE3", "BLAKE2 for one file"],
)
def test_a_form_that_is_not_read_here_is_called_so(statement: bytes) -> None:
    with pytest.raises(OmsUnsupported) as refused:
        parse_oms(statement)
    assert "whole files with SHA-256" in refused.value.hint


def test_a_name_twice_in_one_object_is_refused() -> None:
    with pytest.raises(MclaError):
        parse_oms(SOUND.replace(b'"method":"files"', b'"method":"files","method":"files"'))


@given(st.integers(0, len(SOUND) - 1), st.binary(max_size=4))
def test_damaged_statements_raise_errors_of_ours_alone(at: int, insert: bytes) -> None:
    damaged = SOUND[:at] + insert + SOUND[at + 1 :]
    try:
        read = parse_oms(damaged)
    except MclaError:
        return
    assert read.root == oms_root(file.sha256 for file in read.files)
