# SPDX-License-Identifier: Apache-2.0
"""The least that can be done with a request, twice: the limits that the API's own cost is measured against.

`/bare` is Flask alone. `/found` also asks one statement of a service's database, by the driver alone, and `front`
serves it behind the service's own front: what an answer costs over those steps is ours.
"""

import json
import os
import threading
from typing import Any

import pysqlite3
from flask import Flask, Response, jsonify, request

from app.platform.front import Front

FIND = """
SELECT asked.value, min(found.contribution_id), min(found.path), min(given.log_index)
FROM json_each(?) AS asked
LEFT JOIN contribution_artifact AS found ON found.sha256 = asked.value
LEFT JOIN contribution AS given ON given.id = found.contribution_id
GROUP BY asked.value
"""
application = Flask(__name__)
connections = threading.local()


@application.get("/bare/<digest>")
def bare(digest: str) -> Response:
    return jsonify(digest=digest, verdict="unknown")


@application.get("/found/<digest>")
def found(digest: str) -> Response:
    return jsonify(found=find([digest]))


@application.post("/found")
def found_together() -> Response:
    return jsonify(found=find(request.get_json()["digests"]))


def find(digests: list[str]) -> list[tuple[Any, ...]]:
    """Each digest with a file of that digest, its contribution and its place in the log."""
    if not hasattr(connections, "one"):
        connections.one = pysqlite3.connect(os.environ["MCLA_BENCH_DATABASE"])
    asked = json.dumps([each.removeprefix("sha256:") for each in digests])
    rows: list[tuple[Any, ...]] = connections.one.execute(FIND, (asked,)).fetchall()
    return rows


front = Front(application, 8)
