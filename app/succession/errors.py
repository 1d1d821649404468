# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when a version is to follow another, each with the next step."""

from mcla.errors import MclaError


class ReasonUnfit(MclaError):
    """A declaration needs its reason in words, for everybody to read."""

    code = "reason-unfit"
    status = 422
    hint = "Say in 10 to 500 characters why a signature of the old version is as good; name no person."


class VersionsUnfit(MclaError):
    """Only an older version can be declared compatible with a newer one of the same agreement."""

    code = "versions-unfit"
    status = 422
    hint = "Name first the version that was signed, then the newer one that it should carry on to."


class AgainstTheRules(MclaError):
    """By the rules somebody has to sign again; a person may say otherwise, knowing it."""

    code = "against-the-rules"
    status = 409
    hint = "Look at `mcla terms diff`. If you are sure, say so by naming the class: --although material (or scoped)."


class AlreadyDeclared(MclaError):
    """The two versions were declared compatible before; that is never changed."""

    code = "already-declared"
    status = 409
    hint = "Nothing to do: the declaration that is there counts."


class DeclarationUnknown(MclaError):
    """No declaration has this id, or the log does not hold it yet."""

    code = "declaration-unknown"
    status = 404
    hint = "The page between the two versions links the declaration that counts, where there is one."


class DeclarationUnlogged(MclaError):
    """A person's word about a version was signed and is not in the log yet."""

    code = "declaration-unlogged"
    status = 503
    hint = "Wait: a job logs it, and whoever has to sign again is told after that."
