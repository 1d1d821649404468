# SPDX-License-Identifier: Apache-2.0
"""Families that an operator lists: told as a sign from then on, in a constant number of statements, until forgotten."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from counting import counted
from equal_models import entries, give, model
from flask.testing import FlaskClient
from signin import person
from signing_walk import accept

from app.cli.main import main
from app.licences.errors import FamilyUnknown
from app.licences.signs import judged_of
from mcla.licences.question import Policy
from mcla.verify.standing import AsOf

LLAMA, ORIGIN = "LicenseRef-llama-3.1", "https://mcla.example"
MODEL = model(a=600, own=300)
TAKEN = entries("t", MODEL, **{"tokenizer.json": b"a tokenizer"})
DIGEST = next(file.sha256 for file in TAKEN if file.path.endswith("tokenizer.json"))


def document(**changed: Any) -> bytes:
    files = [{"path": "tokenizer.json", "sha256": DIGEST, "size": 11}]
    family = {"name": "example/base", "licence": LLAMA, "source": "Our own copy", "read": "2026-11-20", "files": files}
    return json.dumps({"schema": "mcla.families/1", "families": [family | changed]}).encode()


def test_a_file_of_a_listed_family_is_told_from_then_on_until_it_is_forgotten(
    services: Any, client: FlaskClient
) -> None:
    ada = person(services.identity, "ada")
    accept(services, ada)
    given = give(services, ada, TAKEN, MODEL, "MIT")
    before = services.clock.now()

    def told(when: Any) -> list[str]:
        with counted(services.db) as seen, services.db.read() as session:
            found = judged_of(session, [given], AsOf(10**6, when), ORIGIN, Policy())[given].signals
        assert len(seen) <= 13
        return [str(each.sentence) for each in found]

    assert told(before) == []
    services.clock.at += timedelta(days=1)
    services.families.take_in(document())
    services.families.take_in(document(licence="LicenseRef-llama-3.2"))  # a family is replaced as a whole
    assert [(each.licence, each.files) for each in services.families.every()] == [("LicenseRef-llama-3.2", 1)]
    services.families.take_in(document())
    during = services.clock.now()
    [sentence] = told(during)
    assert sentence.startswith(f"tokenizer.json is known as a file of example/base ({LLAMA})")
    assert "is known as a file of example/base" in client.get(f"/artifacts/sha256:{TAKEN[0].sha256}").text
    assert told(before) == []
    services.clock.at += timedelta(days=1)
    services.families.forget("example/base")
    assert told(services.clock.now()) == []
    assert told(during) == [sentence]
    with pytest.raises(FamilyUnknown):
        services.families.forget("example/base")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_families_are_kept_with_the_command(services: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.families._services", lambda: services)
    file = tmp_path / "families.json"
    file.write_bytes(document())

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["families", *arguments])
        return result.exit_code, result.output

    assert run("import", str(file)) == (0, f"example/base ({LLAMA}): 1 file\n")
    code, listed = run("list", "--json")
    assert (code, json.loads(listed)["families"][0]["source"]) == (0, "Our own copy, read 2026-11-20")
    assert run("forget", "example/base")[0] == 0
    assert run("list") == (0, "")
    file.write_bytes(document(licence="llama"))
    code, output = run("import", str(file))
    assert code != 0
    assert "expected the id of a known licence" in output
