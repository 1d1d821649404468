# SPDX-License-Identifier: Apache-2.0
"""The application factory: one Flask application over wired services."""

from importlib import import_module

from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.identity.actor import staff_of
from app.platform import apidoc, languages, migrate, problems, security, web
from app.platform.keys import load_form_secret
from app.tokens.caller import load_caller
from app.wiring import Services

# Every module that brings routes; the order is the order of the API document.
ROUTES = (
    "app.agreements.api",
    "app.succession.api",
    "app.signing.api",
    "app.companies.api",
    "app.withdrawals.api",
    "app.grants.api",
    "app.contributions.api",
    "app.coverage.api",
    "app.licences.api",
    "app.licences.evidence_api",
    "app.tiers.api",
    "app.tokens.api",
    "app.checks.api",
    "app.records.api",
    "app.records.views",
    "app.log.views",
    "app.decisions.api",
    "app.feed.views",
    "app.sigstore.api",
    "app.passkeys.api",
    "app.passkeys.views",
    "app.identity.views",
    "app.agreements.views",
    "app.signing.views",
    "app.withdrawals.views",
    "app.companies.views",
    "app.companies.release_views",
    "app.companies.particulars_views",
    "app.companies.staff_views",
    "app.contributions.giving_views",
    "app.contributions.views",
    "app.contributions.verify_views",
    "app.succession.views",
    "app.licences.views",
    "app.licences.evidence_views",
    "app.tiers.views",
    "app.trust.views",
    "app.console.views",
    "app.console.withdrawal_pages",
    "app.console.coverage_pages",
    "app.console.check_pages",
    "app.console.grant_pages",
    "app.console.record_pages",
    "app.console.tiers_pages",
    "app.console.token_pages",
    "app.console.webhook_pages",
    "app.claims.views",
    "app.platform.pages",
)


def create_app(services: Services) -> APIFlask:
    """Build the application that answers requests with `services`."""
    app = web.new_app(services.settings, load_form_secret(services.settings.home))
    app.extensions["mcla"] = services
    problems.install(app)
    languages.install(app, services.settings.secure)
    apidoc.install(app, services.settings)
    security.install(app, services.settings, load_caller, staff_of)
    for name in ROUTES:
        app.register_blueprint(import_module(name).bp)
    web.add_health(app, lambda: _ready(app.extensions["mcla"]))
    web.add_gauges(app, lambda: _figures(app.extensions["mcla"]))
    return app


def _ready(services: Services) -> dict[str, bool]:
    return {"database": _database_ready(services), "log": not services.log.failed}


def _figures(services: Services) -> dict[str, tuple[str, dict[str, float]]]:
    mail = services.mail.standing()
    states = {"waiting": mail.waiting, "failed": mail.failed, "unaddressed": mail.unaddressed}
    age = services.records.age()
    told = "Seconds that the oldest unfinished record waits; how many wait too long; how many for a timestamp"
    waits = {"oldest": age.oldest.total_seconds(), "late": float(age.late), "bare": float(age.bare)}
    feed = services.feed.standing()
    return {
        "mcla_feed_left": (
            "Seconds until the compliance feed ends",
            {"newest": feed.left.total_seconds()} if feed else {},
        ),
        "mcla_mails": ("Mails that are not sent", dict(states)),
        "mcla_records": ("Records by state", dict(age.states)),
        "mcla_records_waiting": (told, waits),
    }


def _database_ready(services: Services) -> bool:
    try:
        with services.db.read() as session:
            session.execute(text("SELECT 1"))
        return migrate.current(services.db) == migrate.newest()
    except SQLAlchemyError:
        return False
