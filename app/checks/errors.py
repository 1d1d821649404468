# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when policies and exemptions are kept, each with the next step."""

from mcla.errors import MclaError


class ExemptionUnfit(MclaError):
    """Nobody can be exempt so: no exact account or address, no reason, or no end in time."""

    code = "exemption-unfit"
    status = 422
    hint = "Name one account by its number or one address, a reason, and a day within two years."


class ExemptionUnknown(MclaError):
    """There is no such exemption in this project."""

    code = "exemption-unknown"
    status = 404
    hint = "mcla-server exempt list --project P prints them with their ids."


class PolicyAgreementUnknown(MclaError):
    """A policy asks for an agreement that the project's foundation does not have."""

    code = "policy-agreement-unknown"
    status = 422
    hint = "Use the slugs of the foundation's agreements, as the page /agreements lists them."
