# SPDX-License-Identifier: Apache-2.0
"""`--listing`: a model on a hub is named, and signed for, without its gigabytes."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.gitblob import blob_id
from mcla.artifacts.lfs import pointer_blob_id, pointer_text
from mcla.artifacts.scan import scan


@pytest.fixture
def hub(tmp_path: Path, silero: Path) -> Path:
    """The listing of a repository with a model in LFS and a small file in Git, and a folder with the small one."""
    data, card = silero.read_bytes(), b"# A model\n"
    digest = sha256_hex(data)
    pointer = {"oid": digest, "size": len(data), "pointerSize": len(pointer_text(digest, len(data)))}
    model = {
        "type": "file",
        "path": "weights/model.safetensors",
        "size": len(data),
        "lfs": pointer,
        "xetHash": "0" * 64,
    }
    entries = [
        {"type": "directory", "path": "weights", "size": 0, "oid": "0" * 40},
        model | {"oid": pointer_blob_id(digest, len(data))},
        {"type": "file", "path": "README.md", "size": len(card), "oid": blob_id(card)},
    ]
    (tmp_path / "tree.json").write_text(json.dumps(entries))
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "README.md").write_bytes(card)
    return tmp_path / "tree.json"


@pytest.fixture
def downloaded(tmp_path: Path, silero: Path) -> Path:
    """The same repository with all its bytes."""
    folder = tmp_path / "whole"
    (folder / "weights").mkdir(parents=True)
    (folder / "weights" / "model.safetensors").write_bytes(silero.read_bytes())
    (folder / "README.md").write_bytes(b"# A model\n")
    return folder


def test_a_listing_with_the_small_files_gives_the_manifest_of_the_whole(
    mcla_inside: Any, hub: Path, downloaded: Path
) -> None:
    ran = mcla_inside("hash", "--listing", hub, hub.parent / "small", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == json.loads(mcla_inside("hash", downloaded, "--json").out)
    assert "1 file as the listing names them; those bytes were not read." in ran.err


def test_a_file_that_has_no_sha_256_in_the_listing_is_refused_by_name(mcla_inside: Any, hub: Path) -> None:
    ran = mcla_inside("hash", "--listing", hub, "--json")
    error = json.loads(ran.out)["error"]
    assert (ran.code, error["code"]) == (1, "listing-without-digests")
    assert "README.md" in error["message"]
    assert "FOLDER" in error["next"]


def test_a_file_beside_that_is_another_one_missing_or_elsewhere_is_refused(mcla_inside: Any, hub: Path) -> None:
    folder, card = hub.parent / "small", hub.parent / "small" / "README.md"
    card.write_bytes(b"# B model\n")
    ran = mcla_inside("hash", "--listing", hub, folder)
    assert (ran.code, ran.out) == (1, "")
    assert "listing-mismatch" in ran.err
    card.unlink()
    assert mcla_inside("hash", "--listing", hub, folder).code == 3
    (hub.parent / "README.md").write_bytes(b"# A model\n")
    card.symlink_to("../README.md")
    ran = mcla_inside("hash", "--listing", hub, folder)
    assert (ran.code, ran.out) == (3, "")
    assert "leads out of the folder" in ran.err


def test_a_listing_beside_a_file_or_two_folders_is_wrong_usage(mcla_inside: Any, hub: Path, silero: Path) -> None:
    for paths in ([silero], [hub.parent / "small", hub.parent / "small"]):
        ran = mcla_inside("hash", "--listing", hub, *paths)
        assert (ran.code, ran.out) == (2, "")
    assert mcla_inside("hash", "--listing", silero).code == 1


def test_a_model_that_only_a_hub_has_is_signed_for_and_verified_once_it_is_here(
    sign: Any, mcla: Any, hub: Path, downloaded: Path, declared: Path, kept_trust: Path
) -> None:
    args = ("--listing", hub, "--kind", "weights", "--declarations", declared, "-o", hub.parent / "proof.json")
    ran = sign(hub.parent / "small", *args)
    assert ran.code == 0, ran.err
    assert "will name no tensors" in ran.err
    verified = mcla("verify", downloaded, "--bundle", hub.parent / "proof.json", "--trust", kept_trust, "--json")
    assert verified.code == 0
    statement = json.loads(verified.out)["statement"]
    assert (statement["root"], statement["tensors"]) == (scan([downloaded]).root, None)
