# SPDX-License-Identifier: Apache-2.0
"""What the API document says beside its operations: the problem schema and the two ways to be signed in."""

from typing import Any

from apiflask import APIFlask

from app.platform.bodies import PROBLEM_SCHEMA
from app.platform.settings import Settings

DESCRIPTION = (
    "Signed, provable contributions to AI models. Reading needs no account. Errors are `application/problem+json` "
    "(RFC 9457): `code` is stable, `hint` says what to do next."
)


def install(app: APIFlask, settings: Settings) -> None:
    """Complete the document that APIFlask generates."""
    app.description = DESCRIPTION
    app.config["AUTO_OPERATION_ID"] = True
    app.config["SECURITY_SCHEMES"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token from POST /oauth/token; 15 minutes."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-mcla" if settings.secure else "mcla",
            "description": "A browser session. Unsafe requests also carry the form token in X-CSRFToken.",
        },
    }

    @app.spec_processor
    def add_problem(document: dict[str, Any] | str) -> dict[str, Any] | str:
        if isinstance(document, str):  # only when YAML is configured, which it is not
            return document
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = PROBLEM_SCHEMA
        return document
