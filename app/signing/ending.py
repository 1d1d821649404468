# SPDX-License-Identifier: Apache-2.0
"""Ending an acceptance or contribution: the draft of the withdrawal, its words, and what stands against it.

Only the signer can, and for a company who keeps its list or signed for it; who gave for a company only while it lists
them. What was made for a company is ended for the company. Once, and only what is recorded. A withdrawal counts from
its own place in the log on: it takes nothing back of what was valid before, and it is never undone. Signing anew is
always possible.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.agreements.render import Consent
from app.identity.models import Signer
from app.log.models import LogEntry
from app.platform.settings import Settings
from app.signing.drafts import Common, forget_abandoned
from app.signing.errors import (
    AcceptanceEnded,
    AlreadyEnded,
    CannotBeEnded,
    NothingToEnd,
    NotYoursToEnd,
    SigningUnknown,
)
from app.signing.ids import result_id, signing_of
from app.signing.lookup import statement_of
from app.signing.models import Signature, Signing, Withdrawal
from app.signing.ports import Actor, Ports
from app.signing.values import Completed, Ended
from mcla.artifacts.digest import sha256_hex
from mcla.envelope.entry import entry_body
from mcla.statements import statement as statements
from mcla.statements.parts import ENDABLE, AcceptanceRef, ConsentRef, EndedRef, format_time
from mcla.wording import Worded

BUTTON = "End and record"
KEEP = "Keep it as it is"
NO_MORE = Worded("You act for this company no more, so you cannot take this back for it.")
BOXES = {
    "acceptance": "I am the person named here, and I end my acceptance of this agreement for everything still to come.",
    "contribution": "I am the person named here, and I take this contribution back from now on.",
}
DISCLOSURE = (
    "This is an electronic signature. It covers only what is named on this page.",
    "It counts from its own entry in the public log on, never backwards, and it cannot be undone. You can sign anew.",
    "What was released before stays licensed to everybody, as far as the agreement and the law say so.",
)


@dataclass(frozen=True, slots=True)
class Endable:
    """Something recorded that a person can end: the signing it came of, its type and its place in the log."""

    signing: Signing
    type: Literal["acceptance", "contribution"]
    log_index: int
    own: bool
    """Whether this person signed it; otherwise it was given for a company for which the person acts."""

    @property
    def id(self) -> str:
        return result_id(self.signing.id, self.type)

    @property
    def root(self) -> str:
        """The root of what it covers, 64 hex."""
        return statement_of(self.signing).root


def draft_withdrawal(ports: Ports, actor: Actor, ended_id: str, reason: str, stage: str | None, key_holder: str) -> str:
    """Store the withdrawal that `actor` is asked to sign; `ended_id` is `sig_…` or `ctr_…`. Returns the signing's id.

    Raises `NothingToEnd`, `NotYoursToEnd`, `CannotBeEnded`, `AlreadyEnded`, `StatementInvalid` or `ClockUnsteady`.
    """
    with ports.db.write() as session:
        ended = endable(session, ports, actor, ended_id)
        refuse_ended_already(session, ports, ended.signing.statement_sha256)
        published = ports.agreements.version_by_id(ended.signing.agreement_version_id)
        now = ports.steady.now(session)
        common = Common(ports, session, actor, published, _signer(session, ports, actor, ended), key_holder, now)
        statement = _withdrawal(common, ended, reason, stage)
        row = common.row("withdrawal", statement.to_bytes())
        session.add(row)
        forget_abandoned(session, row, now)
    return row.id


def endable(session: Session, ports: Ports, actor: Actor, ended_id: str) -> Endable:
    """What the person can end: a recorded acceptance or contribution, the own or one for a company to act for.

    Raises `NothingToEnd`, `NotYoursToEnd` or `CannotBeEnded`.
    """
    signing_id, kind = signing_of(ended_id) or ("", "")
    query = select(Signing, Signer.contributor_id).join(Signer, Signer.id == Signing.signer_id)
    row, owner = session.execute(query.where(Signing.id == signing_id)).one_or_none() or (None, "")
    if row is None or (row.kind, row.state) != (kind, "complete"):
        raise NothingToEnd("You have no signature or contribution of that id.")
    own = owner == actor.contributor_id
    if not may_end(session, ports, row, actor.contributor_id, ports.clock.now(), own=own):
        raise NotYoursToEnd(NO_MORE) if own else NothingToEnd("You have no signature or contribution of that id.")
    if kind not in ENDABLE:
        raise CannotBeEnded(
            Worded("This is a %(replace)s, which cannot be taken back.", replace=kind.replace("-", " "))
        )
    return Endable(row, cast("Literal['acceptance', 'contribution']", kind), _log_index(session, ports, row), own)


def refuse_end_overtaken(
    session: Session, ports: Ports, row: Signing, statement: statements.Withdrawal, now: datetime
) -> None:
    """Raise `AlreadyEnded` or `NotYoursToEnd` for what happened while the page stood open.

    Who gave it and who acts for the company may end it at once: both wait for the lock of the one who gave it
    (`owner_of_ended`). Who may, is the company's to change: that waits for the company's lock.
    """
    ended = session.scalars(select(Signing).where(Signing.statement_sha256 == statement.ends.statement)).one()
    ports.companies.hold(session, statement_of(ended))
    refuse_ended_already(session, ports, statement.ends.statement)
    contributor_id, own = session.get_one(Signer, row.signer_id).contributor_id, row.signer_id == ended.signer_id
    if not may_end(session, ports, ended, contributor_id, now, own=own):
        raise NotYoursToEnd(NO_MORE)


def owner_of_ended(session: Session, row: Signing) -> tuple[str, ...]:
    """The signer of what a withdrawal ends; nobody for other statements."""
    statement = statement_of(row)
    if not isinstance(statement, statements.Withdrawal):
        return ()
    ended = select(Signing.signer_id).where(Signing.statement_sha256 == statement.ends.statement)
    return tuple(session.scalars(ended))


def may_end(session: Session, ports: Ports, row: Signing, contributor_id: str, now: datetime, *, own: bool) -> bool:
    """Whether this person decides about what a signing made; `own`: they signed it.

    What was given for a company is the company's to decide about, also where this person gave it.
    """
    statement = statement_of(row)
    if isinstance(statement, statements.Contribution) and statement.company is not None:
        return ports.companies.may_take_back(session, statement, contributor_id, now, giver=own)
    return own


def _signer(session: Session, ports: Ports, actor: Actor, ended: Endable) -> str:
    if ended.own:
        return ended.signing.signer_id
    foundation = ports.agreements.version_by_id(ended.signing.agreement_version_id).foundation_id
    return ports.identity.signer_for(session, actor.contributor_id, foundation).id


def ended_by(session: Session, signing_id: str) -> Ended | None:
    """How what came of a signing was ended, None if it was not."""
    found = _find(session, Signing.id == signing_id)
    return found[1] if found else None


def told(row: Withdrawal, log_index: int | None) -> Ended:
    """A withdrawal's row as a value."""
    return Ended(row.id, row.signed_at, row.reason, row.stage, log_index)


def consent_to_end(kind: str, beside: str) -> Consent:
    """The words beside the box and the button, for what is ended."""
    box = BOXES[kind]
    text = "\n".join((box, *DISCLOSURE))
    return Consent(text, hashlib.sha256(text.encode()).hexdigest(), box, DISCLOSURE, BUTTON, KEEP, beside)


def refuse_ended_already(session: Session, ports: Ports, statement_sha256: str) -> None:
    """Raise `AlreadyEnded` when somebody has signed a withdrawal of this statement."""
    found = _find(session, Signing.statement_sha256 == statement_sha256)
    if found is not None:
        what, ended = found
        raise AlreadyEnded(
            Worded("This was ended on %(format_time)s.", format_time=format_time(ended.signed_at)),
            withdrawal=ended.withdrawal_id,
            since={"time": format_time(ended.signed_at), "log_index": ended.log_index},
            url=page_of(ports.settings, what),
        )


def page_of(settings: Settings, ended: Signing) -> str:
    """The page of an acceptance or contribution, which tells how it stands."""
    noun = "contributions" if ended.kind == "contribution" else "signatures"
    return f"{settings.origin}/{noun}/{result_id(ended.id, ended.kind)}"


def refuse_ended_acceptance(session: Session, ports: Ports, slug: str, acceptance: AcceptanceRef) -> None:
    """Raise `AcceptanceEnded` when the acceptance that a contribution rests on has been ended."""
    if _find(session, Signing.statement_sha256 == acceptance.statement) is not None:
        raise AcceptanceEnded(
            Worded(
                "The acceptance of %(slug)s that this rests on was ended while the page stood open. Nothing was "
                "signed.",
                slug=slug,
            ),
            sign_url=f"{ports.settings.origin}/sign/{slug}",
        )


def ended_id(session: Session, statement: statements.Withdrawal) -> str:
    """The id of what a drafted or signed withdrawal ends."""
    return result_id(_ended_signing(session, statement), statement.ends.type)


def withdrawal_row(
    session: Session, signing: Signing, certificate: bytes, signature: bytes, now: datetime
) -> Withdrawal:
    """The row of a withdrawal that is being signed: what it ends has ended from its log entry on."""
    statement = statement_of(signing)
    assert isinstance(statement, statements.Withdrawal)  # noqa: S101 - the caller asked for the kind
    return Withdrawal(
        id=result_id(signing.id, "withdrawal"),
        signing_id=signing.id,
        ended_signing_id=_ended_signing(session, statement),
        entry_sha256=sha256_hex(entry_body(signing.statement, signature, certificate)),
        reason=statement.reason,
        stage=statement.stage,
        signed_at=now,
    )


def completed(session: Session, settings: Settings, row: Signing) -> Completed:
    """The outcome of a complete withdrawal; its page is that of what it ended. Raises `SigningUnknown`."""
    withdrawal = session.scalars(select(Withdrawal).where(Withdrawal.signing_id == row.id)).one()
    found = _find(session, Signing.id == withdrawal.ended_signing_id)
    index = found[1].log_index if found else None
    if found is None or index is None or withdrawal.bundle is None:
        raise SigningUnknown("This signing is not complete.")
    return Completed(
        type="withdrawal",
        id=withdrawal.id,
        url=page_of(settings, found[0]),
        bundle_url=f"{settings.origin}/api/v1/withdrawals/{withdrawal.id}/bundle",
        record_url=None,
        log_index=index,
        bundle=withdrawal.bundle,
    )


def _withdrawal(common: Common, ended: Endable, reason: str, stage: str | None) -> statements.Withdrawal:
    statement = statement_of(ended.signing)
    ends = EndedRef(ended.type, ended.signing.statement_sha256, statement.root, ended.log_index)
    words = consent_to_end(ended.type, "")
    return statements.Withdrawal(
        subjects=statements.ended_subjects(ends),
        consent=ConsentRef(sha256=words.sha256, button=words.button),
        capacity=statement.capacity,
        ends=ends,
        reason=reason,
        stage=stage,
        **common.parts(),
    )


def _log_index(session: Session, ports: Ports, row: Signing) -> int:
    if row.kind == "acceptance":
        return session.scalars(select(Signature.log_index).where(Signature.signing_id == row.id)).one()
    found = ports.outcomes.stored(session, row.id)
    if found is None:
        raise NothingToEnd("You have no signature or contribution of that id.")
    return found[0]


def _ended_signing(session: Session, statement: statements.Withdrawal) -> str:
    return session.scalars(select(Signing.id).where(Signing.statement_sha256 == statement.ends.statement)).one()


def _find(session: Session, condition: ColumnElement[bool]) -> tuple[Signing, Ended] | None:
    """The signing that fits `condition` with its end, if that has one."""
    query = (
        select(Signing, Withdrawal, LogEntry.index)
        .join(Withdrawal, Withdrawal.ended_signing_id == Signing.id)
        .outerjoin(LogEntry, LogEntry.body_sha256 == Withdrawal.entry_sha256)
        .where(condition)
    )
    found = session.execute(query).one_or_none()
    return (found[0], told(found[1], found[2])) if found else None
