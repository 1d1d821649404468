# SPDX-License-Identifier: Apache-2.0
"""The commits of a change and whom they name, out of real repositories, also of people who would rather not be seen."""

from pathlib import Path

import pytest
from repositories import Repo, new_repo

from mcla.checks.git import commits as commits_module
from mcla.checks.git.commits import ChangeTooLarge, GitCommit, Person, commits_of
from mcla.checks.git.program import Repository, opened
from mcla.checks.git.question import asked_commits
from mcla.checks.git.ranges import Names, range_of


def commits(repo: Repo, base: str = "main", head: str = "topic") -> tuple[GitCommit, ...]:
    with opened(repo.path) as repository:
        return commits_of(repository, range_of(repository, Names(base, head)).commits)


def coauthors(repo: Repo, *messages: str) -> list[tuple[tuple[Person, ...], tuple[str, ...]]]:
    repo.series(messages, "topic")
    return [(commit.coauthors, commit.odd) for commit in commits(repo)]


@pytest.mark.parametrize("count", [101, 1000])
def test_every_commit_is_seen_in_a_fixed_number_of_runs(repo: Repo, runs: list[str], count: int) -> None:
    repo.commit({"first": b"1"}, branch="topic", author="First <first@example.org>")
    repo.many(count - 1, "topic")
    runs.clear()
    found = commits(repo)
    assert len(found) == count
    assert found[0].author == Person("First", "first@example.org")  # the oldest, where others stop at a page
    assert len(runs) == 10
    assert not any(" fetch" in run for run in runs)


def test_more_commits_than_a_check_takes_are_refused(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits_module, "MAX_COMMITS", 5)
    repo.many(5, "topic")
    assert len(commits(repo)) == 5
    repo.many(1, "topic")
    with pytest.raises(ChangeTooLarge, match="at most 5 commits"):
        commits(repo)


def test_names_and_addresses_are_those_of_the_commit_whatever_mailmap_says(repo: Repo) -> None:
    repo.commit({".mailmap": b"Ada Li <ada@example.org> <evil@example.com>\n"})
    repo.git("config", "mailmap.blob", "HEAD:.mailmap")
    repo.git("config", "log.mailmap", "true")
    repo.commit({"a": b"1"}, branch="topic", author="Evil <evil@example.com>")
    assert commits(repo)[0].author == Person("Evil", "evil@example.com")


def test_a_merge_is_told_with_its_parents_and_what_it_brings_in(repo: Repo) -> None:
    repo.branch("foreign")
    repo.commit({"f": b"1"}, branch="foreign", author="Foreign <foreign@example.net>")
    repo.commit({"t": b"1"}, branch="topic")
    bringing = {"f": b"1"}  # the import format takes the files of the first parent, and what is said here
    repo.commit(bringing, branch="topic", merge=["refs/heads/foreign"], author="Merger <m@example.org>")
    found = {commit.author.name: commit for commit in commits(repo)}
    assert set(found) == {"Foreign", "Ada Li", "Merger"}
    assert [name for name, commit in found.items() if commit.merge] == ["Merger"]
    assert [each.merge for each in asked_commits(found.values())] == [commit.merge for commit in found.values()]


def test_a_message_that_would_keep_git_busy_is_refused_before_it_is_read(repo: Repo) -> None:
    repo.commit({"a": b"1"}, branch="topic", message="x: y\n" + " z\n" * 100_000)
    with pytest.raises(ChangeTooLarge, match="at most 262,144 bytes with their message, got 300,"):
        commits(repo)


@pytest.mark.parametrize(
    "held", [{"f": b"1", "new": b"nobody's"}, {"f": b"neither"}, {"f": None, "t": None}], ids=["new", "mixed", "gone"]
)
def test_whoever_wrote_into_a_merge_is_asked_as_of_any_commit(repo: Repo, held: dict[str, bytes | None]) -> None:
    repo.branch("foreign")
    repo.commit({"f": b"1"}, branch="foreign")
    repo.commit({"f": b"2", "t": b"1"}, branch="topic")
    repo.commit(held, branch="topic", merge=["refs/heads/foreign"], author="Merger <m@example.org>")
    (merge,) = [commit for commit in commits(repo) if commit.merge]
    assert merge.own
    assert [each.merge for each in asked_commits([merge])] == [False]


def raw(repo: Repo, header: bytes, rest: bytes = b"\n\nx\n") -> str:
    """A commit whose author line is these bytes."""
    tree, parent = repo.git("rev-parse", "main^{tree}", "main").encode().split()
    text = b"tree %s\nparent %s\n%scommitter C <c@example.org> 1 +0000%s" % (tree, parent, header, rest)
    return repo.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", given=text)


def test_a_parent_that_is_named_twice_makes_no_merge(repo: Repo) -> None:
    again = b"parent %s\nauthor E <e@example.org> 1 +0000\n" % repo.git("rev-parse", "main").encode()
    repo.git("update-ref", "refs/heads/twice", raw(repo, again))
    (found,) = commits(repo, head="twice")
    assert (len(found.parents), found.merge) == (2, False)


def test_a_name_and_an_address_are_split_as_git_splits_them(repo: Repo) -> None:
    cases = {
        "Aül <u@example.org>": Person("Aül", "u@example.org"),
        "<bare@example.org>": Person(None, "bare@example.org"),
        "Two <one@example.org> <two@example.org>": Person("Two", "one@example.org"),
        "Empty <>": Person("Empty", None),
        "Spaces   < s@example.org >": Person("Spaces", "s@example.org"),
    }
    shas = [raw(repo, f"author {header} 1 +0000\n".encode()) for header in cases]
    with opened(repo.path) as repository:
        assert [each.author for each in commits_of(repository, shas)] == list(cases.values())


def test_an_author_that_cannot_be_read_names_nobody_and_moves_no_other_field(repo: Repo) -> None:
    headers = [
        b"author Nobody\n",
        b"author A\0B <a@example.org> 1 +0000\n",
        b"author " + b"n" * 5000 + b" <" + b"a" * 5000 + b"@example.org> 1 +0000\n",
        b"",
    ]
    hidden = b"\nencoding UTF-7\n\nx +AAo-Co-authored-by: X <x@example.org>\n"
    shas = [raw(repo, header, hidden) for header in headers]
    with opened(repo.path) as repository:
        found = commits_of(repository, shas)
    assert [each.sha for each in found] == shas
    assert {each.committer for each in found} == {Person("C", "c@example.org")}
    assert [each.author.email for each in found] == [None, "a@example.org", None, None]
    assert all(len(each.author.name or "") <= 1000 and each.coauthors == () for each in found)


def test_co_authors_are_those_that_gits_own_parser_finds(repo: Repo) -> None:
    b = Person("B", "b@example.org")
    cases: dict[str, list[Person]] = {
        "T\n\nCo-authored-by: B <b@example.org>": [b],
        "T\n\nCO-AUTHORED-BY:B<b@example.org>": [b],
        "T\n\nCo-authored-by: B\n  <b@example.org>": [b],  # folded
        "T\n\nCo-authored-by: B <b@example.org>\nCo-authored-by: B <b@example.org>": [b],
        "T\n\nSigned-off-by: A <a@example.org>\nCo-authored-by: B <b@example.org>": [b],
        "T\n\nCo-authored-by: bob": [Person("bob", None)],  # names nobody; it is asked about and stays unknown
        "T\n\nCo-authored-by: E <>": [Person("E", None)],
        "T\n\nbody\n---\n\nCo-authored-by: B <b@example.org>": [b],
        "Co-authored-by: title <t@example.org>": [],  # a subject is no trailer
    }
    assert [list(found) for found, _ in coauthors(repo, *cases)] == list(cases.values())


def test_what_a_person_may_have_meant_as_a_co_author_is_noticed_and_not_counted(repo: Repo) -> None:
    lines = [
        "Co-author-by: B <b@example.org>",
        "Coauthored-by: B <b@example.org>",
        "Co-authored by: B <b@example.org>",
        "Co_Authored_By: B <b@example.org>",
        "Co-authored-by = B <b@example.org>",
        "Co\u2011authored\u2011by: B <b@example.org>",  # as editors and chats make of hyphens
        "Co\u2013authored\u2212by: B <b@example.org>",
        "Co\u00adauthored-by: B <b@example.org>",
        "Co\u00a0authored\u00a0by:\u00a0B <b@example.org>",
        "Co-authored-by\uff1a B <b@example.org>",
    ]
    # Git's rule: trailers stand in the last paragraph, whatever is well written above it.
    above = "Co-authored-by: B <b@example.org>"
    texts = [*(f"T\n\n{line}" for line in lines), *(f"T\n\n{line}\n\nand more" for line in (lines[0], above))]
    assert coauthors(repo, *texts) == [((), (line,)) for line in [*lines, lines[0], above]]


def test_a_message_that_is_meant_to_keep_a_check_busy_does_not(repo: Repo) -> None:
    long, many = "coauthor" + " " * 100_000, "\n".join(f"Co-author-by: {n} <n@example.org>" for n in range(3000))
    same = "\n".join(f"Co-authored-by: B <b@example.org> {n}" for n in range(900))
    endless = "co-author: B\n" * 1_000 + "co-author: C\n\nCo-authored-by: B <b@example.org>"
    told = coauthors(repo, f"T\n\n{long}\n{long}:x", f"T\n\n{many}", f"T\n\n{same}", f"T\n\n{endless}")
    assert [len(odd) for _, odd in told] == [0, 5, 0, 0]
    assert told[2][0] == (Person("B", "b@example.org"),)
    with pytest.raises(ChangeTooLarge, match="co-authors"):
        coauthors(repo, "T\n\n" + "\n".join(f"Co-authored-by: {n} <{n}@example.org>" for n in range(101)))


def test_settings_of_git_change_no_trailer(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    setting = '[trailer]\n\tseparators = =\n[trailer "x"]\n\tkey = Co-authored-by\n\tcommand = touch /nowhere\n'
    (tmp_path / "gitconfig").write_text(setting)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    repo.git("config", "trailer.separators", "=%")
    repo.git("config", "core.commentChar", "C")
    ((found, _),) = coauthors(repo, "T\n\nCo-authored-by: B <b@example.org>")
    assert found == (Person("B", "b@example.org"),)


def test_replaced_and_grafted_commits_are_read_as_they_are(repo: Repo) -> None:
    evil = repo.commit({"a": b"1"}, branch="topic", author="Evil <evil@example.com>")
    last = repo.commit({"b": b"1"}, branch="topic")
    repo.branch("good", "main")
    good = repo.commit({"a": b"1"}, branch="good")
    repo.git("replace", evil, good)
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    (repo.path / ".git" / "info" / "grafts").write_text(f"{last} {repo.git('rev-parse', 'main')}\n")
    assert [commit.author.name for commit in commits(repo)] == ["Evil", "Ada Li"]


def test_a_repository_of_the_other_kind_of_ids_is_read_as_well(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "long", "--object-format=sha256")
    repo.commit({"a": b"1"})
    repo.commit({"b": b"1"}, branch="topic", message="T\n\nCo-authored-by: B <b@example.org>")
    (commit,) = commits(repo)
    assert len(commit.sha) == 64
    assert commit.coauthors == (Person("B", "b@example.org"),)


def test_the_forges_web_account_is_said_to_be_one(repo: Repo) -> None:
    repo.commit({"a": b"1"}, branch="topic", committer="GitHub <noreply@github.com>")
    (asked,) = asked_commits(commits(repo))
    assert asked.committer is not None
    assert (asked.committer.web, asked.author.web) == (True, False)


def test_an_empty_range_has_no_commits(seen: Repository) -> None:
    assert commits_of(seen, ()) == ()
