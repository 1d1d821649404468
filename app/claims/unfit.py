# SPDX-License-Identifier: Apache-2.0
"""Why another system's file is not imported, each with the next step. Told in the terminal of the operator."""

from mcla.errors import MclaError


class ClaimsFileUnfit(MclaError):
    """A file as a whole is not what the named system writes; a single bad row is refused by its number instead."""

    code = "claims-file-unfit"
    status = 422
    hint = "Export it again, and import it as it was written: a spreadsheet may have changed encoding or columns."


class ClaimsProviderUnclear(MclaError):
    """It is not clear at which identity provider of this service the accounts of a file are."""

    code = "claims-provider-unclear"
    status = 422
    hint = "Say it with --provider NAME; `mcla-server config` shows the names under MCLA_PROVIDERS."


class ClaimsAgreementForeign(MclaError):
    """The agreement is not one of the project's foundation, or not one that persons sign."""

    code = "claims-agreement-foreign"
    status = 422
    hint = "Name agreements that the project's foundation publishes for persons; without any, all of those are meant."
