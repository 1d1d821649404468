# SPDX-License-Identifier: Apache-2.0
"""Claims about lineage out of JSON and out of the declarations of a contribution, read strictly.

The file has `edges` with the members of `Edge`, and `labels` with those of `Label`. A base in declarations has a name,
a revision or a digest (`mcla.terms.rows`); a file's name on a hub is kept beside its digest.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, get_args

from mcla.errors import MclaError
from mcla.licences.lineage import MAX_CLAIMS, Edge, Label, Lineage
from mcla.licences.question import Relation

_TEXT_MEMBERS = {"artifact", "base", "licence", "licence_sha256", "retrieved", "by"}


class LineageInvalid(MclaError):
    """A file of claims about lineage cannot be read as one."""

    code = "lineage-invalid"
    status = 422
    hint = "Write an object with edges, each with artifact, base and relation, and labels, each with artifact."


def read_lineage(value: object) -> tuple[list[Edge], list[Label]]:
    """The claims in parsed JSON; raises `LineageInvalid` with a JSON pointer."""
    if not isinstance(value, dict) or not set(value) <= {"edges", "labels"} or not value:
        raise LineageInvalid("expected an object with edges, labels or both, got something else")
    edges, labels = value.get("edges", []), value.get("labels", [])
    for name, several in (("edges", edges), ("labels", labels)):
        if not isinstance(several, list) or len(several) > MAX_CLAIMS:
            raise LineageInvalid(f"/{name}: expected a list of at most {MAX_CLAIMS:,} claims")
    return (
        [_edge(each, f"/edges/{place}") for place, each in enumerate(edges)],
        [_label(each, f"/labels/{place}") for place, each in enumerate(labels)],
    )


def lineage(edges: Iterable[Edge], labels: Iterable[Label]) -> Lineage:
    """The graph of claims; raises `LineageInvalid` for more than are walked."""
    claims = list(edges)
    if len(claims) > MAX_CLAIMS:
        raise LineageInvalid(f"expected at most {MAX_CLAIMS:,} claims, got {len(claims):,}")
    return Lineage(claims, labels)


def claims_of_declarations(artifact: str, declarations: Mapping[str, Any], by: str) -> tuple[list[Edge], list[Label]]:
    """What a contribution of `artifact` declares of its bases, as said `by` its signer.

    Rows that are none are left out: declarations of an agreement's own making may call something else `bases`.
    """
    edges: list[Edge] = []
    labels: list[Label] = []
    rows = declarations.get("bases")
    for row in rows if isinstance(rows, list) else ():
        base = _base_of(row) if isinstance(row, dict) else None
        if base is None or row.get("relation") not in get_args(Relation):
            continue
        node, also = base
        licence, digest, day = row.get("licence"), row.get("licence_sha256"), row.get("retrieved")
        edges.append(Edge(artifact, node, row["relation"], licence, digest, day, by))
        labels += [Label(node, None, by, also, alias=True)] if also else []
    return edges, labels


def hub_name(name: str, revision: str | None) -> str:
    """A node for what is known by name: `org/name@revision`."""
    return f"{name}@{revision}" if revision else name


def _base_of(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    name, revision, digest = row.get("name"), row.get("revision"), row.get("sha256")
    if not isinstance(name, str) or not name:
        return None
    named = hub_name(name, revision if isinstance(revision, str) else None)
    if isinstance(digest, str) and re.fullmatch(r"[0-9a-f]{64}", digest):
        return f"sha256:{digest}", (named,) if revision else ()
    return named, ()


def _edge(value: object, pointer: str) -> Edge:
    members = _members(value, pointer, _TEXT_MEMBERS | {"relation"}, ("artifact", "base", "relation"))
    if members["relation"] not in get_args(Relation):
        raise LineageInvalid(f"{pointer}/relation: expected one of {', '.join(get_args(Relation))}")
    _check_form(members, pointer)
    return Edge(**members)


def _check_form(members: Mapping[str, str], pointer: str) -> None:
    """A digest and a day are such, so that two claims on one text and one day are found."""
    if not re.fullmatch(r"[0-9a-f]{64}", members.get("licence_sha256", "0" * 64)):
        raise LineageInvalid(f"{pointer}/licence_sha256: expected 64 hex digits in lower case")
    try:
        day = members.get("retrieved", "2000-01-01")
        known = date.fromisoformat(day).isoformat() == day
    except ValueError:
        known = False
    if not known:
        raise LineageInvalid(
            f"{pointer}/retrieved: expected a day such as 2026-01-31, got {members['retrieved'][:40]!a}"
        )


def _label(value: object, pointer: str) -> Label:
    also = value.get("also", []) if isinstance(value, dict) else []
    if not isinstance(also, list) or not all(isinstance(name, str) and 0 < len(name) <= 300 for name in also):
        raise LineageInvalid(f"{pointer}/also: expected a list of names")
    plain = {name: each for name, each in value.items() if name != "also"} if isinstance(value, dict) else value
    return Label(**_members(plain, pointer, {"artifact", "licence", "by"}, ("artifact",)), also=tuple(also))


def _members(value: object, pointer: str, known: set[str], required: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LineageInvalid(f"{pointer}: expected an object, got something else")
    for name, each in value.items():
        if name not in known:
            raise LineageInvalid(f"{pointer}: expected one of {', '.join(sorted(known))}, got {name[:60]!a}")
        if not isinstance(each, str) or not 0 < len(each) <= 300:
            raise LineageInvalid(f"{pointer}/{name}: expected a text of 1 to 300 characters")
    for name in required:
        if name not in value:
            raise LineageInvalid(f"{pointer}: expected the member {name}, got none")
    return value
