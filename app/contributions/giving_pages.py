# SPDX-License-Identifier: Apache-2.0
"""What the pages of giving show: the files with who may give them, and the questions of their kind."""

from collections.abc import Sequence

from flask import g, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.agreements.service import PublishedVersion
from app.companies.values import Giving
from app.contributions.formtext import rows_shown
from app.contributions.giving import Given
from app.identity.actor import signed_in
from app.platform.formats import KIND_NAMES
from app.projects.service import ProjectInfo
from app.signing.earlier import read_earlier
from app.signing.errors import AgreementNotSigned
from app.signing.review import POWER_NAMES
from app.signing.views import GIVE_STEPS
from app.wiring import services
from mcla.terms import Schedule
from mcla.terms.schedule import MAX_ROWS


def files_page(
    given: Given, faults: list[dict[str, str]], unsigned: AgreementNotSigned | None = None, draft_id: str = ""
) -> str:
    """Which files, for whom, of which kind; `unsigned` says which agreement has to be signed before."""
    projects = services().projects.projects()
    chosen = next(
        (each for each in projects if each.slug == given.project), projects[0] if len(projects) == 1 else None
    )
    if chosen:
        g.foundation = chosen.foundation
    return render_template(
        "contributions/files.html",
        given=given,
        faults=faults,
        projects=projects,
        chosen=chosen,
        kinds=KIND_NAMES,
        step_names=GIVE_STEPS,
        unsigned=unsigned.extra | {"code": unsigned.code} if unsigned else None,
        first_sign=None if unsigned or given.company or given.agreement else _first_sign(chosen),
        grants=_grants(projects, chosen),
        companies=_companies(projects, chosen),
        powers=POWER_NAMES,
        earlier=[each.log_index for each in read_earlier(given.earlier)],
        draft_id=draft_id or request.form.get("draft", ""),
        drafts=services().drafts.list(signed_in()) if request.method == "GET" and not draft_id else (),
    )


def _companies(projects: Sequence[ProjectInfo], chosen: ProjectInfo | None) -> list[Giving]:
    """The companies that the person may give for, towards the foundation of the project or of any."""
    foundations = {each.foundation.id for each in ([chosen] if chosen else projects)}
    return [each for one in sorted(foundations) for each in services().companies.giving(signed_in(), one)]


def _grants(projects: Sequence[ProjectInfo], chosen: ProjectInfo | None) -> list[PublishedVersion]:
    """The agreements for one set of files, of the foundation of the project or of any."""
    foundations = {each.foundation.id for each in ([chosen] if chosen else projects)}
    offered = [each for each in services().agreements.agreements() if each.for_offers and each.withdrawn_at is None]
    return [each for each in offered if each.foundation_id in foundations]


def _first_sign(project: ProjectInfo | None) -> str:
    """The agreement to sign before anything can be given to this project, if none of its foundation is signed yet."""
    if project is None:
        return ""
    every = services().agreements.agreements()
    offered = [each for each in every if each.foundation_id == project.foundation.id and each.for_persons]
    actor = signed_in()
    if not offered or any(services().signing.in_force(actor.contributor_id, each.slug) for each in offered):
        return ""
    return offered[0].slug


def questions_page(
    given: Given, schedule: Schedule | None, faults: list[dict[str, str]], focus: str = "", draft_id: str = ""
) -> str | BaseResponse:
    """The questions about one kind, with what was answered, at the field `focus`."""
    project = services().projects.project(given.project)
    g.foundation = project.foundation
    return render_template(
        "contributions/questions.html",
        given=given,
        project=project,
        schedule=schedule,
        faults=faults,
        focus=focus,
        draft=services().drafts.load(signed_in(), draft_id)[0] if draft_id else None,
        rows_shown=rows_shown,
        most_rows=MAX_ROWS,
        text_language=g.get("text_language", "en"),
        kind_name=KIND_NAMES[given.kind],
        step_names=GIVE_STEPS,
    )
