# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a question about licences, beyond what `mcla.licences` and `mcla.tiers` say themselves."""

from mcla.errors import MclaError


class LicenceQuestionUnasked(MclaError):
    """A question about a use has to name one licence that is known, or own terms as text."""

    code = "licence-question-unasked"
    status = 422
    hint = "Give `licence` with an id, or `terms` with the text of tiers in TOML, and the facts in `use`."
