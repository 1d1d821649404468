# SPDX-License-Identifier: Apache-2.0
"""Read what the user named, each file once, showing progress; shared by `hash`, `sign`, `tensors` and `verify`."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from mcla.artifacts.manifest import Manifest
from mcla.artifacts.memory import Memory, default_place
from mcla.artifacts.safetensors import SafetensorsInvalid, is_safetensors
from mcla.artifacts.scan import Found, Measured, find_files, manifest_of, measure_found
from mcla.artifacts.tensors import TensorSet, TensorsInvalid
from mcla.cli.output import Output, plain
from mcla.cli.progress import shown

NAMED_POINTERS = 5


def hashed(paths: Sequence[Path], output: Output) -> Manifest:
    """The manifest of files and folders, every byte of them read now: what a verification rests on."""
    return manifest_of(measured(find_files(paths), output, cache=False))


def measured(
    found: Sequence[Found], output: Output, *, cache: bool, tensors: Callable[[str], bool] = lambda _: False
) -> list[Measured]:
    """What the files hold; with `cache`, unchanged ones are not read again.

    Git LFS pointers count as what they point to, which is said on stderr.
    """
    with (
        _memory(cache=cache) as memory,
        shown("Hashing", sum(item.size for item in found), output) as advance,
    ):
        files = measure_found(found, advance, tensors=tensors, memory=memory)
    _tell_pointers(files, output)
    return files


def tensor_set(files: Sequence[Measured]) -> TensorSet:
    """The tensors of all files that were taken for safetensors; raises `SafetensorsInvalid` or `TensorsInvalid`."""
    shards = []
    for file in sorted(files, key=lambda file: file.path.encode()):
        if isinstance(file.content.tensors, SafetensorsInvalid):
            raise SafetensorsInvalid(f"{file.path}: {file.content.tensors.message}")
        if file.content.pointer and is_safetensors(file.path):
            hint = "Fetch the file itself (git lfs pull) and give the folder that holds it."
            raise TensorsInvalid(f"expected the tensors of {file.path}, got only a name for bytes elsewhere", hint=hint)
        shards.append((file.path, file.content.tensors or ()))
    return TensorSet.of(shards)


def _memory(*, cache: bool) -> contextlib.AbstractContextManager[Memory | None]:
    place = default_place() if cache else None
    return Memory(place) if place else contextlib.nullcontext()


def _tell_pointers(files: Sequence[Measured], output: Output) -> None:
    pointers = [file.path for file in files if file.content.pointer]
    if not pointers:
        return
    pointers.sort(key=str.encode)
    names = ", ".join(plain(path, keep="") for path in pointers[:NAMED_POINTERS])
    more = f" and {len(pointers) - NAMED_POINTERS} more" if len(pointers) > NAMED_POINTERS else ""
    verb = (
        "is a Git LFS pointer and counts as the file it stands for"
        if len(pointers) == 1
        else "are Git LFS pointers and count as the files they stand for"
    )
    output.say(f"{names}{more} {verb}; those bytes were not read.")
