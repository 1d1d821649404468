# SPDX-License-Identifier: Apache-2.0
"""`terms.toml` read strictly: bytes in, a frozen `Terms` or one error that names every bad key.

Pure function of the bytes, so results are kept and shared.
"""

from functools import lru_cache

from mcla.errors import MclaError
from mcla.terms.kinds import KINDS, LETTERS, Letter, schedule_letter
from mcla.terms.strict import Fault, Unreadable, read_toml
from mcla.terms.vocabulary import Terms


class TermsInvalid(MclaError):
    """`terms.toml` is not in the vocabulary; `faults` has one entry per bad key."""

    code = "terms-invalid"
    status = 422
    hint = "Correct the named keys in terms.toml; the message lists the values each one allows."

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("terms.toml cannot be used: " + "; ".join(map(str, faults)))
        self.faults = faults


@lru_cache(maxsize=64)
def parse_terms(data: bytes) -> Terms:
    """Read `terms.toml`; raises `TermsInvalid` with every fault at once."""
    try:
        terms = read_toml(Terms, data)
    except Unreadable as error:
        raise TermsInvalid(error.faults) from None
    if faults := tuple(_contradictions(terms)):
        raise TermsInvalid(faults)
    return terms


def schedules_of(terms: Terms) -> tuple[Letter, ...]:
    """The schedules these terms need: one letter for each that a covered kind falls under."""
    needed = {schedule_letter(kind) for kind in terms.scope.kinds}
    return tuple(letter for letter in LETTERS if letter in needed)


def _contradictions(terms: Terms) -> list[Fault]:
    """Values that are each allowed but cannot stand together."""
    faults = []
    if not terms.scope.kinds:
        faults.append(Fault("scope.kinds", "names no kind; allowed: " + ", ".join(KINDS)))
    if not terms.grant.to:
        faults.append(Fault("grant.to", 'names nobody; allowed: "steward", "downstream"'))
    if terms.outbound.promise == "listed" and not terms.outbound.licences:
        faults.append(Fault("outbound.licences", 'is empty although outbound.promise is "listed"'))
    if terms.grant.patent.scope == "none" and terms.grant.patent.retaliation:
        faults.append(Fault("grant.patent.retaliation", 'must be empty where grant.patent.scope is "none"'))
    if (terms.agreement.id == "MCLA-C") != (terms.company is not None):
        faults.append(Fault("company", 'is for agreement.id "MCLA-C", which needs it, and for no other'))
    if terms.signature.counter_signature != bool(terms.signature.counter_signature_days):
        faults.append(
            Fault("signature.counter_signature_days", "is a number of days exactly where the steward signs too")
        )
    return faults
