# SPDX-License-Identifier: Apache-2.0
"""Drafts: kept at each step for their person alone, after a sign-out too, until signed, deleted or ended."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from signin import person, sign_in
from signing_walk import accept
from werkzeug.test import TestResponse

from app.contributions.drafts import LIFE, MOST
from app.contributions.errors import DraftUnknown
from app.contributions.formtext import texts_of
from app.contributions.giving import Given
from app.contributions.models import ContributionDraft
from app.signing.schemas import SIGNING_EXAMPLES

A = "0a" * 32
FIELDS = {"project": "tiny-llm", "kind": "weights", "files": f"{A} 7 a.bin"}
ANSWERS = texts_of(SIGNING_EXAMPLES["contribution"]["value"]["declarations"])  # type: ignore[index]


def post(client: FlaskClient, services: Any, path: str, **fields: str) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found
    headers = {"Origin": services.settings.origin, "Sec-Fetch-Site": "same-origin"}
    return client.post(path, data={"csrf_token": found[1], **fields}, headers=headers)


@pytest.fixture
def writer(client: FlaskClient, services: Any, ada: Any) -> FlaskClient:
    accept(services, ada)
    sign_in(client, services, "ada")
    return client


def draft_of(answer: TestResponse) -> str:
    found = re.search(r'name="draft" value="(dft_\w+)"', answer.text)
    assert found
    return found[1]


def test_a_draft_survives_signing_out_and_is_gone_once_it_is_signed(
    writer: FlaskClient, services: Any, app: Any, ada: Any
) -> None:
    draft = draft_of(post(writer, services, "/contributions/new", **FIELDS))
    saved = FIELDS | {"draft": draft, "d-relation": "merge", "d-bases-0-name": "half an answer"}
    assert draft_of(post(writer, services, "/contributions/questions", **saved)) == draft
    later = app.test_client()
    sign_in(later, services, "ada")
    assert f"/contributions/new?draft={draft}" in later.get("/contributions/new").text
    assert 'value="half an answer"' in later.get(f"/contributions/new?draft={draft}").text
    files = later.get(f"/contributions/new?draft={draft}&step=files").text
    assert f"{A} 7 a.bin" in files
    assert "half an answer" in files
    whole = FIELDS | {"draft": draft} | {f"d-{name}": text for name, text in ANSWERS.items()}
    review = post(later, services, "/contributions/questions", **whole).headers["Location"]
    assert services.drafts.behind(ada, review.rpartition("/")[2]) == draft
    assert f'name="draft" value="{draft}"' in later.get(f"/contributions/new?from={review.rpartition('/')[2]}").text
    assert [each.id for each in services.drafts.list(ada)] == [draft]
    assert post(later, services, review, consent="yes").status_code == 303
    assert services.drafts.list(ada) == ()
    assert later.get(f"/contributions/new?draft={draft}").status_code == 404


def test_a_draft_is_deleted_by_its_person_and_by_nobody_else(writer: FlaskClient, services: Any, app: Any) -> None:
    draft = draft_of(post(writer, services, "/contributions/new", **FIELDS))
    bela = app.test_client()
    sign_in(bela, services, "bela")
    assert bela.get(f"/contributions/new?draft={draft}").status_code == 404
    post(bela, services, f"/contributions/drafts/{draft}/delete")
    assert post(bela, services, "/contributions/drafts/nothing/delete").status_code == 303
    assert writer.get(f"/contributions/new?draft={draft}").status_code == 200
    post(writer, services, f"/contributions/drafts/{draft}/delete")
    assert writer.get(f"/contributions/new?draft={draft}").status_code == 404


def test_saving_under_somebody_elses_id_makes_a_draft_of_ones_own(services: Any, ada: Any) -> None:
    bela = person(services.identity, "bela")
    theirs = services.drafts.save(ada, "", Given(files="ada's"))
    mine = services.drafts.save(bela, theirs.id, Given(files="bela's"))
    assert mine.id != theirs.id
    assert services.drafts.load(ada, theirs.id)[1].files == "ada's"


def test_a_draft_ends_a_stated_time_after_its_last_change_and_is_cleared(services: Any, ada: Any, clock: Any) -> None:
    draft = services.drafts.save(ada, "", Given(project="tiny-llm", kind="code"))
    clock.at += LIFE - timedelta(days=1)
    assert services.drafts.save(ada, draft.id, Given(kind="data")).id == draft.id
    clock.at += timedelta(days=2)
    services.worker.run_due()
    assert services.drafts.load(ada, draft.id)[1].kind == "data"
    clock.at += LIFE
    assert services.drafts.list(ada) == ()
    with pytest.raises(DraftUnknown):
        services.drafts.load(ada, draft.id)
    services.worker.run_due()
    with services.db.read() as session:
        assert session.get(ContributionDraft, draft.id) is None


def test_only_so_many_drafts_are_kept_and_the_newest_are_among_them(services: Any, ada: Any, clock: Any) -> None:
    made = []
    for number in range(MOST + 2):
        clock.at += timedelta(seconds=1)
        made.append(services.drafts.save(ada, "", Given(files=str(number))).id)
    assert [each.id for each in services.drafts.list(ada)] == made[:1:-1]


@pytest.mark.parametrize("draft", ["", "x", "dft_" + "0" * 26, "../../x", "\x00"])
def test_what_is_no_draft_is_not_found(services: Any, ada: Any, draft: str) -> None:
    with pytest.raises(DraftUnknown):
        services.drafts.load(ada, draft)
