# SPDX-License-Identifier: Apache-2.0
"""What is known of digests, with the contributions that list them."""

from datetime import date

from pydantic import Field

from app.contributions.schemas.digests import Digest, Word
from app.contributions.schemas.standing import AgreementOut, AsOfOut, OfferOut, ReasonOut, ShownTo, StandingOut
from app.platform.bodies import Answer
from mcla.verify.standing import State


class CoveringOut(StandingOut):
    """One contribution that lists the digest, as its verified statement says it."""

    id: str
    agreement: AgreementOut
    kind: str
    project: str
    signer: str = Field(description="An opaque URI: it names no person.")
    time: str
    log_index: int = Field(ge=0)
    key_holder: str
    path: str = Field(
        description="The file's name in the contribution; `mcla:manifest` for the root of all its files; `mcla:hidden` "
        "while the contribution is not public."
    )
    shown_to: ShownTo
    embargo_until: date | None
    offer: OfferOut | None = Field(description="Null for what needs no counter-signature.")
    bundle_url: str
    verdict: Word
    reasons: list[ReasonOut]


class ArtifactOut(Answer):
    """What is known of one digest."""

    digest: Digest
    verdict: Word
    state: State = Field(
        description="in-force if one of the proven contributions is, else that of the one that speaks for it."
    )
    reasons: list[ReasonOut]
    contributions: list[CoveringOut]
    more: bool = Field(description="True if further contributions list the digest than are named here.")
    as_of: AsOfOut


class ArtifactsOut(Answer):
    """One result for each digest, in the order asked."""

    results: list[ArtifactOut]
    as_of: AsOfOut
