# SPDX-License-Identifier: Apache-2.0
"""What the changed files hold: read from their blobs, from the LFS pointer that is the blob, or from a hub's listing.

A pointer counts as what it names where the tree hands its path to Git LFS, and nowhere else.

A listing is believed only where the blob that Git has is the very pointer which follows from the listed digest and
size; so neither a pointer's file nor a blob that the clone lacks needs to be fetched.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from mcla.artifacts.lfs import MAX_POINTER_BYTES, is_near_pointer
from mcla.artifacts.listing import Listed
from mcla.artifacts.measure import Content, content_of
from mcla.artifacts.safetensors import SafetensorsInvalid, is_safetensors
from mcla.artifacts.tensors import TensorReader, TensorSet
from mcla.checks.change import ChangedFile
from mcla.checks.git.attributes import handed_to_lfs, keep_start
from mcla.checks.git.files import TreeFile
from mcla.checks.git.objects import Objects
from mcla.checks.git.program import Repository
from mcla.errors import MclaError


@dataclass(frozen=True, slots=True)
class Held:
    """A changed file and what it holds; `content` is None where its bytes are not here, or where it has none. `idle`:
    it is a pointer, and Git LFS puts nothing in its place."""

    file: TreeFile
    content: Content | None
    idle: bool = False

    def changed(self) -> ChangedFile:
        """As the question names it. Of what only looks like a pointer nobody can tell how much git-lfs would put there,
        so its few bytes do not pass for a file below a policy's size."""
        file, content = self.file, self.content
        if file.kind != "file":
            return ChangedFile(file.path, None, None, previous=file.previous, unread=file.kind)
        if content is None or content.near_pointer:
            return ChangedFile(file.path, None, None, previous=file.previous, unread="unreadable")
        if self.idle:
            return ChangedFile(file.path, None, None, previous=file.previous, unread="pointer-without-filter")
        named = ChangedFile(file.path, content.sha256, content.size, previous=file.previous, pointer=content.pointer)
        return replace(named, tensors=_root(content))


def contents(
    repository: Repository,
    head: str,
    files: Iterable[TreeFile],
    listing: Iterable[Listed] = (),
    on_bytes: Callable[[int], None] = lambda _: None,
) -> tuple[Held, ...]:
    """What each file of the tree of `head` holds, each blob read once; `on_bytes(n)` is called after each n bytes."""
    held = tuple(_held(repository, files, listing, on_bytes))
    pointers = {each.file.path for each in held if each.content is not None and each.content.pointer}
    idle = pointers - handed_to_lfs(repository, head, pointers)
    return tuple(replace(each, idle=True) if each.file.path in idle else each for each in held)


def _held(
    repository: Repository, files: Iterable[TreeFile], listing: Iterable[Listed], on_bytes: Callable[[int], None]
) -> Iterator[Held]:
    known = {each.blob: Content(each.sha256, each.size, pointer=True) for each in listing if each.sha256}
    with Objects(repository) as objects:
        read: dict[tuple[str, bool], Content | None] = {}
        for file in files:
            yield Held(file, _content(objects, file, known, read, on_bytes) if file.kind == "file" else None)


def _content(
    objects: Objects,
    file: TreeFile,
    known: Mapping[str, Content],
    read: dict[tuple[str, bool], Content | None],
    on_bytes: Callable[[int], None],
) -> Content | None:
    key = file.oid, is_safetensors(file.path)
    if file.oid in known:
        return known[file.oid]
    if key not in read:
        read[key] = _read(objects, *key, on_bytes)
    return read[key]


def _read(objects: Objects, oid: str, tensors: bool, on_bytes: Callable[[int], None]) -> Content | None:
    size = objects.size(oid, "blob")
    if size is None:
        return None
    if size <= MAX_POINTER_BYTES:
        data = bytearray()
        objects.feed(size, data.extend)
        return content_of(bytes(data), tensors=tensors)
    digest, reader, start = hashlib.sha256(), TensorReader(size), bytearray()
    takers = (digest.update, reader.update) if tensors else (digest.update,)
    objects.feed(size, *takers, partial(keep_start, start), lambda piece: on_bytes(len(piece)))
    found = reader.outcome() if tensors else None
    return Content(digest.hexdigest(), size, tensors=found, near_pointer=is_near_pointer(bytes(start)))


def _root(content: Content) -> str | None:
    """The tensor root; a file that is no safetensors, or holds no tensor, has none."""
    if not content.tensors or isinstance(content.tensors, SafetensorsInvalid):
        return None
    try:
        return TensorSet.of([("", content.tensors)]).root
    except MclaError:
        return None
