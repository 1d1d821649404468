# SPDX-License-Identifier: Apache-2.0
"""The least that a Flask application can do with a request: the limit that the API's own cost is measured against."""

from flask import Flask, Response, jsonify

application = Flask(__name__)


@application.get("/bare/<digest>")
def bare(digest: str) -> Response:
    return jsonify(digest=digest, verdict="unknown")
