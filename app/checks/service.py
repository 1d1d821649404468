# SPDX-License-Identifier: Apache-2.0
"""CheckService: loads what is known of everybody and everything in one change, and lets the pure function decide.

It never writes, and keeps nothing between two questions: a new signature counts in the next one. The number of SQL
statements does not grow with people, commits or files.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from app.agreements.lineage import Lineage
from app.agreements.service import AgreementService
from app.checks import exemptions
from app.checks.queries import owners_of, persons_of
from app.claims.queries import claimed
from app.contributions.service import ContributionService
from app.contributions.values import AsOf, Covering
from app.coverage import deciding
from app.coverage.deciding import given_basis
from app.coverage.queries import moment_asked, persons_at, size_then
from app.licences.signs import judged_of
from app.platform.clock import Clock
from app.platform.db import Database, Reader
from app.projects.policies import newest
from app.projects.service import ProjectInfo, project_of
from mcla.checks.answer import Answer, KindAnswer
from mcla.checks.change import Change
from mcla.checks.deciding import decide
from mcla.checks.deciding_licences import cited, with_signs
from mcla.checks.facts import Exemption, Facts, Given, Kinds, OutboundTerms, Owner
from mcla.checks.people import ByAccount, ByAddress, Forge, Person, people_of
from mcla.checks.policy import Policy, choose
from mcla.terms import KINDS, Kind

LISTINGS = 10
"""Contributions to one project that are looked at for one digest."""


class CheckService:
    """Answers checks of one service."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        agreements: AgreementService,
        contributions: ContributionService,
        forges: Sequence[Forge],
        origin: str,
    ) -> None:
        self._db, self._clock, self._agreements = db, clock, agreements
        self._coverings, self._forges, self._origin = contributions.coverings, tuple(forges), origin

    def ask(self, change: Change, *, may_use_addresses: bool = False) -> Answer:
        """The answer on a change; raises `ProjectUnknown` or `TimeUnfit`.

        `may_use_addresses`: whether the asker may be told what an address that a commit names stands for.
        """
        people = people_of(change, self._forges)
        with self._db.look() as reader:
            project, when = project_of(reader, change.project), moment_asked(self._clock, change.as_of)
            lineages = self._agreements.lineages_seen(reader, project.foundation.id)
            as_of = AsOf(size_then(reader, change.as_of), when)
            kept = newest(reader, project.id, when)
            policy, used = choose(kept.text if kept else None, change.policy)
            loading = _Loading(reader, project, lineages, as_of)
            owners = loading.owners(people) if may_use_addresses else None
            given = self._given(reader, change, project, lineages, as_of)
            facts = Facts(
                project=project.slug,
                as_of=as_of,
                policy=policy,
                used=used,
                accounts=loading.accounts(people, owners or {}, policy),
                persons=persons_of(reader, _accounts(people), as_of.time) if owners else {},
                addresses=owners,
                exempt=loading.exempt(people),
                given=given[0],
                tensors=given[1],
                sign_urls=self._sign_urls(lineages, when),
                give_urls={kind: self._give_url(project, kind) for kind in KINDS},
            )
        return self._with_signs(decide(change, people, facts), change, policy, as_of)

    def _with_signs(self, answer: Answer, change: Change, policy: Policy | None, as_of: AsOf) -> Answer:
        """The answer with the signs of a lost licence, where the policy asks for them."""
        if policy is None or policy.licences is None or not (ids := cited(answer)):
            return answer
        with self._db.read() as session:
            found = judged_of(session, ids, as_of, self._origin, policy.stance)
        then, files = change.as_of is not None, change.licence_files
        return with_signs(answer, policy.licences, found, then=then, files=files)

    def _given(
        self, reader: Reader, change: Change, project: ProjectInfo, lineages: Mapping[str, Lineage], as_of: AsOf
    ) -> tuple[dict[str, tuple[Given, ...]], dict[str, tuple[Given, ...]]]:
        """What was given to the project, by digest and by tensor root."""
        digests = {each.sha256 for each in change.artifacts if each.sha256}
        roots = {each.tensors for each in change.artifacts if each.tensors}
        files = self._coverings.of_digests(reader, digests, LISTINGS, as_of, project.id) if digests else {}
        tensors = self._coverings.of_tensors(reader, roots, LISTINGS, as_of, project.id) if roots else {}
        return (
            {
                digest: tuple(_given(each, lineages) for each in found if each.size is not None)
                for digest, found in files.items()
            },
            {root: tuple(_given(each, lineages) for each in found) for root, found in tensors.items()},
        )

    def _sign_urls(self, lineages: Mapping[str, Lineage], at: datetime) -> dict[Kind, str]:
        """Where a person signs for each kind: the first agreement for persons that covers it."""
        offered = [lineages[slug].current(at) for slug in sorted(lineages)]
        signable = [each for each in offered if each.for_persons and each.published_at <= at]
        return {kind: f"{self._origin}/sign/{each.slug}" for each in reversed(signable) for kind in each.kinds}

    def _give_url(self, project: ProjectInfo, kind: Kind) -> str:
        return f"{self._origin}/contributions/new?{urlencode({'project': project.slug, 'kind': kind})}"


class _Loading:
    """What the database knows of the people of one change."""

    def __init__(self, reader: Reader, project: ProjectInfo, lineages: Mapping[str, Lineage], as_of: AsOf) -> None:
        self._reader, self._project, self._lineages, self._as_of = reader, project, lineages, as_of

    def owners(self, people: Collection[Person]) -> dict[str, tuple[Owner, ...]]:
        """Whose the addresses are that commits name."""
        emails = {each.identity.email for each in people if isinstance(each.identity, ByAddress)}
        return owners_of(self._reader, emails, self._as_of.time)

    def accounts(
        self, people: Collection[Person], owners: Mapping[str, Sequence[Owner]], policy: Policy | None
    ) -> dict[ByAccount, Kinds]:
        """The answers for each kind that people are asked for, on every account."""
        accounts = _accounts(people) | {owner.account for each in owners.values() for owner in each}
        known = persons_at(self._reader, self._project.foundation.id, [each.key for each in accounts], self._as_of.time)
        elsewhere = claimed(self._reader, self._project.id, [each.key for each in accounts], self._as_of.time)
        kinds = policy.people.kinds if policy else ()
        return {
            each: {kind: self._answer(known.get(each.key), elsewhere.get(each.key, ()), kind) for kind in kinds}
            for each in accounts
        }

    def _answer(self, person: deciding.PersonThen | None, claims: Collection[str], kind: Kind) -> KindAnswer:
        here = deciding.of_account(person, self._lineages, kind, self._as_of.time)
        return deciding.or_claimed(here, claims, self._lineages, kind, self._as_of.time)

    def exempt(self, people: Collection[Person]) -> dict[ByAccount | ByAddress, Exemption]:
        """The bots and agents among them."""
        whom = [each.identity for each in people if isinstance(each.identity, ByAccount | ByAddress)]
        return exemptions.in_force(self._reader, self._project.id, whom, self._as_of.time)


def _accounts(people: Collection[Person]) -> set[ByAccount]:
    return {each.identity for each in people if isinstance(each.identity, ByAccount)}


def _given(covering: Covering, lineages: Mapping[str, Lineage]) -> Given:
    proven = covering.verdict == "verified" or covering.standing.state in _SOUND
    return Given(
        contribution=covering.id,
        kind=covering.kind,
        schedule=covering.schedule,  # type: ignore[arg-type]  # a letter: read from a verified statement
        key_holder=covering.key_holder,  # type: ignore[arg-type]
        basis=given_basis(covering),
        outbound=_outbound(covering, lineages),
        found="same-tensors" if covering.size is None else "file" if covering.files == 1 else "member",
        size=covering.size,
        proven=proven,
        state=covering.standing.state,
        sentence=covering.standing.sentence if proven else covering.reasons[0].message,
        open=covering.shown_to == "everybody",
    )


_SOUND = ("pending", "declined", "lapsed", "ended")
"""How a statement stands that does not count although its proof holds; of one without proof nothing is looked at."""


def _outbound(covering: Covering, lineages: Mapping[str, Lineage]) -> OutboundTerms:
    """What the agreement version that a contribution names promises; nothing where it names none of the project's."""
    lineage = lineages.get(covering.agreement["slug"])
    for each in lineage.versions if lineage else ():
        if each.digest == covering.agreement["digest"]:
            return OutboundTerms(each.terms.outbound.promise, each.terms.outbound.licences)
    return OutboundTerms("listed", ())
