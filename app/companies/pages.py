# SPDX-License-Identifier: Apache-2.0
"""What the pages of companies share: the company as somebody may see it, and a form that leads to a signed change."""

from collections.abc import Callable
from typing import Any

from flask import g, redirect, render_template, request

from app.companies.changes import Change
from app.companies.errors import NotAllowed, NotSignatory, ReasonMissing, RegisterNumberTaken, RegisterNumberUnfit
from app.companies.forms import Fault, FormUnfit, read_reason, told
from app.companies.values import CompanyView
from app.identity.actor import signed_in
from app.platform.formats import KIND_NAMES
from app.signing.errors import SigningError
from app.wiring import services


def holder() -> str:
    return "browser" if request.form.get("key_holder") == "browser" else "service"


def seen(company_id: str) -> CompanyView:
    view = services().companies.view(signed_in(), company_id)
    g.foundation = view.info.foundation
    return view


def as_head(company_id: str) -> CompanyView:
    """The company as one of its managers or its signatory sees it."""
    view = seen(company_id)
    if not view.roles & {"manager", "signatory"}:
        raise NotAllowed("Only a manager of the company, or who signed for it, can do this.")
    return view


def as_manager(company_id: str) -> CompanyView:
    """The company as one of its managers sees it."""
    view = seen(company_id)
    if "manager" not in view.roles:
        raise NotAllowed("Only a manager of the company can do this.")
    return view


def form_page(template: str, view: CompanyView, faults: list[Fault], **more: Any) -> str:
    providers = {name: each.label for name, each in services().identity.providers.items()}
    return render_template(
        template, view=view, faults=faults, given=request.form, kinds=KIND_NAMES, providers=providers, **more
    )


_FIELDS: dict[type[SigningError], str] = {
    ReasonMissing: "reason",
    RegisterNumberUnfit: "registration",
    RegisterNumberTaken: "registration",
    NotSignatory: "registration",
}
"""The field that an error is about, where the form has it."""


def drafted(view: CompanyView, wanted: Callable[[], Change], template: str, field: str, **more: Any) -> Any:
    """Make a change's statement from a form, or show the form again with what is wrong."""
    try:
        reason = read_reason(request.form)
        draft = services().companies.draft_change(signed_in(), view.info.id, wanted(), reason, holder())
    except FormUnfit as error:
        return form_page(template, view, error.faults, **more), 422
    except SigningError as error:
        return form_page(template, view, [told(_FIELDS.get(type(error), field), error)], **more), error.status
    return redirect(f"/companies/review/{draft.id}", code=303)
