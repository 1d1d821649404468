# SPDX-License-Identifier: Apache-2.0
"""Licence files that somebody had in hand, held against what a contribution declares: `file-differs-from-tag`.

Files never reach the service, so whoever asks tells what the words of one are. That is a claim, as the digest of a
licence text in a declaration is one; known words are looked up again by their digest. A licence file speaks for its
folder and for what lies below it, until a nearer one does.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from mcla.licences.asking import QuestionInvalid
from mcla.licences.identify import fingerprints
from mcla.licences.licence_file import LicenceFile
from mcla.licences.lineage import Edge
from mcla.licences.offer import offers
from mcla.licences.registry import registry
from mcla.licences.signals import SENTENCES, Signal
from mcla.wording import Worded


def nearest(path: str, folders: Container[PurePosixPath]) -> PurePosixPath | None:
    """The folder whose licence files speak for a path: the nearest one of these that it lies in."""
    return next((each for each in PurePosixPath(path).parents if each in folders), None)


def signs_of_files(
    paths: Iterable[str], declared: str | None, bases: Sequence[Edge], files: Sequence[LicenceFile]
) -> tuple[Signal, ...]:
    """The signs in the licence files around what was given at `paths` under `declared`, made from `bases`."""
    known = [_known(each) for each in files]
    folders: dict[PurePosixPath, list[LicenceFile]] = {}
    for each in known:
        folders.setdefault(each.folder, []).append(each)
    beside = sorted({folder for path in paths if (folder := nearest(path, folders)) is not None})
    found = [sign for folder in beside for sign in _of_declared(declared, folders[folder])]
    held = {digest: each.licence for each in known if each.sure == "same" for digest in each.digests}
    return (*found, *_of_texts(bases, {digest: licence for digest, licence in held.items() if not _text(digest)}.get))


def of_base_texts(bases: Iterable[Edge]) -> Iterator[Signal]:
    """A base whose licence text, by the digest that its giver names, is another one than the licence named: by the
    words of the texts that are known, as `mcla licences identify` prints their digest."""
    yield from _of_texts(bases, _text)


def _of_texts(bases: Iterable[Edge], text: Callable[[str], str | None]) -> Iterator[Signal]:
    for base in bases:
        if base.licence is None or base.licence_sha256 is None or (licence := text(base.licence_sha256)) is None:
            continue
        said = {each.id for each in registry().find(base.licence).licences}
        if said and licence not in said:
            parts = {"base": base.base, "licence": licence, "said": base.licence, "sha256": base.licence_sha256}
            yield _signal("base-text-differs", parts)


def _text(digest: str) -> str | None:
    """The licence whose words have this digest."""
    return fingerprints().by_digest.get(digest)


def _known(file: LicenceFile) -> LicenceFile:
    """The file as its words are known here, whatever was told of them."""
    licence = _text(file.words_sha256)
    return replace(file, sure="same", licence=licence) if licence else file


def _of_declared(declared: str | None, files: Sequence[LicenceFile]) -> Iterator[Signal]:
    said = _ids(declared)
    if not said or any(each.sure == "same" and each.licence in said for each in files):
        return
    for each in files:
        if each.licence is None and not all(map(fingerprints().of, said)):
            continue  # neither the file's words nor those of what is declared are known
        parts = {"path": each.path, "said": declared, "sure": each.sure, "licence": each.licence or "?"}
        near = "changed-beside" if each.licence else "unknown-beside"
        yield _signal("file-differs-from-declared" if each.sure == "same" else near, parts | {"sha256": each.sha256})


def _ids(declared: str | None) -> frozenset[str]:
    """The texts that something is declared to go out under; none for a person's own words."""
    try:
        choices = offers(registry(), declared) if declared else ()
    except QuestionInvalid:
        return frozenset()
    known = frozenset(each.id for offer in choices for each in offer.records)
    return frozenset() if any(offer.unrecorded for offer in choices) else known


def _signal(sentence: str, parts: dict[str, Any]) -> Signal:
    return Signal("file-differs-from-tag", Worded(SENTENCES[sentence], **parts), parts)
