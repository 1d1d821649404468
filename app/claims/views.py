# SPDX-License-Identifier: Apache-2.0
"""Pages for staff: what was imported from other systems, whom it names, and erasing it.

Whose claims are looked for is posted, so that no login and no address stands in a link or a log.
"""

from typing import Any, get_args

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.claims.errors import ClaimsSearchUnfit
from app.claims.service import PAGE
from app.claims.values import EVIDENCE_NAMES, SYSTEMS, Whose, WhoseKind
from app.identity.actor import signed_in
from app.platform.security import WRITES, Access, access, limiter
from app.wiring import services
from mcla.wording import Worded

bp = APIBlueprint("claims", __name__, url_prefix="/console/claims", enable_openapi=False, template_folder="templates")
Fault = dict[str, str]
MAX_ROW = 10**9
_ASKS = {
    "account": "Give the account’s number, as the person’s page /account shows it.",
    "address": "Give the address.",
    "login": "Give the login.",
}


@bp.get("")
@access(Access.STAFF)
def overview() -> str:
    """What is on record, from where, and what has become of it."""
    return _overview([])


@bp.get("/<import_id>")
@access(Access.STAFF)
def one(import_id: str) -> str:
    """One imported file, row by row."""
    after = request.args.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < len(str(MAX_ROW)) else 0
    info, rows = services().claims.rows(import_id, _mine(), start)
    more = rows[-1].row if len(rows) == PAGE else None
    return render_template("claims/import.html", info=info, rows=rows, start=start, more=more, **_words())


@bp.post("/find")
@limiter.limit("120/minute")
@access(Access.STAFF)
def find() -> Any:
    """Everything that names one person."""
    try:
        return _found(_whose(), [])
    except ClaimsSearchUnfit as error:
        asked = request.form.get("by", "")
        return _overview([{"pointer": f"/{asked}" if asked in _ASKS else "/by", "detail": error.message}]), 422


@bp.post("/erase")
@limiter.limit(WRITES)
@access(Access.STAFF)
def erase() -> Any:
    """Erase everything that names one person."""
    whose, actor = _whose(), signed_in()
    if request.form.get("erase") != "yes":
        return _found(whose, [{"pointer": "/erase", "detail": Worded("Tick the box to erase these rows.")}]), 422
    services().claims.erase(whose, _mine(), f"{actor.provider} {actor.subject}")
    return redirect("/console/claims", code=303)


def _whose() -> Whose:
    """Whom the form means; raises `ClaimsSearchUnfit`."""
    form = request.form
    by: WhoseKind | None = next((each for each in get_args(WhoseKind) if each == form.get("by")), None)
    if by is None:
        raise ClaimsSearchUnfit(Worded("Say whether you mean an account, an address or a login."))
    value = form.get(by, "").strip()
    if not value:
        raise ClaimsSearchUnfit(Worded(_ASKS[by]))
    return Whose(by, value, form.get("provider", "") if by == "account" else "")


def _mine() -> list[str]:
    return [each.id for each in g.staff_of]


def _words() -> dict[str, Any]:
    return {"evidence": EVIDENCE_NAMES, "systems": SYSTEMS}


def _overview(faults: list[Fault]) -> str:
    return render_template(
        "claims/overview.html",
        imports=services().claims.imports(_mine()),
        faults=faults,
        given=request.form,
        providers={name: each.label for name, each in services().identity.providers.items()},
        **_words(),
    )


def _found(whose: Whose, faults: list[Fault]) -> str:
    rows = services().claims.find(whose, _mine())
    left = [each for each in rows if each.erased_at is None]
    return render_template("claims/found.html", whose=whose, rows=rows, left=left, faults=faults, **_words())
