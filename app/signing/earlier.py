# SPDX-License-Identifier: Apache-2.0
"""Earlier signatures: what a signer brought to the log with a tool of others, and a contribution then names.

Such an entry gives nothing by itself: it says no project, kind, declarations or consent. The signer says all of that
in a contribution like any other, which names the entry, so that the earlier time stays provable. What the entry is a
signature over must be given with it: a file itself, or a list of files (OMS) whose bytes the signer shows.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from app.identity.models import Signer
from app.identity.sql import insert_if_absent
from app.signing.errors import EarlierNamed, EarlierUnfit, EarlierUnknown
from app.signing.ids import result_id
from app.signing.in_force import not_ended
from app.signing.models import NamedEntry, Signing, StockEntry
from app.signing.ports import Actor, Ports
from mcla.artifacts.digest import format_digest
from mcla.artifacts.manifest import Manifest
from mcla.envelope.dsse import pae
from mcla.statements.canonical import MAX_INT, canonical_json
from mcla.statements.oms import parse_oms
from mcla.statements.parts import EarlierRef
from mcla.statements.statement import Contribution, parse_statement
from mcla.statements.strict import parse_json
from mcla.wording import Worded

SHOWN = 100
MAX_TEXT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier signature as its signer names it: the place of its entry, and the list that it signs, if it does."""

    log_index: int
    statement: bytes | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An earlier signature as its signer sees it; `sha256` is of a file or of a list, which the log does not know."""

    log_index: int
    sha256: str
    logged_at: datetime


def note(session: Session, signer_id: str, sha256: str, entry_sha256: str, log_index: int, now: datetime) -> None:
    """Keep whose entry this is; noting the same one again changes nothing."""
    row = StockEntry(entry_sha256=entry_sha256, signer_id=signer_id, sha256=sha256, log_index=log_index, logged_at=now)
    insert_if_absent(session, row)


def waiting(session: Session, actor: Actor) -> list[Waiting]:
    """The person's entries that no contribution in force names, newest in the log first, at most 100."""
    named = (
        select(NamedEntry.entry_sha256)
        .where(NamedEntry.entry_sha256 == StockEntry.entry_sha256)
        .where(not_ended(NamedEntry.signing_id))
    )
    query = _of_person(actor).where(~named.exists()).order_by(StockEntry.log_index.desc()).limit(SHOWN)
    return [_told(row) for row in session.scalars(query)]


def own(session: Session, actor: Actor, indexes: Iterable[int]) -> list[Waiting]:
    """The person's entries at these places, in the order of the log; raises `EarlierUnknown`."""
    return [_told(row) for row in _rows(session, _of_person(actor), indexes)]


def check_fit(session: Session, actor: Actor, earlier: Sequence[Earlier], manifest: Manifest) -> None:
    """Raise `EarlierUnknown` or `EarlierUnfit` before anything more is asked, as `refs` does when it counts."""
    for row, named in zip(_rows(session, _of_person(actor), _indexes(earlier)), _in_order(earlier), strict=True):
        _refuse_unfit(row, named.statement, manifest)


def refs(session: Session, signer_id: str, earlier: Sequence[Earlier], manifest: Manifest) -> tuple[EarlierRef, ...]:
    """What the statement names: entries of this very signer, each over files of `manifest`.

    Raises `EarlierUnknown`, `EarlierUnfit`, `OmsInvalid` or `JsonInvalid`.
    """
    rows = _rows(session, select(StockEntry).where(StockEntry.signer_id == signer_id), _indexes(earlier))
    for row, named in zip(rows, _in_order(earlier), strict=True):
        _refuse_unfit(row, named.statement, manifest)
    return tuple(EarlierRef(row.entry_sha256, row.log_index) for row in rows)


def refuse_named_already(
    session: Session, ports: Ports, project_id: str, kind: str, named: Sequence[EarlierRef]
) -> None:
    """Raise `EarlierNamed` when a contribution in force to this project as this kind names one of these entries."""
    query = (
        select(Signing.id, Signing.statement, StockEntry.log_index)
        .join(NamedEntry, NamedEntry.signing_id == Signing.id)
        .join(StockEntry, StockEntry.entry_sha256 == NamedEntry.entry_sha256)
        .where(NamedEntry.entry_sha256.in_([each.entry for each in named]))
        .where(Signing.project_id == project_id, not_ended(Signing.id))
    )
    for signing_id, statement, index in session.execute(query) if named else ():
        given = parse_statement(statement)
        if isinstance(given, Contribution) and given.kind == kind:
            known = result_id(signing_id, "contribution")
            raise EarlierNamed(
                Worded(
                    "Your signature in log entry %(index)s stands in a contribution to this project already.",
                    index=index,
                ),
                url=f"{ports.settings.origin}/contributions/{known}",
                contribution=known,
            )


def keep_named(session: Session, signing_id: str, named: Sequence[EarlierRef]) -> None:
    """Store which entries a contribution names that is signed in this transaction."""
    session.add_all(NamedEntry(signing_id=signing_id, entry_sha256=each.entry) for each in named)


def forget_named(session: Session, signing_id: str) -> None:
    """Let another contribution name these entries: this one will never be recorded."""
    session.execute(delete(NamedEntry).where(NamedEntry.signing_id == signing_id))


def write_earlier(earlier: Sequence[Earlier]) -> str:
    """As a text that a form or a draft carries; `read_earlier` reads it back."""
    shown = [base64.b64encode(each.statement).decode() if each.statement else None for each in earlier]
    parts = [{"log_index": each.log_index, "statement": text} for each, text in zip(earlier, shown, strict=True)]
    return canonical_json(parts).decode() if parts else ""


def read_earlier(text: str) -> list[Earlier]:
    """Read `write_earlier`'s text as it comes back from a form; raises `EarlierUnfit` or `JsonInvalid`."""
    if not text:
        return []
    try:
        parts = parse_json(text.encode(), max_bytes=MAX_TEXT)
        if not isinstance(parts, list):
            raise TypeError("no list")
        pairs = [(int(part["log_index"]), part["statement"]) for part in parts]
        return [Earlier(index, base64.b64decode(data, validate=True) if data else None) for index, data in pairs]
    except (KeyError, TypeError, ValueError) as error:
        raise EarlierUnfit("The form names earlier signatures in a form that is not ours.") from error


def _rows(session: Session, query: Select[StockEntry], indexes: Iterable[int]) -> Sequence[StockEntry]:
    """The entries at these places, in the order of the log; raises `EarlierUnknown` if one is missing."""
    wanted = set(indexes)
    if not wanted:
        return ()
    reachable = [index for index in wanted if 0 <= index <= MAX_INT]
    query = query.where(StockEntry.log_index.in_(reachable)).order_by(StockEntry.log_index)
    rows = session.scalars(query).all()
    if lacking := sorted(wanted - {row.log_index for row in rows}):
        raise EarlierUnknown(
            Worded(
                "You have no signature by another tool in log entry %(lacking)s that can be given here.",
                lacking=lacking[0],
            )
        )
    return rows


def _indexes(earlier: Sequence[Earlier]) -> list[int]:
    return [each.log_index for each in earlier]


def _in_order(earlier: Sequence[Earlier]) -> list[Earlier]:
    """One for each entry, in the order of the log."""
    return [each for _, each in sorted({each.log_index: each for each in earlier}.items())]


def _refuse_unfit(row: StockEntry, statement: bytes | None, manifest: Manifest) -> None:
    at = Worded("log entry %(log_index)s", log_index=row.log_index)
    if statement is None:
        if not manifest.having(row.sha256):
            raise EarlierUnfit(
                Worded(
                    "Your signature in %(at)s is over %(digest)s, and no file of this contribution has that digest.",
                    at=at,
                    digest=format_digest(row.sha256),
                )
            )
        return
    if hashlib.sha256(pae(statement)).hexdigest() != row.sha256:
        raise EarlierUnfit(
            Worded("Your signature in %(at)s is over another list of files than the one that was shown.", at=at)
        )
    given = {entry.sha256 for entry in manifest.files}
    lacking = [file.path for file in parse_oms(statement).files if file.sha256 not in given]
    if lacking:
        names = ", ".join(lacking[:3]) + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")
        raise EarlierUnfit(
            Worded(
                "You signed %(names)s in %(at)s, and no file of this contribution has that digest.", names=names, at=at
            )
        )


def _of_person(actor: Actor) -> Select[StockEntry]:
    query = select(StockEntry).join(Signer, Signer.id == StockEntry.signer_id)
    return query.where(Signer.contributor_id == actor.contributor_id)


def _told(row: StockEntry) -> Waiting:
    return Waiting(row.log_index, row.sha256, row.logged_at)
