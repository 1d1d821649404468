# SPDX-License-Identifier: Apache-2.0
"""What the forges tell of a change: whole or not at all, in few requests, and their token goes nowhere else."""

import logging
import math
from typing import Any

import pytest
from forge_site import Site
from misbehaving import Misbehaving
from scripted_forges import TOKEN, WEB_FLOW, commit_id, github_commit, page, told, user
from werkzeug.wrappers import Response

from mcla.checks.change import Account, Author, Commit
from mcla.forges import http
from mcla.forges.errors import ForgeAnswerInvalid, ForgeRefused, ForgeSilent
from mcla.forges.told import with_accounts

ADA = Account("github", "1001", "ada")


@pytest.mark.parametrize("count", [1, 100, 101, 250, 1000])
def test_github_names_all_commits_in_one_request_per_hundred_and_one_more(site: Site, count: int) -> None:
    ids = site.fill(count)
    answer = site.told(site.github(site.pull()))
    assert answer.problem is None
    assert list(answer.people) == ids
    assert answer.requests == len(site.forge.asked) == math.ceil(count / 100) + 1
    assert {each.author.account.subject for each in answer.people.values()} == {str(n % 10 + 1) for n in range(count)}


@pytest.mark.parametrize("count", [1, 1000])
def test_gitlab_needs_one_request_per_hundred_and_gitea_two_in_all(site: Site, count: int) -> None:
    ids = site.fill(count)
    gitlab, gitea = site.told(site.gitlab()), site.told(site.gitea(site.pull()))
    assert list(gitlab.people) == list(gitea.people) == ids
    assert gitlab.requests == math.ceil(count / 100)
    assert gitea.requests == 2


def test_the_opener_is_known_by_number_before_anybody_is_asked(site: Site) -> None:
    site.fill(1)
    site.forge.faults = dict.fromkeys(range(1, 9), lambda _: page(status=502))
    answer = site.told(site.github(site.pull()))
    assert answer.proposals[0].opener.account == ADA
    assert isinstance(answer.problem, ForgeSilent)
    assert site.slept == [1.0, 2.0, 3.0]


def test_at_gitlab_who_started_the_pipeline_is_not_taken_for_who_opened_the_request(site: Site) -> None:
    site.fill(1)
    answer = site.told(site.gitlab(GITLAB_USER_ID="666", GITLAB_USER_LOGIN="mallory"))
    assert answer.proposals[0].opener.account == Account("gitlab", "1001", "ada")
    assert "committer" in answer.note


def test_gitlab_answers_for_the_branch_not_for_the_merge_that_its_train_made(site: Site) -> None:
    target = commit_id("newest of the target")
    train = site.gitlab(CI_MERGE_REQUEST_EVENT_TYPE="merge_train", CI_MERGE_REQUEST_TARGET_BRANCH_SHA=target)
    answer = site.told(train)
    assert (answer.proposals[0].base, answer.proposals[0].head) == (target, site.forge.head)


def test_the_web_account_is_known_by_its_number_and_bots_by_their_type(site: Site) -> None:
    impostor = user(31337, "web-flow")
    bot = user(49699333, "dependabot[bot]", "Bot")
    one, two = commit_id("1"), commit_id("2")
    site.forge.commits = [github_commit(one, bot), github_commit(two, None, impostor)]
    answer = site.told(site.github(site.pull()))
    assert answer.people[one].committer.web
    assert not answer.people[two].committer.web
    assert answer.people[two].author is None
    assert answer.bots() == {("github", "49699333")}


@pytest.mark.parametrize("nobody", [None, {}, {"id": True}, {"id": -2}, {"id": "7"}, {"login": "ada"}])
def test_an_account_without_a_number_is_none(site: Site, nobody: Any) -> None:
    site.forge.commits = [github_commit(commit_id("1"), nobody, nobody)]
    named = site.told(site.github(site.pull(user=nobody)))
    assert named.people[commit_id("1")].author is None
    assert named.proposals[0].opener is None


def test_a_head_that_moved_is_told_and_the_answer_stays_with_the_one_asked_about(site: Site) -> None:
    site.fill(1)
    event, asked_about = site.pull(), site.forge.head
    site.forge.head = commit_id("newer")
    answer = site.told(site.github(event))
    assert (answer.proposals[0].head, answer.moved_to) == (asked_about, commit_id("newer"))
    assert answer.problem is None


def test_pages_that_fail_at_the_seventh_leave_nothing_half_believed(site: Site) -> None:
    site.fill(1000)
    site.forge.faults = dict.fromkeys(range(7, 12), lambda _: told({"message": "Server Error"}, 500))
    answer = site.told(site.github(site.pull()))
    assert isinstance(answer.problem, ForgeSilent)
    assert "again" in answer.problem.hint
    assert answer.people == {}


def test_what_fails_once_is_asked_again_from_the_same_page(site: Site) -> None:
    ids = site.fill(1000)
    limited = told({"message": "You have exceeded a secondary rate limit."}, 403, Retry_After="7")
    site.forge.faults = {7: lambda _: limited, 9: lambda _: page(status=503)}
    answer = site.told(site.github(site.pull()))
    assert list(answer.people) == ids
    assert answer.problem is None
    assert answer.requests == 13
    assert site.slept == [7.0, 1.0]


@pytest.mark.parametrize(
    "limited",
    [
        told({"message": "API rate limit exceeded"}, 403, X_RateLimit_Remaining="0", X_RateLimit_Reset="1003600"),
        told({}, 429, Retry_After="3600"),
        told({}, 503, Retry_After="Mon, 12 Jan 1970 14:46:40 GMT"),
    ],
)
def test_a_long_wait_is_not_waited_but_told(site: Site, limited: Response) -> None:
    site.forge.faults = {1: lambda _: limited}
    answer = site.told(site.github(site.pull()))
    assert isinstance(answer.problem, ForgeSilent)
    assert answer.problem.hint == "Run the check again in 60 minutes."
    assert site.slept == []


@pytest.mark.parametrize(
    "spoiled",
    [
        page(),
        page("[" * 100_000),
        told([]),
        told({"total_commits": 1}),
        told({"total_commits": 1, "commits": {}}),
        told({"total_commits": "1", "commits": []}),
        told({"total_commits": 10_001, "commits": []}),
        told({"total_commits": 1, "commits": [{"sha": "HEAD", "parents": []}]}),
        told({"total_commits": 1, "commits": [{"sha": commit_id("1"), "parents": [{"sha": "0" * 40}]}]}),
        told({"message": "Moved Permanently"}, 301, Location="/api/v3/again"),
    ],
)
def test_an_answer_in_another_shape_is_no_answer(site: Site, spoiled: Response) -> None:
    site.forge.faults = dict.fromkeys(range(1, 9), lambda _: spoiled)
    answer = site.told(site.github(site.pull()))
    assert isinstance(answer.problem, ForgeAnswerInvalid)
    assert answer.people == {}


def test_fewer_commits_than_the_forge_counts_are_not_the_whole(site: Site) -> None:
    site.fill(3)
    short = told({"total_commits": 3, "commits": site.forge.commits[:2]})
    site.forge.faults = {1: lambda _: short}
    assert "2 of 3" in site.told(site.github(site.pull())).problem.message


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_follows_no_redirect_to_another_host_and_stands_in_no_log(
    site: Site, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    elsewhere = Misbehaving()
    try:
        away = told({}, status, Location=f"{elsewhere.origin}/api/v3")
        site.forge.faults = {1: lambda _: away}
        answer = site.told(site.github(site.pull()))
        assert isinstance(answer.problem, ForgeAnswerInvalid)
        assert elsewhere.asked == []
    finally:
        elsewhere.server.shutdown()
        elsewhere.server.server_close()
    assert TOKEN in site.forge.tokens
    assert TOKEN not in caplog.text + repr(answer) + answer.problem.message + answer.problem.hint


def test_a_repository_that_moved_on_the_same_host_is_followed(site: Site) -> None:
    ids = site.fill(1)
    site.forge.faults = {1: lambda request: told({}, 301, Location=request.url.replace("/tiny/", "/small/"))}
    answer = site.told(site.github(site.pull()))
    assert (list(answer.people), answer.problem) == (ids, None)


def test_gitlabs_job_token_is_never_sent(site: Site) -> None:
    site.fill(1)
    assert site.told(site.gitlab()).problem is None
    assert site.told(site.gitlab(MCLA_FORGE_TOKEN="glpat-read")).problem is None
    assert site.forge.tokens == ["", "glpat-read"]


@pytest.mark.parametrize("forge", ["github", "gitlab", "gitea"])
def test_without_a_token_a_private_repository_stays_unknown_and_the_hint_says_what_to_give(
    site: Site, forge: str
) -> None:
    site.forge.public = False
    jobs = {"github": site.github(site.pull()), "gitlab": site.gitlab(), "gitea": site.gitea(site.pull())}
    answer = site.told({name: value for name, value in jobs[forge].items() if "TOKEN" not in name})
    assert isinstance(answer.problem, ForgeRefused)
    assert "token" in answer.problem.hint


@pytest.mark.parametrize("token", ["ghs_a b", "ghs\u00e9", "a\nX-Other: b", "x" * 5000])
def test_a_token_that_no_header_can_carry_is_refused_without_repeating_it(site: Site, token: str) -> None:
    answer = site.told(site.github(site.pull(), GITHUB_TOKEN=token))
    assert token not in answer.problem.message + answer.problem.hint
    assert site.forge.asked == []


@pytest.mark.parametrize("api", ["http://forge.example.org", "https://name:word@forge.example.org", "ftp://127.0.0.1x"])
def test_an_address_that_would_show_the_token_is_not_asked(site: Site, api: str) -> None:
    assert isinstance(site.told(site.github(site.pull(), GITHUB_API_URL=api)).problem, ForgeRefused)


def test_a_graphql_address_on_another_host_is_not_asked(site: Site) -> None:
    environ = site.github(site.pull(), GITHUB_GRAPHQL_URL="https://elsewhere.example.org/graphql")
    assert isinstance(site.told(environ).problem, ForgeRefused)


def test_a_forge_that_hangs_is_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.05)
    slow = Misbehaving()
    slow.answers.append((200, {"Content-Length": "9"}, b""))  # promises what never comes
    try:
        answer = site.told(site.github(site.pull(), GITHUB_API_URL=slow.origin, GITHUB_GRAPHQL_URL=slow.origin))
    finally:
        slow.server.shutdown()
        slow.server.server_close()
    assert isinstance(answer.problem, ForgeSilent)


# Merge groups


def queue_of(site: Site, method: str, heads: list[tuple[str, int, int]]) -> None:
    site.forge.queue = (method, [(sha, number, graphql_user(account)) for sha, number, account in heads])


def graphql_user(number: int, kind: str = "User") -> dict[str, Any]:
    return {"__typename": kind, "login": f"u{number}", "databaseId": number}


def squashed(site: Site, count: int) -> list[str]:
    """A line of squashed pull requests in the queue, from the base to the head."""
    line = [*(commit_id(f"squash {at}") for at in range(count - 1)), site.forge.head]
    parents = [site.forge.base, *line[:-1]]
    site.forge.commits = [
        github_commit(sha, user(5, "eve"), parents=(parent,)) for sha, parent in zip(line, parents, strict=True)
    ]
    return line


def test_every_pull_request_of_a_merge_group_is_a_change_of_its_own_with_its_opener(site: Site) -> None:
    line = squashed(site, 3)
    others = (commit_id("behind us"), 99, 9)
    queue_of(site, "SQUASH", [(line[0], 11, 1), (line[1], 12, 2), (line[2], 13, 3), others])
    answer = site.told(site.github(site.group(13), "merge_group"))
    assert answer.problem is None
    shown = [(each.base, each.head, each.number, each.opener.account.subject) for each in answer.proposals]
    assert shown == [
        (site.forge.base, line[0], 11, "1"),
        (line[0], line[1], 12, "2"),
        (line[1], line[2], 13, "3"),
    ]
    assert answer.requests == 2


def test_a_group_of_one_needs_no_queue_and_its_number_is_the_forges_not_the_messages(site: Site) -> None:
    squashed(site, 1)
    site.forge.commits[0]["commit"]["message"] = "Harmless (#1)"
    answer = site.told(site.github(site.group(7), "merge_group"))
    assert [each.number for each in answer.proposals] == [7]
    assert answer.proposals[0].opener.account == ADA


def test_a_group_with_a_pull_request_that_the_queue_no_longer_names_is_unknown(site: Site) -> None:
    line = squashed(site, 3)
    queue_of(site, "SQUASH", [(line[0], 11, 1), (line[2], 13, 3)])
    answer = site.told(site.github(site.group(13), "merge_group"))
    assert isinstance(answer.problem, ForgeSilent)
    assert answer.proposals[0].opener is None


def test_a_rebased_group_is_told_apart_only_when_it_is_one(site: Site) -> None:
    line = squashed(site, 3)
    queue_of(site, "REBASE", [(line[2], 13, 3)])
    assert [each.number for each in site.told(site.github(site.group(13), "merge_group")).proposals] == [13]
    queue_of(site, "REBASE", [(line[0], 12, 2), (line[2], 13, 3)])
    assert isinstance(site.told(site.github(site.group(13), "merge_group")).problem, ForgeSilent)


def test_a_group_that_does_not_lead_to_its_base_is_unknown(site: Site) -> None:
    squashed(site, 2)
    site.forge.commits[0]["parents"] = [{"sha": commit_id("somewhere else")}]
    assert isinstance(site.told(site.github(site.group(7), "merge_group")).problem, ForgeAnswerInvalid)


@pytest.mark.parametrize("errors", [[{"type": "RATE_LIMITED"}], [{"type": "FORBIDDEN", "message": "no"}], ["?"], "?"])
def test_a_query_that_failed_in_part_is_refused_as_a_whole(site: Site, errors: Any) -> None:
    squashed(site, 2)
    half = told({"data": {"repository": {"mergeQueue": None}}, "errors": errors})
    site.forge.faults = {2: lambda _: half}
    answer = site.told(site.github(site.group(7), "merge_group"))
    assert answer.problem is not None
    assert answer.proposals[0].opener is None


# Joining what Git showed


def test_accounts_join_commits_by_id_and_what_the_forge_does_not_name_stays(site: Site) -> None:
    ada, somebody = Author(name="Ada", email="ada@example.org"), Author(name="S", email="s@example.org")
    one, two, three = (commit_id(each) for each in "123")
    site.forge.commits = [github_commit(one, user(1001, "ada")), github_commit(two, None, None)]
    answer = site.told(site.github(site.pull()), "our-forge")
    commits = (Commit(one, ada, committer=somebody), Commit(two, somebody, somebody), Commit(three, somebody))
    joined = with_accounts(commits, answer)
    assert joined[0].author == Author("our-forge", "1001", "ada", "Ada", "ada@example.org")
    assert joined[0].committer == Author("our-forge", str(WEB_FLOW["id"]), "web-flow", "S", "s@example.org", web=True)
    assert joined[1:] == commits[1:]


def test_co_authors_get_the_accounts_that_their_addresses_are_linked_to_in_one_request(site: Site) -> None:
    ids = site.fill(300)
    site.forge.linked = {"bela@example.org": user(8, "bela")}
    site.forge.trailers = {sha: ["Bela@Example.org", f"nobody{at}@example.org"] for at, sha in enumerate(ids)}
    with_trailers = tuple(
        Commit(sha, Author(), coauthors=tuple(Author(email=each) for each in site.forge.trailers[sha])) for sha in ids
    )
    answer = site.told(site.github(site.pull()), commits=with_trailers)
    assert answer.requests == 3 + 1 + 1
    first, other = with_accounts(with_trailers, answer)[250].coauthors
    assert first.account == Account("github", "8", "bela")
    assert other.account is None


def test_without_a_token_nobody_asks_for_co_authors(site: Site) -> None:
    ids = site.fill(1)
    commit = Commit(ids[0], Author(), coauthors=(Author(email="bela@example.org"),))
    answer = site.told(site.github(site.pull(), GITHUB_TOKEN=""), commits=(commit,))
    assert (answer.problem, answer.requests, dict(answer.coauthors)) == (None, 2, {})
