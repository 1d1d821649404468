# SPDX-License-Identifier: Apache-2.0
"""Pages of signing: review and sign (for everything that is signed), what was signed, and everything of one's own.

Without JavaScript the form here signs with a one-use key that the service holds; with it, `sign.js` takes the form
over and the key is the browser's. Which of the two is settled when the statement is made, because it says so.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import abort, g, json, redirect, render_template, request
from markupsafe import Markup

from app.agreements.service import PublishedVersion
from app.agreements.views import provider_label
from app.claims.values import EVIDENCE_NAMES, SYSTEMS
from app.companies.values import Over
from app.identity.actor import signed_in
from app.identity.ports import Actor
from app.platform.build import page_build
from app.platform.languages import page_language
from app.platform.security import WRITES, Access, access, form_secret, limiter
from app.platform.visible import visible_text
from app.records.values import RecordState
from app.signing.lookup import statement_of
from app.signing.review import acceptance_rows, change_rows, contribution_rows, statement_parts, withdrawal_rows
from app.signing.shown import read_state, state_of
from app.signing.values import Seen, Shown, SignatureInfo, SigningInfo
from app.wiring import services
from mcla.envelope.encoding import encode_base64
from mcla.statements.base import Statement
from mcla.statements.statement import Acceptance, CompanyChange, Contribution, Withdrawal, parse_draft

bp = APIBlueprint("signing", __name__, enable_openapi=False, template_folder="templates")
NO_CONSENT = {"pointer": "/consent", "detail": "Tick the box if you agree; without it nothing is signed."}
SIGN_STEPS = ("Read and answer", "Review and sign")
CHANGE_STEPS = ("Choose", "Review and sign")
END_STEPS = ("What it means", "Review and sign")
GIVE_STEPS = ("Files", "Questions", "Review and sign")


@bp.get("/sign/<slug>/review/<signing_id>")
@bp.get("/contributions/review/<signing_id>", defaults={"slug": ""})
@bp.get("/withdrawals/review/<signing_id>", endpoint="review_withdrawal", defaults={"slug": ""})
@bp.get("/companies/review/<signing_id>", endpoint="review_company_change", defaults={"slug": ""})
@access(Access.SESSION)
def review(slug: str, signing_id: str) -> Any:
    """The last step: the statement in words and exactly, and the one box."""
    actor = signed_in()
    signing = services().signing.signing(actor, signing_id)
    if signing.result is not None:
        return redirect(urlsplit(signing.result.url).path, code=303)
    return _review(actor, signing, slug)


@bp.post("/sign/<slug>/review/<signing_id>")
@bp.post("/contributions/review/<signing_id>", defaults={"slug": ""})
@bp.post("/withdrawals/review/<signing_id>", endpoint="sign_withdrawal", defaults={"slug": ""})
@bp.post("/companies/review/<signing_id>", endpoint="sign_company_change", defaults={"slug": ""})
@limiter.limit(WRITES)
@access(Access.SESSION)
def sign(slug: str, signing_id: str) -> Any:
    """Sign with the one-use key of the service: the way without JavaScript."""
    actor = signed_in()
    if request.form.get("consent") != "yes":
        return _review(actor, services().signing.signing(actor, signing_id), slug, faults=[NO_CONSENT]), 422
    state = request.form.get("page")
    seen = Seen(read_state(state, signing_id, form_secret()) if state else None)
    result = services().signing.sign_with_service_key(actor, signing_id, seen, consent=True)
    return redirect(urlsplit(result.url).path, code=303)


@bp.get("/signatures")
@access(Access.SESSION)
def mine() -> str:
    """Is everything in order?"""
    actor = signed_in()
    signed = services().signing.signatures(actor)
    given = services().contributions.mine(actor.contributor_id)
    ids = [*(each.signing_id for each in signed), *(each.signing_id for each in given)]
    states = services().records.states_of(ids)
    records = {signing_id: _told(states.get(signing_id)) for signing_id in ids}
    now = services().clock.now()
    counting = [each for each in given if each.offered(now) in (None, "counter-signed")]
    made = {*(each.signing_id for each in signed), *(each.signing_id for each in counting)}
    waiting = sum(records[signing_id]["state"] == "waiting" for signing_id in made)
    over = _over(signed)
    standing = [each for each in signed if each.ended is None and each.id not in over]
    in_force = [len(standing), sum(each.ended is None for each in counting)]
    standings = {
        (each.slug, each.version): services().succession.standing_of(each.slug, each.version) for each in standing
    }
    signatures = [
        {
            "signature": each,
            "record": records[each.signing_id],
            "over": over.get(each.id),
            "standing": standings[each.slug, each.version] if each in standing else None,
        }
        for each in signed
    ]
    newest = {each.slug for each in standing if standings[each.slug, each.version].is_current}
    contributions = [
        {"contribution": each, "record": records[each.signing_id], "offered": each.offered(now)} for each in given
    ]
    claims = services().claims.mine(actor.contributor_id)
    instead = {slug for each in claims if not each.ended for slug in each.agreements}
    return render_template(
        "signing/mine.html",
        signatures=signatures,
        contributions=contributions,
        waiting=waiting,
        in_force=in_force,
        elsewhere=services().signing.waiting(actor),
        newest=newest,
        to_sign=any(one.again for (slug, _), one in standings.items() if slug not in newest),
        news=services().succession.news(actor.contributor_id),
        claims=claims,
        instead=[services().agreements.version(slug) for slug in sorted(instead)],
        evidence=EVIDENCE_NAMES,
        systems=SYSTEMS,
        mine={each.slug for each in signed if each.ended is None},
    )


@bp.get("/signatures/<signature_id>")
@access(Access.SESSION)
def done(signature_id: str) -> str:
    """What now, after signing an agreement."""
    found = next((s for s in services().signing.signatures(signed_in()) if s.id == signature_id), None)
    if found is None:
        abort(404, "You have no signature of that id.")
    g.foundation = services().agreements.version(found.slug, found.version).foundation
    bundle = services().signing.signature_bundle(signature_id)
    company = services().companies.of_signing(found.signing_id) if found.capacity == "company" else None
    return render_template(
        "signing/done.html",
        company=company,
        signature=found,
        over=_over([found]).get(found.id),
        bundle_size=len(json.dumps(bundle)),
        record=record_of(found.signing_id),
    )


def _over(signed: Sequence[SignatureInfo]) -> dict[str, Over]:
    """Which of these count no more without an end by their signer, by id: only what binds a company can be."""
    return services().companies.over([each.signing_id for each in signed if each.capacity == "company"])


def record_of(signing_id: str) -> dict[str, str]:
    """How far the PDF of a signing is, and where it is."""
    return _told(services().records.state_of(signing_id))


def _told(found: RecordState | None) -> dict[str, str]:
    if found is None:
        return {"state": "waiting", "url": "", "redacted": ""}
    return {"state": found.state, "url": f"/records/{found.id}.pdf", "redacted": f"/records/{found.id}/redacted.pdf"}


def _review(actor: Actor, signing: SigningInfo, slug: str, faults: list[dict[str, str]] | None = None) -> str:
    statement = parse_draft(signing.statement)
    version = services().agreements.version(statement.agreement.slug, statement.agreement.version)
    if slug not in ("", version.slug):
        abort(404, "This statement is about another agreement.")
    g.foundation = version.foundation
    account = f"{provider_label(actor.provider)} {actor.login or actor.subject}"
    common = {
        "signing": signing,
        "statement": statement,
        "version": version,
        "parts_of_statement": list(statement_parts(statement)),
        "faults": faults or [],
        **_passkeys(actor, signing, statement),
        "decline": f"/sign/{version.slug}/decline",
        "consent_language": "en" if isinstance(statement, CompanyChange) else version.terms.agreement.language,
        "files": [],
        "not_drawn": services().records.not_drawn(signing),
        "state_of": lambda words: _state(words, signing),
    }
    if isinstance(statement, Contribution):
        more = _contribution(actor, signing, statement, version, account)
    elif isinstance(statement, Withdrawal):
        more = _withdrawal(actor, signing, statement, version, account)
    elif isinstance(statement, CompanyChange):
        more = _change(actor, signing, statement, account)
    elif isinstance(statement, Acceptance):
        rows = acceptance_rows(statement, actor, account, version, signing.title)
        first = "company" if statement.company else "declare"
        more = {"rows": rows, "step_names": SIGN_STEPS, "start_again": f"/sign/{version.slug}/{first}"}
    else:  # nobody is asked to sign a foundation's answer to an offer on this page
        abort(404, "There is no statement of that kind to be signed here.")
    return render_template("signing/review.html", **(common | more))


def _state(words: Markup, signing: SigningInfo) -> str:
    """What the page says of itself, once its `words` are made; it comes back with the signature."""
    shown = Shown(services().clock.now(), page_language().tag, page_build(), visible_text(words))
    return state_of(shown, signing.id, form_secret())


def _withdrawal(
    actor: Actor, signing: SigningInfo, statement: Withdrawal, version: PublishedVersion, account: str
) -> dict[str, Any]:
    page = f"/{'contributions' if statement.ends.type == 'contribution' else 'signatures'}/{signing.ends}"
    rows = withdrawal_rows(statement, actor, account, version, f"{page}/end", _whose(actor, signing, statement))
    return {"rows": rows, "step_names": END_STEPS, "start_again": f"{page}/end", "decline": page}


def _whose(actor: Actor, signing: SigningInfo, statement: Withdrawal) -> str:
    """The name of the company for which what is ended was signed, empty for the person's own."""
    record = statement.ends.statement
    if statement.ends.type == "contribution":
        given = statement_of(services().signing.endable(actor, signing.ends or "")[0].signing)
        record = given.company.confirmed.statement if isinstance(given, Contribution) and given.company else ""
    found = services().companies.of_record(record) if record else None
    return found.name if found else ""


def _passkeys(actor: Actor, signing: SigningInfo, statement: Statement) -> dict[str, Any]:
    """The passkeys that can confirm this, and the credential id (base64) of the one that was chosen."""
    known = services().signing.passkeys_for(actor, signing.id)
    chosen = statement.passkey.fingerprint if statement.passkey else None
    ids = [encode_base64(each.credential_id) for each in known if each.fingerprint == chosen]
    return {"passkeys": known, "credential": "".join(ids)}


def _change(actor: Actor, signing: SigningInfo, statement: CompanyChange, account: str) -> dict[str, Any]:
    document, company, what = services().companies.history.of_signing(signing)
    page = f"/companies/{company.id}"
    rows = change_rows(statement, actor, account, company.name, what, document.reason)
    shown = {"rows": rows, "company": company, "what": what}
    return shown | {"step_names": CHANGE_STEPS, "start_again": page, "decline": page}


def _contribution(
    actor: Actor, signing: SigningInfo, statement: Contribution, version: PublishedVersion, account: str
) -> dict[str, Any]:
    again = f"/contributions/new?from={signing.id}"
    project = services().projects.project(statement.project)
    schedule = services().agreements.declarations(version, statement.kind)
    manifest = services().signing.manifest(actor, signing.id)
    found = services().companies.of_record(statement.company.confirmed.statement) if statement.company else None
    company = found.name if found else ""
    return {
        "project": project,
        "rows": contribution_rows(statement, actor, account, version, project, schedule, again, company, signing.title),
        "files": manifest.files if manifest else [],
        "step_names": GIVE_STEPS,
        "start_again": again,
    }
