# SPDX-License-Identifier: Apache-2.0
"""The questions of an agreement's schedule for one kind, as the service publishes them.

They only help to ask well: the service checks the answers against the version that the signer accepted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from mcla.cli.service import AnswerInvalid, Service
from mcla.terms.schedule import Field
from mcla.terms.strict import Unreadable, read_value

_KNOWN = {each.name for each in fields(Field)}


def questions(service: Service, kind: str, slug: str | None = None) -> list[Field]:
    """The fields asked for `kind` by the agreement `slug`, by default the first for persons that covers it."""
    try:
        for agreement in service.get("/api/v1/agreements")["agreements"]:
            meant = agreement["slug"] == slug if slug else agreement.get("signed_by", "person") == "person"
            if meant and kind in agreement["kinds"] and agreement["state"] == "published":
                version = service.get(_path(agreement))
                return [_checked(field) for field in _fields(version, kind)]
    except (KeyError, TypeError, AttributeError) as error:
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


def _checked(field: dict[str, Any]) -> Field:
    """The question in the vocabulary of this program; one that it does not know cannot be asked here."""
    known = {key: value for key, value in field.items() if key in _KNOWN and value is not None}
    try:
        return read_value(Field, known)
    except Unreadable as error:
        why = f"expected a question of the kinds known here, got: {error}"
        raise AnswerInvalid("The service asks in an unknown way.", why=why) from error
