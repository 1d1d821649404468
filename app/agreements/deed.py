# SPDX-License-Identifier: Apache-2.0
"""The four-line deed above an agreement: what you give, keep, promise, and how to get out.

Every word comes from the terms, never from a second text, so the deed cannot drift from the version it describes.
It explains; the agreement's text is what is signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mcla.terms import Terms
from mcla.wording import Joined, Worded

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
        DeedLine("give", Worded("What you give"), _give(terms)),
        DeedLine("keep", Worded("What you keep"), _keep(terms)),
        DeedLine("promise", Worded("What you promise"), _promise(terms)),
        DeedLine("leave", Worded("How to get out"), _leave(terms)),
    )


def _give(terms: Terms) -> str:
    grant = terms.grant
    whom = {"steward": Worded("the foundation"), "downstream": Worded("everybody who receives the work")}
    rights = {
        Worded("copyright"): grant.copyright != "none",
        Worded("database rights"): grant.database != "none",
        Worded("related rights"): grant.neighbouring != "none",
        Worded("patents"): grant.patent.scope != "none",
        Worded("secrecy"): grant.trade_secret == "release",  # noqa: S105  a right, not a password
    }
    return Worded(
        "%(how)s, %(reach)s, to %(to)s. It covers %(given)s, as far as they exist.",
        how=Worded("Ownership of the copyright") if grant.copyright == "assignment" else Worded("A free licence"),
        reach=Worded("for good") if grant.term == "perpetual" else Worded("for a term of years"),
        to=_all_of(whom[each] for each in grant.to),
        given=_all_of(name for name, is_given in rights.items() if is_given),
    )


def _keep(terms: Terms) -> str:
    own = terms.grant.copyright != "assignment"
    owner = Worded("Ownership, and every use you like.") if own else Worded("A licence back.")
    liability = {
        "uncapped": "",
        "amount": Worded("Your liability has an upper limit."),
        "intent-only": Worded("You are liable only for intended harm and for promises you knew to be false."),
    }[terms.liability.contributor_cap]
    return Joined(" ", (owner, _outbound(terms), liability))


def _outbound(terms: Terms) -> str:
    licences = _one_of(terms.outbound.licences)
    promise = {
        "current-only": Worded("The foundation releases it only under the project's present licence"),
        "listed": Worded("The foundation releases it only under %(licences)s", licences=licences),
        "open-only": Worded("The foundation releases it only under open licences"),
        "any": Worded("The foundation may release it under any licence"),
    }[terms.outbound.promise]
    change = {
        "none": "",
        "notice": Worded("it tells you before that changes"),
        "contributor-vote": Worded("contributors vote before that list grows"),
        "steward-decides": Worded("it may change that by itself"),
    }[terms.outbound.change]
    return Worded("%(all)s.", all=Joined("; ", (promise, change)))


def _promise(terms: Terms) -> str:
    promises = terms.promises()
    known = PROMISES | PROMISES_OF_A_COMPANY if terms.company else PROMISES
    shown = [words for key, words in known.items() if key in promises]
    if not shown:
        return Worded("Nothing.")
    standards = {"checked": Worded("after the checks you name"), "knowledge": Worded("as far as you know")}
    softer = [words for standard, words in standards.items() if standard in promises.values()]
    text = Worded(
        "%(promises)s. Each kind of file asks only its own questions.",
        promises=_all_of([Worded(begun(shown[0])), *map(Worded, shown[1:])]),
    )
    some = Worded("Some of it you say only %(how)s.", how=_one_of(softer)) if softer else ""
    return Joined(" ", (text, some))


PROMISES = {
    "authority": "that you may sign",
    "origin": "that it is yours to give",
    "employer": "that no employer stands in the way",
    "sources": "where it comes from",
    "base_chain": "what it builds on",
    "personal_data": "what it holds about people",
    "integrity": "that nothing is hidden in it",
}
PROMISES_OF_A_COMPANY = {
    "authority": "that those who sign and give may do so",
    "employer": "that you hold the rights of everybody who made it",
}


def begun(words: str) -> str:
    """The same at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def _leave(terms: Terms) -> str:
    days = terms.withdrawal.convenience_days
    after = {
        "none": Worded("Later it stays licensed"),
        "for-cause": Worded("Later only for a cause, such as withdrawn consent or a court order"),
    }[terms.withdrawal.after_merge]
    released = Worded("released models cannot be called back")
    models = {
        "none": Worded("models keep what they learned"),
        "next-training": Worded("the next training is then done without it, but %(released)s", released=released),
        "best-effort": Worded(
            "the foundation then tries to make models forget it, but %(released)s", released=released
        ),
        "within-days": Worded("the foundation then removes it from its models within the time in the text"),
    }[terms.withdrawal.unlearning]
    later = Worded("%(after)s; %(models)s.", after=after, models=models)
    if terms.signature.counter_signature:
        most = terms.signature.counter_signature_days
        offer = Worded(
            "Take your offer back freely until the foundation signs too, for at most %(days)s days.", days=most
        )
        return Joined(" ", (offer, later))
    take = Worded("Take a contribution back freely until the merge.")
    if days:
        take = Worded(
            "Take a contribution back freely until the merge, and for %(days)s days after unless it was released or "
            "trained on.",
            days=days,
        )
    return Joined(" ", (Worded("Stop giving at any time."), take, later))


def _all_of(names: Iterable[str]) -> str:
    *rest, end = list(names) or [Worded("nothing")]
    return Worded("%(rest)s and %(last)s", rest=Joined(", ", rest), last=end) if rest else end


def _one_of(names: Iterable[str]) -> str:
    *rest, end = list(names) or [Worded("nothing")]
    return Worded("%(rest)s or %(last)s", rest=Joined(", ", rest), last=end) if rest else end
