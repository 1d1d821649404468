# SPDX-License-Identifier: Apache-2.0
"""Tables: contributions and the artifacts that each one covers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class Contribution(Base):
    """A set of artifacts of one kind given under a signature, with its schedule's declarations."""

    __tablename__ = "contribution"
    __table_args__ = (
        UniqueConstraint("signing_id"),
        # Not unique: what was taken back may be given again. The signer's lock keeps it to one at a time.
        Index(None, "signer_id", "project_id", "kind", "manifest_root"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"))
    signature_id: Mapped[str | None] = mapped_column(ForeignKey("signature.id"), index=True)
    """The acceptance it rests on; none for an offer (`app.grants`)."""
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"), index=True)
    signer_id: Mapped[str] = mapped_column(ForeignKey("signer.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    manifest_root: Mapped[str] = mapped_column(String(64), index=True)
    manifest: Mapped[bytes] = mapped_column(LargeBinary)
    file_count: Mapped[int] = mapped_column(Integer)
    total_size: Mapped[int] = mapped_column(BigInteger)
    tensor_root: Mapped[str | None] = mapped_column(String(64), index=True)
    """The statement's tensor root, so that the same tensors are found in other files."""
    declarations: Mapped[dict[str, Any]] = mapped_column(JSON)
    log_index: Mapped[int] = mapped_column(BigInteger, unique=True)
    bundle: Mapped[dict[str, Any]] = mapped_column(JSON)
    contributed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hidden_until: Mapped[date | None] = mapped_column(Date)
    """The first day on which the statement's embargo has ended."""
    hazard: Mapped[str] = mapped_column(String(16))
    """The statement's level of hazard: `none`, `dual-use` or `controlled`."""
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its giver ended the embargo before that day."""


class ContributionDraft(Base):
    """What a person has entered to give files and has not signed; `given` are the texts of the form's fields."""

    __tablename__ = "contribution_draft"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"), index=True)
    project: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    given: Mapped[dict[str, Any]] = mapped_column(JSON)
    signing_id: Mapped[str | None] = mapped_column(String(40), index=True)
    """The statement that was made of it last. No foreign key: unsigned statements are deleted long before drafts."""
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ContributionReader(Base):
    """A person, by verified e-mail address (lower case), who may see a contribution that is not public."""

    __tablename__ = "contribution_reader"

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ContributionArtifact(Base):
    """One file of a contribution's manifest, found by its digest."""

    __tablename__ = "contribution_artifact"
    __table_args__ = (Index(None, "sha256", "contribution_id"),)

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)


class TensorList(Base):
    """That the digests of a contribution's single tensors are known, and what they come to, each content once."""

    __tablename__ = "tensor_list"

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    contents: Mapped[int] = mapped_column(Integer)
    total_size: Mapped[int] = mapped_column(BigInteger)
    kept: Mapped[int] = mapped_column(Integer)
    """How many of them have a row: the largest."""


class TensorContent(Base):
    """One content among a contribution's tensors, found by its digest; names are not kept."""

    __tablename__ = "tensor_content"
    __table_args__ = (Index(None, "sha256", "contribution_id"),)

    contribution_id: Mapped[str] = mapped_column(ForeignKey("tensor_list.contribution_id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    rank: Mapped[int] = mapped_column(Integer)
    """From 0 for the largest: with the first few others that have them are looked for."""


class ContributionBase(Base):
    """One thing that a contribution was made from, as its signed declarations name it."""

    __tablename__ = "contribution_base"

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    base: Mapped[str] = mapped_column(String(600), index=True)
    """`sha256:HEX` where a digest was given, else the name on its hub, with `@revision`."""
    also: Mapped[str | None] = mapped_column(String(600), index=True)
    """The name, where the digest stands for it."""
    relation: Mapped[str] = mapped_column(String(32))
    licence: Mapped[str | None] = mapped_column(Text)
    licence_sha256: Mapped[str | None] = mapped_column(String(64))
    retrieved: Mapped[str | None] = mapped_column(String(10))
