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


class WaitingUnknown(MclaError):
    """No check of this project waits under that id."""

    code = "waiting-unknown"
    status = 404
    hint = "Send the question to /api/v1/checks/waiting again; a check is kept for 90 days at most."


class HeadSuperseded(MclaError):
    """A newer head of the same change waits already, so the question about this one is too late."""

    code = "head-superseded"
    status = 409
    hint = "Let the job of the newer head report. After a forced push back to this one, delete the waiting check first."


class WaitingFull(MclaError):
    """As many checks of the project wait as are kept at once."""

    code = "waiting-full"
    status = 409
    hint = "Delete the waiting checks of changes that were merged or closed."


class WebhookUnfit(MclaError):
    """Nothing can be sent to the address of a webhook."""

    code = "webhook-unfit"
    status = 422
    hint = "Give an https address on the open network that answers without a redirect."


class WebhookAbsent(MclaError):
    """The project has no webhook in use: none is set, or its receiver answered that it is gone."""

    code = "webhook-absent"
    status = 409
    hint = "Set the webhook's address at /console/webhooks or with mcla-server webhook set --project P URL."
