# SPDX-License-Identifier: Apache-2.0
"""Every route with an id, whose ids they are, and a stranger who tries another person's: for tests and a benchmark.

A new route that the table does not know fails a test, and whoever adds it says whether its ids are private or public.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from company_rows import write_company
from flask import Flask
from passkeys import ORIGIN, SoftPasskey, add
from signin import PEOPLE, sign_in
from signing_walk import (
    ANY_FILE,
    PROJECT,
    Holder,
    accept,
    bearer,
    certify,
    draft_acceptance,
    draft_contribution,
    file,
    give,
)
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.contributions.giving import Given
from app.identity.people import link_identity
from app.identity.ports import Actor
from mcla.envelope.encoding import encode_base64
from mcla.envelope.possession import possession_message

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
PRIVATE: dict[str, str] = {
    "/account/identities/<identity_id>/unlink": "identity",
    "/account/passkeys/<passkey_id>/remove": "passkey",
    "/account/sessions/<session_id>/end": "session",
    "/api/v1/records/<record_id>.pdf": "record",
    "/api/v1/records/<record_id>/redacted.pdf": "record",
    "/api/v1/signings/<signing_id>": "signing",
    "/api/v1/signings/<signing_id>/certificate": "signing",
    "/api/v1/signings/<signing_id>/oms-statement": "signing",
    "/api/v1/signings/<signing_id>/passkey": "signing",
    "/api/v1/signings/<signing_id>/signature": "signing",
    "/api/v1/company-changes/<change_id>/document": "change",
    "/api/v1/companies/<company_id>": "company",
    "/api/v1/companies/<company_id>/changes": "company",
    "/api/v1/companies/<company_id>/releases": "company",
    "/api/v1/companies/invitations/<invitation_id>/link": "invitation",
    "/companies/<company_id>": "company",
    "/companies/<company_id>/confirm": "company",
    "/companies/<company_id>/end": "company",
    "/companies/<company_id>/list/new": "company",
    "/companies/<company_id>/managers/new": "company",
    "/companies/<company_id>/particulars": "company",
    "/companies/<company_id>/release": "company",
    "/companies/<company_id>/signatory": "company",
    "/companies/entries/<entry_id>/remove": "entry",
    "/companies/invitations/<invitation_id>/link": "invitation",
    "/companies/managers/<invitation_id>/remove": "invitation",
    "/companies/releases/<release_id>": "release",
    "/companies/review/<signing_id>": "signing",
    "/api/v1/contributions/<contribution_id>/tensors": "contribution",
    "/contributions/<contribution_id>/lift": "contribution",
    "/contributions/<contribution_id>/readers": "contribution",
    "/contributions/<ended_id>/end": "contribution",
    "/contributions/drafts/<draft_id>/delete": "draft",
    "/contributions/review/<signing_id>": "signing",
    "/records/<record_id>.pdf": "record",
    "/records/<record_id>/redacted.pdf": "record",
    "/sign/<slug>/review/<signing_id>": "signing",
    "/signatures/<ended_id>/end": "signature",
    "/signatures/<signature_id>": "signature",
    "/signings/<signing_id>/passkey": "signing",
    "/withdrawals/review/<signing_id>": "signing",
}
"""Routes whose id belongs to one person, with what the id is of."""
FORGETS = "/contributions/drafts/<draft_id>/delete"
"""The one route that answers with success for what is not there: it is forgotten already."""
PUBLIC = {
    "/.well-known/mcla/feeds/<int:serial>.json",
    "/.well-known/mcla/feeds/sha256:<digest>.json",
    "/api/v1/tiers/<slug>/<version>",
    "/api/v1/tiers/<slug>/<version>/bundle",
    "/api/v1/tiers/<slug>/<version>/document",
    "/tiers/<slug>/<version>",
    "/account/link/<name>",
    "/agreements/<slug>",
    "/agreements/<slug>/<version>",
    "/agreements/<slug>/<version>/changes/<since>",
    "/agreements/<slug>/<version>/text",
    "/agreements/<slug>/<version>/translations/<language>",
    "/agreements/<slug>/<version>/translations/<language>/text",
    "/api/projects/<project>/api/v2/signingCert",
    "/api/v1/agreements/<slug>/<version>",
    "/api/v1/agreements/<slug>/<version>/<path:path>",
    "/api/v1/artifacts/<digest>",
    "/api/v1/company-changes/<change_id>/bundle",
    "/api/v1/contributions/<contribution_id>",
    "/api/v1/contributions/<contribution_id>/answer",
    "/api/v1/contributions/<contribution_id>/bundle",
    "/api/v1/contributions/<contribution_id>/manifest",
    "/api/v1/contributions/<contribution_id>/oms",
    "/api/v1/declarations/<declaration_id>",
    "/api/v1/declarations/<declaration_id>/bundle",
    "/api/v1/decisions/<digest>",
    "/api/v1/licences/<name>",
    "/api/v1/licences/<name>/safe-harbour",
    "/api/v1/artifacts/<digest>/lineage",
    "/api/v1/records/files/<digest>",
    "/api/v1/signatures/<signature_id>/bundle",
    "/api/v1/withdrawals/<withdrawal_id>",
    "/api/v1/withdrawals/<withdrawal_id>/bundle",
    "/api/v2/tile/<level>/<path:name>",
    "/api/v2/tile/entries/<path:name>",
    "/artifacts/<digest>",
    "/companies/join/<token>",  # a secret of its own: whoever has it is meant
    "/contributions/<contribution_id>",
    "/language/<tag>",
    "/licences/<name>",
    "/log/tile/<level>/<path:name>",
    "/log/tile/entries/<path:name>",
    "/login/<name>",
    "/login/<name>/callback",
    "/problems/<code>",
    "/sign/<slug>",
    "/sign/<slug>/company",
    "/sign/<slug>/declare",
    "/sign/<slug>/decline",
    "/static/<path:filename>",
    "/withdrawals/<withdrawal_id>",
}
"""Routes whose parameter anybody may know: they answer the same for everybody, save what a test below looks for."""
TOKENS = {"/api/v1/checks/waiting/<waiting_id>"}
"""Routes for a project's token alone: refused before the id is looked at, and another project's is unknown."""
STAFF = {
    "/console/checks/<slug>",
    "/console/checks/<slug>/exemptions",
    "/console/checks/<slug>/exemptions/<exemption_id>/end",
    "/console/checks/<slug>/policy",
    "/console/claims/<import_id>",
    "/console/grants/<offer_id>",
    "/console/grants/<offer_id>/countersign",
    "/console/grants/<offer_id>/decline",
    "/console/records/<record_id>.pdf",
    "/console/tokens/<token_id>/end",
    "/console/tokens/rules/<rule_id>/end",
    "/console/withdrawals/<withdrawal_id>",
    "/console/withdrawals/<withdrawal_id>/answer",
    "/console/withdrawals/<withdrawal_id>/stage",
}
"""Routes of the console: refused before the id is looked at, and to another foundation's staff it is unknown."""
PREFIX = {
    "identity": "idn",
    "passkey": "pky",
    "session": "ses",
    "record": "rec",
    "signing": "sng",
    "signature": "sig",
    "contribution": "ctr",
    "draft": "dft",
    "company": "com",
    "entry": "ent",
    "invitation": "inv",
    "release": "rel",
    "change": "chg",
}
Ids = dict[str, list[str]]
Send = Callable[[str, str, dict[str, Any]], TestResponse]


def with_two_accounts(services: Any, actor: Actor) -> Actor:
    """The person, who has Chris's account too from now on."""
    with services.db.write() as session:
        link_identity(session, PEOPLE["chris"], actor.contributor_id, services.clock.now())
    return actor


def everything_of(services: Any, ada: Actor) -> Ids:
    """Ids of everything that Ada has: drafts and complete signings of both types, and what came of them."""
    drafts = [draft_acceptance(services, ada, "service"), draft_acceptance(services, ada)]
    certify(services, ada, drafts[1], Holder())
    accepted, given = accept(services, ada), give(services, ada)
    drafts.insert(0, draft_contribution(services, ada, file("other.py", b"other"), holder="service"))
    done = [each.signing_id for each in services.signing.signatures(ada)]
    done += [each.signing_id for each in services.contributions.mine(ada.contributor_id)]
    records = [each.record_url.rpartition("/")[2].removesuffix(".pdf") for each in (given, accepted)]
    signings = [*(each.id for each in drafts), *done]
    return write_company(services, ada, signings) | {
        "signing": signings,
        "signature": [accepted.id],
        "contribution": [given.id],
        "draft": [services.drafts.save(ada, "", Given(project="tiny-llm", kind="code")).id],
        "record": records,
        "passkey": [add(services, ada, SoftPasskey(ORIGIN)).id],
        "session": [each.id for each in services.identity.sessions(ada.contributor_id)],
        "identity": [row.id for row, _ in services.identity.identities(ada.contributor_id)],
    }


def strangers_of(app: Flask, services: Any) -> dict[str, Send]:
    """Bela in a browser, and Bela's command line."""
    browser = app.test_client()
    actor = sign_in(browser, services, "bela")
    page = browser.get("/account").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    headers = {"Sec-Fetch-Site": "same-origin", "X-CSRFToken": token}
    line, bare = bearer(services, actor), app.test_client(use_cookies=False)
    return {
        "session": lambda method, path, body: browser.open(path, method=method, headers=headers, **body),
        "bearer": lambda method, path, body: bare.open(path, method=method, headers=line, **body),
    }


def parameters(rule: str) -> list[str]:
    return re.findall(r"<(?:[^:<>]+:)?([a-z_]+)>", rule)


def filled(rule: str, identifier: str) -> str:
    return re.sub(r"<[a-z]+_id>", identifier, rule).replace("<slug>", "mcla-individual")


def body_for(rule: str, method: str, identifier: str, statement_sha256: str) -> dict[str, Any]:
    """The best body that a stranger could send: well-formed, with proofs of the stranger's own key."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return {}
    holder = Holder()
    if rule.endswith("/certificate"):
        proof = holder._sign(possession_message(identifier, statement_sha256))
        keys = {"public_key": encode_base64(holder.spki), "proof": encode_base64(proof)}
        return {"json": keys | {"statement_sha256": statement_sha256}}
    if rule.startswith("/api/") and rule.endswith("/passkey"):
        answer = SoftPasskey(ORIGIN).answer(bytes.fromhex(statement_sha256))
        parts = {"client_data": answer.client_data, "authenticator_data": answer.authenticator_data}
        told = parts | {"signature": answer.signature}
        return {"json": {name: encode_base64(data) for name, data in told.items()}}
    if rule.endswith("/signature"):
        return {"json": {"signature": encode_base64(holder.signature(b"{}")), "consent": True}}
    if rule.endswith("/tensors"):
        return {"json": {"tensors": [{"name": "w", "dtype": "U8", "shape": [1], "size": 1, "sha256": "0" * 64}]}}
    if rule == "/api/v1/companies/<company_id>/changes":
        invited = {"type": "manager-invited", "email": "bela@example.org"}
        return {"json": {"change": invited, "key_holder": "cli"}}
    if rule == "/api/v1/companies/<company_id>/releases":
        return {"json": {"project": PROJECT, "kind": "code", "files": [ANY_FILE]}}
    return {"data": {"consent": "yes", "email": "bela@example.org"}}


def private_rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.rule in PRIVATE)
