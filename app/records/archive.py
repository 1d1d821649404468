# SPDX-License-Identifier: Apache-2.0
"""A ZIP file that leaves while it is made: pieces as they come, nothing of the files kept but their names.

PDFs hardly shrink; they are deflated all the same, because readers of a stream cannot tell where a stored file ends.
"""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

MOST = 65_535
"""Files in one, so that every reader takes it, and their names fit in memory."""
FAST = 1
PIECE = 65_536


class _Sink:
    """What `zipfile` writes to: it cannot be sought in, and gives away what was written."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def zipped(files: Iterable[tuple[str, datetime, Iterable[bytes]]]) -> Iterator[bytes]:
    """The pieces of a ZIP file of these files: name, time, content in pieces."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload]  # typeshed wants a file that is sought in
        for name, at, content in files:
            with archive.open(_entry(name, at), "w") as entry:
                for piece in content:
                    entry.write(piece)
                    if taken := sink.take():
                        yield taken
            yield sink.take()
    yield sink.take()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    entry.compress_type, entry._compresslevel = zipfile.ZIP_DEFLATED, FAST  # type: ignore[attr-defined]  # no other way
    entry.external_attr = 0o644 << 16
    return entry
