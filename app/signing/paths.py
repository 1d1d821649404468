# SPDX-License-Identifier: Apache-2.0
"""On what a contribution rests: the person's own acceptance, that of a company, or nothing but itself as an offer."""

from dataclasses import dataclass, replace

from app.agreements.errors import KindNotCovered
from app.agreements.service import PublishedVersion
from app.projects.service import ProjectInfo
from app.signing.doubles import refuse_outdated
from app.signing.errors import CapacityUnfit, NotForOffers, OfficeUnfit
from app.signing.in_force import acceptance_covering
from app.signing.ports import Actor, CompanyPath, Gift, Ports
from app.signing.values import CompanyFacts, Office
from mcla.statements.company import MAX_NAME, POWERS, AffiliationRef
from mcla.statements.parts import AcceptanceRef, OfferRef
from mcla.wording import Worded


@dataclass(frozen=True, slots=True)
class Path:
    """The acceptance that a contribution rests on, with a company's records beside it; or what makes it an offer."""

    acceptance: AcceptanceRef | None
    company: AffiliationRef | None = None
    offer: OfferRef | None = None
    grantor: CompanyFacts | None = None
    """For whom it is offered, where that is a company."""


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody wants to give: for a company (its id) or for self, and under an agreement for one set of files (its
    slug) or under what was accepted. `office` where a company makes such an offer."""

    company_id: str | None = None
    agreement: str | None = None
    office: Office | None = None


FOR_SELF = Way()


def path_of(ports: Ports, actor: Actor, project: ProjectInfo, kind: str, way: Way) -> tuple[Path, PublishedVersion]:
    """The path and the version it is under, without what a company's list adds.

    Raises `AgreementNotSigned`, `AgreementOutdated`, `KindNotCovered`, `CapacityUnfit`, `OfficeUnfit`, `NotForOffers`,
    `AgreementUnknown`, `AgreementWithdrawn`, or what `Companies` raises.
    """
    check_office(way.office, asked=way.company_id is not None and way.agreement is not None)
    if way.agreement is not None:
        return _offer(ports, actor, project, kind, way)
    if way.company_id is None:
        accepted, published = acceptance_covering(ports, actor.contributor_id, project, kind)
        return Path(AcceptanceRef(statement=accepted.statement_sha256, log_index=accepted.log_index)), published
    found, published = _company_path(ports, actor, project, kind, way.company_id)
    if kind in published.kinds:
        refuse_outdated(ports, published.slug, published.id, kind)
    return Path(found.acceptance), published


def _company_path(
    ports: Ports, actor: Actor, project: ProjectInfo, kind: str, company_id: str
) -> tuple[CompanyPath, PublishedVersion]:
    """What lets this person act for the company, and the version that it accepted with the project's foundation."""
    with ports.db.read() as session:
        found = ports.companies.path(session, actor.contributor_id, company_id, kind, ports.steady.now(session))
    published = ports.agreements.version_by_id(found.agreement_version_id)
    if published.foundation_id != project.foundation.id:
        raise CapacityUnfit(
            Worded("The company has signed with another foundation than that of %(name)s.", name=project.name)
        )
    return found, published


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


def check_office(office: Office | None, *, asked: bool) -> None:
    """Raise `OfficeUnfit` unless title and power are told exactly where they are asked for: a company's offer."""
    if not asked:
        if office is not None:
            raise OfficeUnfit(Worded("A title and a power to sign were told where nothing is offered for a company."))
        return
    title = office.title.strip() if office else ""
    if office is None or not title.isprintable() or not 1 <= len(title) <= MAX_NAME or office.power not in POWERS:
        raise OfficeUnfit(Worded("An offer for a company says your title there, and whence your power to sign comes."))


def _offer(ports: Ports, actor: Actor, project: ProjectInfo, kind: str, way: Way) -> tuple[Path, PublishedVersion]:
    published, grantor = version_for_offer(ports, project, kind, str(way.agreement)), None
    if way.company_id is not None and way.office is not None:
        company, _ = _company_path(ports, actor, project, kind, way.company_id)
        known = company.name, company.jurisdiction, company.registration
        grantor = CompanyFacts(*known, way.office.title.strip(), way.office.power)
    days = published.terms.signature.counter_signature_days
    assert days is not None  # noqa: S101 - for the type checker: terms name it exactly where the steward signs too
    to = f"{ports.settings.origin}/signers/{published.foundation_id}"
    return Path(None, offer=OfferRef(days, to), grantor=grantor), published
