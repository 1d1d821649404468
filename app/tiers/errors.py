# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when terms in tiers are published or asked for, each with the next step."""

from mcla.errors import MclaError


class TiersUnknown(MclaError):
    """There are no published terms in tiers under this id and version."""

    code = "tiers-unknown"
    status = 404
    hint = "What is published is listed at /tiers, and for programs at /api/v1/tiers."


class TiersNotPublished(MclaError):
    """Neither the project nor its foundation has terms in tiers that were in force on that day."""

    code = "tiers-not-published"
    status = 404
    hint = "Ask about a known licence instead, with `licence`, or about another day, with `date` in the facts."


class TiersIdTaken(MclaError):
    """Terms of another project or foundation have this id."""

    code = "tiers-id-taken"
    status = 409
    hint = "Give the terms an id that begins with the name of your project."


class TiersIdOther(MclaError):
    """The terms of this project or foundation go by another id."""

    code = "tiers-id-other"
    status = 409
    hint = "Keep the id from version to version: it is how everybody finds the next one."


class TiersVersionTaken(MclaError):
    """Other terms were published under this version, and that never changes."""

    code = "tiers-version-taken"
    status = 409
    hint = "Give the changed terms a higher version."


class TiersVersionLow(MclaError):
    """The version is not higher than the newest one."""

    code = "tiers-version-low"
    status = 409
    hint = "Give the terms a higher version than the newest that is published."


class TiersBackdated(MclaError):
    """The terms would be in force from a day that is over, or before the version that they follow."""

    code = "tiers-backdated"
    status = 422
    hint = "Let `effective` be today or later, or leave it out: nobody is bound backwards."


class TiersOvertaken(MclaError):
    """Another version was published after the preview was made."""

    code = "tiers-overtaken"
    status = 409
    hint = "Nothing was published. Look at the newest version, then make the preview again."


class TiersTooLarge(MclaError):
    """The document is larger than published terms may be."""

    code = "tiers-too-large"
    status = 413
    hint = "Keep the document below 128 KiB: conditions go into tiers, prose into the legal text."
