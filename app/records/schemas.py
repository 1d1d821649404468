# SPDX-License-Identifier: Apache-2.0
"""What the operations about records take, as pydantic models: the OpenAPI document is made from these."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from app.platform.bodies import Answer
from app.records.values import FileInfo
from mcla.records.fields import NAMES, SECRET


class CopyQuery(BaseModel):
    """What a redacted copy shows."""

    show: str = Field(
        default="",
        max_length=300,
        pattern=r"^[A-Za-z,]*$",
        description="Personal fields to show, with commas between: any of "
        + ", ".join(f"`{name}`" for name in NAMES if name != SECRET)
        + ". Without it none is shown.",
    )

    def names(self) -> list[str]:
        return [name for name in self.show.split(",") if name]


class FilePath(BaseModel):
    """The digest in a path."""

    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")


class SupersededOut(Answer):
    """The record that took this one's place: when, and the digest of its file once it is sealed.

    Why, it says itself: that may name a person.
    """

    at: datetime
    sha256: str | None


class RecordFileOut(Answer):
    """A sealed file that was issued here. `better` is a later seal on the same record."""

    sha256: str
    level: str
    sealed_at: datetime
    log_index: int | None
    entry: dict[str, Any] | None
    better: str | None
    superseded: SupersededOut | None

    @classmethod
    def of(cls, found: FileInfo) -> "RecordFileOut":
        newer = found.superseded
        return cls(
            sha256=f"sha256:{found.sha256}",
            level=found.level,
            sealed_at=found.sealed_at,
            log_index=found.log_index,
            entry=dict(found.bundle) if found.bundle else None,
            better=f"sha256:{found.better}" if found.better else None,
            superseded=SupersededOut(at=newer.at, sha256=f"sha256:{newer.sha256}" if newer.sha256 else None)
            if newer
            else None,
        )
