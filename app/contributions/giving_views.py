# SPDX-License-Identifier: Apache-2.0
"""Pages of giving: which files, the questions of their kind, and the drafts between; the review follows.

Files never arrive here. What arrives is a list of names, sizes and digests, measured by the page or pasted.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from apiflask import APIBlueprint
from flask import g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from app.agreements.errors import AgreementUnknown, AgreementWithdrawn, KindNotCovered
from app.companies.errors import (
    AddressNotVerified,
    CompanyNotInForce,
    CompanyUnknown,
    MembershipMissing,
    NotAffiliated,
    ReleaseNeeded,
)
from app.contributions.formtext import rows_shown, with_row, without_row
from app.contributions.giving import (
    Given,
    declared,
    from_form,
    from_statement,
    printable_name,
    read_files,
    read_tensors,
    unconfirmed,
    with_proposals,
)
from app.contributions.giving_pages import files_page, questions_page
from app.contributions.schemas.bundle import BundleIn
from app.contributions.stock import earlier_in, lines_of
from app.identity.actor import signed_in
from app.platform.formats import KIND_NAMES
from app.platform.security import WRITES, Access, access, limiter
from app.signing.earlier import Earlier, read_earlier, write_earlier
from app.signing.errors import (
    AgreementNotSigned,
    AlreadyContributed,
    CapacityUnfit,
    DeclarationsUnfit,
    EarlierNamed,
    EarlierUnfit,
    NotForOffers,
    OfficeUnfit,
    TensorsUnfit,
)
from app.signing.paths import check_office
from app.wiring import services
from mcla.artifacts.manifest import Manifest
from mcla.errors import MclaError
from mcla.statements.parts import Kind
from mcla.statements.statement import Contribution, parse_draft
from mcla.terms import Schedule
from mcla.terms.frontmatter import MAX_BYTES
from mcla.terms.metadata import MetadataInvalid
from mcla.wording import Joined, Worded

COMPANY_REFUSALS = (
    AddressNotVerified,
    CapacityUnfit,
    CompanyNotInForce,
    CompanyUnknown,
    MembershipMissing,
    NotAffiliated,
    OfficeUnfit,
)
OFFER_REFUSALS = (AgreementUnknown, AgreementWithdrawn, KindNotCovered, NotForOffers)
bp = APIBlueprint("giving", __name__, enable_openapi=False, template_folder="templates")


@bp.get("/contributions/new")
@access(Access.SESSION)
def new() -> Any:
    """Which files, for whom, of which kind?"""
    signing_id, draft_id = request.args.get("from", ""), request.args.get("draft", "")
    if draft_id:
        return _go_on(draft_id)
    if not signing_id:
        project, kind, agreement = (request.args.get(name, "") for name in ("project", "kind", "agreement"))
        given = Given(project=project, kind=kind, agreement=agreement)
        named = [Earlier(index) for index in request.args.getlist("earlier", type=int)]
        return files_page(_named(given, named), [])
    signing = services().signing.signing(signed_in(), signing_id)
    statement = parse_draft(signing.statement)
    if not isinstance(statement, Contribution):
        return files_page(Given(), [])
    manifest = services().signing.manifest(signed_in(), signing_id)
    named_before = services().signing.named_by(signed_in(), signing_id)
    draft_id, company = services().drafts.behind(signed_in(), signing_id), _company_of(statement)
    entered = from_statement(statement, manifest, named_before, company, signing.title)
    return files_page(entered, [], draft_id=draft_id)


def _go_on(draft_id: str) -> Any:
    """Where a draft was left: at its questions, or at its files where those are asked for or do not stand yet."""
    _, given = services().drafts.load(signed_in(), draft_id)
    projects = [each.slug for each in services().projects.projects()]
    manifest, faults = read_files(given, KIND_NAMES, projects)
    try:
        if not faults and manifest is not None and request.args.get("step") != "files" and (asked := _schedule(given)):
            return questions_page(given, asked, [], draft_id=draft_id)
    except AgreementNotSigned as error:
        return files_page(given, [], error, draft_id=draft_id)
    except (*COMPANY_REFUSALS, *OFFER_REFUSALS) as error:
        return files_page(given, [_fault(error, str(error.hint), at=_refused_at(error))], draft_id=draft_id)
    return files_page(given, [], draft_id=draft_id)


@bp.post("/contributions/drafts/<draft_id>/delete")
@limiter.limit(WRITES)
@access(Access.SESSION)
def delete_draft(draft_id: str) -> BaseResponse:
    """Forget a draft."""
    services().drafts.delete(signed_in(), draft_id)
    return redirect("/contributions/new", code=303)


@bp.post("/contributions/earlier")
@limiter.limit(WRITES)
@access(Access.SESSION)
def earlier() -> Any:
    """Read what a tool of others wrote (a bundle): which entry it is, and which files it names."""
    given, sent = from_form(request.form), request.files.get("bundle")
    content = sent.read(BundleIn.max_bytes + 1) if sent else b""
    try:
        return files_page(_named(given, [*read_earlier(given.earlier), earlier_in(content)]), [])
    except MclaError as error:
        return files_page(given, [_fault(error, error.hint, at="/bundle")]), 422


@bp.post("/contributions/new")
@limiter.limit(WRITES)
@access(Access.SESSION)
def files() -> Any:
    """Read the list of files; then the questions of the kind, or the statement where there are none."""
    given = from_form(request.form)
    projects = [each.slug for each in services().projects.projects()]
    manifest, faults = read_files(given, KIND_NAMES, projects)
    if faults or manifest is None:
        return files_page(given, faults), 422
    try:
        services().signing.check_earlier(signed_in(), read_earlier(given.earlier), manifest)
        schedule = _schedule(given)
    except EarlierUnfit as error:
        return files_page(given, [_fault(error)]), 422
    except AgreementNotSigned as error:
        return files_page(given, [], error), 409
    except (*COMPANY_REFUSALS, *OFFER_REFUSALS) as error:
        return files_page(given, [_fault(error, str(error.hint), at=_refused_at(error))]), error.status
    return questions_page(given, schedule, [], draft_id=_saved(given)) if schedule else _draft(given, None)


@bp.post("/contributions/questions")
@limiter.limit(WRITES)
@access(Access.SESSION)
def questions() -> Any:
    """Read the answers and make the statement; or show the questions with an entry more or less."""
    given = from_form(request.form)
    schedule = _schedule(given)
    if changed := _with_other_rows(given, schedule):
        return questions_page(changed[0], schedule, [], focus=changed[1], draft_id=_saved(changed[0]))
    if request.form.get("read"):
        return _read_metadata(given, schedule)
    if request.form.get("later"):
        _saved(given)
        return redirect("/contributions/new", code=303)
    draft_id = _saved(given)
    if faults := unconfirmed(given, schedule, services().clock.now().date()):
        return questions_page(given, schedule, faults, draft_id=draft_id), 422
    return _draft(given, schedule, draft_id)


def _read_metadata(given: Given, schedule: Schedule | None) -> Any:
    """The questions with proposals from the model card or Croissant file that was sent."""
    sent = request.files.get("metadata")
    content = sent.read(MAX_BYTES + 1) if sent else b""
    try:
        if not content:
            raise MetadataInvalid("expected a file, got none")
        name = printable_name(sent.filename if sent else None)
        given = with_proposals(given, schedule, name, content, services().clock.now().date())
    except MetadataInvalid as error:
        return questions_page(given, schedule, [_fault(error, error.hint, at="/metadata")], draft_id=_saved(given)), 422
    return questions_page(given, schedule, [], draft_id=_saved(given))


def _refused_at(error: MclaError) -> str:
    """The field at which a refusal of the way of giving is told."""
    return "/company" if isinstance(error, COMPANY_REFUSALS) else "/agreement"


def _saved(given: Given) -> str:
    """Keep what was entered; the id of the draft."""
    return services().drafts.save(signed_in(), request.form.get("draft", ""), given).id


def _draft(given: Given, schedule: Schedule | None, draft_id: str = "") -> Any:
    projects = [each.slug for each in services().projects.projects()]
    manifest, faults = read_files(given, KIND_NAMES, projects)
    if faults or manifest is None:
        return files_page(given, faults), 422
    holder = "browser" if request.form.get("key_holder") == "browser" else "service"
    answers = declared(given, schedule)
    try:
        signing = services().signing.draft_contribution(
            signed_in(),
            given.project,
            given.kind,
            manifest.files,
            answers,
            holder,
            read_tensors(given),
            read_earlier(given.earlier),
            given.company or None,
            given.agreement or None,
            given.office,
        )
    except DeclarationsUnfit as error:
        # The errors point into an API's request; the page holds the declarations alone.
        told = error.extra["errors"]
        faults = [each | {"pointer": each["pointer"].removeprefix("/declarations")} for each in told]
        return questions_page(given, schedule, faults, draft_id=draft_id), 422
    except TensorsUnfit as error:
        return files_page(replace(given, tensors=""), [_fault(error)]), 422
    except EarlierUnfit as error:
        return files_page(given, [_fault(error)]), 422
    except EarlierNamed as error:
        return files_page(given, [_fault(error, Worded("It is %(id)s.", id=error.extra["contribution"]))]), 409
    except AlreadyContributed as error:
        return redirect(error.extra["url"], code=303)
    except ReleaseNeeded:
        return _ask_release(given, schedule, manifest, answers)
    except COMPANY_REFUSALS as error:
        return files_page(given, [_fault(error, str(error.hint), at="/company")], draft_id=draft_id), error.status
    if draft_id:
        services().drafts.became(signed_in(), draft_id, signing.id)
    return redirect(f"/contributions/review/{signing.id}", code=303)


def _ask_release(given: Given, schedule: Schedule | None, manifest: Manifest, answers: dict[str, Any]) -> Any:
    """Keep the files' list and the answers until a second person of the company has released them."""
    kind = cast("Kind", given.kind)  # one of the form's, which `read_files` looked at
    try:
        release = services().companies.releases.ask(
            signed_in(),
            given.company,
            given.project,
            kind,
            manifest,
            answers,
            read_tensors(given),
            given.agreement or None,
            given.office,
        )
    except DeclarationsUnfit as error:
        told = [each | {"pointer": each["pointer"].removeprefix("/declarations")} for each in error.extra["errors"]]
        return questions_page(given, schedule, told), 422
    return redirect(f"/companies/releases/{release}", code=303)


def _company_of(statement: Contribution) -> str:
    """The id of the company that a statement is made for, empty for the person's own."""
    found = services().companies.of_record(statement.company.confirmed.statement) if statement.company else None
    return found.id if found else ""


def _with_other_rows(given: Given, schedule: Schedule | None) -> tuple[Given, str] | None:
    """What was entered with an entry added or removed, and the field to go on at; None if neither was asked for."""
    key, _, number = (request.form.get("add") or request.form.get("remove") or "").partition("-")
    field = schedule.field(key) if schedule else None
    if field is None or field.shape is None:
        return None
    if request.form.get("add"):
        answers = with_row(given.answers, field)
    else:
        answers = without_row(given.answers, field, int(number) if number.isdecimal() and len(number) < 3 else 0)
    at = f"{key}-{len(rows_shown(answers, field)) - 1}-{field.shape.columns[0].key}"
    return replace(given, answers=answers), at


def _fault(error: MclaError, more: str = "", at: str = "/files") -> dict[str, str]:
    return {"pointer": at, "detail": Joined(" ", (error.message, more))}


def _named(given: Given, earlier: Sequence[Earlier]) -> Given:
    """The form with these earlier signatures of the person's own, and the files that they name."""
    chosen = {each.log_index: each for each in earlier}  # of two for one entry the later, which shows its list
    found = services().signing.own_entries(signed_in(), list(chosen))
    if not found:
        return given
    kept = [chosen[each.log_index] for each in found]
    lines = lines_of((each.sha256, chosen[each.log_index].statement) for each in found)
    return replace(given, files=lines, earlier=write_earlier(kept))


def _schedule(given: Given) -> Schedule | None:
    if given.company:
        version = services().companies.releases.version(signed_in(), given.company, given.kind)
    if given.agreement:
        check_office(given.office, asked=bool(given.company))
        version = services().signing.covering_offer(given.project, given.kind, given.agreement)
    elif not given.company:
        version = services().signing.covering(signed_in(), given.project, given.kind)
    g.text_language = version.terms.agreement.language
    return services().agreements.declarations(version, given.kind)
