# SPDX-License-Identifier: Apache-2.0
"""A company's facts as somebody types them: name, register and power to sign."""

from app.companies.names import check_name
from app.signing.values import CompanyFacts
from mcla.statements.company import MAX_NAME, CompanyRef
from mcla.statements.parts import require


def registration_key(registration: str) -> str:
    """A register number by its letters and digits alone: `HRB 1234 B` and `hrb1234b` are one."""
    return "".join(each for each in registration.casefold() if each.isalnum())[:200] or registration[:200]


def company_facts(name: str, jurisdiction: str, registration: str, title: str, power: str) -> CompanyFacts:
    """A company's facts as they were typed; raises `CompanyNameUnfit` or `StatementInvalid`."""
    facts = CompanyFacts(check_name(name), jurisdiction.strip().upper(), registration.strip(), title.strip(), power)
    CompanyRef(facts.name, facts.jurisdiction, facts.registration, facts.power, title_commitment="0" * 64)
    require(1 <= len(facts.title) <= MAX_NAME and facts.title.isprintable(), "a title of at most 200 characters", title)
    return facts
