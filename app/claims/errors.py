# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when staff looks at claims, each with the next step."""

from mcla.errors import MclaError


class ClaimsUnknown(MclaError):
    """No import of the foundation has this id."""

    code = "claims-unknown"
    status = 404
    hint = "The page /console/claims lists what was imported."


class ClaimsSearchUnfit(MclaError):
    """Whose claims are meant is not said."""

    code = "claims-search-unfit"
    status = 422
    hint = "Give the account's number, an address or a login, exactly as it was recorded."
