# SPDX-License-Identifier: Apache-2.0
"""Who is asked about. Named for the rows in which other checks go wrong: nobody stands in for anybody else."""

from typing import Any

import pytest

from mcla.checks.change import Account, Author, Change, Commit
from mcla.checks.people import ByAccount, ByAddress, Forge, Person, Unknown, label_of, people_of, provider_named

FORGES = (
    Forge("github", "github", "github.com"),
    Forge("lab", "gitlab", "gitlab.com"),
    Forge("work", "github", "git.example.org"),
    Forge("own", "oidc", "login.example.org"),
)
ADA, BO = Author("github", "7", "ada", "Ada", "ada@example.org"), Author("github", "8", "bo")
OPENER = Account("github", "7", "ada")
WEB_FLOW = Author("github", "19864447", "web-flow", "GitHub", "noreply@github.com", web=True)


def asked(*commits: Commit, opener: Account | None = OPENER) -> tuple[Person, ...]:
    return people_of(Change("aurora", opener, commits), FORGES)


def commit(author: Author, number: int = 1, **parts: Any) -> Commit:
    return Commit(f"{number:040x}", author, **parts)


def found(author: Author) -> Any:
    """Who an author is."""
    return asked(commit(author), opener=Account("github", "1"))[1].identity


def roles(people: tuple[Person, ...]) -> dict[str, tuple[str, ...]]:
    return {each.label: each.roles for each in people}


def test_one_person_is_one_subject_with_every_role_and_commit() -> None:
    noreply = Author(name="Ada", email="7+old-name@users.noreply.github.com")
    people = asked(commit(ADA), commit(BO, 2, coauthors=(noreply,)), commit(ADA, 3, committer=ADA))
    assert roles(people) == {"ada": ("opener", "author", "co-author"), "bo": ("author",)}
    assert people[0].identified_by == "account"
    assert [int(sha, 16) for sha in people[0].commits] == [1, 2, 3]


def test_opener_not_author_is_asked_about_as_well() -> None:
    assert roles(asked(commit(BO))) == {"ada": ("opener",), "bo": ("author",)}


def test_author_without_account_is_not_covered_by_a_committer_who_has_one() -> None:
    people = asked(commit(Author(name="Cy", email="cy@example.org"), committer=BO))
    assert [each.identity for each in people[1:]] == [ByAddress("cy@example.org"), ByAccount("github", "8")]
    assert people[2].roles == ("committer",)


def test_committer_web_flow_is_nobody_and_the_unlinked_author_stays_one() -> None:
    people = asked(commit(Author(name="Cy"), committer=WEB_FLOW))
    assert [each.identity for each in people[1:]] == [Unknown("unidentified", "Cy")]


def test_an_author_who_claims_to_be_the_web_account_is_asked_about_all_the_same() -> None:
    people = asked(commit(Author("github", "9", "eve", web=True), coauthors=(Author(name="x", web=True),)))
    assert [each.roles for each in people] == [("opener",), ("author",), ("co-author",)]


def test_committer_who_is_an_author_of_the_commit_counts_once() -> None:
    by_address = Author(name="Ada L.", email="ADA@example.org")
    assert roles(asked(commit(ADA, committer=by_address))) == {"ada": ("opener", "author")}
    assert roles(asked(commit(ADA, committer=BO, coauthors=(BO,))))["bo"] == ("co-author",)


def test_committer_with_another_account_counts_although_the_address_is_the_same() -> None:
    lying = Author("github", "9", "eve", "Ada", "ada@example.org")
    assert roles(asked(commit(ADA, committer=lying)))["eve"] == ("committer",)


def test_merge_commits_are_skipped_with_their_people_and_trailers() -> None:
    assert roles(asked(commit(BO, merge=True, coauthors=(Author(name="typo"),)))) == {"ada": ("opener",)}


def test_a_missing_opener_is_a_subject_that_nobody_knows() -> None:
    people = asked(commit(ADA), opener=None)
    assert (people[0].roles, people[0].identity) == (("opener",), Unknown("opener-missing", "the opener"))
    assert people[1].roles == ("author",)


@pytest.mark.parametrize(
    ("email", "identity"),
    [
        ("7+ada@users.noreply.github.com", ByAccount("github", "7")),
        ("7+Ada@Users.NoReply.GitHub.com", ByAccount("github", "7")),
        ("12-ada@users.noreply.gitlab.com", ByAccount("lab", "12")),
        ("7+ada@users.noreply.git.example.org", ByAccount("work", "7")),
        ("ada@users.noreply.github.com", Unknown("login-only", "ada")),
        ("7-ada@users.noreply.github.com", Unknown("login-only", "ada")),
        ("12+ada@users.noreply.gitlab.com", Unknown("login-only", "ada")),
        # Domain look-alikes and numbers that are none: an address like any other, which proves nothing.
        ("7+ada@users.noreply.github.com.evil.example", ByAddress("7+ada@users.noreply.github.com.evil.example")),
        ("7+ada@evilusers.noreply.github.com", ByAddress("7+ada@evilusers.noreply.github.com")),
        ("7+ada@users-noreply-github.com", ByAddress("7+ada@users-noreply-github.com")),
        ("7+ada@users.noreply.gitlab.example", ByAddress("7+ada@users.noreply.gitlab.example")),
        ("7+ada@users.noreply.github.com@evil.example", ByAddress("7+ada@users.noreply.github.com@evil.example")),
        ("7+ada@users.noreply.login.example.org", Unknown("login-only", "ada")),
    ],
)
def test_noreply_addresses_give_the_number_at_the_very_host_of_the_forge_and_nowhere_else(
    email: str, identity: Any
) -> None:
    assert found(Author(name="Ada", email=email)) == identity


@pytest.mark.parametrize("number", ["07", "0", "７", "+7", "7 ", "9" * 20])
def test_a_number_in_another_spelling_is_no_account(number: str) -> None:
    assert not isinstance(found(Author(email=f"{number}+ada@users.noreply.github.com")), ByAccount)


def test_a_noreply_number_that_contradicts_the_account_is_nobody() -> None:
    lying = Author("github", "7", "ada", "Ada", "8+bo@users.noreply.github.com")
    assert found(lying) == Unknown("identity-contradictory", "ada")
    assert found(Author("lab", "3", email="8+bo@users.noreply.github.com")) == ByAccount("lab", "3")


def test_a_login_alone_is_nobody_whoever_has_it_now() -> None:
    assert found(Author("github", None, "ada")) == Unknown("login-only", "ada")


def test_renamed_accounts_are_the_same_person_and_a_reregistered_login_another() -> None:
    renamed, again = Author("github", "7", "ada-new"), Author("github", "99", "ada")
    people = asked(commit(renamed), commit(again, 2))
    assert [each.identity for each in people] == [ByAccount("github", "7"), ByAccount("github", "99")]


def test_a_bot_name_spoofed_in_free_text_is_an_unknown_person() -> None:
    assert found(Author(name="dependabot[bot]")) == Unknown("unidentified", "dependabot[bot]")
    assert found(Author(name="dependabot[bot]", login="dependabot[bot]")) == Unknown("login-only", "dependabot[bot]")


def test_a_mistyped_trailer_is_an_unknown_person_and_not_the_author_beside_it() -> None:
    people = asked(commit(ADA, coauthors=(Author(name="Bo bo(at)example.org"), Author(email="not an address"))))
    assert [each.identity for each in people[1:]] == [
        Unknown("unidentified", "Bo bo(at)example.org"),
        Unknown("unidentified", "not an address"),
    ]


def test_a_provider_is_known_by_name_or_as_the_only_one_of_its_kind() -> None:
    assert [provider_named(each, FORGES) for each in ("github", "gitlab", "lab", "hub", "oidc")] == [
        "github",
        "lab",
        "lab",
        None,
        "own",
    ]
    two = (Forge("one", "gitlab", "a.example"), Forge("two", "gitlab", "b.example"))
    assert provider_named("gitlab", two) is None
    assert found(Author("bitbucket", "7")) == Unknown("provider-unknown", "7")


@pytest.mark.parametrize(
    ("author", "label"),
    [
        (Author(name="Ada", email="ada@example.org"), "Ada"),
        (Author(email="ada@example.org"), "a…@example.org"),
        (Author(name="ada@example.org"), "a…@example.org"),
        (Author(name="Ada <ada@example.org> and bo@example.org"), "Ada <a…@example.org> and b…@example.org"),
        (Author(name="\x1b[2J\u202eda"), "�[2J�da"),
        (Author(name="A" * 200), "A" * 79 + "…"),
        (Author(), "somebody without a name"),
    ],
)
def test_a_label_tells_no_address_and_does_nothing_to_a_terminal(author: Author, label: str) -> None:
    assert label_of(author) == label
