# SPDX-License-Identifier: Apache-2.0
"""The questions of an agreement's schedule for one kind, as the service publishes them.

They only help to ask well: the service checks the answers against the version that the signer accepted.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mcla.cli.service import AnswerInvalid, Service

TYPES = ("text", "choice", "yesno", "confirm", "list")


def questions(service: Service, kind: str) -> list[dict[str, Any]]:
    """The fields asked for `kind` by the first agreement that covers it; none where it has no questions."""
    try:
        for agreement in service.get("/api/v1/agreements")["agreements"]:
            if kind in agreement["kinds"] and agreement["state"] == "published":
                version = service.get(_path(agreement))
                return [_checked(field) for field in _fields(version, kind)]
    except (KeyError, TypeError) as error:
        why = f"expected agreements with their schedules, got: {type(error).__name__} {error}"
        raise AnswerInvalid("The service's agreements have another shape.", why=why) from error
    return []


def _path(agreement: Mapping[str, Any]) -> str:
    slug, version = str(agreement["slug"]), str(agreement["version"])
    if not (slug + version).replace("-", "").replace(".", "").isalnum():
        raise AnswerInvalid(
            "The service names an agreement strangely.", why=f"expected a slug and version, got {slug!r}"
        )
    return f"/api/v1/agreements/{slug}/{version}"


def _fields(version: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for schedule in version["schedules"]:
        if kind in schedule["kinds"]:
            yield from (field for field in schedule["fields"] if kind in field["kinds"])


def _checked(field: dict[str, Any]) -> dict[str, Any]:
    if field["type"] not in TYPES or not isinstance(field["key"], str) or not isinstance(field["label"], str):
        raise AnswerInvalid(
            "The service asks in an unknown way.", why=f"expected one of {', '.join(TYPES)}, got {field['type']!r}"
        )
    return field
