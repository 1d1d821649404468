# SPDX-License-Identifier: Apache-2.0
"""One comment, edited in place, or none: at each forge, with others around it, and with a token that may not write."""

from collections.abc import Callable
from typing import Any

import pytest
from forge_site import Site
from scripted_forges import told, user

from mcla.forges.asking import api_of
from mcla.forges.comment import MAX_BODY, Done, keep_one, thread_of
from mcla.forges.errors import ForgeRefused, ForgeSilent
from mcla.forges.job import Job, forge_of, job_of

Keep = Callable[..., Done]
MARK = "<!-- mcla-check tiny-llm -->"


def keeper(site: Site, forge: str) -> Keep:
    jobs = {"github": site.github(site.pull()), "gitlab": site.gitlab(), "gitea": site.gitea(site.pull())}
    environ = jobs[forge] | {"MCLA_FORGE_TOKEN": "may-write"}
    job = job_of(environ, forge_of(environ))
    assert isinstance(job, Job)

    def keep(body: str, *, wanted: bool = True) -> Done:
        with api_of(job, environ, sleep=site.slept.append) as api:
            return keep_one(thread_of(job, api), "tiny-llm", body, wanted=wanted)

    return keep


@pytest.fixture(params=["github", "gitlab", "gitea"])
def keep(site: Site, request: pytest.FixtureRequest) -> Keep:
    return keeper(site, request.param)


def test_a_green_change_gets_no_comment_and_a_red_one_gets_one_that_turns_green(site: Site, keep: Keep) -> None:
    assert keep("all good", wanted=False) == "none"
    assert site.forge.comments == []
    assert keep("one person has to sign") == "made"
    assert keep("one person has to sign") == "same"
    assert keep("covered", wanted=False) == "edited"
    assert [each["body"] for each in site.forge.comments] == [f"{MARK}\ncovered"]


def test_somebody_elses_comment_with_the_mark_is_left_alone(site: Site, keep: Keep) -> None:
    forged: dict[str, Any] = {"id": 900, "body": f"{MARK}\nAll covered!", "user": user(666, "mallory")}
    quoting: dict[str, Any] = {"id": 901, "body": f"> {MARK}\nwhat is this?", "user": site.forge.myself}
    site.forge.comments += [dict(forged), dict(quoting)]
    assert keep("red") == "made"
    assert keep("still red") == "edited"
    assert site.forge.comments[:2] == [forged, quoting]
    assert len(site.forge.comments) == 3


def test_another_projects_comment_is_another_comment(site: Site, keep: Keep) -> None:
    site.forge.comments.append({"id": 900, "body": "<!-- mcla-check tiny-llm-2 -->\nred", "user": site.forge.myself})
    assert keep("red") == "made"


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_the_own_comment_is_found_behind_a_hundred_others(site: Site, forge: str) -> None:
    keep = keeper(site, forge)
    others = [{"id": 1000 + at, "body": "talk", "user": user(5, "eve")} for at in range(230)]
    site.forge.comments += [*others, {"id": 7, "body": f"{MARK}\r\nred\r\n", "user": site.forge.myself}]
    assert keep("red") == "same"


def test_a_token_that_may_only_read_is_refused_and_leaves_nothing(site: Site, keep: Keep) -> None:
    site.forge.read_only = True
    with pytest.raises(ForgeRefused):
        keep("red")
    assert site.forge.comments == []


def test_a_comment_whose_fate_is_unknown_is_not_sent_twice(site: Site, keep: Keep) -> None:
    sent = []

    def swallow(request: Any) -> Any:
        if request.method != "POST" or "graphql" in request.path:
            return None
        sent.append(request.path)
        return told({}, 502)

    site.forge.faults = dict.fromkeys(range(1, 20), swallow)
    with pytest.raises(ForgeSilent):
        keep("red")
    assert len(sent) == 1


def test_a_rate_limit_that_did_nothing_is_waited_for(site: Site) -> None:
    limited = told({"message": "You have exceeded a secondary rate limit"}, 403, Retry_After="3")
    site.forge.faults = {2: lambda _: limited}
    assert keeper(site, "github")("red") == "made"
    assert (len(site.forge.comments), site.slept) == (1, [3.0])


def test_a_long_comment_is_cut_at_a_line(site: Site) -> None:
    keeper(site, "github")("word\n" * 20_000)
    body = site.forge.comments[0]["body"]
    assert len(body) <= MAX_BODY
    assert body.endswith("word\n\n…")


def test_a_push_has_nowhere_to_comment(site: Site) -> None:
    push = {"before": site.forge.base, "after": site.forge.head, "sender": user(5, "eve")}
    job = job_of(site.github(push, "push"), "github")
    with pytest.raises(ForgeRefused):
        thread_of(job, api_of(job, {}))
