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
        for name in _OF_THE_LIBRARY:
            schemas.pop(name, None)
        for path in document.get("paths", {}).values():
            for operation in path.values():
                _tell_problems(operation["responses"])
                if "requestBody" in operation:
                    operation["requestBody"]["required"] = True
        return document


_OF_THE_LIBRARY = ("HTTPError", "ValidationError")
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _tell_problems(responses: dict[str, Any]) -> None:
    """Every error is a problem, also where a view gave only its status or the library added it."""
    for status, response in responses.items():
        if status >= "400":
            response["content"] = _PROBLEM
