# SPDX-License-Identifier: Apache-2.0
"""Two versions of an agreement compared: their terms key by key, their schedules question by question, their words.

Pure function of the documents. What is not understood is never called equal: an unknown key, a value that the
vocabulary does not allow and a file that cannot be read are `material`, whatever the other side says.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from mcla.terms.changes import EDITORIAL, MATERIAL, Change, Comparison
from mcla.terms.compare_questions import question_changes
from mcla.terms.kinds import LETTERS
from mcla.terms.rules import SETS, verdict_on
from mcla.terms.strict import MAX_BYTES, Unreadable, read_toml
from mcla.terms.vocabulary import Terms

TERMS = "terms.toml"
TEXT = "agreement.text_sha256"
INCORPORATED = "agreement.incorporated"
NAMES_THE_VERSION = "agreement.version"
"""Differs between any two versions and means nothing by itself."""


def compare_versions(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Comparison:
    """Compare two versions by their documents (path -> bytes), as in a version folder.

    With `terms.toml` alone on either side, schedules and wording are compared as far as the terms name their digests.
    """
    changes = list(_terms_changes(old[TERMS], new[TERMS]))
    if len(old) > 1 and len(new) > 1:
        changes += _document_changes(old, new)
    return Comparison(tuple(changes))


def _terms_changes(old: bytes, new: bytes) -> Iterator[Change]:
    if old == new:
        return
    first, second = _table(old), _table(new)
    if isinstance(first, str) or isinstance(second, str):
        faults = [value if isinstance(value, str) else None for value in (first, second)]
        yield Change(TERMS, MATERIAL, *faults)
        return
    before, after = dict(_leaves(first)), dict(_leaves(second))
    strange = _strange(old) | _strange(new)
    for key in sorted({*before, *after}, key=_place):
        yield from _term_change(key, before.get(key), after.get(key), strange)


def _term_change(key: str, old: Any, new: Any, strange: set[str]) -> Iterator[Change]:
    if key == NAMES_THE_VERSION or (old == new and type(old) is type(new)):
        return
    if not _known(key) or any(bad == key or bad.startswith((f"{key}.", f"{key}[")) for bad in strange):
        yield Change(key, MATERIAL, old, new)
    elif key in SETS and old is not None and new is not None and sorted(old) == sorted(new):
        return
    elif key == TEXT:
        yield Change(key, EDITORIAL, old, new)
    elif key.startswith("representations.") and (old or "off") == (new or "off"):
        return
    else:
        yield Change(key, verdict_on(key, old, new), old, new)


def _document_changes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Change]:
    for letter in LETTERS:
        path = f"schedules/{letter}.toml"
        yield from question_changes(letter, old.get(path), new.get(path))
    asked = {TERMS, "agreement.md", *(f"schedules/{letter}.toml" for letter in LETTERS)}
    for path in sorted({*old, *new} - asked):
        if old.get(path) != new.get(path):
            yield Change(path, EDITORIAL, _digest(old.get(path)), _digest(new.get(path)))


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _table(data: bytes) -> dict[str, Any] | str:
    """The file's tables, or a sentence on why it cannot be read."""
    if len(data) > MAX_BYTES:
        return f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read"
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        return f"cannot be read as TOML: {error}"


def _leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key -> value; incorporated documents by their names, so that each is compared with its own digest."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{key}.")
        elif key == INCORPORATED and _are_documents(value):
            yield from ((f"{key}.{each['name']}", each["sha256"]) for each in value)
        else:
            yield key, value if isinstance(value, str | int | bool | list) else str(value)


def _are_documents(value: Any) -> bool:
    good = isinstance(value, list) and all(isinstance(each, dict) and set(each) == {"name", "sha256"} for each in value)
    return good and len({str(each["name"]) for each in value}) == len(value)


def _strange(data: bytes) -> set[str]:
    """The keys whose values the vocabulary does not allow."""
    try:
        read_toml(Terms, data)
    except Unreadable as error:
        return {fault.key for fault in error.faults if "is missing" not in fault.message}
    return set()


def _known(key: str) -> bool:
    return key in _keys() or key.startswith(f"{INCORPORATED}.")


def _place(key: str) -> tuple[int, str]:
    known = _keys()
    base = INCORPORATED if key.startswith(f"{INCORPORATED}.") else key
    return (known.index(base) if base in known else len(known), key)


@cache
def _keys() -> tuple[str, ...]:
    """Every key of the vocabulary, in its order."""
    return tuple(_keys_of(Terms, ""))


def _keys_of(shape: Any, prefix: str) -> Iterator[str]:
    hints = get_type_hints(shape)
    for field in fields(shape):
        table = next((each for each in (hints[field.name], *get_args(hints[field.name])) if is_dataclass(each)), None)
        key = f"{prefix}{field.name}"
        if table is not None and key != INCORPORATED:
            yield from _keys_of(table, f"{key}.")
        else:
            yield key
