# SPDX-License-Identifier: Apache-2.0
"""Pages without a noun of their own: the API reference, every error with what to do, privacy.

The reference is made from the OpenAPI document and the error list from the error classes, so neither can drift.
"""

import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from apiflask import APIBlueprint
from flask import abort, current_app, render_template

from app.platform.problems import code_of
from app.platform.security import Access, access
from mcla.errors import MclaError
from mcla.wording import Worded

bp = APIBlueprint("pages", __name__, enable_openapi=False)

SERVED = ("app.", "mcla.")
TERMINALS = (
    "app.claims.formats",
    "app.claims.importing",
    "app.claims.reading",
    "app.claims.unfit",
    "app.cli",
    "app.demo",
    "app.witness",
    "mcla.checks.git",
    "mcla.cli",
    "mcla.forges",
    "mcla.web",
)
"""Rooms whose errors are told in terminals and stand on no page, whichever process has loaded them."""
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One error code, as the help page shows it."""

    code: str
    status: int
    meaning: str
    hint: str


@dataclass(frozen=True, slots=True)
class Member:
    """One parameter, or one member of a body, in words."""

    name: str
    where: str
    type: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API, as the reference shows it."""

    method: str
    path: str
    anchor: str
    summary: str
    description: str
    signed_in: bool
    takes: tuple[Member, ...]
    gives: tuple[tuple[str, str], ...]
    curl: str


@bp.get("/docs/api")
@access(Access.PUBLIC)
def api_reference() -> str:
    """The readable API reference."""
    spec = current_app.spec  # type: ignore[attr-defined]
    origin = current_app.config["MCLA_ORIGIN"]
    groups: dict[str, list[Operation]] = {}
    for tag, operation in operations(spec, origin):
        groups.setdefault(tag, []).append(operation)
    return render_template("api.html", groups=groups)


@bp.get("/problems")
@access(Access.PUBLIC)
def problems() -> str:
    """Every error code with what to do next."""
    return render_template("problems.html", troubles=troubles())


@bp.get("/problems/<code>")
@access(Access.PUBLIC)
def problem(code: str) -> str:
    """One error code: the page that a problem's `type` names."""
    found = next((trouble for trouble in troubles() if trouble.code == code), None)
    if found is None:
        abort(404, Worded("There is no error code %(code)s.", code=repr(code[:60])))
    return render_template("problem.html", trouble=found)


@bp.get("/privacy")
@access(Access.PUBLIC)
def privacy() -> str:
    """What is stored about a person, where, and what is public."""
    return render_template("privacy.html")


def troubles() -> list[Trouble]:
    """Every error code of the service: the error classes, and the plain HTTP ones, by code."""
    found = {code_of(status): Trouble(code_of(status), status, _HTTP[status][0], _HTTP[status][1]) for status in _HTTP}
    for kind in _subclasses(MclaError):
        if "code" in kind.__dict__ and kind.__module__.startswith(SERVED) and not kind.__module__.startswith(TERMINALS):
            meaning = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
            found[kind.code] = Trouble(kind.code, kind.status, meaning, kind.hint)
    return sorted(found.values(), key=lambda trouble: trouble.code)


def operations(spec: Mapping[str, Any], origin: str) -> Iterator[tuple[str, Operation]]:
    """(group, operation) for everything in an OpenAPI 3.1 document, in its order."""
    for path, methods in spec["paths"].items():
        for method in METHODS:
            if method in methods:
                detail = methods[method]
                yield (detail.get("tags") or ["Other"])[0], _operation(spec, origin, path, method, detail)


def _operation(spec: Mapping[str, Any], origin: str, path: str, method: str, detail: Mapping[str, Any]) -> Operation:
    content = detail.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = _resolve(spec, content.get("schema", {}))
    answers = {status: _resolve(spec, answer) for status, answer in detail.get("responses", {}).items()}
    return Operation(
        method=method.upper(),
        path=path,
        anchor=f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""),
        summary=detail.get("summary", ""),
        description=detail.get("description", ""),
        signed_in=bool(detail.get("security")) or "401" in answers,
        takes=(*_parameters(spec, detail), *_members(spec, body)),
        gives=tuple((status, answer.get("description", "")) for status, answer in answers.items()),
        curl=_curl(origin, path, method, content, body),
    )


def _parameters(spec: Mapping[str, Any], detail: Mapping[str, Any]) -> Iterator[Member]:
    for parameter in detail.get("parameters", []):
        found = _resolve(spec, parameter)
        kind = type_text(spec, found.get("schema", {}))
        yield Member(found["name"], found["in"], kind, found.get("required", False), found.get("description", ""))


def _members(spec: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Member]:
    alternatives = schema.get("oneOf") or schema.get("anyOf") or [schema]
    seen: set[str] = set()
    for alternative in alternatives:
        found = _resolve(spec, alternative)
        for name, member in found.get("properties", {}).items():
            if name not in seen:
                seen.add(name)
                meaning = member.get("description", "") or _resolve(spec, member).get("description", "")
                yield Member(name, "body", type_text(spec, member), name in found.get("required", []), meaning)


def type_text(spec: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """A JSON schema's type in words: `list of text`, `one of "a", "b"`, `number`."""
    schema = _resolve(spec, schema)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema or "oneOf" in schema:
        options = [type_text(spec, option) for option in schema.get("anyOf") or schema["oneOf"]]
        return " or ".join(dict.fromkeys(options))
    kind = schema.get("type", "any")
    if kind == "array":
        return "list of " + type_text(spec, schema.get("items", {}))
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(kind, str(kind))


def _resolve(spec: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        found: Any = spec
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _curl(origin: str, path: str, method: str, content: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    line = f"curl {origin}{path}"
    if method == "get":
        return line
    example = content.get("example") or body.get("example") or next(iter(body.get("examples", [])), None)
    data = f" -d '{json.dumps(example)}'" if example is not None else " -d @request.json"
    return f"{line} -X {method.upper()} -H 'Content-Type: application/json'{data}"


def _subclasses(kind: type[MclaError]) -> Iterator[type[MclaError]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _subclasses(sub)


_HTTP = {
    int(HTTPStatus.BAD_REQUEST): ("The request cannot be read.", "Correct it; the API reference shows each operation."),
    int(HTTPStatus.NOT_FOUND): (
        "There is nothing at this address, or it belongs to somebody else.",
        "Check the address, and the account that you are signed in with.",
    ),
    int(HTTPStatus.METHOD_NOT_ALLOWED): (
        "The address is right, the method is not.",
        "Use one of the methods named in the Allow header.",
    ),
    int(HTTPStatus.LENGTH_REQUIRED): (
        "A form did not say how long it is.",
        "Send the form with its Content-Length, as browsers do.",
    ),
    int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE): (
        "The request is larger than this operation takes.",
        "Send less at once; for very many files use the command line.",
    ),
    int(HTTPStatus.UNSUPPORTED_MEDIA_TYPE): ("The body is not JSON.", "Send it with Content-Type: application/json."),
    int(HTTPStatus.TOO_MANY_REQUESTS): (
        "More requests came from you than are answered in a minute.",
        "Wait for the seconds named in Retry-After, then go on.",
    ),
    int(HTTPStatus.INTERNAL_SERVER_ERROR): (
        "The service made a mistake.",
        "Try again in a minute. If it stays, tell the operator the request id.",
    ),
}
