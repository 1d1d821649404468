# SPDX-License-Identifier: Apache-2.0
"""Pages about agreements: home, the list, one version, and the walk that signs one (read and answer, review and sign).

Signing in is never the act of signing: the text is open to everybody, a statement is made only for a signed-in person
who said whose work it is, and it is signed on its own page with the name and account beside the button.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.agreements.plain import plain_text
from app.agreements.service import PublishedVersion
from app.identity.actor import current_actor, signed_in
from app.platform.security import WRITES, Access, access, limiter
from app.projects.service import FoundationInfo
from app.signing.errors import AlreadySigned
from app.signing.in_force import Accepted
from app.wiring import services

bp = APIBlueprint("agreements", __name__, enable_openapi=False, template_folder="templates")
OWNERS = ("self", "employer", "unsure")


@bp.app_context_processor
def shell() -> dict[str, Any]:
    """What the frame of every page names: the foundation whose page this is, and the providers by their labels."""
    return {"brand": _brand(), "provider_label": provider_label, "agreement_title": agreement_title}


@bp.get("/")
@access(Access.PUBLIC)
def home() -> str:
    """What do you want to do?"""
    found = services()
    projects = found.projects.projects()
    return render_template(
        "agreements/home.html",
        agreements=[each for each in found.agreements.agreements() if each.withdrawn_at is None],
        projects=projects,
        tiers=found.tiers.newest_for(projects),
        log_size=log_size(),
    )


@bp.get("/agreements")
@access(Access.PUBLIC)
def listing() -> str:
    """Every agreement with its newest version."""
    return render_template("agreements/list.html", agreements=services().agreements.agreements())


@bp.get("/agreements/<slug>")
@access(Access.PUBLIC)
def newest(slug: str) -> Any:
    """The newest version of an agreement."""
    version = services().agreements.version(slug).version
    return redirect(url_for(".version", slug=slug, version=version), code=302)


@bp.get("/agreements/<slug>/<version>")
@access(Access.PUBLIC)
def version(slug: str, version: str) -> str:
    """One version: text, deed, terms, digests, downloads."""
    found = services().agreements.version(slug, version)
    g.foundation = found.foundation
    return render_template(
        "agreements/version.html",
        version=found,
        rendered=services().agreements.render(found),
        versions=(versions := services().agreements.versions(slug)),
        earlier=[each for each in versions if each.number < found.number],
        terms=term_rows(found.terms.to_dict()),
        translations=services().agreements.translations.of(found),
    )


@bp.get("/agreements/<slug>/<version>/text")
@access(Access.PUBLIC)
def as_text(slug: str, version: str) -> Any:
    """The version as plain text: the agreement, its summaries and its schedules, in lines of at most 78 characters."""
    found = services().agreements.version(slug, version)
    return plain_text(found.documents), {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/agreements/<slug>/<version>/translations/<language>")
@access(Access.PUBLIC)
def translation(slug: str, version: str, language: str) -> str:
    """A translation, for information: which text prevails, and that one's digest beside its own."""
    found = services().agreements.version(slug, version)
    g.foundation = found.foundation
    read = services().agreements.translations.one(found, language)
    preamble, clauses = read.clauses()
    return render_template(
        "agreements/translation.html", version=found, translation=read, preamble=preamble, clauses=clauses
    )


@bp.get("/agreements/<slug>/<version>/translations/<language>/text")
@access(Access.PUBLIC)
def translation_bytes(slug: str, version: str, language: str) -> Any:
    """The exact bytes of a translation, over which its digest is."""
    found = services().agreements.translations.one(services().agreements.version(slug, version), language)
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Language": found.language,
        "ETag": f'"{found.sha256}"',
    }
    return found.content, headers


@bp.get("/sign/<slug>")
@access(Access.PUBLIC)
def read(slug: str) -> str:
    """Step 1: who asks, for what; the text, or what changed since one signed; whose work it is."""
    found = _to_sign(slug)
    earlier = _signed_earlier(found)
    if earlier is None or "whole" in request.args:
        return _page("agreements/read.html", found, earlier_version=earlier.version if earlier else "")
    comparison, text = services().succession.changes(slug, earlier.version, found.version)
    standing = services().succession.standing_of(slug, earlier.version)
    return _page(
        "agreements/again.html", found, earlier=earlier, standing=standing, comparison=comparison, text_changes=text
    )


@bp.get("/sign/<slug>/declare")
@access(Access.SESSION)
def declare(slug: str) -> str:
    """The question of step 1 by itself."""
    return _page("agreements/declare.html", _to_sign(slug), owner="")


@bp.post("/sign/<slug>/declare")
@limiter.limit(WRITES)
@access(Access.SESSION)
def answer(slug: str) -> Any:
    """Whose work it is: one's own leads on to the statement, everything else to an honest end."""
    found = services().agreements.version_to_sign(slug, request.form.get("version") or None)
    owner = request.form.get("owner", "")
    if owner == "self":
        return _draft(found)
    fault = {"pointer": "/owner", "detail": "Say who owns what you will give."}
    faults = [] if owner in OWNERS else [fault]
    return _page("agreements/declare.html", found, owner=owner, faults=faults), 422 if faults else 200


@bp.get("/sign/<slug>/decline")
@access(Access.PUBLIC)
def decline(slug: str) -> str:
    """Not agreeing is a normal outcome: nothing was signed, and who to talk to."""
    return _page("agreements/decline.html", services().agreements.version(slug))


def log_size() -> int | None:
    """Entries in the public log, or None when it cannot be told now (never a reason for a red page)."""
    try:
        lines = services().log.checkpoint().splitlines()
        return int(lines[1])
    except (SQLAlchemyError, OSError, ValueError, IndexError):
        return None


def term_rows(terms: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Terms as (key, value) lines, nested keys joined by dots; the vocabulary is the machine's own."""
    rows: list[tuple[str, str]] = []
    for key, value in terms.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            rows += term_rows(value, f"{name}.")
        elif isinstance(value, list | tuple):
            rows.append((name, ", ".join(map(str, value)) or "none"))
        else:
            rows.append(
                (name, {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value))
            )
    return rows


def provider_label(name: str) -> str:
    """How people call a provider: `github` -> `GitHub`."""
    provider = services().identity.providers.get(name)
    return provider.label if provider else name


def agreement_title(slug: str) -> str:
    """How people call an agreement; all titles are read once for a page. A slug of elsewhere stays as it is."""
    if "agreement_titles" not in g:
        g.agreement_titles = services().agreements.titles()
    return str(g.agreement_titles.get(slug, slug))


def _signed_earlier(found: PublishedVersion) -> Accepted | None:
    """The signed-in person's acceptance in force of an earlier version, if that is the newest they have."""
    actor = current_actor()
    signed = services().signing.in_force(actor.contributor_id, found.slug) if actor else None
    if signed is None or services().agreements.version(found.slug, signed.version).number >= found.number:
        return None
    return signed


def _to_sign(slug: str) -> PublishedVersion:
    return services().agreements.version_to_sign(slug)


def _draft(found: PublishedVersion) -> Response:
    holder = "browser" if request.form.get("key_holder") == "browser" else "service"
    try:
        signing = services().signing.draft_acceptance(signed_in(), found.slug, found.version, holder)
    except AlreadySigned as error:
        return redirect(f"/signatures/{error.extra['signature']}", code=303)
    return redirect(f"/sign/{found.slug}/review/{signing.id}", code=303)


def _page(template: str, found: PublishedVersion, **more: Any) -> str:
    g.foundation = found.foundation
    actor = current_actor()
    signed = services().signing.in_force(actor.contributor_id, found.slug) if actor else None
    return render_template(
        template,
        version=found,
        rendered=services().agreements.render(found),
        translations=services().agreements.translations.of(found),
        projects=[each for each in services().projects.projects() if each.foundation.id == found.foundation_id],
        signed=signed if signed and signed.version == found.version else None,
        providers=list(services().identity.providers.values()),
        corporate=[
            each
            for each in services().agreements.agreements()
            if each.for_companies and each.foundation_id == found.foundation_id
        ],
        faults=more.pop("faults", []),
        **more,
    )


def _brand() -> FoundationInfo:
    """The page's foundation; else the only one of this service; else its host. Never fails: error pages need it too."""
    chosen: FoundationInfo | None = g.get("foundation")
    if chosen is None:
        try:
            hosted = services().projects.foundations()
        except SQLAlchemyError:
            hosted = []
        host = services().settings.host
        chosen = hosted[0] if len(hosted) == 1 else FoundationInfo(id="", slug="", name=host, contact="")
        g.foundation = chosen
    return chosen
