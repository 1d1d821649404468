# SPDX-License-Identifier: Apache-2.0
"""The log over HTTP: C2SP tlog-tiles at `/log/…`, and the same under `/api/v2/` where Rekor v2 readers look.

Tiles and bundles never change, so they may be kept for ever; a head is good for a few seconds. Everything is
public and readable from pages of other origins: an auditor needs no permission.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from app.log.witness_policy import published_policy
from app.platform.bodies import UNCHANGED, problems
from app.platform.security import Access, access
from app.platform.tagged import FOREVER, tagged_file
from app.wiring import services
from mcla.log.policyfile import format_policy
from mcla.log.vkey import VerifierKey

bp = APIBlueprint("log", __name__, tag="Log")
SECONDS = "public, max-age=3"
NAME = r"^(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?$"
NAME_IN_WORDS = (
    "Its number in groups of three digits, all but the last with an x before them; .p/ and the width behind it where "
    "it is not full: 067, x001/x234/067, 000.p/17."
)
FORMAT = "C2SP tlog-tiles; the slashes of a name may stand as they are."


class EntriesPath(BaseModel):
    """The name of an entry bundle. The pattern is for readers; the operation itself says in words what is wrong."""

    name: str = Field(description=NAME_IN_WORDS, json_schema_extra={"pattern": NAME}, examples=["000.p/1"])


class TilePath(EntriesPath):
    """The name of a tile, with its level."""

    level: str = Field(
        description="0 for hashes of entries; each level above holds the roots of full tiles below, up to 63.",
        json_schema_extra={"pattern": "^(0|[1-9][0-9]?)$"},
        examples=["0"],
    )


def _told(what: str, media: str, cache: str) -> dict[str, Any]:
    """A public answer of the API document: its bytes and the headers that say how long they are good."""
    schema = {"type": "string"} if media == "text/plain" else {"type": "string", "format": "binary"}
    kept = {"type": "string", "const": cache}
    return {
        "description": what,
        "content": {media: {"schema": schema}},
        "headers": {
            "Cache-Control": {"description": "How long the answer may be kept", "schema": kept},
            "ETag": {"description": "Send it as If-None-Match to ask again", "schema": {"type": "string"}},
        },
    }


HEAD: Any = _told("A signed note: origin, size and root hash, then a line for each signature", "text/plain", SECONDS)
POLICY: Any = _told("Lines log, witness, group and quorum", "text/plain", SECONDS)
TILE: Any = _told("Up to 256 hashes of 32 bytes", "application/octet-stream", FOREVER)
ENTRIES: Any = _told("Up to 256 entries, each after its length in two bytes", "application/octet-stream", FOREVER)


@bp.get("/.well-known/mcla/policy")
@bp.doc(
    operation_id="getLogPolicy",
    summary="The log's keys, its witnesses and their quorum",
    description="A C2SP tlog-policy: the operator's choice. A reader who wants witnesses writes a policy of their own.",
    responses={200: POLICY, 304: UNCHANGED, **problems()},
)
@access(Access.PUBLIC)
def policy() -> Response:
    place = f"{services().settings.origin}/log"
    logs = [(place, VerifierKey.of_log(log.name, log.key)) for log in services().trust.logs]
    logs += [(place, key) for key in services().keys.second_log_keys(services().settings.host)]
    return _answer(format_policy(published_policy(services().policy, logs)), "text/plain; charset=utf-8", SECONDS)


def _serve(prefix: str, suffix: str, readers: str) -> None:
    """Serve the log under `prefix`; `suffix` tells the operations of one address from those of the other."""

    @bp.get(f"{prefix}/checkpoint", endpoint=f"checkpoint{suffix}")
    @bp.doc(
        operation_id=f"getCheckpoint{suffix}",
        summary=f"The log's newest signed head{readers}",
        description="A C2SP tlog-checkpoint. Check it against the log's key in the trust file.",
        responses={200: HEAD, 304: UNCHANGED, **problems()},
    )
    @access(Access.PUBLIC)
    def checkpoint() -> Response:
        return _answer(services().log.checkpoint().encode(), "text/plain; charset=utf-8", SECONDS)

    @bp.get(f"{prefix}/tile/entries/<path:name>", endpoint=f"entries{suffix}")
    @bp.input(EntriesPath, location="path")
    @bp.doc(
        operation_id=f"getLogEntries{suffix}",
        summary=f"A bundle of the log's entries{readers}",
        description=FORMAT,
        responses={200: ENTRIES, 304: UNCHANGED, **problems(404)},
    )
    @access(Access.PUBLIC)
    def entries(name: str, path_data: EntriesPath) -> Response:
        del path_data  # documents the pattern; the service says in words what is wrong
        return _answer(services().log.tile(f"tile/entries/{name}"), "application/octet-stream", FOREVER)

    @bp.get(f"{prefix}/tile/<level>/<path:name>", endpoint=f"tile{suffix}")
    @bp.input(TilePath, location="path")
    @bp.doc(
        operation_id=f"getLogTile{suffix}",
        summary=f"A tile of the log's hashes{readers}",
        description=FORMAT,
        responses={200: TILE, 304: UNCHANGED, **problems(404)},
    )
    @access(Access.PUBLIC)
    def tile(level: str, name: str, path_data: TilePath) -> Response:
        del path_data
        return _answer(services().log.tile(f"tile/{level}/{name}"), "application/octet-stream", FOREVER)


def _answer(data: bytes, content_type: str, cache: str) -> Response:
    return tagged_file(data, content_type, cache, any_origin=True)


_serve("/log", "", "")
_serve("/api/v2", "V2", ", where Rekor v2 readers look")
