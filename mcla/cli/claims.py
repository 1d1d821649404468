# SPDX-License-Identifier: Apache-2.0
"""What a contribution will say of its files: the manifest, and of weights the tensors, from the same read."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcla.artifacts.manifest import Manifest
from mcla.artifacts.safetensors import is_safetensors
from mcla.artifacts.scan import Measured, manifest_of
from mcla.artifacts.tensors import TensorSet
from mcla.cli.failure import WrongUsage
from mcla.cli.hashing import found_files, measured, tensor_set
from mcla.cli.listing import listed
from mcla.cli.output import Output, plain
from mcla.errors import MclaError
from mcla.statements.parts import TENSOR_KINDS, TensorsRef

if TYPE_CHECKING:
    from mcla.cli.service import Service


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
) -> tuple[Manifest, TensorSet | None]:
    """The manifest of what is given, and the tensors in it where the kind has them."""
    wanted = is_safetensors if kind in TENSOR_KINDS else lambda _: False
    files = given_files(paths, listing, output, cache=cache, git=git, tensors=wanted)
    return manifest_of(files), tensors_of(files, output) if kind in TENSOR_KINDS else None


def tensors_of(files: Sequence[Measured], output: Output) -> TensorSet | None:
    """The tensors of all safetensors files together; None, with the reason on stderr, if there is no such set.

    A model of several parts may use one name in each: its files can be signed, its tensors have no common root.
    """
    shards = [file for file in files if is_safetensors(file.path)]
    if not shards:
        return None
    try:
        return tensor_set(shards)
    except MclaError as error:
        output.say(f"The statement will name no tensors: {plain(error.message)}.")
        return None


def named(tensors: TensorSet | None) -> TensorsRef | None:
    """What a statement says of these tensors."""
    return TensorsRef(tensors.root, len(tensors.tensors), tensors.total_bytes) if tensors else None


def send_tensors(service: "Service", done: Mapping[str, Any], tensors: TensorSet | None, output: Output) -> None:
    """Send the digests of the single tensors of what was signed, so that it can be compared; it is signed without."""
    if tensors is None:
        return
    listed = {"tensors": [tensor.to_dict() for tensor in tensors.tensors]}
    try:
        service.put(f"/api/v1/contributions/{done.get('id')}/tensors", listed)
    except MclaError as error:
        why = plain(error.message, keep="")
        output.say(f"The service did not take the list of tensors, which is no part of the proof: {why}")
