# SPDX-License-Identifier: Apache-2.0
"""Tensor digests and roots of a real model: the same after metadata edits and resharding, another after a change."""

import hashlib
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors_files import Tensors, read_simply, silero_file, write

from mcla.artifacts.compare import Renamed, compare
from mcla.artifacts.measure import measure
from mcla.artifacts.safetensors import SafetensorsInvalid
from mcla.artifacts.tensors import Tensor, TensorReader, TensorSet, TensorsInvalid

DATA = silero_file().read_bytes()
SILERO = read_simply(DATA)
ROOT = "4fab4fc7e01d07f0907d807e304974ac30be5babb7c57c6b914da3062027e93c"
SMALL: Tensors = {"b": ("F16", [2, 2], b"halffour"), "a": ("U8", [4], b"byte"), "empty": ("F32", [0, 3], b"")}


def tensors_in(data: bytes, piece: int = 2**20) -> tuple[Tensor, ...]:
    reader = TensorReader(len(data))
    for start in range(0, len(data), piece):
        reader.update(memoryview(data)[start : start + piece])
    return reader.finish()


def one_set(*files: bytes) -> TensorSet:
    return TensorSet.of((f"shard-{n}", tensors_in(data)) for n, data in enumerate(files))


def frame(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data


def content(dtype: str, shape: list[int], data: bytes) -> str:
    dims = b"".join(struct.pack(">Q", size) for size in shape)
    head = b"mcla/tensor/v1\x00" + frame(dtype.encode()) + frame(dims) + struct.pack(">Q", len(data))
    return hashlib.sha256(head + data).hexdigest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, from the definition."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def test_digests_and_root_of_a_real_model_are_those_of_the_definition() -> None:
    tensors = one_set(DATA)
    digests = {name: content(*parts) for name, parts in SILERO.items()}
    assert {one.name: one.sha256 for one in tensors.tensors} == digests
    leaves = [frame(name.encode()) + frame(bytes.fromhex(digests[name])) for name in sorted(digests, key=str.encode)]
    assert tensors.root == root(leaves).hex() == ROOT
    assert tensors.total_bytes == sum(len(data) for _, _, data in SILERO.values())


def test_the_root_outlives_edited_metadata_another_order_and_another_number_of_files() -> None:
    names = list(SILERO)
    shards = [{name: SILERO[name] for name in names[part::3]} for part in range(3)]
    for files in (
        [write(SILERO, {"format": "pt", "author": "somebody else"})],
        [write(dict(reversed(SILERO.items())))],
        [write(shard, {"shard": str(n)}) for n, shard in enumerate(shards)],
    ):
        assert one_set(*files).root == ROOT
        assert all(hashlib.sha256(file).digest() != hashlib.sha256(DATA).digest() for file in files)


def test_any_other_name_dtype_shape_or_byte_gives_another_root() -> None:
    dtype, shape, data = SILERO["conv1.bias"]
    for changed in (
        {"conv1.bias": (dtype, shape, data[:-1] + bytes([data[-1] ^ 1]))},
        {"conv1.bias": ("I32", shape, data)},
        {"conv1.bias": (dtype, [2, 64], data)},
        {"conv1.bias": (dtype, [128, 1], data)},
    ):
        assert one_set(write(SILERO | changed)).root != ROOT
    renamed = {name.replace("conv1.bias", "conv1.b"): parts for name, parts in SILERO.items()}
    assert one_set(write(renamed)).root != ROOT
    assert {one.sha256 for one in one_set(write(renamed)).tensors} == {one.sha256 for one in one_set(DATA).tensors}


def test_a_tensor_twice_and_no_tensor_at_all_are_no_set() -> None:
    with pytest.raises(TensorsInvalid, match="'a' in shard-0 and in shard-1"):
        one_set(write(SMALL), write({"a": SMALL["a"]}))
    with pytest.raises(TensorsInvalid, match="got 0"):
        one_set(write({}), write({}, {"only": "metadata"}))


@given(st.integers(1, 300))
def test_pieces_of_any_length_give_the_same_tensors(piece: int) -> None:
    assert tensors_in(write(SMALL), piece) == tensors_in(write(SMALL))


@pytest.mark.parametrize(
    "data", [b"", b"\x02", write(SMALL)[:-1], write(SMALL) + b"x", write(SMALL)[:20], b"\x40" + bytes(7) + b"[" * 64]
)
def test_a_file_that_is_none_is_refused_at_the_end_and_not_before(data: bytes) -> None:
    for piece in (1, 9, 1000):
        with pytest.raises(SafetensorsInvalid, match="expected"):
            tensors_in(data, piece)


@pytest.mark.parametrize("size", [len(write(SMALL)) - 1, len(write(SMALL)) + 1])
def test_a_file_of_another_length_than_was_said_is_refused(size: int) -> None:
    reader = TensorReader(size)
    reader.update(memoryview(write(SMALL)))
    with pytest.raises(SafetensorsInvalid):
        reader.finish()


def test_a_header_that_claims_a_hundred_megabytes_is_refused_at_its_first_byte() -> None:
    reader = TensorReader(200_000_000)
    reader.update(memoryview((100_000_000).to_bytes(8, "little") + bytes(1000)))
    with pytest.raises(SafetensorsInvalid, match="begins with"):
        reader.finish()


@pytest.mark.parametrize("spare", [True, False])
@pytest.mark.parametrize("data", [DATA, write(SMALL), write({"big": ("U8", [2**24], bytes(2**24))})], ids=len)
def test_digest_and_tensors_come_from_one_read(data: bytes, spare: bool, tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(data)
    pieces: list[int] = []
    found, state = measure(file, len(data), pieces.append, tensors=True, spare_core=spare)
    assert sum(pieces) == len(data) == state.size
    assert (found.sha256, found.tensors) == (hashlib.sha256(data).hexdigest(), tensors_in(data))
    assert measure(file, len(data))[0].tensors is None


def test_a_broken_file_keeps_its_digest_and_says_why_it_has_no_tensors(tmp_path: Path) -> None:
    file = tmp_path / "broken.safetensors"
    file.write_bytes(DATA + b"appended")
    found, _ = measure(file, len(DATA) + 8, tensors=True)
    assert found.sha256 == hashlib.sha256(DATA + b"appended").hexdigest()
    assert isinstance(found.tensors, SafetensorsInvalid)
    assert "to the end of the buffer" in found.tensors.message


def test_a_layer_changed_and_another_renamed_are_told_apart() -> None:
    dtype, shape, data = SILERO["conv2.weight"]
    edited = dict(SILERO) | {"conv2.weight": (dtype, shape, bytes(len(data)))}
    edited["stft.weight"] = edited.pop("stft_conv.weight")
    edited["head.bias"] = ("F32", [1], b"\x01\x02\x03\x04")
    del edited["conv3.bias"]
    old, new = one_set(DATA), one_set(write(edited))
    found = compare(old, new)
    assert len(found.same) == 12
    assert [(each.before, each.tensor.name) for each in found.renamed] == [("stft_conv.weight", "stft.weight")]
    names = [[one.name for one in group] for group in (found.changed, found.added, found.missing)]
    assert names == [["conv2.weight"], ["head.bias"], ["conv3.bias"]]
    kept = sum(len(data) for name, (_, _, data) in edited.items() if name not in ("conv2.weight", "head.bias"))
    assert (len(found.kept), found.kept_bytes) == (13, kept)
    assert found.per_mille_of_bytes == kept * 1000 // new.total_bytes
    assert len(found.same) + len(found.renamed) + len(found.changed) + len(found.added) == len(new.tensors)


def test_two_tensors_that_changed_places_and_tied_ones_are_found_by_content() -> None:
    swapped = SILERO | {
        "lstm_cell.bias_hh": SILERO["lstm_cell.bias_ih"],
        "lstm_cell.bias_ih": SILERO["lstm_cell.bias_hh"],
    }
    found = compare(one_set(DATA), one_set(write(swapped)))
    assert {each.tensor.name: each.before for each in found.renamed} == {
        "lstm_cell.bias_hh": "lstm_cell.bias_ih",
        "lstm_cell.bias_ih": "lstm_cell.bias_hh",
    }
    tied = one_set(write(SMALL | {"z": SMALL["a"]}))
    assert compare(one_set(write(SMALL)), tied).renamed == (Renamed("a", tied.tensors[-1]),)


def test_all_is_kept_only_if_every_tensor_is() -> None:
    assert compare(one_set(DATA), one_set(DATA)).per_mille_of_bytes == 1000
    large, small = ("U8", [100_000], bytes(100_000)), ("U8", [1], b"\x01")
    found = compare(one_set(write({"a": large})), one_set(write({"a": large, "b": small})))
    assert (found.per_mille_of_bytes, [one.name for one in found.added]) == (999, ["b"])
