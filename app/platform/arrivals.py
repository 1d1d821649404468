# SPDX-License-Identifier: Apache-2.0
"""Bodies of requests as they arrive: bounded in time, in size and in what they hold together; no thread waits for one.

A body that cannot be taken becomes an `Untaken`: the application hears why when it reads it, so that the answer is
the page or problem that it gives for every other fault. What it refuses by its head alone is not read at all.
"""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass
from io import BytesIO, RawIOBase
from typing import Any, NoReturn

from werkzeug.exceptions import RequestEntityTooLarge

from app.platform.rsgi import Headers
from app.platform.security import most_bytes
from mcla.errors import MclaError

SECONDS = 10.0
"""In which a body must come; a long one gets more, see below."""
BYTES_A_SECOND = 64 * 1024
"""So many bytes that came are worth one more second."""
HELD_BYTES = 256 * 1024 * 1024
"""Of all bodies in one process that are arriving or being answered."""


class BodyLate(MclaError):
    """The body of the request did not arrive in time."""

    code = "body-late"
    status = 408
    hint = "Send the request again and without a pause; a long body needs a connection that carries 64 KiB a second."


class BodyBroken(MclaError):
    """The body of the request is not what its head or its chunks announce."""

    code = "body-broken"
    status = 400
    hint = "Send the whole request again; a body in chunks ends with an empty chunk and has no trailers."


class BodiesHeld(MclaError):
    """The service holds as many bytes of bodies as it may."""

    code = "bodies-held"
    status = 503
    hint = "Wait for the seconds in Retry-After, then send the same request again; nothing was changed."

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.extra = {"retry_after": int(SECONDS)}


class Untaken(RawIOBase):
    """The input of a request whose body was not taken: reading it raises why."""

    def __init__(self, why: Exception) -> None:
        super().__init__()
        self._why = why

    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> NoReturn:
        raise self._why


@dataclass(frozen=True, slots=True)
class Body:
    """What a request brought, for the application to read, and the bytes that it holds."""

    stream: BytesIO | Untaken
    size: int = 0


class Arrivals:
    """The bodies of one process; used by its event loop alone."""

    def __init__(self) -> None:
        self.held = 0
        """Bytes of bodies that are arriving or being answered."""

    async def take(self, headers: Headers, pieces: AsyncIterable[bytes]) -> Body:
        """Wait for the body that follows `headers`; it counts as held until `let_go`."""
        chunked = "transfer-encoding" in headers
        declared = None if chunked else int(headers.get("content-length", "0"))
        if declared == 0:
            return Body(BytesIO())
        most = most_bytes(headers.get("content-type", ""), chunked)
        if most == 0 or (declared or 0) > most:
            return Body(Untaken(RequestEntityTooLarge()))
        taken = bytearray()
        fault = await self._fill(taken, pieces, declared, most)
        if fault is not None:
            self.held -= len(taken)
            return Body(Untaken(fault))
        return Body(BytesIO(taken), len(taken))

    def let_go(self, body: Body) -> None:
        """Count `body` as held no longer: its request is answered."""
        self.held -= body.size

    async def _fill(
        self, taken: bytearray, pieces: AsyncIterable[bytes], declared: int | None, most: int
    ) -> Exception | None:
        begun, ends = asyncio.get_running_loop().time(), 0
        try:
            async with asyncio.timeout(SECONDS) as limit:
                async for piece in pieces:
                    taken += piece
                    self.held += len(piece)
                    if len(taken) == declared:
                        return None
                    if len(taken) > most:
                        return RequestEntityTooLarge()
                    if self.held > HELD_BYTES:
                        return BodiesHeld("The service holds as many large requests as it may.")
                    ends += not piece
                    limit.reschedule(begun + SECONDS + len(taken) / BYTES_A_SECOND)
        except TimeoutError:
            return BodyLate(f"expected the whole body in time, got {len(taken)} bytes of it.")
        # The server gives one empty piece for the end, and one more for a broken connection or chunk, or for trailers.
        if declared is None and ends == 1:
            return None
        return BodyBroken(f"expected a whole body, got {len(taken)} bytes and then something else.")
