# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when contributions and artifacts are asked for."""

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
