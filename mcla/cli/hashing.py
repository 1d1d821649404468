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


def hashed(paths: Sequence[Path], output: Output, *, git: bool) -> Manifest:
    """The manifest of files and folders, every byte of them read now: what a verification rests on."""
    return manifest_of(measured(found_files(paths, output, git=git), output, cache=False))


def found_files(paths: Sequence[Path], output: Output, *, git: bool = False) -> list[Found]:
    """The files to read; unless `git`, without the repositories of Git checkouts, which is said on stderr."""
    left_out: list[Path] = []

    def counts(repository: Path) -> bool:
        if not git:
            left_out.append(repository)
        return git

    found = find_files(paths, counts)
    if left_out:
        where = "a Git checkout" if len(left_out) == 1 else f"{len(left_out):,} Git checkouts"
        output.say(f"The repository of {where} (.git) is not among the files.")
    return found


def measured(
    found: Sequence[Found], output: Output, *, cache: bool, tensors: Callable[[str], bool] = lambda _: False
) -> list[Measured]:
    """What the files hold; with `cache`, unchanged ones are not read again.

    Git LFS pointers count as what they point to, which is said on stderr; so is what only reads like one.
    """
    with (
        _memory(cache=cache) as memory,
        shown("Hashing", sum(item.size for item in found), output) as advance,
    ):
        files = measure_found(found, advance, tensors=tensors, memory=memory)
    _tell_pointers([file.path for file in files if file.content.pointer], output)
    tell_near_pointers([file.path for file in files if file.content.near_pointer], output)
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


def tell_near_pointers(paths: Sequence[str], output: Output) -> None:
    """Warn of files that count as the small files they are, though a person would take them for pointers."""
    if not paths:
        return
    verb = (
        "looks like a Git LFS pointer but is not one in the form that counts: its own"
        if len(paths) == 1
        else "look like Git LFS pointers but are not in the form that counts: their own"
    )
    output.say(f"Warning: {_named(paths)} {verb} few bytes were hashed.")


def _named(paths: Sequence[str]) -> str:
    first = sorted(paths, key=str.encode)[:NAMED_POINTERS]
    more = f" and {len(paths) - NAMED_POINTERS} more" if len(paths) > NAMED_POINTERS else ""
    return ", ".join(plain(path, keep="") for path in first) + more


def _tell_pointers(pointers: Sequence[str], output: Output) -> None:
    if not pointers:
        return
    verb = (
        "is a Git LFS pointer and counts as the file it stands for"
        if len(pointers) == 1
        else "are Git LFS pointers and count as the files they stand for"
    )
    output.say(f"{_named(pointers)} {verb}; those bytes were not read.")
