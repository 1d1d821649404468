# SPDX-License-Identifier: Apache-2.0
"""Reads the list of files that a person pastes: output of `mcla hash --json`, of `sha256sum` and `wc -c`, our lines.

Accepted lines: `<sha256> <size> <path>`; `<sha256>  <path>` (sha256sum) together with `<size> <path>` (wc -c, or
stat -c '%s %n') for the same paths. A statement binds sizes: a digest without one is refused, saying how to add it.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.errors import MclaError
from mcla.wording import Joined, Worded

MAX_TEXT = 8_000_000
SHOWN = 5
UNSIZED = "SIZE NAME"
"""What a list says of a file of which only the digest is known; the person puts the rest in."""
_OURS = re.compile(r"([0-9A-Fa-f]{64}) ([0-9]{1,16}) (.+)")
_SUM = re.compile(r"([0-9A-Fa-f]{64}) [ *](.+)")
_UNSIZED = re.compile(rf"[0-9a-f]{{64}} {UNSIZED}")
_SIZE = re.compile(r"\s*([0-9]{1,16})\s+(.+)")


class FileListInvalid(MclaError):
    """The pasted list of files cannot be used; `faults` has a sentence for each thing to put right."""

    code = "file-list-invalid"
    status = 422
    hint = "Paste the output of `mcla hash --json PATH…`; it always fits."

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))


@dataclass
class _Found:
    digests: dict[str, str]
    sizes: dict[str, int]
    faults: list[str]


def parse_file_list(text: str) -> Manifest:
    """The manifest of a pasted list; raises `FileListInvalid`."""
    if len(text) > MAX_TEXT:
        raise FileListInvalid(
            [
                Worded(
                    "The list has more than %(max_text)s characters; give so many files with `mcla sign`.",
                    max_text=f"{MAX_TEXT:,}",
                )
            ]
        )
    if not text.strip():
        raise FileListInvalid([Worded("Choose the files, or paste a list of them.")])
    pairs = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    try:
        return Manifest.of([ManifestEntry(path, sha256, size) for path, sha256, size in pairs])
    except MclaError as error:
        raise FileListInvalid([_sentence(error.message)]) from error


def write_file_list(manifest: Manifest) -> str:
    """The manifest as lines that `parse_file_list` reads back."""
    return "\n".join(f"{entry.sha256} {entry.size} {entry.path}" for entry in manifest.files)


def _from_json(text: str) -> list[tuple[Any, Any, Any]]:
    try:
        files = json.loads(text)["files"]
        return [(each["path"], each["sha256"], each["size"]) for each in files]
    except (ValueError, KeyError, TypeError, RecursionError):
        fault = Worded("The text begins like JSON but has no “files” with path, sha256 and size in each.")
        raise FileListInvalid([fault]) from None


def _from_lines(text: str) -> list[tuple[str, str, int]]:
    found = _Found({}, {}, [])
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            _read(line, number, found)
    missing = [path for path in found.digests if path not in found.sizes]
    if missing:
        found.faults.append(_unsized(missing))
    if not found.digests and not found.faults:
        found.faults.append(Worded("The list has sizes but no SHA-256 digests."))
    if found.faults:
        raise FileListInvalid(found.faults[:SHOWN])
    return [(path, sha256, found.sizes[path]) for path, sha256 in found.digests.items()]


def _read(line: str, number: int, found: _Found) -> None:
    if line.startswith("\\"):
        found.faults.append(
            Worded(
                "Line %(number)s names a file with a backslash or line break in its name; rename that file.",
                number=number,
            )
        )
    elif ours := _OURS.fullmatch(line):
        _add(ours[3], ours[1], number, found)
        found.sizes[ours[3]] = int(ours[2])
    elif summed := _SUM.fullmatch(line):
        if not summed[2].startswith("root of "):  # the last line of `mcla hash`
            _add(summed[2], summed[1], number, found)
    elif sized := _SIZE.fullmatch(line):
        found.sizes.setdefault(sized[2], int(sized[1]))  # the "total" of wc is the size of no file and does no harm
    elif _UNSIZED.fullmatch(line):
        found.faults.append(
            Worded(
                "Line %(number)s is a file of which only the digest was signed: put its size in bytes and its name "
                "in place of “SIZE NAME”, or drop the file on this page.",
                number=number,
            )
        )
    else:
        found.faults.append(
            Worded(
                "Line %(number)s is not a digest of 64 hex digits and a file name: “%(strip)s”.",
                number=number,
                strip=line.strip()[:60],
            )
        )


def _add(path: str, sha256: str, number: int, found: _Found) -> None:
    if path in found.digests:
        found.faults.append(
            Worded(
                "Line %(number)s names “%(path)s” a second time; each file may stand in the list once.",
                number=number,
                path=path[:80],
            )
        )
    found.digests[path] = sha256.lower()


def _unsized(paths: list[str]) -> str:
    shown = ", ".join(f"“{path[:60]}”" for path in paths[:3])
    how = Worded(
        "Paste the output of `wc -c` for the same files below the digests, or use `mcla hash --json`, which says both."
    )
    if len(paths) == 1:
        return Joined(" ", (Worded("One file has no size, %(path)s.", path=shown), how))
    every = shown + (", …" if len(paths) > 3 else "")
    return Joined(" ", (Worded("%(files)s files have no size, %(paths)s.", files=f"{len(paths):,}", paths=every), how))


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + ("" if message.endswith(".") else ".")
