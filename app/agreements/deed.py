# SPDX-License-Identifier: Apache-2.0
"""The four-line deed above an agreement: what you give, keep, promise, and how to get out.

Every word comes from the terms, never from a second text, so the deed cannot drift from the version it describes.
It explains; the agreement's text is what is signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mcla.terms import Terms

DeedKey = Literal["give", "keep", "promise", "leave"]


@dataclass(frozen=True, slots=True)
class DeedLine:
    """One line of the deed."""

    key: DeedKey
    label: str
    text: str


def deed(terms: Terms) -> tuple[DeedLine, ...]:
    """The four lines for `terms`."""
    return (
        DeedLine("give", "What you give", _give(terms)),
        DeedLine("keep", "What you keep", _keep(terms)),
        DeedLine("promise", "What you promise", _promise(terms)),
        DeedLine("leave", "How to get out", _leave(terms)),
    )


def _give(terms: Terms) -> str:
    grant = terms.grant
    how = "Ownership of the copyright" if grant.copyright == "assignment" else "A free licence"
    whom = {"steward": "the foundation", "downstream": "everybody who receives the work"}
    rights = {
        "copyright": grant.copyright != "none",
        "database rights": grant.database != "none",
        "related rights": grant.neighbouring != "none",
        "patents": grant.patent.scope != "none",
        "secrecy": grant.trade_secret == "release",  # noqa: S105  a right, not a password
    }
    reach = "for good" if grant.term == "perpetual" else "for a term of years"
    given = _join((name for name, is_given in rights.items() if is_given), "and")
    to = _join((whom[each] for each in grant.to), "and")
    return f"{how}, {reach}, to {to}. It covers {given}, as far as they exist."


def _keep(terms: Terms) -> str:
    owner = "A licence back." if terms.grant.copyright == "assignment" else "Ownership, and every use you like."
    liability = {
        "uncapped": "",
        "amount": " Your liability has an upper limit.",
        "intent-only": " You are liable only for intended harm and for promises you knew to be false.",
    }[terms.liability.contributor_cap]
    return f"{owner} {_outbound(terms)}{liability}"


def _outbound(terms: Terms) -> str:
    licences = _join(terms.outbound.licences, "or")
    promise = {
        "current-only": "The foundation releases it only under the project's present licence",
        "listed": f"The foundation releases it only under {licences}",
        "open-only": "The foundation releases it only under open licences",
        "any": "The foundation may release it under any licence",
    }[terms.outbound.promise]
    change = {
        "none": "",
        "notice": "; it tells you before that changes",
        "contributor-vote": "; contributors vote before that list grows",
        "steward-decides": "; it may change that by itself",
    }[terms.outbound.change]
    return f"{promise}{change}."


def _promise(terms: Terms) -> str:
    promises = terms.promises()
    known = _PROMISES | _PROMISES_OF_A_COMPANY if terms.company else _PROMISES
    shown = [words for key, words in known.items() if key in promises]
    if not shown:
        return "Nothing."
    standards = {"checked": "after the checks you name", "knowledge": "as far as you know"}
    softer = [words for standard, words in standards.items() if standard in promises.values()]
    some = f" Some of it you say only {_join(softer, 'or')}." if softer else ""
    text = _join(shown, "and")
    return f"{text[:1].upper()}{text[1:]}. Each kind of file asks only its own questions.{some}"


_PROMISES = {
    "authority": "that you may sign",
    "origin": "that it is yours to give",
    "employer": "that no employer stands in the way",
    "sources": "where it comes from",
    "base_chain": "what it builds on",
    "personal_data": "what it holds about people",
    "integrity": "that nothing is hidden in it",
}
_PROMISES_OF_A_COMPANY = {
    "authority": "that those who sign and give may do so",
    "employer": "that you hold the rights of everybody who made it",
}


def _leave(terms: Terms) -> str:
    days = terms.withdrawal.convenience_days
    window = f", and for {days} days after unless it was released or trained on" if days else ""
    after = {
        "none": "Later it stays licensed",
        "for-cause": "Later only for a cause, such as withdrawn consent or a court order",
    }[terms.withdrawal.after_merge]
    models = {
        "none": "models keep what they learned",
        "next-training": "the next training is then done without it, but released models cannot be called back",
        "best-effort": "the foundation then tries to make models forget it, but released models cannot be called back",
        "within-days": "the foundation then removes it from its models within the time in the text",
    }[terms.withdrawal.unlearning]
    if terms.signature.counter_signature:
        offer = f"for at most {terms.signature.counter_signature_days} days"
        return f"Take your offer back freely until the foundation signs too, {offer}. {after}; {models}."
    return f"Stop giving at any time. Take a contribution back freely until the merge{window}. {after}; {models}."


def _join(names: Iterable[str], last: str) -> str:
    *rest, end = list(names) or ["nothing"]
    return f"{', '.join(rest)} {last} {end}" if rest else end
