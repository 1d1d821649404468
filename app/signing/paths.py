# SPDX-License-Identifier: Apache-2.0
"""On what a contribution rests: the person's own acceptance, that of a company, or nothing but itself as an offer."""

from dataclasses import dataclass, replace

from app.agreements.errors import KindNotCovered
from app.agreements.service import PublishedVersion
from app.projects.service import ProjectInfo
from app.signing.doubles import refuse_outdated
from app.signing.errors import CapacityUnfit, NotForOffers
from app.signing.in_force import acceptance_covering
from app.signing.ports import Actor, Gift, Ports
from mcla.statements.company import AffiliationRef
from mcla.statements.parts import AcceptanceRef, OfferRef
from mcla.wording import Worded


@dataclass(frozen=True, slots=True)
class Path:
    """The acceptance that a contribution rests on, with a company's records beside it; or what makes it an offer."""

    acceptance: AcceptanceRef | None
    company: AffiliationRef | None = None
    offer: OfferRef | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody wants to give: for a company (its id), under an agreement for one set of files (its slug), or
    neither: for self, under what was accepted."""

    company_id: str | None = None
    agreement: str | None = None


FOR_SELF = Way()


def path_of(ports: Ports, actor: Actor, project: ProjectInfo, kind: str, way: Way) -> tuple[Path, PublishedVersion]:
    """The path and the version it is under, without what a company's list adds.

    Raises `AgreementNotSigned`, `AgreementOutdated`, `KindNotCovered`, `CapacityUnfit`, `NotForOffers`,
    `AgreementUnknown`, `AgreementWithdrawn`, or what `Companies` raises.
    """
    if way.agreement is not None:
        return _offer(ports, project, kind, way)
    if way.company_id is None:
        accepted, published = acceptance_covering(ports, actor.contributor_id, project, kind)
        return Path(AcceptanceRef(statement=accepted.statement_sha256, log_index=accepted.log_index)), published
    with ports.db.read() as session:
        found = ports.companies.path(session, actor.contributor_id, way.company_id, kind, ports.steady.now(session))
    published = ports.agreements.version_by_id(found.agreement_version_id)
    if published.foundation_id != project.foundation.id:
        raise CapacityUnfit(
            Worded("The company has signed with another foundation than that of %(name)s.", name=project.name)
        )
    if kind in published.kinds:
        refuse_outdated(ports, published.slug, published.id, kind)
    return Path(found.acceptance), published


def with_company(ports: Ports, actor: Actor, path: Path, way: Way, gift: Gift) -> Path:
    """The path with the records that let this person give `gift` for the company; raises what `Companies` raises."""
    if way.company_id is None:
        return path
    with ports.db.read() as session:
        now = ports.steady.now(session)
        found = ports.companies.affiliation(session, actor.contributor_id, way.company_id, gift, now)
    return replace(path, company=found)


def version_for_offer(ports: Ports, project: ProjectInfo, kind: str, slug: str) -> PublishedVersion:
    """The version under which files of this kind are offered to a project; raises as `path_of`."""
    published = ports.agreements.version_to_sign(slug, None)
    if not published.for_offers:
        raise NotForOffers(
            Worded(
                "%(title)s (%(slug)s) is signed for everything that somebody gives.", title=published.title, slug=slug
            )
        )
    if published.foundation_id != project.foundation.id:
        raise NotForOffers(
            Worded(
                "%(title)s (%(slug)s) belongs to another foundation than %(name)s.",
                title=published.title,
                slug=slug,
                name=project.name,
            )
        )
    if kind not in published.kinds:
        raise KindNotCovered(
            Worded(
                "%(slug)s %(version)s does not cover the kind %(kind)s.",
                slug=slug,
                version=published.version,
                kind=repr(kind[:40]),
            )
        )
    return published


def _offer(ports: Ports, project: ProjectInfo, kind: str, way: Way) -> tuple[Path, PublishedVersion]:
    published = version_for_offer(ports, project, kind, str(way.agreement))
    if way.company_id is not None:
        raise CapacityUnfit(
            Worded("Under %(slug)s this service takes what persons give for themselves.", slug=published.slug)
        )
    days = published.terms.signature.counter_signature_days
    assert days is not None  # noqa: S101 - for the type checker: terms name it exactly where the steward signs too
    to = f"{ports.settings.origin}/signers/{published.foundation_id}"
    return Path(None, offer=OfferRef(days, to)), published
