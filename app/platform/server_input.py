# SPDX-License-Identifier: Apache-2.0
"""Bodies as other servers hand them in: a reader that fails tells of a broken body, not of a mistake of ours.

gunicorn reads a body when the application does, and raises errors of its own for broken chunks; they are the caller's
fault and have their answer (`BodyBroken`, 400) where every other fault has it.
"""

from io import RawIOBase
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException

from app.platform.arrivals import BodyBroken
from mcla.errors import MclaError

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment


class ServerInput(RawIOBase):
    """The input of a request, read by the server."""

    def __init__(self, reader: "InputStream") -> None:
        super().__init__()
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """As the reader; raises `BodyBroken` for every error that is not an answer already."""
        try:
            data = self._reader.read(len(buffer))
        except (MclaError, HTTPException):
            raise
        except Exception as error:
            raise BodyBroken(f"expected a whole body, got one that ends in {type(error).__name__}.") from error
        buffer[: len(data)] = data
        return len(data)


def with_server_input(application: "WSGIApplication") -> "WSGIApplication":
    """`application`, which hears of a broken body what to answer."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        environ["wsgi.input"] = ServerInput(environ["wsgi.input"])
        return application(environ, start_response)

    return answer
