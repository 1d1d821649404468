# SPDX-License-Identifier: Apache-2.0
"""The API of companies: one's own, their lists, and every change of them, which is signed like everything else.

A change's bundle is public and names nobody; its document is for the company's managers.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app

from app.companies import schemas
from app.companies.asked import read_change
from app.companies.document import plain
from app.companies.errors import CompanyUnknown
from app.companies.letters import join_address
from app.companies.values import CompanyInfo, CompanyView, Role
from app.identity.actor import signed_in
from app.identity.ports import ConfirmedMembership
from app.platform.bodies import problems
from app.platform.security import WRITES, Access, access, limiter
from app.signing.api import BEARER, BUNDLE, bundle_file, told
from app.signing.values import Office
from app.wiring import services
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.statements.parts import TensorsRef

bp = APIBlueprint("companies_api", __name__, tag="Companies")
DOCUMENT: dict[str, object] = {
    "description": "The change itself, whose SHA-256 the signed statement names.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}
CHANGE_EXAMPLE = {
    "change": {
        "type": "entry-added",
        "rule": {"type": "domain", "domain": "example.com", "include_subdomains": False},
        "kinds": ["code", "data"],
    },
    "reason": "Everybody in research",
    "key_holder": "cli",
}


@bp.get("/api/v1/companies")
@bp.output(schemas.CompaniesOut)
@bp.doc(
    operation_id="listCompanies",
    summary="The companies that you have a part in",
    responses=problems(401),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def list_companies() -> dict[str, Any]:
    return {"companies": [_company(each.info, each.roles) for each in services().companies.mine(signed_in())]}


@bp.get("/api/v1/companies/<company_id>")
@bp.output(schemas.CompanyShownOut)
@bp.doc(
    operation_id="getCompany",
    summary="A company with its list, as far as you may see it",
    responses=problems(401, 404),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def get_company(company_id: str) -> dict[str, Any]:
    view = services().companies.view(signed_in(), company_id)
    return _company(view.info, view.roles) | _shown(view) | {"mine": _mine(company_id)}


@bp.post("/api/v1/companies/<company_id>/changes")
@limiter.limit(WRITES)
@bp.input(schemas.CompanyChangeIn, location="json", example=CHANGE_EXAMPLE)
@bp.output(schemas.CompanyChangeOut, status_code=201, description="The exact statement and document to be signed")
@bp.doc(
    operation_id="createCompanyChange",
    summary="Ask for a change of a company to sign",
    description="Stores statement and document for 30 minutes. Nothing is changed before it is signed: certify a key "
    "at `/api/v1/signings/{id}/certificate` and sign at `/api/v1/signings/{id}/signature`, as for every signing. Only "
    "the link of an invitation makes somebody a manager, in a browser.",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def create_change(company_id: str, json_data: schemas.CompanyChangeIn) -> dict[str, Any]:
    actor, companies, wanted = signed_in(), services().companies, json_data.change
    if isinstance(wanted, schemas.ReleasedIn):
        if companies.releases.one(actor, wanted.release).company.id != company_id:
            raise CompanyUnknown("The company has no request for release of that id.")
        draft = companies.releases.draft_release(actor, wanted.release, json_data.reason, json_data.key_holder)
    else:
        company = companies.view(actor, company_id).info  # a stranger hears of no fault of what was asked
        change = read_change(wanted, company, _memberships())
        draft = companies.draft_change(actor, company_id, change, json_data.reason, json_data.key_holder)
    return told(draft) | {"document": (draft.document or b"").decode()}


@bp.post("/api/v1/companies/<company_id>/releases")
@limiter.limit(WRITES)
@bp.input(schemas.ReleaseIn, location="json")
@bp.output(schemas.ReleaseOut, status_code=201)
@bp.doc(
    operation_id="createCompanyRelease",
    summary="Ask a second person to release files that you want to give for the company",
    description="For the answer `release-needed`. The same files again find the same request, with the new answers.",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def create_release(company_id: str, json_data: schemas.ReleaseIn) -> dict[str, Any]:
    wanted, projects = json_data, services().projects
    projects.project(wanted.project)
    manifest = Manifest.of([ManifestEntry(file.path, file.sha256, file.size) for file in wanted.files])
    tensors = TensorsRef(**wanted.tensors.model_dump()) if wanted.tensors else None
    offered = wanted.agreement, Office(**wanted.office.model_dump()) if wanted.office else None
    release = services().companies.releases.ask(
        signed_in(), company_id, wanted.project, wanted.kind, manifest, wanted.declarations, tensors, *offered
    )
    return {"id": release, "url": f"{services().settings.origin}/companies/releases/{release}"}


@bp.post("/api/v1/companies/invitations/<invitation_id>/link")
@limiter.limit(WRITES)
@bp.output(schemas.LinkOut, status_code=201)
@bp.doc(
    operation_id="createInvitationLink",
    summary="A new link for an invitation to manage a company's list",
    description="It works once, within seven days, for the invited verified address.",
    responses=problems(401, 403, 404, 409, 429),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def create_link(invitation_id: str) -> dict[str, str]:
    token = services().companies.invitations.make_link(signed_in(), invitation_id)
    return {"url": join_address(services().settings.origin, token)}


@bp.get("/api/v1/company-changes/<change_id>/bundle")
@bp.doc(
    operation_id="getCompanyChangeBundle",
    summary="The public bundle of a company's change",
    description="It holds a digest of the change, and no name, address or reason.",
    responses={200: BUNDLE, **problems(404)},
)
@access(Access.PUBLIC)
def get_change_bundle(change_id: str) -> Response:
    return bundle_file(change_id, services().companies.history.bundle(change_id))


@bp.get("/api/v1/company-changes/<change_id>/document")
@bp.doc(
    operation_id="getCompanyChangeDocument",
    summary="What a company's change says, for who signed it and the company's managers",
    description="`mcla verify DOCUMENT --bundle BUNDLE` checks it against the proof.",
    responses={200: DOCUMENT, **problems(401, 404)},
    security=BEARER,
)
@access(Access.SIGNED_IN)
def get_change_document(change_id: str) -> Response:
    document = services().companies.history.document(signed_in(), change_id)
    return current_app.response_class(document, content_type="application/json")


def _memberships() -> list[ConfirmedMembership]:
    actor = signed_in()
    known = services().identity.memberships(actor.contributor_id)
    return [each for each in known if each.provider == actor.provider]


def _company(info: CompanyInfo, roles: frozenset[Role]) -> dict[str, Any]:
    return {
        "id": info.id,
        "name": info.name,
        "jurisdiction": info.jurisdiction,
        "registration": info.registration,
        "foundation": info.foundation.slug,
        "url": f"{services().settings.origin}/companies/{info.id}",
        "roles": sorted(roles),
    }


def _shown(view: CompanyView) -> dict[str, Any]:
    return {
        "agreement": view.slug,
        "version": view.version,
        "former": [
            {"name": each.name, "registration": each.registration, "until": each.until, "change": each.change_id}
            for each in view.former
        ],
        "kinds": view.kinds,
        "release_kinds": view.release_kinds,
        "managers": [
            {"invitation": each.id, "name": each.who.name, "email": each.email, "since": each.since}
            for each in view.managers
        ],
        "invitations": [
            {"invitation": each.id, "email": each.email, "link_until": each.link_until} for each in view.invitations
        ],
        "entries": [
            {
                "entry": each.id,
                "rule": plain(each.rule),
                "kinds": each.kinds,
                "valid_from": each.valid_from,
                "valid_to": each.valid_to,
                "state": each.state,
                "confirmed": len(each.confirmed),
            }
            for each in view.entries
        ],
    }


def _mine(company_id: str) -> list[dict[str, Any]]:
    return [
        {
            "entry": each.entry_id,
            "rule": plain(each.line.rule),
            "kinds": each.line.kinds,
            "confirmed": each.confirmed is not None,
            "confirmed_until": each.confirmed.until if each.confirmed else None,
            "why_not": each.why_not,
        }
        for each in services().companies.confirmable(signed_in(), company_id)[1]
    ]
