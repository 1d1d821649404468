# SPDX-License-Identifier: Apache-2.0
"""A sealed record of each kind, made by the jobs of a real service from real signings under the published texts."""

from dataclasses import dataclass
from typing import Any

from company_walk import Firm, draft_gift, found, somebody
from flask import g
from forms import fields_of
from grant_walk import act_for, countersign, offer
from signin import person
from signing_walk import Holder, accept, certify, file, finish

from app.companies.facts import company_facts
from app.factory import create_app
from app.identity.ports import Actor
from app.platform.security import form_secret
from app.signing.shown import read_state
from app.signing.values import Completed, Seen
from app.signing.views import _review
from mcla.artifacts.manifest import ManifestEntry

BASE = {"name": "tiny-base", "revision": "0.9", "relation": "fine-tune", "licence": "Apache-2.0"}
TEST = {"method": "Asked for 1,000 training lines", "date": "2026-01-31", "result": "None came back."}
ANSWERS = {
    "title": "Tiny 1.1",
    "architecture": "Decoder-only transformer",
    "relation": "fine-tune",
    "bases": [BASE, BASE | {"revision": "1.0", "sha256": "ab" * 32}],
    "training_data": [{"name": "Speech of volunteers", "licence": "CC0-1.0"}],
    "personal_data": "none",
    "opt_outs": "not-from-web",
    "screened": "not-screened",
    "compute_known": "known",
    "compute": {"value": "1.5e21", "unit": "FLOP"},
    "base_compute": {"value": "3e21", "unit": "FLOP"},
    "evaluation": "not evaluated",
    "watermark": "none",
    "memorisation_tested": "tested",
    "memorisation": [TEST],
    "safeguards": "none-there",
    "no_payload": True,
    "no_confidential": True,
}


CENTRAL = ("Čeněk Růžička", "Łódzka Spółka Żeglugowa i Węglowa Sp. z o.o.", "KRS 0000123456", "Prezes zarządu")
LARGEST = (
    "María de los Ángeles Fernández-Villaverde y Rodríguez de la Fuente",
    "Gesellschaft zur Förderung der wissenschaftlichen Datenverarbeitung und offener Modelle mbH & Co. KG",
    "Amtsgericht Berlin-Charlottenburg HRA 123456 B",
    "Kaufmännische Geschäftsführerin und Vorsitzende der Geschäftsführung",
)
"""Names of a signatory and of a company, its register number and the signatory's title."""
_WORDS = (
    "Międzynarodowe Zrzeszenie Użytkowników Otwartych Modeli Językowych, Fundacja Ďalšího Vývoje Modelů, Nyílt "
    "Nyelvi Modellek Közhasznú Egyesülete, Õiguste Ühing, Įmonių Šalis, Türkçe Dil Örneği Kurumu, Queens & Waxworks "
)
LONGEST = tuple((_WORDS * 3)[:length].strip().ljust(length, ".") for length in (500, 200, 200, 200))
"""The same in as many characters as are kept of a provider's name, and as the forms allow, of half of Europe."""


@dataclass(frozen=True)
class Sealed:
    """The bytes of a record, and for whom it was made."""

    id: str
    pdf: bytes
    actor: Actor


def give_weights(services: Any, actor: Actor, *files: ManifestEntry) -> Completed:
    """A contribution of weights with every answer of schedule W."""
    answers = dict(ANSWERS)
    signing = services.signing.draft_contribution(actor, "tiny-llm", "weights", files or (file(),), answers, "browser")
    holder = Holder()
    certify(services, actor, signing, holder)
    return services.signing.complete(actor, signing.id, holder.signature(signing.statement), consent=True)


def sign_on_pages(services: Any) -> None:
    """From now on every signature brings what its review page says, in German, as a browser sends it."""
    app, complete = create_app(services), services.signing.complete

    def from_its_page(actor: Actor, signing_id: str, *signatures: bytes, consent: bool, **_: Any) -> Completed:
        with app.test_request_context(headers={"Accept-Language": "de"}):
            g.csp_nonce, g.actor = "none", actor
            page = fields_of(_review(actor, services.signing.signing(actor, signing_id), ""))["page"]
            shown = read_state(page, signing_id, form_secret())
        done: Completed = complete(actor, signing_id, *signatures, seen=Seen(shown, 60), consent=consent)
        return done

    services.signing.complete = from_its_page


def one_of_each(services: Any) -> dict[str, Sealed]:
    """An acceptance, weights of 25 files, their redacted copy, a company's acceptance, its employee's gift, a grant."""
    sign_on_pages(services)
    ada = person(services.identity, "ada")
    accept(services, ada)
    give_weights(services, ada, *(file(f"weights/part-{n:02d}.safetensors", b"part %d" % n) for n in range(25)))
    firm = Firm.founded(services).with_emil()
    finish(services, firm.emil, draft_gift(services, firm.emil, firm.id, file("employee.py", b"pass\n")))
    bela, staff = person(services.identity, "bela"), act_for(services, person(services.identity, "chris"))
    countersign(services, staff, offer(services, bela, file("granted.py", b"pass\n")))
    services.worker.run_due()
    made = {"acceptance": (ada, _signed), "contribution": (ada, _given), "company": (firm.sig, _signed)}
    made |= {"employee": (firm.emil, _given), "grant": (bela, _given)}
    sealed = {kind: _sealed(services, actor, found(services, actor)) for kind, (actor, found) in made.items()}
    copy = services.record_copies.redacted(ada, sealed["contribution"].id, ["name"])
    return sealed | {"redacted": Sealed(sealed["contribution"].id, copy, ada)}


def of_companies(services: Any, **named: tuple[str, ...]) -> dict[str, Sealed]:
    """The acceptance of a company for each of these names, under `CENTRAL`, `LARGEST` or `LONGEST`."""
    signed = {}
    for login, (person_name, company, register, title) in named.items():
        signed[login] = somebody(services, login, name=person_name)
        found(services, signed[login], company_facts(company, "pl", register, title, "by-register"))
    services.worker.run_due()
    return {login: _sealed(services, actor, _signed(services, actor)) for login, actor in signed.items()}


def _signed(services: Any, actor: Actor) -> str:
    return str(services.signing.signatures(actor)[0].signing_id)


def _given(services: Any, actor: Actor) -> str:
    return str(services.contributions.mine(actor.contributor_id)[0].signing_id)


def _sealed(services: Any, actor: Actor, signing_id: str) -> Sealed:
    record = services.records.state_of(signing_id)
    assert record.state == "sealed", record
    return Sealed(record.id, services.records.pdf(actor, record.id), actor)
