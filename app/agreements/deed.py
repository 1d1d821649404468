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
    whom = {"steward": "the foundation", "downstream": "everybody who receives the work from it"}
    rights = {
        "copyright": grant.copyright != "none",
        "database rights": grant.database != "none",
        "related rights": grant.neighbouring != "none",
        "patents": grant.patent.scope != "none",
        "secrecy claims": grant.trade_secret == "release",  # noqa: S105  a right, not a password
    }
    reach = "for good" if grant.term == "perpetual" else "for a term of years"
    return (
        f"{how} to {_and(whom[each] for each in grant.to)}, {reach}, for what you submit: "
        f"{_and(name for name, given in rights.items() if given)}, as far as they exist. {_outbound(terms)}"
    )


def _outbound(terms: Terms) -> str:
    licences = _and(terms.outbound.licences)
    promise = {
        "current-only": "The foundation publishes it only under the project's present licence",
        "listed": f"The foundation publishes it only under {licences}",
        "open-only": "The foundation publishes it only under open licences",
        "any": "The foundation may publish it under any licence",
    }[terms.outbound.promise]
    change = {
        "none": "",
        "notice": "; it may change that after telling you",
        "contributor-vote": "; contributors vote before that list grows",
        "steward-decides": "; it may change that list by itself",
    }[terms.outbound.change]
    return f"{promise}{change}."


def _keep(terms: Terms) -> str:
    keep = "Ownership, and every use you like" if terms.grant.copyright != "assignment" else "A licence back"
    moral = {
        "waived": "You give up rights of authorship where law lets you",
        "not-asserted": "You stay the author; you only promise not to use that against the project",
        "untouched": "Your rights of authorship stay untouched",
    }[terms.grant.moral]
    liability = {
        "uncapped": "",
        "amount": " Your liability has an upper limit.",
        "intent-only": " You answer only for harm you intend and for promises you know to be false.",
    }[terms.liability.contributor_cap]
    return f"{keep}. {moral}.{liability}"


def _promise(terms: Terms) -> str:
    promises = terms.promises()
    shown = [words for key, words in _PROMISES.items() if key in promises]
    softer = [
        words
        for standard, words in (("checked", "after the checks you name"), ("knowledge", "as far as you know"))
        if standard in promises.values()
    ]
    more = f" Some of it only {' or '.join(softer)}; the form says which." if softer else ""
    return f"{_capital(_and(shown))}. Each kind of file asks only its own questions.{more}" if shown else "Nothing."


_PROMISES = {
    "authority": "that you may sign",
    "origin": "that it is yours or you may give it",
    "employer": "that your employer has no claim in the way",
    "sources": "where it comes from",
    "base_chain": "which models it builds on",
    "personal_data": "what it holds about people",
    "integrity": "that nothing harmful is hidden in it",
}


def _leave(terms: Terms) -> str:
    days = terms.withdrawal.convenience_days
    window = f", and for {days} days after unless it was released or trained on" if days else ""
    after = {
        "none": "",
        "for-cause": ", unless there is cause, such as withdrawn consent or a court order",
    }[terms.withdrawal.after_merge]
    gone = "models already out cannot be called back."
    models = {
        "none": "",
        "next-training": f" It then leaves the next release and the next training; {gone}",
        "best-effort": f" The foundation then tries to make models forget it; {gone}",
        "within-days": " The foundation then removes it from its models within the time in the text.",
    }[terms.withdrawal.unlearning]
    return (
        f"Stop giving at any time. Take a contribution back freely until it is merged{window}. "
        f"Later, what was merged stays licensed{after}.{models}"
    )


def _and(names: Iterable[str]) -> str:
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}" if listed else "nothing"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
