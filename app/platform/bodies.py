# SPDX-License-Identifier: Apache-2.0
"""Request bodies of the API: strict JSON, one size limit for each, and faults named by JSON pointer (RFC 6901).

Importing this replaces APIFlask's reader of pydantic input. The library's own takes any content type, any depth,
the last of two equal names, and bodies as large as the server allows; a service that signs what it reads may not.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from mcla.artifacts.jsontext import DEFAULT_MAX_VALUES, JsonInvalid
from mcla.errors import MclaError
from mcla.statements.strict import parse_json

MAX_FAULTS = 20
_NO_OBJECT = frozenset({"model_type", "model_attributes_type", "dataclass_type"})


class Body(BaseModel):
    """A JSON request body: unknown members are refused, types are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    max_bytes: ClassVar[int] = 64 * 1024
    max_depth: ClassVar[int] = 8
    max_values: ClassVar[int] = DEFAULT_MAX_VALUES

    @classmethod
    def read(cls, value: object) -> Any:
        """What the view gets of strictly parsed JSON: this model, or what a reader of the protocol's makes of it."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise _invalid(value, error) from None


class Answer(BaseModel):
    """A JSON answer; made for the API document, and checked when it is built from a service's values."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class BodyUnread(JsonInvalid):
    """The body is no JSON, or JSON that parsers read in different ways."""

    hint = "Correct the JSON of the request's body; the API reference at /docs/api shows its form."


class RequestInvalid(MclaError):
    """The body is JSON but not what the operation takes; `errors` has one pointer and sentence for each fault."""

    code = "request-invalid"
    status = 422
    hint = "Correct the members named in `errors`; the API reference at /docs/api shows their form."

    def __init__(self, errors: Sequence[Mapping[str, str]], more: int = 0) -> None:
        counted = f"{len(errors) + more} faults" if len(errors) + more > 1 else "a fault"
        first = f"{errors[0]['pointer'] or 'the body'}: {errors[0]['detail']}" if errors else ""
        super().__init__(f"The request has {counted}; {first}")
        self.extra = {"errors": list(errors)}


class StrictAdapter(PydanticAdapter):
    """Reads `Body` models strictly; other locations and models stay with the library."""

    def validate_input(self, request: Request, location: str, **kwargs: Any) -> BaseModel:
        """The validated body; raises 415, 413, `JsonInvalid` or `RequestInvalid`."""
        if location != "json" or not issubclass(self.model_class, Body):
            found: BaseModel = super().validate_input(request, location, **kwargs)
            return found
        model = self.model_class
        read: BaseModel = model.read(read_json(request, model.max_bytes, model.max_depth, model.max_values))
        return read


def read_json(request: Request, max_bytes: int, max_depth: int, max_values: int = DEFAULT_MAX_VALUES) -> Any:
    """The JSON value of a request's body; raises 415, 413 or `JsonInvalid`."""
    if not request.is_json:
        raise UnsupportedMediaType("The body must be JSON, sent with Content-Type: application/json.")
    request.max_content_length = max_bytes
    data = request.get_data(cache=False)
    try:
        return parse_json(data, max_depth=max_depth, max_bytes=max_bytes, max_values=max_values)
    except JsonInvalid as error:
        raise BodyUnread(error.message) from error


def _invalid(value: object, error: ValidationError) -> RequestInvalid:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [{"pointer": pointer(value, fault["loc"]), "detail": _sentence(fault)} for fault in faults[:MAX_FAULTS]]
    return RequestInvalid(shown, more=len(faults) - len(shown))


def _sentence(fault: Any) -> str:
    # The library's own sentence for these names a class of ours.
    return "Input should be a JSON object" if fault["type"] in _NO_OBJECT else str(fault["msg"])


def pointer(value: object, location: Sequence[str | int]) -> str:
    """The JSON pointer of pydantic's `location` in `value`, without the names of union members in between."""
    parts: list[str] = []
    for position, part in enumerate(location):
        if _has(value, part):
            value = value[part]  # type: ignore[index]
        elif position != len(location) - 1 or not isinstance(value, dict):
            continue  # the tag of a union, not a member of the input
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in parts)


def _has(value: object, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def problems(*statuses: int) -> dict[int, Any]:
    """The error answers of an operation, for `@bp.doc(responses=…)`: one shared schema, a sentence for each."""
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
    every = {*statuses, *_ALWAYS, *(_OF_BODIES if 413 in statuses else ())}
    return {status: {"description": _MEANING[status], "content": content} for status in sorted(every)}


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "An error (RFC 9457). `type` is a page about the code; `hint` says what to do next.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}

UNCHANGED: Any = {"description": "You have this answer already (If-None-Match)"}
"""The 304 of an operation whose answers carry an ETag."""

_ALWAYS = (500, 503)
_OF_BODIES = (408,)
_MEANING = {
    400: "The body is no JSON that can be read in one way, or a digest, path or key is malformed.",
    401: "Not signed in, or the token is over.",
    403: "The request may come from another site, or is not allowed with this credential.",
    404: "There is no such thing, or it belongs to somebody else.",
    408: "The body did not arrive in time.",
    409: "The state does not allow it; `code` says why and `hint` what to do.",
    413: "The body is larger than this operation takes.",
    415: "The body is not sent as JSON.",
    422: "The body does not fit; `errors` names the members at fault.",
    429: "Too many requests; wait for the seconds in Retry-After.",
    500: "The service made a mistake; nothing was half done.",
    503: "The service cannot do this now; Retry-After says when to ask again.",
}

registry.register("pydantic", StrictAdapter)
