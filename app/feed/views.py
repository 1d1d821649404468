# SPDX-License-Identifier: Apache-2.0
"""The feed over HTTP, for everybody and from pages of other origins: the newest, each earlier one, and the key."""

from typing import Any

from apiflask import APIBlueprint
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Response
from pydantic import BaseModel, Field

from app.platform.bodies import UNCHANGED, problems
from app.platform.security import Access, access
from app.platform.tagged import FOREVER, tagged_file
from app.wiring import services
from mcla.statements.canonical import MAX_INT

bp = APIBlueprint("feed", __name__, tag="Licences")
MINUTES = "public, max-age=300"


class SerialPath(BaseModel):
    """The serial of a feed. The limits are for readers; what is beyond them is not there."""

    serial: int = Field(
        description="From 1, one more with each feed", json_schema_extra={"minimum": 1, "maximum": MAX_INT}
    )


class NamedPath(BaseModel):
    """A feed by its digest; what has another form is not there."""

    digest: str = Field(
        description="64 hexadecimal digits, as decisions name it", json_schema_extra={"pattern": "^[0-9a-f]{64}$"}
    )


def _told(what: str, media: str = "application/json") -> Any:
    schema = {"type": "object"} if media == "application/json" else {"type": "string"}
    return {"description": what, "content": {media: {"schema": schema}}}


@bp.get("/.well-known/mcla/feed.json")
@bp.doc(
    operation_id="getFeed",
    summary="The newest compliance feed",
    description="Prohibited and regulated uses with source and dates (mcla.feed/1), signed with Ed25519 over RFC 8785 "
    "JSON. Follow it with `mcla feed verify`, which refuses older, expired and unsigned ones. Screening, not legal "
    "advice.",
    responses={200: _told("The feed"), 304: UNCHANGED, **problems(404)},
)
@access(Access.PUBLIC)
def newest() -> Response:
    return _answer(services().feed.current(), "application/json", MINUTES)


@bp.get("/.well-known/mcla/feeds/<int:serial>.json")
@bp.input(SerialPath, location="path")
@bp.doc(
    operation_id="getFeedBySerial",
    summary="A compliance feed by its serial, for replaying a decision",
    responses={200: _told("The feed as it was signed"), 304: UNCHANGED, **problems(404)},
)
@access(Access.PUBLIC)
def numbered(serial: int, path_data: SerialPath) -> Response:
    del path_data  # documents the serial
    return _answer(services().feed.numbered(serial), "application/json", FOREVER)


@bp.get("/.well-known/mcla/feeds/sha256:<digest>.json")
@bp.input(NamedPath, location="path")
@bp.doc(
    operation_id="getFeedByDigest",
    summary="A compliance feed by the digest that a decision names",
    description="The digest is over the RFC 8785 form without `signature`. Evaluate a use under it with `feed` in "
    "`POST /licences/evaluate`.",
    responses={200: _told("The feed as it was signed"), 304: UNCHANGED, **problems(404)},
)
@access(Access.PUBLIC)
def named(digest: str, path_data: NamedPath) -> Response:
    del path_data  # documents the digest
    return _answer(services().feed.named(digest), "application/json", FOREVER)


@bp.get("/.well-known/mcla/feed-key.pem")
@bp.doc(
    operation_id="getFeedKey",
    summary="The public key that signs the next compliance feed",
    description="Fetch it once, compare it with what the operator tells on another way, and keep it: "
    "`mcla feed verify URL --key feed-key.pem --state FILE`. Later keys are followed by themselves.",
    responses={200: _told("An Ed25519 public key in PEM", "text/plain"), 304: UNCHANGED, **problems()},
)
@access(Access.PUBLIC)
def key() -> Response:
    pem = services().feed.key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _answer(pem, "text/plain; charset=utf-8", MINUTES)


def _answer(data: bytes, content_type: str, cache: str) -> Response:
    return tagged_file(data, content_type, cache, any_origin=True)
