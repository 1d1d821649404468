# SPDX-License-Identifier: Apache-2.0
"""Which change a job is about: what its variables and its event file say, and what they may not say."""

import json
from pathlib import Path
from typing import Any

import pytest
from forge_site import Site
from scripted_forges import commit_id, user

from mcla.checks.change import Account
from mcla.forges.errors import JobUnreadable
from mcla.forges.job import forge_of, job_of, token_of

NOTHING = "0" * 40


def test_the_forge_is_told_by_the_name_that_its_runner_gives_itself(site: Site) -> None:
    assert forge_of({}) is None
    assert forge_of({"CI": "true"}) is None
    assert forge_of(site.github({})) == "github"
    assert forge_of(site.gitea({})) == "gitea"
    assert forge_of(site.github({}, FORGEJO_ACTIONS="true")) == "gitea"
    assert forge_of(site.gitlab()) == "gitlab"


def test_a_push_was_opened_by_the_account_that_pushed(site: Site) -> None:
    push = {"before": commit_id("1"), "after": commit_id("2"), "sender": user(5, "eve"), "pusher": {"name": "mallory"}}
    job = job_of(site.github(push, "push"), "github")
    assert (job.kind, job.base, job.head) == ("push", commit_id("1"), commit_id("2"))
    assert job.opener.account == Account("github", "5", "eve")
    environ = site.gitlab(
        CI_MERGE_REQUEST_IID="",
        CI_PIPELINE_SOURCE="push",
        CI_PROJECT_PATH="group/sub/tiny",
        CI_COMMIT_BEFORE_SHA=NOTHING,
        GITLAB_USER_ID="5",
        GITLAB_USER_LOGIN="eve",
    )
    job = job_of(environ, "gitlab", "our-gitlab")
    assert (job.base, job.repository) == (None, "group/sub/tiny")
    assert job.opener.account == Account("our-gitlab", "5", "eve")


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("workflow_dispatch", {}),
        ("schedule", {}),
        ("issue_comment", {"issue": {"number": 7}}),
        ("push", {"deleted": True, "before": commit_id("1"), "after": NOTHING}),
    ],
)
def test_a_job_about_no_change_is_told_as_none(site: Site, name: str, event: dict[str, Any]) -> None:
    assert job_of(site.github(event, name), "github") is None
    quiet = {"CI_MERGE_REQUEST_IID": ""}
    assert job_of(site.gitlab(CI_PIPELINE_SOURCE="schedule", **quiet), "gitlab") is None
    assert job_of(site.gitlab(CI_PIPELINE_SOURCE="push", CI_COMMIT_TAG="v1", **quiet), "gitlab") is None


def test_the_event_with_a_writing_token_and_strangers_code_is_refused(site: Site) -> None:
    with pytest.raises(JobUnreadable, match="pull_request_target") as refusal:
        job_of(site.github(site.pull(), "pull_request_target"), "github")
    assert "on pull_request;" in refusal.value.hint


@pytest.mark.parametrize(
    "spoiled",
    [
        {"number": 0},
        {"number": True},
        {"number": "7; rm"},
        {"head": {"sha": "main"}},
        {"head": None},
        {"base": {"sha": NOTHING}},
        {"base": {"sha": "A" * 40}},
    ],
)
def test_an_event_that_does_not_say_which_change_it_is_about_is_refused(site: Site, spoiled: dict[str, Any]) -> None:
    with pytest.raises(JobUnreadable):
        job_of(site.github(site.pull(**spoiled)), "github")


@pytest.mark.parametrize("event", [[], {}, "text", None, {"pull_request": []}])
def test_an_event_in_another_shape_is_refused(site: Site, event: Any) -> None:
    with pytest.raises(JobUnreadable):
        job_of(site.github(event), "github")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 200_000])
def test_an_event_file_that_is_no_json_is_refused(site: Site, content: bytes) -> None:
    environ = site.github({})
    Path(environ["GITHUB_EVENT_PATH"]).write_bytes(content)
    with pytest.raises(JobUnreadable, match="expected JSON"):
        job_of(environ, "github")


@pytest.mark.parametrize(
    "change",
    [
        {"GITHUB_API_URL": ""},
        {"GITHUB_REPOSITORY": "no-slash"},
        {"GITHUB_REPOSITORY": "a/b/../c"},
        {"GITHUB_REPOSITORY": "a/b?x=1"},
        {"GITHUB_EVENT_PATH": "/nowhere/event.json"},
    ],
)
def test_variables_that_are_missing_or_odd_are_refused(site: Site, change: dict[str, str]) -> None:
    with pytest.raises(JobUnreadable):
        job_of(site.github(site.pull(), **change), "github")


@pytest.mark.parametrize(
    "change",
    [
        {"CI_MERGE_REQUEST_IID": "x"},
        {"CI_MERGE_REQUEST_PROJECT_PATH": "tiny"},
        {"CI_MERGE_REQUEST_PROJECT_PATH": "a/b c"},
        {"CI_MERGE_REQUEST_DIFF_BASE_SHA": ""},
        {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "main"},
        {"CI_API_V4_URL": " "},
    ],
)
def test_the_same_at_gitlab(site: Site, change: dict[str, str]) -> None:
    with pytest.raises(JobUnreadable):
        job_of(site.gitlab(**change), "gitlab")


def test_a_token_set_for_this_check_comes_before_the_jobs_own() -> None:
    assert token_of({"GITHUB_TOKEN": "b", "MCLA_FORGE_TOKEN": "a\n"}, "github") == "a"
    assert token_of({"GITHUB_TOKEN": "b", "FORGEJO_TOKEN": "c"}, "gitea") == "c"
    assert token_of({"CI_JOB_TOKEN": "d", "GITHUB_TOKEN": "b"}, "gitlab") is None


def test_an_event_may_say_more_than_is_read(site: Site) -> None:
    event = site.pull() | {"unknown": json.loads('{"deep": [1, 2.5, null]}')}
    assert job_of(site.github(event), "github").number == 7
