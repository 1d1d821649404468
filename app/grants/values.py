# SPDX-License-Identifier: Apache-2.0
"""An offer as the foundation sees it, as plain values. The giver is named to the foundation's staff alone."""

from dataclasses import dataclass
from datetime import datetime

from mcla.verify.offers import Answer
from mcla.verify.standing import Standing

DECLINE_NAMES = {
    "none-given": "No reason",
    "not-needed": "The project does not need it",
    "licence-unfit": "Its licences do not fit the project",
    "rights-unclear": "It is not clear that the giver may license all of it",
    "quality": "It does not meet the project’s standards",
    "unsafe": "It would make the project less safe",
}
"""What stands on the page for each reason, in its order there."""


@dataclass(frozen=True, slots=True)
class Giver:
    """Who offers: the name and account of their sign-in, empty once erased."""

    name: str
    account: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Grantor:
    """The company that an offer binds, and in which office its giver signed; the title is for the staff alone."""

    name: str
    jurisdiction: str
    registration: str
    title: str
    power: str


@dataclass(frozen=True, slots=True)
class OfferInfo:
    """One offer with how it stands; `answer_id` as soon as the foundation has signed, `answer` once that is logged."""

    id: str
    """Of the contribution."""
    signing_id: str
    foundation_id: str
    project: str
    project_name: str
    kind: str
    files: int
    bytes: int
    root: str
    slug: str
    title: str
    version: str
    statement_sha256: str
    signer: str
    signer_contributor_id: str
    giver: Giver
    grantor: Grantor | None
    """None where its giver offers it for self."""
    offered_at: datetime
    log_index: int
    until: datetime
    standing: Standing
    answer_id: str | None
    answer: Answer | None

    @property
    def waits(self) -> bool:
        """Whether the foundation can still answer."""
        return self.standing.state == "pending" and self.answer_id is None
