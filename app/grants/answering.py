# SPDX-License-Identifier: Apache-2.0
"""From the act of a person of the foundation to the place of its answer in the log.

Everything that stands against it is asked, and the time taken, in the one transaction that keeps the signed statement:
of two at once one is refused, and so is what comes after the limit. The log follows; a job goes on from there if this
process dies. The key is made for the one statement and forgotten, and certified in the foundation's own name.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.agreements.render import Consent
from app.grants.errors import OfferAnswered, OfferLapsed, OfferTakenBack, OwnOffer
from app.grants.models import Offer, OfferAnswer
from app.identity.models import Signer
from app.platform.clock import new_id
from app.platform.jobs import add_job
from app.signing.doubles import lock_signers
from app.signing.lookup import statement_of
from app.signing.models import Signing, Withdrawal
from app.signing.ports import Actor, Ports
from app.signing.steady import check_valid_now
from mcla.artifacts.digest import sha256_hex
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.dsse import pae
from mcla.envelope.entry import entry_body
from mcla.envelope.timestamp import issue_timestamp
from mcla.statements.commitment import Person, commit
from mcla.statements.offer_answer import OfferAnswer as Statement
from mcla.statements.offer_answer import answered_subjects
from mcla.statements.parts import AnsweredRef, ConsentRef, DeclineReason, OfferRef, OfferWord, format_time
from mcla.statements.statement import SALT_BYTES, AnyStatement, Contribution
from mcla.verify.offers import in_time
from mcla.wording import Worded

FINISH_JOB = "offer.answered"
FINISH_AFTER = timedelta(seconds=30)
_BOXES: dict[OfferWord, tuple[str, str]] = {
    "counter-signed": (
        "I act for the foundation, I have read the offer, and the foundation accepts exactly these files under it.",
        "Counter-sign and record",
    ),
    "declined": ("I act for the foundation, and the foundation declines this offer.", "Decline and record"),
}
DISCLOSURE = (
    "This is an electronic signature in the foundation’s name. It names the offer by its digest and goes into the log.",
    "The statement holds a commitment to your account, and not your name. It cannot be undone.",
)


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer as somebody gives it for the foundation; a reason with `declined` alone."""

    word: OfferWord
    reason: DeclineReason | None = None


def consent_for(word: OfferWord) -> Consent:
    """The words beside the box and the button of an answer."""
    box, button = _BOXES[word]
    text = "\n".join((box, *DISCLOSURE))
    return Consent(text, hashlib.sha256(text.encode()).hexdigest(), box, DISCLOSURE, button, "Not now", "")


def keep(ports: Ports, actor: Actor, signing_id: str, log_index: int, new: NewAnswer) -> str:
    """Sign the answer to the offer that came of a signing, and keep it with a job; returns the answer's id.

    Raises `OwnOffer`, `OfferAnswered`, `OfferTakenBack`, `OfferLapsed` or `ClockUnsteady`.
    """
    try:
        with ports.db.write() as session:
            offer, given = session.get_one(Offer, signing_id), session.get_one(Signing, signing_id)
            lock_signers(session, [given.signer_id])  # the giver's withdrawal comes before this or after it
            now = ports.steady.now(session).replace(microsecond=0)
            _refuse(session, actor, offer, given, now)
            statement = _statement(ports, session, actor, given, log_index, new, now)
            row = _row(ports, statement, now)
            row.signing_id, row.identity_id, row.person_detail_id = given.id, actor.identity_id, actor.person_detail_id
            session.add(row)
            add_job(session, ports.clock, FINISH_JOB, {"id": row.id}, FINISH_AFTER)
    except IntegrityError:  # another process answered between the question and the row
        raise OfferAnswered("The offer was answered just now.") from None
    return row.id


def _refuse(session: Session, actor: Actor, offer: Offer, given: Signing, now: datetime) -> None:
    """What stands against an answer now, asked under the lock of the offer's signer."""
    if session.get_one(Signer, given.signer_id).contributor_id == actor.contributor_id:
        raise OwnOffer("You made this offer yourself.")
    answered = session.scalar(select(OfferAnswer).where(OfferAnswer.signing_id == offer.signing_id))
    if answered is not None:
        raise OfferAnswered(
            Worded(
                "The foundation has %(answer)s it on %(format_time)s.",
                answer=Worded(answered.answer),
                format_time=format_time(answered.signed_at),
            )
        )
    if session.scalar(select(Withdrawal.id).where(Withdrawal.ended_signing_id == offer.signing_id)) is not None:
        raise OfferTakenBack("Its giver has taken the offer back.")
    if not in_time(offer.until, now):
        raise OfferLapsed(
            Worded(
                "The offer stood until %(format_time)s; it is %(format_time2)s now.",
                format_time=format_time(offer.until),
                format_time2=format_time(now),
            )
        )


def _statement(
    ports: Ports, session: Session, actor: Actor, given: Signing, log_index: int, new: NewAnswer, now: datetime
) -> Statement:
    said, salt = statement_of(given), secrets.token_bytes(SALT_BYTES)
    detail = ports.identity.person_detail(session, actor.person_detail_id)
    person = Person(actor.provider, actor.subject, detail.name, detail.login, detail.email)
    answers, words = AnsweredRef(given.statement_sha256, said.root, log_index), consent_for(new.word)
    return Statement(
        subjects=answered_subjects(answers),
        salt=salt,
        service=ports.settings.origin,
        foundation=said.foundation,
        signer=offer_in(said).to,
        identity_commitment=commit(detail.secret, person, base64.b64encode(salt).decode()),
        key_holder="service",
        capacity="foundation",
        agreement=said.agreement,
        consent=ConsentRef(sha256=words.sha256, button=words.button),
        created_at=now,
        answers=answers,
        answer=new.word,
        reason=new.reason,
    )


def offer_in(said: AnyStatement) -> OfferRef:
    """What makes the statement an offer; raises `TypeError` for one that is none."""
    if not isinstance(said, Contribution) or said.offer is None:
        raise TypeError(f"expected the statement of an offer, got {type(said).__name__}")
    return said.offer


def _row(ports: Ports, statement: Statement, now: datetime) -> OfferAnswer:
    """The statement signed with a key made for it, certified in the foundation's name and stamped."""
    keys, payload = ports.keys, statement.to_bytes()
    check_valid_now([*keys.ca.chain, *keys.tsa.chain], now)
    key = ec.generate_private_key(ec.SECP256R1())
    origin = ports.settings.origin
    leaf = issue_leaf(keys.ca.key, keys.ca.chain, keys.ct, key.public_key(), statement.signer, origin, now)
    signature, certificate = key.sign(pae(payload), ec.ECDSA(hashes.SHA256())), leaf.public_bytes(Encoding.DER)
    values: dict[str, Any] = {"answer": statement.answer, "reason": statement.reason, "signed_at": now}
    return OfferAnswer(
        id=new_id("ans"),
        statement=payload,
        certificate=certificate,
        signature=signature,
        timestamp=issue_timestamp(signature, keys.tsa.key, keys.tsa.chain, now, secrets.randbits(126) + 1),
        entry_sha256=sha256_hex(entry_body(payload, signature, certificate)),
        **values,
    )
