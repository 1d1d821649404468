# SPDX-License-Identifier: Apache-2.0
"""Files that `mcla stamp` has written into: what counts is what was signed, the file as it was before its stamp.

A stamp is taken off only for the very bundle that it names, so that a file which was signed with its stamp counts as
what it is. Where no bundle is at hand, the service is asked for what was signed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mcla.artifacts.safetensors import is_safetensors
from mcla.cli.output import Output, plain
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.artifacts.manifest import Manifest
    from mcla.artifacts.scan import Found
    from mcla.artifacts.stamp import Front, Stamp


@dataclass(frozen=True, slots=True)
class StampedFile:
    """A file whose stamp can be taken off: `before` is its beginning without it."""

    path: Path
    stamp: "Stamp"
    front: "Front"
    before: bytes

    def digest(self, output: Output) -> str:
        """The SHA-256 of the file without the stamp, every byte read now."""
        from mcla.artifacts.stamp import hash_unstamped
        from mcla.cli.progress import shown

        with shown("Hashing without the stamp", self.path.stat().st_size, output) as advance:
            return hash_unstamped(self.path, self.before, self.front, advance)


def stamped_file(path: Path, bundles: Collection[str] | None) -> StampedFile | None:
    """The stamp in a file that names one of these bundles (SHA-256, hex; None: any); None for every other file."""
    from mcla.artifacts.stamp import find_stamp, read_front

    if not is_safetensors(path.name):
        return None
    try:
        front = read_front(path)
        found = find_stamp(front)
    except MclaError:
        return None  # then it counts as the bytes that it is
    if found is None or found.before is None or (bundles is not None and found.stamp.bundle not in bundles):
        return None
    return StampedFile(path, found.stamp, front, found.before)


def without_stamps(
    files: "Manifest", found: "Sequence[Found]", bundles: Collection[str] | None, output: Output
) -> "Manifest":
    """The manifest with each stamped file as it was signed."""
    from mcla.artifacts.manifest import Manifest

    stamped = {each.path: seen for each in found if (seen := stamped_file(each.source, bundles)) is not None}
    if not stamped:
        return files
    tell([seen.path.name for seen in stamped.values()], output)
    return Manifest.of(
        [
            replace(
                each,
                sha256=stamped[each.path].digest(output),
                size=each.size - len(stamped[each.path].front.data) + len(stamped[each.path].before),
            )
            if each.path in stamped
            else each
            for each in files.files
        ]
    )


def tell(names: Sequence[str], output: Output) -> None:
    shown = ", ".join(plain(name, keep="") for name in names[:5])
    output.say(f"Stamped, and judged as before the stamp: {shown}")
