# SPDX-License-Identifier: Apache-2.0
"""Whether each person of a change is covered: by what the account's owner signed, by a company, or exempt.

A bare address is nobody's until somebody vouches for it: anybody can write it into a commit. It counts only beside the
opener, whose account the forge has authenticated, and as far as the policy says. So does an exempt one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mcla.checks import telling
from mcla.checks.answer import MAX_SHOWN_COMMITS, ROLES, IdentifiedBy, KindAnswer, Said, SubjectAnswer, worst
from mcla.checks.change import Account
from mcla.checks.facts import Facts, Kinds, Owner
from mcla.checks.people import ByAccount, ByAddress, Person
from mcla.checks.policy import Policy
from mcla.statements.parts import Kind


def decide_people(people: Sequence[Person], policy: Policy, facts: Facts) -> tuple[SubjectAnswer, ...]:
    """The answers on everybody, in their order."""
    opener = next((each.identity for each in people if "opener" in each.roles), None)
    deciding = _Deciding(policy, facts, opener if isinstance(opener, ByAccount) else None)
    return tuple(deciding.subject(each) for each in _united(people, deciding))


def _united(people: Sequence[Person], deciding: "_Deciding") -> Sequence[Person]:
    """One subject for one person: who takes part by account has the commits under a verified address of theirs too,
    where both are answered alike."""
    whole: dict[str, Person] = {}
    for each in people:
        if isinstance(each.identity, ByAccount) and (owner := deciding.owner(each)):
            whole.setdefault(owner, each)
    added: dict[Person, Person] = {}
    left = []
    for each in people:
        one = whole.get(deciding.owner(each) or "") if isinstance(each.identity, ByAddress) else None
        if one and deciding.subject(one).said.word == deciding.subject(each).said.word:
            added[one] = _together(added.get(one, one), each)
        else:
            left.append(each)
    return [added.get(each, each) for each in left]


def _together(one: Person, other: Person) -> Person:
    roles = tuple(role for role in ROLES if role in (*one.roles, *other.roles))
    label = other.label if one.label.isdecimal() else one.label  # the forge told a mere number
    return replace(one, roles=roles, label=label, commits=tuple(dict.fromkeys((*one.commits, *other.commits))))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one person: the answers by kind, or the one thing to say."""

    kinds: Kinds | None = None
    said: Said | None = None
    how: IdentifiedBy | None = None


@dataclass(frozen=True, slots=True)
class _Deciding:
    policy: Policy
    facts: Facts
    opener: ByAccount | None

    def subject(self, person: Person) -> SubjectAnswer:
        known = self._known(person)
        kinds = {kind: telling.of_kind(known.kinds[kind], kind) for kind in self._asked} if known.kinds else {}
        said = known.said or self._said(person, kinds)
        identity = person.identity
        return SubjectAnswer(
            said=said,
            roles=person.roles,
            label=person.label,
            identified_by=known.how or person.identified_by,
            account=Account(*identity.key) if isinstance(identity, ByAccount) else None,
            commits=person.commits[:MAX_SHOWN_COMMITS],
            commits_total=len(person.commits),
            kinds=kinds,
            sign_url=self._sign_url(kinds) if said.word == "not-covered" else None,
            required=self.policy.people.coauthors == "required" or person.roles != ("co-author",),
        )

    def owner(self, person: Person) -> str | None:
        """Whose account or vouched address it is, as an opaque id; None where that is not told."""
        identity = person.identity
        if isinstance(identity, ByAccount):
            return self.facts.persons.get(identity)
        if not isinstance(identity, ByAddress) or self._known(person).how != "verified-email":
            return None
        return next(each.person for each in (self.facts.addresses or {})[identity.email])

    @property
    def _asked(self) -> tuple[Kind, ...]:
        return self.policy.people.kinds

    def _known(self, person: Person) -> _Known:
        identity = person.identity
        if not isinstance(identity, ByAccount | ByAddress):
            return _Known(said=telling.unidentified(identity.code))
        if (exemption := self.facts.exempt.get(identity)) is not None:
            alone = isinstance(identity, ByAddress) and not self._hides_nobody(person)
            return _Known(said=telling.EXEMPT_ADDRESS_ALONE if alone else telling.exempt(exemption))
        if isinstance(identity, ByAccount):
            return self._of_account(identity)
        return self._of_address(identity.email)

    def _hides_nobody(self, person: Person) -> bool:
        """Whether an exempt address spares nobody whom the commit would have named without it. As its author it does,
        unless the forge says that an exempt account opened the change."""
        return "author" not in person.roles or self.opener in self.facts.exempt

    def _of_account(self, account: ByAccount, how: IdentifiedBy | None = None) -> _Known:
        kinds = self.facts.accounts.get(account)
        return _Known(kinds, how=how) if kinds is not None else _Known(said=self.facts.unseen)

    def _of_address(self, email: str) -> _Known:
        if self.policy.people.addresses == "never":
            return _Known(said=telling.ADDRESS_NOT_ACCEPTED)
        if self.facts.addresses is None:
            return _Known(said=telling.ADDRESS_NEEDS_TOKEN)
        owners = self.facts.addresses.get(email, ())
        if len({owner.person for owner in owners}) != 1:
            return _Known(said=telling.ADDRESS_AMBIGUOUS if owners else telling.ADDRESS_UNKNOWN)
        if self._vouched(owners[0]):
            return self._of_account(owners[0].account, "verified-email")
        return _Known(said=telling.ADDRESS_ALONE)

    def _vouched(self, owner: Owner) -> bool:
        """Whether the opener is this person, or, where the policy says so, somebody who is covered."""
        if self.opener is None:
            return False
        if self.facts.persons.get(self.opener) == owner.person:
            return True
        kinds = self.facts.accounts.get(self.opener)
        covered = kinds is not None and worst(kinds[kind].word for kind in self.policy.people.kinds) == "covered"
        return self.policy.people.addresses == "verified" and covered

    def _said(self, person: Person, kinds: Kinds) -> Said:
        """What the worst of the kinds says."""
        word = worst(each.word for each in kinds.values())
        kind, first = next((kind, each) for kind, each in kinds.items() if each.word == word)
        return telling.of_person(person.label, kind, first, self._sign_url(kinds))

    def _sign_url(self, kinds: Kinds) -> str | None:
        missing: list[KindAnswer] = [each for each in kinds.values() if each.word == "not-covered"]
        return next((self.facts.sign_urls.get(kind) for kind, each in kinds.items() if each in missing), None)
