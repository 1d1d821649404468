# SPDX-License-Identifier: Apache-2.0
"""Of a company, its employee and a grant a record tells who else signed: as the proofs say it, or it is refused."""

import base64
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from company_walk import Firm, draft_gift
from conftest import NOW
from grant_walk import act_for, countersign, offer
from record_kinds import _given, _sealed, _signed
from signin import person
from signing_walk import file, finish

from app.platform.clock import FixedClock
from app.platform.db import Database
from app.platform.settings import Settings
from app.wiring import build_services
from mcla.records.agreeing import check_agreeing
from mcla.records.check import verify_record
from mcla.records.contents import Contents
from mcla.records.errors import SealInvalid
from mcla.records.fields import SECRET, Personal, read_personal


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, filled_sqlite: Any, seeding: Any, key_folder: Path
) -> dict[str, Contents]:
    home = tmp_path_factory.mktemp("service")
    (home / "keys").symlink_to(key_folder)
    (home / "mcla.sqlite").write_bytes(filled_sqlite(seeding))
    settings = Settings(home=home, demo=True)
    services = build_services(settings, Database(settings.database), FixedClock(NOW))
    services.log.recover()
    firm = Firm.founded(services).with_emil()
    finish(services, firm.emil, draft_gift(services, firm.emil, firm.id, file("employee.py", b"pass\n")))
    bela, staff = person(services.identity, "bela"), act_for(services, person(services.identity, "chris"))
    countersign(services, staff, offer(services, bela, file("granted.py", b"pass\n")))
    services.worker.run_due()
    signings = {"company": (firm.sig, _signed), "employee": (firm.emil, _given), "grant": (bela, _given)}
    sealed = {kind: _sealed(services, actor, found(services, actor)) for kind, (actor, found) in signings.items()}
    found = {kind: verify_record(one.pdf, services.trust, services.clock.now()).found for kind, one in sealed.items()}
    return {kind: one.contents for kind, one in found.items() if one}


def title(record: dict[str, Any]) -> None:
    """Another title, under digests of its own that fit it."""
    told = {name: field.value for name, field in read_personal(record["personal"]).fields.items()}
    secret = base64.b64decode(str(told[SECRET]))
    record["personal"] = Personal.of(told | {"title": "President"}, secret, record["recordId"]).to_dict()


def acknowledgement(record: dict[str, Any]) -> None:
    record["signer"]["company"]["affiliation"]["confirmed"]["statement"] = "ab" * 32


def counter_signer(record: dict[str, Any]) -> None:
    record["counterSignature"]["signer"] += "x"


LIES = {
    "title": ("company", title, "the title in"),
    "acknowledgement": ("employee", acknowledgement, "the affiliation in"),
    "counter-signature": ("grant", counter_signer, "the counter-signature in"),
}


@pytest.mark.parametrize("what", LIES)
def test_what_a_record_tells_of_the_other_party_is_what_was_signed(made: dict[str, Contents], what: str) -> None:
    kind, lie, words = LIES[what]
    contents = made[kind]
    assert check_agreeing(contents).startswith("record.json says what was signed")
    record = deepcopy(contents.record)
    lie(record)
    with pytest.raises(SealInvalid, match=words):
        check_agreeing(Contents(record, contents.attachments))
