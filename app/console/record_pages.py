# SPDX-License-Identifier: Apache-2.0
"""Console pages of records: who signed what and how far its record is, one copy to keep, or many as a ZIP.

A record of another foundation, or of a contribution that the account may not see, looks like one that never was.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apiflask import APIBlueprint
from flask import Response, current_app, g, render_template, request

from app.console.views import records_of_staff
from app.identity.actor import signed_in
from app.platform.security import Access, access, limiter
from app.records.api import COPIES, pdf_of
from app.records.choosing import Choice
from app.records.listing import PAGE
from app.wiring import services
from mcla.wording import Worded

bp = APIBlueprint(
    "console_records", __name__, url_prefix="/console/records", enable_openapi=False, template_folder="templates"
)
log = structlog.get_logger()
Fault = dict[str, str]
MOST = 200
"""In one ZIP from a page: each copy is made and sealed for it. The operator's command has no such limit."""
ZIPS = "2/minute;12/hour"
FAILURES = {
    "seal-failed": "The service’s document key could not be used.",
    "seal-invalid": "What was sealed did not pass the check.",
    "glyph-missing": "No font of the service draws a character.",
    "record-content-invalid": "What is stored does not agree with what was signed.",
    "record-file-unfit": "The storage lost its file, which is made anew.",
}
"""Why a record could not be made, for staff; what else there is, the operator looks at."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form asks for: texts as they were given, and the choice that they mean."""

    agreement: str
    since: str
    until: str
    choice: Choice
    faults: tuple[Fault, ...]


@bp.get("")
@access(Access.STAFF)
def listing() -> Any:
    """Which records are there, and what waits?"""
    asked = _asked(request.args)
    return _page(asked), 422 if asked.faults else 200


@bp.get("/<record_id>.pdf")
@limiter.limit(COPIES)
@access(Access.STAFF)
def one(record_id: str) -> Response:
    """The foundation's copy of a record."""
    pdf = services().foundation_records.copy(_choice(), record_id)
    return pdf_of(pdf, f"{record_id}-foundation")


@bp.post("/zip")
@limiter.limit(ZIPS)
@access(Access.STAFF)
def many() -> Any:
    """The copies of all that the form asks for, and their index, while they are made."""
    asked = _asked(request.form)
    count = 0 if asked.faults else services().foundation_records.count(asked.choice)
    if asked.faults or not 1 <= count <= MOST:
        return _page(asked), 422  # the page says what to change
    log.info("records.taken", foundations=[each.slug for each in g.staff_of], count=count)
    now = services().clock.now()
    response = current_app.response_class(
        services().foundation_records.archive(asked.choice, now), content_type="application/zip"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="records-{now:%Y-%m-%d}.zip"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _choice(**asked: Any) -> Choice:
    """Records of the foundations that the account acts for, as far as it may see what they are about."""
    actor = signed_in()
    handled = services().staff.handled_by(actor.provider, actor.subject)
    mine = [each.id for each in g.staff_of]
    return Choice(foundations=mine, open_at=services().clock.now(), handled=handled, **asked)


def _asked(given: Any) -> _Asked:
    agreement, since, until = (given.get(name, "").strip()[:200] for name in ("agreement", "since", "until"))
    slug, _, version = agreement.partition("@")
    faults: list[Fault] = []
    begin, last = _day(since, "/since", faults), _day(until, "/until", faults)
    end = last + timedelta(days=1) if last else None
    if "\0" in agreement:  # no agreement is called so, and PostgreSQL has no text with it
        faults.append({"pointer": "/agreement", "detail": Worded("Choose an agreement.")})
    choice = _choice(agreement=slug or None, version=version or None, since=begin, until=end)
    return _Asked(agreement, since, until, choice, tuple(faults))


def _day(text: str, pointer: str, faults: list[Fault]) -> datetime | None:
    """The beginning of a day in UTC, None where none was given."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else None
    except ValueError:
        faults.append({"pointer": pointer, "detail": Worded("Write the day as 2026-11-25.")})
        return None


def _page(asked: _Asked) -> str:
    records = services().foundation_records
    after = request.args.get("after", "") if request.method == "GET" else ""
    found = [] if asked.faults else records.page(asked.choice, after)
    mine = {each.id for each in g.staff_of}
    return render_template(
        "console/records.html",
        asked=asked,
        records=found,
        after=after,
        more=found[-1].id if len(found) == PAGE else None,
        count=0 if asked.faults else records.count(asked.choice),
        most=MOST,
        standing=records_of_staff(),
        failures=FAILURES,
        versions=[
            version
            for each in services().agreements.agreements()
            if each.foundation_id in mine
            for version in services().agreements.versions(each.slug)
        ],
    )
