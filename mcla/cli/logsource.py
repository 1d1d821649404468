# SPDX-License-Identifier: Apache-2.0
"""A log read over HTTP as anybody may: head, tiles and entries of C2SP tlog-tiles, each answer capped.

Whatever goes wrong on the way proves nothing about the log, so it ends as "unknown".
"""

from urllib.parse import urlsplit

from mcla.cli.failure import ServiceRefused, Undecided, WrongUsage
from mcla.cli.service import AnswerInvalid, Service
from mcla.log.merkle import HASH_SIZE
from mcla.log.tiles import MAX_ENTRY, WIDTH, tile_path

MAX_HEAD = 64 * 1024
MAX_TILE = WIDTH * HASH_SIZE
MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY)
DEFAULT_PREFIX = "/log"


class LogUnavailable(Undecided):
    """The log did not give what its head calls for."""

    code = "log-unavailable"
    hint = "Try again later. If it stays so, the log withholds what it has signed for: ask its operator."


class HttpLog:
    """The log whose head is at `url`/checkpoint; a bare service address means its `/log`."""

    def __init__(self, service: Service, prefix: str) -> None:
        self._service, self._prefix = service, prefix

    @property
    def url(self) -> str:
        return self._service.origin + self._prefix

    def checkpoint(self) -> str:
        """The head as it is presented now, nothing of it checked."""
        data = self._get("/checkpoint", MAX_HEAD)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise LogUnavailable(f"{self.url}/checkpoint is no text.", why="expected UTF-8, got bytes") from error

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        return self._tile(level, index, width, MAX_TILE)

    def read_bundle(self, index: int, width: int) -> bytes:
        return self._tile(None, index, width, MAX_BUNDLE)

    def _tile(self, level: int | None, index: int, width: int, most: int) -> bytes:
        try:
            return self._get(f"/{tile_path(level, index, width)}", most)
        except LogUnavailable:
            if width == WIDTH:
                raise
            # A log may drop a partial tile once the full one is there: the full one begins with the same hashes.
            return self._get(f"/{tile_path(level, index)}", most)

    def _get(self, path: str, most: int) -> bytes:
        try:
            return self._service.get_bytes(self._prefix + path, most)
        except (ServiceRefused, AnswerInvalid) as error:
            raise LogUnavailable(f"{self.url}{path} gives no usable answer.", why=error.message) from error


def split_url(url: str) -> tuple[str, str]:
    """The service's address and the log's path in `url`; raises `WrongUsage`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.query or parts.fragment:
        raise WrongUsage(f"{url!r} is not the address of a log.", why="expected https://HOST[:PORT][/PATH]")
    path = parts.path.rstrip("/").removesuffix("/checkpoint")
    return f"{parts.scheme}://{parts.netloc}", path or DEFAULT_PREFIX
