# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when contributions and artifacts are asked for."""

from typing import Any

from mcla.errors import MclaError


class ContributionUnknown(MclaError):
    """No contribution has this id."""

    code = "contribution-unknown"
    status = 404
    hint = "Check the id, which begins with ctr_; or look the file up by its digest: GET /api/v1/artifacts/sha256:…"


class TooManyDigests(MclaError):
    """A batch is larger than one answer may be."""

    code = "too-many-digests"
    status = 422
    hint = "Ask in batches of at most 1,000 digests."


class ContributionHidden(MclaError):
    """An embargo or the hazard class keeps it from the public, and the caller is none of those who may see it."""

    code = "contribution-hidden"
    status = 403
    hint = "If you are one of them, sign in (over the API: send an access token); if not, ask its giver to name you."

    def __init__(self, message: str, *, until: str | None) -> None:
        super().__init__(message)
        self.extra: dict[str, Any] = {"embargo_until": until}


class NoLongerYours(MclaError):
    """Who gave for a company decides about it only while the company lists them."""

    code = "no-longer-yours"
    status = 403
    hint = "Ask somebody who keeps the company's list to do it."


class ReaderUnfit(MclaError):
    """Somebody cannot be named as a reader of a contribution."""

    code = "reader-unfit"
    status = 422
    hint = "Give one e-mail address, as the person’s own sign-in provider has verified it."


class TensorsOther(MclaError):
    """A list of tensors is not that of the contribution's statement."""

    code = "tensors-other"
    status = 409
    hint = "Send what `mcla tensors --json PATH…` says of the very files that were signed."


class DraftUnknown(MclaError):
    """There is no such draft any more, or it is somebody else's: the answer is the same."""

    code = "draft-unknown"
    status = 404
    hint = "Drafts end thirty days after the last change and when they are signed. Begin anew at /contributions/new."
