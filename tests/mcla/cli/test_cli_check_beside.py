# SPDX-License-Identifier: Apache-2.0
"""What `mcla check` does beside the question: a token for the job, and a word on bots."""

import json
from dataclasses import replace
from typing import Any

import pytest
from misbehaving import Misbehaving

from mcla.checks.answer import Answer, PolicyUsed, Said, SubjectAnswer
from mcla.checks.change import Account, parse_moment
from mcla.cli.check_beside import bots_in, with_job_token
from mcla.cli.check_formats.report import Report
from mcla.cli.service import Service
from mcla.forges.workload import VARIABLE
from mcla.verify.standing import AsOf

JOB = {VARIABLE: "a.b.c"}


def test_the_jobs_id_token_becomes_a_token_of_the_project_for_this_run(bad: Misbehaving) -> None:
    bad.will(200, {"access_token": "mcla_pat_1", "token_type": "Bearer"})
    with Service(bad.origin) as service:
        assert with_job_token(service, "tiny-llm", JOB) == ()
        assert service.token == "mcla_pat_1"
    ((method, path, headers),) = bad.asked
    assert (method, path) == ("POST", "/api/v1/tokens/exchange")
    assert "Authorization" not in headers


def test_a_token_that_was_given_is_used_and_no_other_is_asked_for(bad: Misbehaving) -> None:
    with Service(bad.origin, "mcla_pat_given") as service:
        assert with_job_token(service, "tiny-llm", JOB) == ()
    assert bad.asked == []


@pytest.mark.parametrize(
    ("status", "body"),
    [(403, {"code": "workload-untrusted", "detail": "No rule names this job."}), (200, {}), (200, b"<html>")],
)
def test_an_exchange_that_fails_is_told_and_the_check_goes_on_without(bad: Misbehaving, status: int, body: Any) -> None:
    bad.will(status, body)
    with Service(bad.origin) as service:
        (notice,) = with_job_token(service, "tiny-llm", JOB)
        assert service.token is None
    assert "without a token" in notice.next
    assert "a.b.c" not in json.dumps(notice.to_dict())


def test_a_bot_in_the_way_is_told_with_what_the_staff_have_to_exempt() -> None:
    def subject(number: str, word: Any) -> SubjectAnswer:
        said = Said(word, "account-unknown", "Nobody has signed in with this account.")
        return SubjectAnswer(said, ("author",), "helper[bot]", "account", Account("github", number))

    subjects = (subject("1", "not-covered"), subject("2", "covered"), subject("3", "not-covered"))
    answer = Answer("tiny-llm", subjects[0].said, AsOf(1, parse_moment("2026-11-25T09:00:00Z")), PolicyUsed("default"))
    report = Report(answer.said, replace(answer, subjects=subjects))
    (notice,) = bots_in(report, frozenset({"1", "2"}))
    assert "github:1." in notice.next
