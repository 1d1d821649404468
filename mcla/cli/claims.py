# SPDX-License-Identifier: Apache-2.0
"""What a contribution will say of its files: the manifest, and of weights the tensors, from the same read."""

from collections.abc import Callable, Sequence
from pathlib import Path

from mcla.artifacts.manifest import Manifest
from mcla.artifacts.safetensors import is_safetensors
from mcla.artifacts.scan import Measured, manifest_of
from mcla.cli.failure import WrongUsage
from mcla.cli.hashing import found_files, measured, tensor_set
from mcla.cli.listing import listed
from mcla.cli.output import Output, plain
from mcla.errors import MclaError
from mcla.statements.parts import TENSOR_KINDS, TensorsRef


def given_files(
    paths: Sequence[Path],
    listing: Path | None,
    output: Output,
    *,
    cache: bool,
    git: bool,
    tensors: Callable[[str], bool] = lambda _: False,
) -> list[Measured]:
    """What the files hold that are named by paths, or by a listing; raises `WrongUsage` if there is neither."""
    if listing is not None:
        return listed(listing, paths, output)
    if not paths:
        why = "expected at least one PATH, or --listing FILE"
        raise WrongUsage("There is nothing to read.", why=why, hint="Name the files or folders.")
    return measured(found_files(paths, output, git=git), output, cache=cache, tensors=tensors)


def files_to_sign(
    paths: Sequence[Path], listing: Path | None, kind: str, output: Output, *, cache: bool, git: bool = False
) -> tuple[Manifest, TensorsRef | None]:
    """The manifest of what is given, and the tensors in it where the kind has them."""
    wanted = is_safetensors if kind in TENSOR_KINDS else lambda _: False
    files = given_files(paths, listing, output, cache=cache, git=git, tensors=wanted)
    return manifest_of(files), tensors_of(files, output) if kind in TENSOR_KINDS else None


def tensors_of(files: Sequence[Measured], output: Output) -> TensorsRef | None:
    """The tensors of all safetensors files together; None, with the reason on stderr, if there is no such set.

    A model of several parts may use one name in each: its files can be signed, its tensors have no common root.
    """
    shards = [file for file in files if is_safetensors(file.path)]
    if not shards:
        return None
    try:
        found = tensor_set(shards)
    except MclaError as error:
        output.say(f"The statement will name no tensors: {plain(error.message)}.")
        return None
    return TensorsRef(root=found.root, count=len(found.tensors), bytes=found.total_bytes)
