# SPDX-License-Identifier: Apache-2.0
"""Finding a signing for the person it belongs to: anybody else is told that there is none."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Identity, Signer
from app.platform.clock import is_id
from app.signing.errors import SigningUnknown
from app.signing.models import Signing
from app.signing.ports import Actor
from mcla.statements.statement import AnyStatement, parse_draft


def own_signing(session: Session, actor: Actor, signing_id: str) -> Signing:
    """The signing that this very identity drafted: its statement commits to the identity. Raises `SigningUnknown`.

    The signer must still be this person too: an account that was separated no longer signs in the other one's name.
    """
    query = select(Signing).join(Signer, Signer.id == Signing.signer_id)
    query = query.where(Signing.id == signing_id, Signing.identity_id == actor.identity_id)
    query = query.where(Signer.contributor_id == actor.contributor_id)
    return _found(session.scalar(query) if is_id(signing_id) else None)


def persons_signing(session: Session, actor: Actor, signing_id: str) -> Signing:
    """The signing of any identity of this person, to be read only. Raises `SigningUnknown`."""
    mine = select(Identity.id).where(Identity.contributor_id == actor.contributor_id)
    query = select(Signing).where(Signing.id == signing_id, Signing.identity_id.in_(mine))
    return _found(session.scalar(query) if is_id(signing_id) else None)


def statement_of(row: Signing) -> AnyStatement:
    """The row's statement, read; while it is a draft, its passkey may still be waited for."""
    return parse_draft(row.statement)


def _found(row: Signing | None) -> Signing:
    if row is None:
        raise SigningUnknown("You have no signing of that id.")
    return row
