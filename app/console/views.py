# SPDX-License-Identifier: Apache-2.0
"""Pages of the console. Every one is for staff, and shows only what belongs to the foundations they act for."""

from apiflask import APIBlueprint
from flask import g, render_template

from app.platform.security import Access, access
from app.projects.service import FoundationInfo
from app.projects.staff import NotStaff
from app.wiring import services

bp = APIBlueprint("console", __name__, url_prefix="/console", enable_openapi=False, template_folder="templates")


@bp.get("")
@access(Access.STAFF)
def front() -> str:
    """What each foundation publishes, and what can be done here."""
    offered = services().agreements.agreements()
    of = {each.id: [one for one in offered if one.foundation_id == each.id] for each in g.staff_of}
    return render_template("console/front.html", foundations=g.staff_of, offered=of)


def acting_for(foundation_id: str) -> FoundationInfo:
    """The foundation, if the signed-in account acts for it; raises `NotStaff`."""
    for each in g.staff_of:
        if each.id == foundation_id:
            g.foundation = each
            return each  # type: ignore[no-any-return]
    raise NotStaff("This belongs to a foundation that the account you signed in with does not act for.")
