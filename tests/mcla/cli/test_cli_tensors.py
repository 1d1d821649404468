# SPDX-License-Identifier: Apache-2.0
"""`mcla tensors` on a real model, resharded and edited; unchanged files unread, and a verification that reads them."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from needs import needs
from safetensors_files import read_simply, silero_file, write

from mcla.artifacts.scan import scan
from mcla.cli.claims import files_to_sign, named
from mcla.cli.output import Output
from mcla.statements.parts import TensorsRef

ROOT = "4fab4fc7e01d07f0907d807e304974ac30be5babb7c57c6b914da3062027e93c"


@pytest.fixture
def shards(tmp_path: Path, silero: Path) -> Path:
    """The real model in three files with other metadata, and a file of its own kind beside."""
    folder = tmp_path / "shards"
    folder.mkdir()
    tensors = read_simply(silero.read_bytes())
    for part in range(3):
        shard = {name: tensors[name] for name in list(tensors)[part::3]}
        (folder / f"model-{part + 1:05d}-of-00003.safetensors").write_bytes(write(shard, {"part": str(part)}))
    (folder / "config.json").write_text("{}")
    return folder


def test_text_and_json_tell_the_same_of_one_file_and_of_its_shards(
    mcla_inside: Any, silero: Path, shards: Path
) -> None:
    one = json.loads(mcla_inside("tensors", silero, "--json").out)
    three = json.loads(mcla_inside("tensors", shards, "--json").out)
    assert one["root"] == three["root"] == ROOT
    assert (one["count"], one["tensors"]) == (15, three["tensors"])
    assert set(one["tensors"][0]) == {"name", "dtype", "shape", "size", "sha256"}
    assert one["bytes"] == sum(tensor["size"] for tensor in one["tensors"])
    assert [len(found["files"]) for found in (one, three)] == [1, 3]
    assert one["files"] == json.loads(mcla_inside("hash", silero, "--json").out)["files"]
    lines = mcla_inside("tensors", *sorted(shards.glob("*.safetensors"))).out.splitlines()
    assert lines[-1] == f"{ROOT}  root of 15 tensors, 1.2 MB"
    assert lines[0].split() == [one["tensors"][0]["sha256"], "F32", "[128]", "conv1.bias"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(mcla_inside: Any, silero: Path, tmp_path: Path) -> None:
    shutil.copy(silero, tmp_path / "weights.bin")
    assert json.loads(mcla_inside("tensors", tmp_path / "weights.bin", "--json").out)["root"] == ROOT


def test_a_comparison_says_how_many_tensors_and_bytes_are_the_same(
    mcla_inside: Any, silero: Path, shards: Path, tmp_path: Path
) -> None:
    ran = mcla_inside("tensors", "--compare", silero, shards)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "15 of 15 tensors, 100 % of bytes are the same")
    edited = read_simply(silero.read_bytes())
    dtype, shape, data = edited["stft_conv.weight"]
    edited["stft_conv.weight"] = (dtype, shape, bytes(len(data)))
    edited["conv.1.bias"] = edited.pop("conv1.bias")
    (tmp_path / "tuned.safetensors").write_bytes(write(edited))
    ran = mcla_inside("tensors", "--compare", shards, tmp_path / "tuned.safetensors")
    share = (1_238_532 - len(data)) * 1000 // 1_238_532 / 10
    assert ran.out.splitlines()[0] == f"14 of 15 tensors, {share:g} % of bytes are the same"
    assert "conv1.bias -> conv.1.bias" in ran.out
    told = json.loads(mcla_inside("tensors", "--compare", shards, tmp_path / "tuned.safetensors", "--json").out)
    assert told["kept"] == {"count": 14, "bytes": 1_238_532 - len(data), "percent_of_bytes": share}
    assert (told["changed"], told["missing"], told["added"]) == (["stft_conv.weight"], [], [])
    assert told["renamed"] == [{"from": "conv1.bias", "to": "conv.1.bias"}]
    assert len(told["same"]) == 13
    assert told["old"]["root"] == ROOT != told["new"]["root"]


Spoil = Callable[[Path], object]
SPOILT: dict[str, tuple[Spoil, str]] = {
    "one tensor in two shards": (
        lambda folder: shutil.copy(silero_file(), folder / "again.safetensors"),
        "tensors-invalid",
    ),
    "no safetensors": (lambda folder: [file.unlink() for file in folder.glob("*.safetensors")], "tensors-invalid"),
    "an appended byte": (
        lambda folder: next(folder.glob("*.safetensors")).open("ab").write(b"x"),
        "safetensors-invalid",
    ),
    "a pointer": (
        lambda folder: next(folder.glob("*.safetensors")).write_text(
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 12\n"
        ),
        "tensors-invalid",
    ),
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_what_is_no_set_of_tensors_is_refused_and_can_still_be_signed_without_a_tensor_root(
    mcla_inside: Any, shards: Path, spoil: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change, code = SPOILT[spoil]
    change(shards)
    ran = mcla_inside("tensors", shards, "--json")
    assert ran.code == 1
    error = json.loads(ran.out)["error"]
    assert error["code"] == code
    assert error["next"]
    assert "expected" in error["message"]
    manifest, tensors = files_to_sign([shards], None, "weights", Output(), cache=False)
    assert tensors is None
    assert len(manifest.files) == sum(1 for _ in shards.iterdir())
    assert ("will name no tensors" in capsys.readouterr().err) is (spoil != "no safetensors")


def test_only_weights_and_adapters_are_asked_for_tensors(shards: Path) -> None:
    found = {
        kind: files_to_sign([shards], None, kind, Output(), cache=False)[1] for kind in ("weights", "adapter", "data")
    }
    assert found["data"] is None
    assert found["weights"] is not None
    assert found["weights"] == found["adapter"]
    assert named(found["weights"]) == TensorsRef(ROOT, 15, 1_238_532)
    assert named(None) is None


def test_a_comparison_of_one_or_three_is_wrong_usage(mcla_inside: Any, silero: Path) -> None:
    for paths in ([silero], [silero, silero, silero]):
        ran = mcla_inside("tensors", "--compare", *paths)
        assert (ran.code, ran.out) == (2, "")
        assert "mcla tensors --compare OLD NEW" in ran.err
    assert mcla_inside("tensors").code == 2
    assert mcla_inside("tensors", "nowhere.safetensors").code == 2


def opened(trace: Path, name: str) -> int:
    return sum(f'{name}"' in line for line in trace.read_text().splitlines() if "ENOENT" not in line)


def test_a_second_run_opens_no_file_unless_it_is_told_to(mcla: Any, silero: Path, tmp_path: Path) -> None:
    needs("strace")
    trace = tmp_path / "trace"
    watched = ("strace", "-f", "-qq", "-e", "trace=open,openat,openat2", "-o", str(trace))
    counts = []
    for args in (("tensors",), ("tensors",), ("hash",), ("hash", "--no-cache")):
        assert mcla(*args, silero, before=watched).code == 0
        counts.append(opened(trace, silero.name))
    assert counts == [1, 0, 0, 1]


def test_a_verification_reads_the_bytes_whatever_was_remembered(mcla_inside: Any, trust: Path, notary: Any) -> None:
    folder = silero_file().parent
    mcla_inside("hash", folder)
    with sqlite3.connect(mcla_inside.cwd / ".cache" / "mcla" / "files.sqlite") as database:
        for rowid, text in database.execute("SELECT rowid, content FROM file").fetchall():
            lie = json.dumps(json.loads(text) | {"sha256": "ab" * 32})
            database.execute("UPDATE file SET content = ? WHERE rowid = ?", (lie, rowid))
    database.close()
    assert mcla_inside("hash", folder).out.startswith("ab" * 32), "the memory was asked"
    bundle = mcla_inside.cwd / "bundle.json"
    for target in (folder, silero_file()):
        bundle.write_bytes(notary.bundle(scan([target])))
        assert mcla_inside("verify", target, "--bundle", bundle, "--trust", trust).code == 0
