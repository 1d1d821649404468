# SPDX-License-Identifier: Apache-2.0
"""The witness over HTTP: C2SP tlog-witness `add-checkpoint`, and the last head for monitors."""

from pathlib import Path

from flask import Flask, Response, request

from app.platform.clock import Clock, SystemClock
from app.witness.errors import OldSizeWrong
from app.witness.home import WitnessHome
from app.witness.service import Witness
from mcla.errors import MclaError
from mcla.log.witnessing import MAX_REQUEST, SIZE_TYPE


def create_witness(home: Path, clock: Clock | None = None) -> Flask:
    """The witness in the folder `home` as a WSGI application; raises `WitnessHomeInvalid`."""
    app = Flask("app.witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    witness = Witness(WitnessHome(home), clock or SystemClock())

    @app.post("/add-checkpoint")
    def add_checkpoint() -> Response:
        return _text(witness.add_checkpoint(request.get_data(cache=False)).line)

    @app.get("/<origin_hash>/checkpoint")
    def latest(origin_hash: str) -> Response:
        return _text(witness.latest(origin_hash))

    @app.errorhandler(OldSizeWrong)
    def old_size(error: OldSizeWrong) -> Response:
        return Response(f"{error.known}\n", error.status, content_type=SIZE_TYPE)

    @app.errorhandler(MclaError)
    def refused(error: MclaError) -> Response:
        return _text(f"{error.message}\n", error.status)

    return app


def _text(body: str, status: int = 200) -> Response:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(body, status, headers, content_type="text/plain; charset=utf-8")
