# SPDX-License-Identifier: Apache-2.0
"""What every HTTP client of this project keeps to: no plain HTTP beyond this machine, no answer without a limit."""

import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

from mcla.errors import MclaError

if TYPE_CHECKING:
    import httpx2


class AnswerTooLong(MclaError):
    """An answer has more bytes, or takes more seconds, than anything that was asked for."""

    code = "answer-too-long"
    hint = "Check that the address is the one you meant, and try again later."


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its literal name or address, without asking anybody."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def read_capped(response: "httpx2.Response", most: int, seconds: float) -> bytes:
    """The body of a streamed answer, dropped as soon as it is too long; raises `AnswerTooLong`."""
    body, end = bytearray(), time.monotonic() + seconds
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > most:
            raise AnswerTooLong(f"is too large: expected at most {most} bytes")
        if time.monotonic() > end:  # a trickle keeps every single wait short
            raise AnswerTooLong(f"does not end: expected it in {seconds:.0f} s")
    return bytes(body)
