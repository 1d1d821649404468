# SPDX-License-Identifier: Apache-2.0
"""Choosing a passkey for a statement, and removing one; the list stands on the account page."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from app.identity.actor import signed_in
from app.platform.security import WRITES, Access, access, limiter
from app.wiring import services

bp = Blueprint("passkeys", __name__, template_folder="templates")


@bp.post("/account/passkeys/<passkey_id>/remove")
@limiter.limit(WRITES)
@access(Access.SESSION)
def remove(passkey_id: str) -> Response:
    """Take a passkey out of use."""
    services().passkeys.remove(signed_in(), passkey_id)
    return redirect("/account#passkeys", code=303)


@bp.post("/signings/<signing_id>/passkey")
@limiter.limit(WRITES)
@access(Access.SESSION)
def choose(signing_id: str) -> Response:
    """Confirm a draft with this passkey, or with none; the page then shows the statement that says so."""
    actor = signed_in()
    services().signing.choose_passkey(actor, signing_id, request.form.get("passkey") or None)
    return redirect(urlsplit(services().signing.signing(actor, signing_id).review_url).path, code=303)
