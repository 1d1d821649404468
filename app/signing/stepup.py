# SPDX-License-Identifier: Apache-2.0
"""Confirming a draft with a passkey: the signer chooses one, the draft then names it, and its assertion joins.

The passkey covers the draft as it is shown, which already names its key. Only then is a one-use key certified, for the
statement with the assertion in it. Each change replaces the statement of a draft that is still as it was shown.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.identity.sql import changed_rows
from app.passkeys.errors import PasskeyUnknown
from app.passkeys.values import PasskeyInfo
from app.signing.certify import check_open
from app.signing.errors import PasskeyConfirmed, StatementChanged, WrongKeyHolder
from app.signing.lookup import own_signing, statement_of
from app.signing.models import Signing
from app.signing.ports import Actor, Ports
from mcla.artifacts.digest import sha256_hex
from mcla.envelope.webauthn import challenge_of, check_assertion
from mcla.statements.base import Statement
from mcla.statements.passkey import Assertion, PasskeyRef
from mcla.wording import Worded


def choose(ports: Ports, actor: Actor, signing_id: str, passkey_id: str | None) -> None:
    """Make a draft wait for one of the signer's passkeys, or for none.

    Raises `SigningUnknown`, `SigningExpired`, `AlreadyCertified`, `WrongKeyHolder` or `PasskeyUnknown`.
    """
    row = _open_draft(ports, actor, signing_id)
    if row.key_holder not in ("browser", "passkey"):
        raise WrongKeyHolder(
            Worded("This statement says that the key is held by: %(key_holder)s.", key_holder=row.key_holder)
        )
    passkey = None if passkey_id is None else PasskeyRef(_known(ports, row, passkey_id).public_key)
    holder = "browser" if passkey is None else "passkey"
    with ports.db.write() as session:
        _put(session, row, replace(statement_of(row), key_holder=holder, passkey=passkey))


def confirm(ports: Ports, actor: Actor, signing_id: str, answer: Assertion) -> None:
    """Put a passkey's assertion into the draft that waits for it.

    Raises as `choose`, `PasskeyConfirmed` if one is there, `PasskeyCloned`, or a `WebauthnRefused`.
    """
    row = _open_draft(ports, actor, signing_id)
    statement = statement_of(row)
    if statement.passkey is None:
        raise WrongKeyHolder(
            Worded("This statement says that the key is held by: %(key_holder)s.", key_holder=row.key_holder)
        )
    if statement.confirmed:
        raise PasskeyConfirmed("A passkey has confirmed this statement already.")
    waiting = statement.passkey
    seen = check_assertion(answer, waiting.public_key, challenge_of(row.statement), ports.settings.origin)
    with ports.db.write() as session:
        ports.passkeys.used(session, row.signer_id, waiting.fingerprint, seen.counter)
        _put(session, row, replace(statement, passkey=replace(waiting, assertion=answer)))


def choices(ports: Ports, actor: Actor, signing_id: str) -> list[PasskeyInfo]:
    """The passkeys that can confirm this signing; raises `SigningUnknown`."""
    with ports.db.read() as session:
        row = own_signing(session, actor, signing_id)
    return ports.passkeys.of_signer(row.signer_id) if row.key_holder in ("browser", "passkey") else []


def _open_draft(ports: Ports, actor: Actor, signing_id: str) -> Signing:
    with ports.db.read() as session:
        row = own_signing(session, actor, signing_id)
        now: datetime = ports.steady.now(session)
    check_open(row, now)
    return row


def _known(ports: Ports, row: Signing, passkey_id: str) -> PasskeyInfo:
    for each in ports.passkeys.of_signer(row.signer_id):
        if each.id == passkey_id:
            return each
    raise PasskeyUnknown("You have no passkey of that id for this foundation.")


def _put(session: Session, row: Signing, statement: Statement) -> None:
    data = statement.to_bytes()
    as_shown = Signing.state == "drafted", Signing.statement_sha256 == row.statement_sha256
    values = {"statement": data, "statement_sha256": sha256_hex(data), "key_holder": statement.key_holder}
    if changed_rows(session, update(Signing).where(Signing.id == row.id, *as_shown).values(**values)) != 1:
        raise StatementChanged("The statement was changed or certified meanwhile.")
