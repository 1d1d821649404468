# SPDX-License-Identifier: Apache-2.0
"""A small model of how another agreement bot finds who has signed: one query for each author, by e-mail address.

The address of a row is normalised in the query, so that without an index on the normalised form a query walks the
whole table. Like its model it asks through an ORM, here through the same one as the service. It answers for one
agreement, and knows of no companies, ends, times or files.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Integer, String, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.platform.db import Database


class PeerBase(DeclarativeBase):
    """Apart from the service's tables."""


class PeerSignature(PeerBase):
    """One signature by one address."""

    __tablename__ = "peer_signature"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    agreement: Mapped[int] = mapped_column(Integer)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))


NORMALISED = func.lower(func.trim(PeerSignature.email))


def add_peer(db: Database) -> None:
    """The peer's table, with a signature by everybody of whom the service knows an address; no index yet."""
    PeerBase.metadata.create_all(db.engine)
    with db.transaction() as connection:
        columns = "row_number() OVER (ORDER BY id), 1, email, name"
        connection.execute(text(f"INSERT INTO peer_signature SELECT {columns} FROM person_detail"))  # noqa: S608
        connection.execute(text("ANALYZE peer_signature"))


def add_index(db: Database) -> None:
    """The index that its published schema lacks."""
    with db.transaction() as connection:
        connection.execute(text("CREATE INDEX peer_normalised ON peer_signature (lower(trim(email)))"))
        connection.execute(text("ANALYZE peer_signature"))


def peer_check(db: Database, emails: Sequence[str]) -> bool:
    """Whether each of these authors has signed."""
    with db.read() as session:
        return all(_signed(session, email) for email in emails)


def _signed(session: Session, email: str) -> bool:
    wanted = (email.strip().lower() == NORMALISED, PeerSignature.agreement == 1)
    return session.scalars(select(PeerSignature).where(*wanted).order_by(PeerSignature.id).limit(1)).first() is not None
