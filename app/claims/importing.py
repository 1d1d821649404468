# SPDX-License-Identifier: Apache-2.0
"""Takes a file's rows in, within one transaction, each once: what a row says is known again by a keyed digest.

All functions run in the caller's transaction; planning writes nothing, so that a dry run is the same plan.
"""

import hmac
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.claims.models import Claim, ClaimImport, ClaimMark, ClaimSecret
from app.claims.values import Parsed, Refused, Row, System, Told
from app.platform.clock import new_id
from app.projects.models import Project
from mcla.artifacts.jsontext import canonical_json

AT_ONCE = 500
"""Rows that are looked up or written by one statement."""
Tick = Callable[[int, int], None]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from, and for which project."""

    project_id: str
    system: System
    provider: str
    file_sha256: str
    agreements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of a row; `told` and `key` for one that is written."""

    row: Row
    told: Told | None = None
    key: str = ""


def lock(session: Session, project_id: str) -> None:
    """Let one import of a project at a time decide what is there."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())


def secret_of(session: Session, project_id: str) -> bytes | None:
    """The project's secret, if it has one yet."""
    return session.scalar(select(ClaimSecret.secret).where(ClaimSecret.project_id == project_id))


def new_secret(session: Session, project_id: str) -> bytes:
    """Make and keep the project's secret."""
    secret = secrets.token_bytes(32)
    session.add(ClaimSecret(project_id=project_id, secret=secret))
    return secret


def plan(session: Session, source: Source, secret: bytes, parsed: Parsed, tick: Tick) -> Iterator[Planned]:
    """What becomes of each row, in the file's order."""
    seen: set[str] = set()
    done = 0
    for some in _parts(parsed.rows):
        keys = {id(row): _key(secret, source, row) for row in some if isinstance(row, Told)}
        known = _known(session, source.project_id, [*keys.values()])
        for row in some:
            if isinstance(row, Refused):
                yield Planned(Row(row.number, "refused", reason=row.reason))
            else:
                yield _planned(row, keys[id(row)], known, seen)
        done += len(some)
        tick(done, len(parsed.rows))


def write(session: Session, source: Source, planned: Sequence[Planned], by: str, now: datetime, tick: Tick) -> None:
    """Store what was planned; nothing at all if nothing of it is new."""
    fresh = [each for each in planned if each.row.outcome == "imported"]
    for each in planned:
        if each.row.outcome == "updated" and each.told is not None:
            mine = update(Claim).where(Claim.project_id == source.project_id, Claim.key == each.key)
            session.execute(mine.values(ended=each.told.ended, ended_known_at=now))
    if not fresh:
        return
    origin = ClaimImport(
        id=new_id("cim"),
        project_id=source.project_id,
        system=source.system,
        provider=source.provider,
        file_sha256=source.file_sha256,
        agreements=list(source.agreements),
        imported_by=by,
        imported_at=now,
    )
    session.add(origin)
    session.flush()
    done = 0
    for some in _parts(fresh):
        _insert(session, origin, some)
        done += len(some)
        tick(done, len(fresh))


def _parts(every: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def _planned(told: Told, key: str, known: Mapping[str, str | None], seen: set[str]) -> Planned:
    if key in seen or key in known:
        newly_ended = key not in seen and told.ended is not None and known[key] is None
        seen.add(key)
        return Planned(Row(told.number, "updated" if newly_ended else "already", told.evidence), told, key)
    seen.add(key)
    return Planned(Row(told.number, "imported", told.evidence), told, key)


def _known(session: Session, project_id: str, keys: Sequence[str]) -> dict[str, str | None]:
    """Which of these keys are there, each with the end that was told of it; an erased row takes no more news."""
    query = select(Claim.key, Claim.ended, Claim.erased_at).where(Claim.project_id == project_id, Claim.key.in_(keys))
    found = session.execute(query) if keys else ()
    return {key: "erased" if erased_at else ended for key, ended, erased_at in found}


def _key(secret: bytes, source: Source, told: Told) -> str:
    """The digest by which the same row is known again: of everything that it says but its end."""
    whom = [told.subject] if told.subject else sorted([each.what, each.at, each.compared] for each in told.marks)
    said = [source.system, source.provider, told.what, told.evidence, whom, told.signed or "", told.place]
    text = [told.text.title, told.text.url, told.text.version]
    return hmac.new(secret, canonical_json([*said, *text]), sha256).hexdigest()


def _insert(session: Session, origin: ClaimImport, some: Sequence[Planned]) -> None:
    claims, marks = [], []
    for each in some:
        told, claim_id = each.told, new_id("clm")
        if told is None:
            continue
        claims.append(
            {
                "id": claim_id,
                "import_id": origin.id,
                "project_id": origin.project_id,
                "row_number": told.number,
                "what": told.what,
                "evidence": told.evidence,
                "provider": origin.provider,
                "subject": told.subject,
                "signed": told.signed,
                "ended": told.ended,
                "ended_known_at": origin.imported_at if told.ended else None,
                "text_title": told.text.title,
                "text_url": told.text.url,
                "text_version": told.text.version,
                "place": told.place,
                "key": each.key,
            }
        )
        marks += [
            {"claim_id": claim_id, "number": n, "what": m.what, "at": m.at, "value": m.value, "compared": m.compared}
            for n, m in enumerate(told.marks)
        ]
    session.execute(insert(Claim), claims)
    if marks:
        session.execute(insert(ClaimMark), marks)
