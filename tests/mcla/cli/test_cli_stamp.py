# SPDX-License-Identifier: Apache-2.0
"""`mcla stamp`: the proof's address inside the file, every tensor byte as before, and the file still the signed one."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notary import Notary
from safetensors import deserialize
from safetensors_files import framed, silero_file, write

from mcla.artifacts.safetensors import parse_header
from mcla.artifacts.scan import scan
from mcla.artifacts.stamp import Front, Stamp, StampUnfit, find_stamp, hash_unstamped, read_front, stamped

URL = "https://mcla.example.org/api/v1/contributions/ctr_1/bundle"
TENSORS = {"a": ("U8", [4], b"abcd"), "b": ("F16", [2, 2], b"01234567")}


def front_of(file: bytes) -> Front:
    length = int.from_bytes(file[:8], "little")
    return Front(file[: 8 + length], parse_header(file[8 : 8 + length], len(file) - 8 - length))


def restamped(file: bytes, stamp: Stamp) -> bytes:
    front = front_of(file)
    return stamped(front, stamp) + file[len(front.data) :]


STAMP = Stamp(URL, "1" * 64)
HEADERS = [
    write(TENSORS),
    write(TENSORS, {}),
    write(TENSORS, {"format": "pt", "note": 'quotes " and ä and \\ '}),
    write({}, None),
    write({}, {"only": "metadata"}),
    framed(b'{ "a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},\n "__metadata__" : { "x" : "y" } }   ') + b"abcd",
    framed(b'{"\\u005f_metadata__":{"x":"y"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}') + b"abcd",
    framed(b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"__metadata__":{ }}') + b"abcd",
    framed(b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}' + b" " * 300) + b"abcd",
]


@pytest.mark.parametrize("file", HEADERS)
def test_a_stamp_comes_off_to_the_byte_and_changes_no_tensor(file: bytes) -> None:
    after = restamped(file, STAMP)
    found = find_stamp(front_of(after))
    assert found is not None
    assert (found.stamp, found.before) == (STAMP, front_of(file).data)
    assert after[len(front_of(after).data) :] == file[len(front_of(file).data) :]
    assert len(front_of(after).data) % 8 == 0
    assert dict(deserialize(after)) == dict(deserialize(file))  # as the library reads it, which keeps no order
    kept = {name: text for name, text in front_of(after).header.metadata.items() if not name.startswith("mcla.")}
    assert kept == dict(front_of(file).header.metadata)


@settings(max_examples=20, deadline=None)
@given(metadata=st.none() | st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=3))
def test_a_stamp_comes_off_whatever_the_metadata_says(metadata: dict[str, str] | None) -> None:
    file = write(TENSORS, metadata)
    if metadata and any(name.startswith("mcla.") for name in metadata):
        return
    found = find_stamp(front_of(restamped(file, STAMP)))
    assert found is not None
    assert found.before == front_of(file).data


@pytest.mark.parametrize(
    "metadata",
    [
        {"mcla.bundle_url": URL},
        {"mcla.bundle_url": URL, "mcla.bundle_sha256": "short"},
        {"mcla.bundle_url": "javascript:alert(1)", "mcla.bundle_sha256": "1" * 64},
        {"mcla.bundle_url": "https://x/ \u202e", "mcla.bundle_sha256": "1" * 64},
    ],
)
def test_a_stamp_that_names_nothing_definite_is_refused(metadata: dict[str, str]) -> None:
    with pytest.raises(StampUnfit):
        find_stamp(front_of(write(TENSORS, metadata)))


@pytest.mark.parametrize(
    "metadata",
    [
        {"mcla.bundle_url": URL, "mcla.bundle_sha256": "1" * 64},
        {"mcla.bundle_url": URL, "mcla.bundle_sha256": "1" * 64, "mcla.unstamped_header": "16"},
        {"mcla.bundle_url": URL, "mcla.bundle_sha256": "1" * 64, "mcla.unstamped_header": "999999999,added"},
        {"mcla.bundle_url": URL, "mcla.bundle_sha256": "1" * 64, "mcla.unstamped_header": "-1"},
    ],
)
def test_a_stamp_that_this_command_did_not_write_is_a_pointer_and_comes_not_off(metadata: dict[str, str]) -> None:
    found = find_stamp(front_of(write(TENSORS, metadata)))
    assert found is not None
    assert (found.stamp, found.before) == (STAMP, None)
    with pytest.raises(StampUnfit):
        stamped(front_of(write(TENSORS, metadata)), STAMP)


@pytest.fixture
def model(tmp_path: Path, notary: Notary) -> Path:
    """A real model with its bundle beside it."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(silero_file().read_bytes())
    path.chmod(0o640)
    (tmp_path / "model.safetensors.sigstore.json").write_bytes(notary.bundle(scan([path])))
    return path


def stamp(run: Any, model: Path, *more: str, url: str = URL) -> Any:
    bundle = model.with_name("model.safetensors.sigstore.json")
    return run("stamp", model, "--bundle", bundle, "--url", url, *more)


def test_a_stamped_model_reads_the_same_and_is_still_the_signed_one(mcla_inside: Any, model: Path, trust: Path) -> None:
    before, root = model.read_bytes(), json.loads(mcla_inside("tensors", model, "--json").out)["root"]
    done = stamp(mcla_inside, model)
    assert (done.code, done.out) == (0, f"{model} names {URL}\n")
    assert model.stat().st_mode & 0o777 == 0o640
    assert json.loads(mcla_inside("tensors", model, "--json").out)["root"] == root
    assert dict(deserialize(model.read_bytes())) == dict(deserialize(before))
    front = read_front(model)
    found = find_stamp(front)
    assert found is not None
    assert found.before is not None
    assert found.stamp.url == URL
    assert hash_unstamped(model, found.before, front) == hashlib.sha256(before).hexdigest()
    verified = mcla_inside("verify", model, "--trust", trust)
    assert (verified.code, "judged as before the stamp" in verified.err) == (0, True)
    again = stamp(mcla_inside, model, "--json")
    assert (again.code, json.loads(again.out)["changed"]) == (0, False)
    assert [each.name for each in model.parent.iterdir() if each.name.endswith(".part")] == []


def test_a_byte_that_changed_after_the_stamp_is_noticed(mcla_inside: Any, model: Path, trust: Path) -> None:
    stamp(mcla_inside, model)
    spoilt = bytearray(model.read_bytes())
    spoilt[-1] ^= 1
    model.write_bytes(spoilt)
    assert mcla_inside("verify", model, "--trust", trust).code == 1


def test_without_the_bundle_the_file_says_where_it_is_and_nothing_is_fetched(
    mcla_inside: Any, model: Path, trust: Path
) -> None:
    stamp(mcla_inside, model)
    model.with_name("model.safetensors.sigstore.json").rename(model.with_name("elsewhere.json"))
    asked = mcla_inside("verify", model, "--trust", trust)
    assert (asked.code, f"curl -fo BUNDLE {URL}" in asked.err) == (3, True)
    assert mcla_inside("verify", model, "--trust", trust, "--bundle", model.with_name("elsewhere.json")).code == 0


def test_another_address_takes_a_word_more(mcla_inside: Any, model: Path) -> None:
    stamp(mcla_inside, model)
    other = "https://other.example.org/bundle"
    refused = stamp(mcla_inside, model, url=other)
    assert (refused.code, "stamp-unfit" in refused.err) == (1, True)
    assert stamp(mcla_inside, model, "--replace", url=other).code == 0
    found = find_stamp(read_front(model))
    assert found is not None
    assert (found.stamp.url, found.before) == (other, read_front(silero_file()).data)


def test_what_cannot_be_stamped_stays_as_it_was(mcla_inside: Any, model: Path, notary: Notary, tmp_path: Path) -> None:
    before = model.read_bytes()
    other = tmp_path / "other.safetensors"
    other.write_bytes(write(TENSORS))
    wrong = mcla_inside("stamp", other, "--bundle", model.with_name("model.safetensors.sigstore.json"), "--url", URL)
    assert (wrong.code, "artifact-not-in-bundle" in wrong.err, other.read_bytes()) == (1, True, write(TENSORS))
    link = tmp_path / "link.safetensors"
    link.symlink_to(model)
    bundle = model.with_name("model.safetensors.sigstore.json")
    assert mcla_inside("stamp", link, "--bundle", bundle, "--url", URL).code == 2
    assert stamp(mcla_inside, model, url="ftp://example.org").code == 1
    assert mcla_inside("stamp", bundle, "--bundle", bundle, "--url", URL).code == 1
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes(write(TENSORS, {"mcla.bundle_url": URL, "mcla.bundle_sha256": "1" * 64}))
    mine = tmp_path / "mine.json"
    mine.write_bytes(notary.bundle(scan([foreign])))
    assert mcla_inside("stamp", foreign, "--bundle", mine, "--url", URL, "--replace").code == 1
    assert model.read_bytes() == before
