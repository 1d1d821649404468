# SPDX-License-Identifier: Apache-2.0
"""The page on which somebody says that a company has another name, or another register number."""

from typing import Any

from apiflask import APIBlueprint
from flask import request

from app.companies.changes import Change
from app.companies.forms import FormUnfit, fault
from app.companies.pages import as_head, drafted, form_page
from app.companies.particulars import particulars_changed
from app.platform.security import WRITES, Access, access, limiter
from mcla.wording import Worded

bp = APIBlueprint("company_particulars", __name__, enable_openapi=False)
TEMPLATE = "companies/particulars.html"


@bp.get("/companies/<company_id>/particulars")
@access(Access.SESSION)
def renaming(company_id: str) -> str:
    """What is the company called now?"""
    return form_page(TEMPLATE, as_head(company_id), [])


@bp.post("/companies/<company_id>/particulars")
@limiter.limit(WRITES)
@access(Access.SESSION)
def rename(company_id: str) -> Any:
    """Make the statement that says it."""
    view = as_head(company_id)

    def wanted() -> Change:
        if not request.form.get("name", "").strip():
            raise FormUnfit([fault("name", Worded("Type the company’s legal name."))])
        return particulars_changed(view.info, request.form["name"], request.form.get("registration"))

    return drafted(view, wanted, TEMPLATE, "name")
