# SPDX-License-Identifier: Apache-2.0
"""JSON of questions about coverage. Field names are a contract with outside scripts."""

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from app.coverage.values import Coverage, Word
from app.platform.bodies import Answer
from mcla.checks.answer import BasisPath
from mcla.terms import Kind


class CoverageQuery(BaseModel):
    """One subject: an account by provider and subject, or a company, or a file."""

    project: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9-]+$", description="The project's slug.")
    provider: str | None = Field(default=None, max_length=32, description="With subject or login: whose it is.")
    subject: str | None = Field(default=None, max_length=255, description="The account's id there, never a login.")
    login: str | None = Field(
        default=None, max_length=255, description="A label: without a subject it is answered `unknown`, `login-only`."
    )
    company: str | None = Field(default=None, max_length=40, description="A company's id.")
    artifact: str | None = Field(default=None, max_length=71, description="A file, as sha256: and 64 hex digits.")
    kind: Kind | None = Field(default=None, description="One kind; left out, every kind.")
    as_of: AwareDatetime | None = Field(default=None, description="The time asked about; left out, now.")


class BasisOut(Answer):
    """What a yes rests on."""

    path: BasisPath
    agreement: dict[str, str]
    log_index: int = Field(ge=0)
    since: datetime
    until: datetime | None = Field(description="From when a newer version ends it, as far as was known then.")


class KindOut(Answer):
    """The answer for one kind."""

    verdict: Word
    code: str
    reason: str
    basis: BasisOut | None


class CoverageAsOfOut(Answer):
    """The time of the answer, and how many entries the log had then."""

    log_size: int = Field(ge=0)
    time: datetime


class CoverageOut(Answer):
    """Whether it was covered. `verdict` is the worst over the kinds that were asked about."""

    project: str
    verdict: Literal["covered", "not-covered", "unknown"]
    kinds: dict[Kind, KindOut]
    as_of: CoverageAsOfOut


def coverage_out(found: Coverage) -> dict[str, Any]:
    """The JSON of an answer."""
    return {
        "project": found.project,
        "verdict": found.verdict,
        "kinds": {kind: each.to_dict() for kind, each in found.kinds.items()},
        "as_of": found.as_of.to_dict(),
    }
