# SPDX-License-Identifier: Apache-2.0
"""The console's pages of tokens: rules by which CI proves itself without a secret, and tokens where it cannot.

The page that shows a new token is the answer to the form itself: it is kept by no browser, has no address of its own,
and a step back leads to the form.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.console.views import acting_for
from app.identity.actor import signed_in
from app.platform.scopes import SCOPE_MEANINGS, Scope
from app.platform.security import WRITES, Access, access, limiter
from app.projects.service import ProjectInfo
from app.tokens.service import DAYS, MAX_DAYS, MAX_LABEL
from app.tokens.trust import FORGES, cautions
from app.wiring import services
from mcla.errors import MclaError

bp = APIBlueprint(
    "console_tokens", __name__, url_prefix="/console/tokens", enable_openapi=False, template_folder="templates"
)
Fault = dict[str, str]


class _Unfit(Exception):
    """The form makes nothing; holds what to put right."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = {"pointer": pointer, "detail": detail}


@bp.get("")
@access(Access.STAFF)
def tokens() -> str:
    """What may a project's CI do, by whose word or with which token?"""
    now, rules = services().clock.now(), services().workloads.rules(_mine())
    return render_template(
        "console/tokens.html",
        rules=[(rule, [] if rule.ended_at else cautions(rule)) for rule in rules],
        tokens=[(token, token.state(now)) for token in services().tokens.tokens(_mine())],
        meanings=SCOPE_MEANINGS,
    )


@bp.get("/new")
@access(Access.STAFF)
def new_token() -> str:
    """Which token?"""
    return _token_form([])


@bp.post("/new")
@limiter.limit(WRITES)
@access(Access.STAFF)
def make_token() -> Any:
    """Make it and show it, this once."""
    try:
        project, scopes = _project(), _scopes()
        label = request.form.get("label", "").strip()
        made = services().tokens.create(project, scopes, _whoever(), days=_days(), label=label)
    except _Unfit as error:
        return _token_form([error.fault]), 422
    except MclaError as error:
        return _token_form([_fault(error)]), error.status
    return render_template("console/token_made.html", made=made, project=project)


@bp.post("/<token_id>/end")
@limiter.limit(WRITES)
@access(Access.STAFF)
def end_token(token_id: str) -> Any:
    """End a token from the next request on."""
    services().tokens.end(token_id, _whoever(), _mine())
    return redirect("/console/tokens", code=303)


@bp.get("/rules/new")
@access(Access.STAFF)
def new_rule() -> str:
    """Which jobs are to be trusted?"""
    return _rule_form([])


@bp.post("/rules/new")
@limiter.limit(WRITES)
@access(Access.STAFF)
def make_rule() -> Any:
    """Trust jobs of a forge that say exactly this."""
    try:
        project, scopes = _project(), _scopes()
        services().workloads.trust(project, request.form.get("issuer", ""), _claims(), scopes, _whoever())
    except _Unfit as error:
        return _rule_form([error.fault]), 422
    except MclaError as error:
        return _rule_form([_fault(error)]), error.status
    return redirect("/console/tokens", code=303)


@bp.post("/rules/<rule_id>/end")
@limiter.limit(WRITES)
@access(Access.STAFF)
def end_rule(rule_id: str) -> Any:
    """End a rule and what came of it, at once."""
    services().workloads.end(rule_id, _whoever(), _mine())
    return redirect("/console/tokens", code=303)


def _mine() -> list[str]:
    return [each.id for each in g.staff_of]


def _whoever() -> str:
    return f"{signed_in().provider} {signed_in().subject}"


def _projects() -> list[ProjectInfo]:
    mine = set(_mine())
    return [each for each in services().projects.projects() if each.foundation.id in mine]


def _project() -> ProjectInfo:
    """The project of the form, if the account acts for its foundation; raises `_Unfit` or `NotStaff`."""
    for each in services().projects.projects():
        if each.slug == request.form.get("project"):
            acting_for(each.foundation.id)
            return each
    raise _Unfit("/project", "Choose a project.")


def _scopes() -> frozenset[Scope]:
    chosen = frozenset(each for each in Scope if each in request.form.getlist("scope"))
    if not chosen:
        raise _Unfit("/scope", "Choose what it is for.")
    return chosen


def _days() -> int:
    text = request.form.get("days", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_DAYS):
        raise _Unfit("/days", "Give 1 to 366 days.")
    return int(text)


def _claims() -> dict[str, str]:
    """What the form's lines say, each `name=value`; raises `_Unfit`."""
    claims: dict[str, str] = {}
    for line in request.form.get("claims", "").splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if not (name or equals):
            continue
        if not (name and equals) or name in claims:
            raise _Unfit("/claims", "Write each claim once, as name=value, one a line.")
        claims[name] = value
    return claims


def _fault(error: MclaError) -> Fault:
    return {"pointer": _POINTERS.get(error.code, ""), "detail": error.message}


_POINTERS = {"token-unfit": "/label", "trust-unfit": "/claims", "trust-issuer-unknown": "/issuer"}


def _token_form(faults: list[Fault]) -> str:
    return render_template(
        "console/token.html",
        faults=faults,
        given=request.form,
        chosen=request.form.getlist("scope"),
        projects=_projects(),
        meanings=SCOPE_MEANINGS,
        days=DAYS,
        most={"days": MAX_DAYS, "label": MAX_LABEL},
    )


def _rule_form(faults: list[Fault]) -> str:
    issuers = services().workloads.issuers
    return render_template(
        "console/token_rule.html",
        faults=faults,
        given=request.form,
        chosen=request.form.getlist("scope"),
        projects=_projects(),
        meanings=SCOPE_MEANINGS,
        issuers={each: FORGES[each].name if each in FORGES else each for each in issuers},
    )
