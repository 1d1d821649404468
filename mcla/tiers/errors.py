# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with terms in tiers, and with facts about a use."""

from mcla.errors import MclaError


class TiersInvalid(MclaError):
    """Terms in tiers are malformed or decide nothing."""

    code = "tiers-invalid"
    hint = "Correct what is named; docs/foundation.md tells the form of terms in tiers."


class TierImpossible(TiersInvalid):
    """A tier has conditions that no use can meet, so that it would never count."""

    code = "tier-impossible"
    hint = (
        "Correct one of the conditions that are named, or make two tiers of them: all conditions of a tier must hold."
    )


class FactsInvalid(MclaError):
    """Facts about a use are malformed: an unknown member, a negative or fractional number, another word."""

    code = "use-facts-invalid"
    hint = "Correct what is named. Leave out what you do not know: it counts as unknown, never as no."


class MoneyWithoutUnit(MclaError):
    """An amount of money is told without its currency or the time that it was earned in."""

    code = "money-without-unit"
    hint = "Give each revenue with amount, currency (such as USD) and period (month or year)."


class FactsContradict(MclaError):
    """Facts about a use cannot all be true."""

    code = "use-facts-contradict"
    hint = "Correct one of the two, or leave out the one that you do not know."
