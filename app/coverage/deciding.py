# SPDX-License-Identifier: Apache-2.0
"""Whether what was signed covered a kind at a time: pure functions of everything that was loaded.

A yes needs an acceptance that was in the log by then, had not been ended, and carried the kind over every version
published by then. Whatever is missing makes a no that says what; nothing is answered yes by default.

There is one clock, for persons and for companies: an acceptance counts from the time of its log entry on, and whoever
has the log can check it by the log size in the answer. An end counts from its signature on, which is never later.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.agreements.lineage import FOREVER, Lineage
from app.companies.changes import Account
from app.companies.coverage import CONFIRMATION_OLD, ENTRY_OVER, LOST, Covered, covered_at
from app.companies.roster import Accepted as CompanyAccepted
from app.companies.roster import Ledger, Roster
from app.contributions.values import Covering
from app.coverage.values import Basis, KindAnswer
from mcla.terms import Kind
from mcla.wording import Worded

FIRST_TIME = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN_ACCOUNT = KindAnswer(
    "unknown",
    "account-unknown",
    Worded("Nobody had signed in here with this account. Ask its owner to sign in and to sign the agreement."),
)
LOGIN_ONLY = KindAnswer(
    "unknown",
    "login-only",
    Worded(
        "A login names nobody: it can be given up and taken by somebody else. Ask by the account's number or id, which "
        "the provider's own interface tells."
    ),
)
UNKNOWN_COMPANY = KindAnswer("unknown", "company-unknown", Worded("No company of this foundation has this id."))
UNKNOWN_ARTIFACT = KindAnswer(
    "unknown", "artifact-unknown", Worded("No contribution to this project listed this digest.")
)
NOT_SIGNED = KindAnswer("not-covered", "agreement-not-signed", Worded("No agreement that covers this kind was signed."))
ENDED = KindAnswer("not-covered", "acceptance-ended", Worded("The acceptance that covered this kind had been ended."))
COMPANY_OVER = KindAnswer(
    "not-covered",
    "company-entry-over",
    Worded(
        "A company's list had covered this account; the entry was removed or is over, or the account's confirmation is "
        "too old or rested on an address or a membership that it had no more."
    ),
)
CLAIMED = KindAnswer(
    "not-covered",
    "claimed",
    Worded(
        "Another system has a signature by this account on record, which covers nothing here. Its owner makes it real "
        "by signing in with this very account and signing the current version."
    ),
)
OUTDATED = KindAnswer(
    "not-covered",
    "agreement-outdated",
    Worded("A newer version had replaced the one that was signed, and asks for a new signature for this kind."),
)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An acceptance by a person: when it was in the log, and when its signer ended it."""

    slug: str
    version_id: str
    log_index: int
    logged_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonThen:
    """What is known of an account's owner: the acceptances, and the companies that may have listed an account."""

    accepted: tuple[Acceptance, ...]
    ledgers: tuple[Ledger, ...]
    accounts: tuple[Account, ...]


def of_account(person: PersonThen | None, lineages: Mapping[str, Lineage], kind: Kind, at: datetime) -> KindAnswer:
    """The answer on an account: its owner's own acceptances first, then a company's list; None for no such account."""
    if person is None:
        return UNKNOWN_ACCOUNT
    own = of_person(person.accepted, lineages, kind, at)
    if own.word == "covered":
        return own
    return of_employee(person.ledgers, lineages, person.accounts, own, kind, at) or own


def or_claimed(
    answer: KindAnswer, claimed: Collection[str], lineages: Mapping[str, Lineage], kind: Kind, at: datetime
) -> KindAnswer:
    """The same answer; where nobody of the account signed here, that another system has a signature on record.

    `claimed` are the slugs of what is signed here instead of it, nothing without a claim. Never a yes.
    """
    if answer.code not in (UNKNOWN_ACCOUNT.code, NOT_SIGNED.code):
        return answer
    instead = (lineages[slug].current(at) for slug in claimed if slug in lineages)
    return CLAIMED if any(kind in each.kinds for each in instead) else answer


def of_person(accepted: Sequence[Acceptance], lineages: Mapping[str, Lineage], kind: Kind, at: datetime) -> KindAnswer:
    """The answer on a person's own acceptances, the newest in the log first."""
    best = NOT_SIGNED
    for each in sorted(accepted, key=lambda one: -one.log_index):
        version = lineages[each.slug].version(each.version_id)
        if each.logged_at > at or not version.for_persons or kind not in version.kinds:
            continue
        if each.ended_at is not None and each.ended_at <= at:
            best = ENDED if best is NOT_SIGNED else best
            continue
        until = lineages[each.slug].ends(each.version_id, at).get(kind)
        if until is None:
            best = OUTDATED
            continue
        basis = _basis("individual", lineages[each.slug], each.version_id, each.log_index, each.logged_at, until)
        return KindAnswer("covered", "covered", _signed_by_owner(basis), basis)
    return best


def of_employee(
    ledgers: Sequence[Ledger],
    lineages: Mapping[str, Lineage],
    accounts: Sequence[Account],
    own: KindAnswer,
    kind: Kind,
    at: datetime,
) -> KindAnswer | None:
    """The yes that a company's list gives; a no that says it is over, where nothing else was signed; or None.

    `own` is the answer on the person's own acceptances.
    """
    over = None
    for ledger in ledgers:
        found = covered_at(ledger, accounts, kind, at)
        if found in (ENTRY_OVER, CONFIRMATION_OLD, *LOST) and own is NOT_SIGNED:
            over = COMPANY_OVER
        if not isinstance(found, Covered) or (found.accepted.own_signature and own.word != "covered"):
            continue
        basis = _company_basis(found.accepted, lineages, kind, at)
        if basis is not None:
            sentence = Worded("A company has this account on its list for this kind, and its owner has confirmed it.")
            return KindAnswer("covered", "covered-by-company", sentence, basis)
    return over


def of_company(company: Roster | None, lineages: Mapping[str, Lineage], kind: Kind, at: datetime) -> KindAnswer:
    """Whether a company's acceptance covers a kind for the people on its list; None for no such company."""
    if company is None:
        return UNKNOWN_COMPANY
    accepted = company.accepted
    if accepted is None or kind not in accepted.kinds:
        return NOT_SIGNED
    basis = _company_basis(accepted, lineages, kind, at)
    if basis is None:
        return OUTDATED
    return KindAnswer("covered", "covered", _signed_by_company(basis), basis)


def _company_basis(
    accepted: CompanyAccepted, lineages: Mapping[str, Lineage], kind: Kind, at: datetime
) -> Basis | None:
    """What a company's acceptance gives; None when it was not in the log, was ended, or was outdated."""
    index = accepted.place.log_index
    if index is None or accepted.at > at or (accepted.ended_at is not None and accepted.ended_at <= at):
        return None
    lineage = lineages[accepted.slug]
    until = lineage.ends(accepted.version_id, at).get(kind)
    if until is None:
        return None
    return _basis("company", lineage, accepted.version_id, index, accepted.at, until)


def _basis(path: str, lineage: Lineage, version_id: str, index: int, since: datetime, until: datetime) -> Basis:
    version = lineage.version(version_id)
    end = None if until == FOREVER else until
    return Basis(path, version.slug, version.version, version.digest, index, since, end)  # type: ignore[arg-type]


def _signed_by_owner(basis: Basis) -> str:
    return Worded(
        "Its owner had signed %(slug)s %(version)s, log entry %(log_index)s, and it was in force.", **_named(basis)
    )


def _signed_by_company(basis: Basis) -> str:
    return Worded(
        "The company had signed %(slug)s %(version)s, log entry %(log_index)s, and it was in force. "
        "It covers who is on its list.",
        **_named(basis),
    )


def _named(basis: Basis) -> dict[str, str | int]:
    return {"slug": basis.slug, "version": basis.version, "log_index": basis.log_index}


def given_basis(covering: Covering) -> Basis:
    """What a contribution rests on; an offer counts from its answer on. Without a proof, on nothing."""
    agreement = covering.agreement
    answered = (covering.offer or {}).get("answered")
    since = datetime.fromisoformat(answered["time"] if answered else covering.time) if covering.time else FIRST_TIME
    return Basis(
        "contribution", agreement["slug"], agreement["version"], agreement["digest"], covering.log_index, since
    )
