# SPDX-License-Identifier: Apache-2.0
"""Console page of coverage: was a person, a company or a file covered, under which version, at a time.

The question is posted, so that no account stands in an address. The answers are those of `GET /api/v1/coverage`.
"""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import g, render_template, request

from app.console.views import acting_for
from app.coverage.values import Coverage, KindAnswer
from app.identity.actor import signed_in
from app.platform.formats import KIND_NAMES
from app.platform.security import Access, access, limiter
from app.projects.service import ProjectInfo
from app.wiring import services
from mcla.errors import MclaError
from mcla.terms import KINDS, Kind

bp = APIBlueprint(
    "console_coverage", __name__, url_prefix="/console/coverage", enable_openapi=False, template_folder="templates"
)
Fault = dict[str, str]


class _Unasked(Exception):
    """The form asks nothing that could be answered; holds what to put right."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.faults = [{"pointer": pointer, "detail": detail}]


@bp.get("")
@access(Access.STAFF)
def question() -> str:
    """Who or what, for which kind, when?"""
    return _page(None, [])


@bp.post("")
@limiter.limit("120/minute")
@access(Access.STAFF)
def answer() -> Any:
    """The answer for each kind, with what a yes rests on."""
    try:
        return _page(_asked(), [])
    except _Unasked as error:
        return _page(None, error.faults), 422
    except MclaError as error:
        return _page(None, [{"pointer": _POINTERS.get(error.code, ""), "detail": error.message}]), error.status


def _asked() -> Coverage:
    """Ask what the form asks; raises `_Unasked`, or what the use case raises."""
    form, coverage = request.form, services().coverage
    project = _project(form.get("project", "")).slug
    kind = next((each for each in KINDS if each == form.get("kind")), None)
    at, who = _time(form.get("at", "").strip()), form.get("who")
    if who == "account":
        return coverage.of_account(project, _given("provider"), _given("subject"), kind, at)
    if who == "company":
        return coverage.of_company(project, _given("company"), kind, at)
    if who == "artifact":
        digest = _given("artifact").lower()
        return coverage.of_artifact(project, f"sha256:{digest.removeprefix('sha256:')}", kind, at)
    raise _Unasked("/who", "Say whether you ask about a person, a company or a file.")


def _project(slug: str) -> ProjectInfo:
    """A project of a foundation that the account acts for; raises `_Unasked` or `NotStaff`."""
    for each in services().projects.projects():
        if each.slug == slug:
            acting_for(each.foundation.id)
            return each
    raise _Unasked("/project", "Choose a project.")


def _given(name: str) -> str:
    value = request.form.get(name, "").strip()
    if not 1 <= len(value) <= 255:
        raise _Unasked(f"/{name}", _ASKS[name])
    return value


def _time(text: str) -> datetime | None:
    """A time in UTC as browsers send it, None for now; raises `_Unasked`."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _Unasked("/at", "Write the time as 2026-11-25T09:00, in UTC.") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


_ASKS = {
    "provider": "Choose where the account is.",
    "subject": "Give the account’s number, as the person’s page /account shows it.",
    "company": "Choose a company.",
    "artifact": "Give the SHA-256 of the file.",
}
_POINTERS = {"time-unfit": "/at", "digest-invalid": "/artifact"}


def _alike(found: Coverage) -> list[tuple[KindAnswer, list[Kind]]]:
    """Each different answer once, with the kinds that it is for."""
    groups: dict[KindAnswer, list[Kind]] = {}
    for kind, each in found.kinds.items():
        groups.setdefault(each, []).append(kind)
    return list(groups.items())


def _page(found: Coverage | None, faults: list[Fault]) -> str:
    mine = {each.id for each in g.staff_of}
    companies = [each.info for each in services().companies.mine(signed_in()) if each.info.foundation.id in mine]
    return render_template(
        "console/coverage.html",
        found=found,
        answers=_alike(found) if found else (),
        faults=faults,
        given=request.form,
        projects=[each for each in services().projects.projects() if each.foundation.id in mine],
        companies=companies,
        providers={name: each.label for name, each in services().identity.providers.items()},
        kinds=KIND_NAMES,
    )
