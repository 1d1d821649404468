# SPDX-License-Identifier: Apache-2.0
"""From which commit to which, in clones as CI systems make them; what is missing is told with its remedy."""

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from needs import needs_root
from repositories import Repo, new_repo

from mcla.checks.git.files import changed_files
from mcla.checks.git.program import GitFailed, GitMissing, RepositoryMissing, RevisionUnknown, opened
from mcla.checks.git.ranges import BaseMissing, GroupApart, HeadUnborn, HistoryCut, Names, Range, range_of
from mcla.errors import MclaError


def found(repo: Repo | Path, base: str | None = None, head: str | None = None, *, group: bool = False) -> Range:
    with opened(repo.path if isinstance(repo, Repo) else repo) as repository:
        return range_of(repository, Names(base, head, group))


def clone(repo: Repo, at: Path, *args: str) -> Repo:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.git("clone", "--quiet", *args, f"file://{repo.path}", str(at))
    return Repo(at)


def mend(at: Repo, error: MclaError) -> None:
    """Run the command that the hint names, as a person would."""
    match = re.search(r"git fetch .*?(?=  |$)", error.hint)
    assert match, error.hint
    at.git(*shlex.split(match[0])[1:])


@pytest.fixture
def parted(repo: Repo) -> Repo:
    """main went on after topic left it."""
    for number in range(3):
        repo.commit({f"topic{number}": b"1"}, branch="topic")
    repo.commit({"main": b"1"})
    return repo


def test_the_base_is_the_newest_and_files_are_compared_from_where_both_parted(parted: Repo) -> None:
    told = found(parted, "main", "topic")
    assert told.base == parted.git("rev-parse", "main")
    assert told.start == parted.git("merge-base", "main", "topic")
    assert told.commits == tuple(parted.git("rev-list", "--reverse", "main..topic").split())
    assert told.related


def test_without_names_the_default_branch_of_the_remote_is_the_base(parted: Repo, tmp_path: Path) -> None:
    here = clone(parted, tmp_path / "here", "--branch", "topic")
    assert found(here) == found(parted, "main", "topic")
    here.git("checkout", "--quiet", "--detach")  # as CI systems do
    here.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    assert len(found(here).commits) == 3
    (here.path / "deep" / "er").mkdir(parents=True)
    assert len(found(here.path / "deep" / "er").commits) == 3


def test_a_change_that_is_in_the_base_already_is_empty(parted: Repo) -> None:
    assert found(parted, "topic", "topic").commits == ()
    assert found(parted, "topic", "topic~1").commits == ()


def test_histories_without_a_common_past_count_whole(parted: Repo) -> None:
    parted.git("checkout", "--quiet", "--orphan", "alone")
    parted.git("commit", "--quiet", "--allow-empty", "-m", "x")
    told = found(parted, "main", "alone")
    assert (told.related, len(told.commits)) == (False, 1)


def test_where_both_parted_twice_a_file_that_the_base_took_out_is_no_old_one(repo: Repo) -> None:
    repo.commit({"gone": b"1", "left": b"1"})
    repo.branch("other")
    repo.commit({"left": None}, branch="other")
    repo.branch("crossed", "other")
    removed = repo.commit({"gone": None})
    repo.commit({"left": None}, merge=["refs/heads/other"])
    repo.commit({"gone": b"1", "left": b"1"}, branch="crossed", merge=[removed])
    told = found(repo, "main", "crossed")
    with opened(repo.path) as repository:
        asked = {each.path for each in changed_files(repository, told.start, told.head)}
    assert asked >= {"gone", "left"}  # each is an old one at one of the two
    with pytest.raises(GroupApart):
        found(repo, "main", "crossed", group=True)


def test_a_merge_group_is_everything_on_its_base(parted: Repo) -> None:
    parted.branch("queue", "main")
    parted.commit({"a": b"1"}, branch="queue", merge=["refs/heads/topic"])
    parted.commit({"b": b"1"}, branch="queue")
    told = found(parted, "main", "queue", group=True)
    assert len(told.commits) == 5
    assert told.start == told.base
    with pytest.raises(GroupApart):
        found(parted, "main", "topic", group=True)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_shallow_clone_is_refused_with_the_command_that_mends_it(parted: Repo, tmp_path: Path, depth: int) -> None:
    here = clone(parted, tmp_path / "here", "--depth", str(depth), "--no-single-branch", "--branch", "topic")
    with pytest.raises(HistoryCut, match="shallow clone") as refusal:
        found(here)
    assert "fetch-depth: 0" in refusal.value.hint
    mend(here, refusal.value)
    assert found(here) == found(parted, "main", "topic")


def test_a_shallow_clone_that_holds_the_whole_change_will_do(parted: Repo, tmp_path: Path) -> None:
    for number in range(3):
        parted.commit({"older": b"%d" % number}, branch="old")
    here = clone(parted, tmp_path / "here", "--depth", "4", "--no-single-branch", "--branch", "topic")
    assert len(found(here, "refs/remotes/origin/main", "HEAD").commits) == 3


def test_a_commit_that_a_shallow_clone_lacks_is_fetched_by_the_command_that_is_named(
    parted: Repo, tmp_path: Path
) -> None:
    here = clone(parted, tmp_path / "here", "--depth", "1", "--branch", "topic")
    base = parted.git("rev-parse", "main")
    with pytest.raises(HistoryCut, match=base) as refusal:
        found(here, base, "HEAD")
    mend(here, refusal.value)
    assert len(found(here, base, "HEAD").commits) == 3


@pytest.mark.parametrize("name", ["refs/remotes/origin/main", "main's commit"])
def test_a_base_that_the_clone_lacks_is_fetched_by_the_command_that_is_named(
    parted: Repo, tmp_path: Path, name: str
) -> None:
    here = clone(parted, tmp_path / "here", "--single-branch", "--branch", "topic")
    base = parted.git("rev-parse", "main") if "commit" in name else name
    with pytest.raises(RevisionUnknown) as refusal:
        found(here, base)
    mend(here, refusal.value)
    assert len(found(here, base).commits) == 3


def test_a_clone_without_a_default_branch_asks_for_the_base(repo: Repo) -> None:
    with pytest.raises(BaseMissing) as refusal:
        found(repo)
    assert "--base" in refusal.value.hint


def test_what_was_pushed_to_the_branch_itself_is_no_base(parted: Repo, tmp_path: Path) -> None:
    parted.git("branch", "-m", "main", "trunk")
    with pytest.raises(BaseMissing):
        found(clone(parted, tmp_path / "here", "--depth=1", "--branch=topic"))


def test_a_branch_without_commits_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(HeadUnborn):
        found(new_repo(tmp_path / "unborn"))


def test_a_name_that_is_no_commit_is_refused_and_never_an_option(parted: Repo) -> None:
    names = ["--help", "--upload-pack=touch x", "-", "main\n", "a\0b", "nope", "main..topic", "main:README.md", "^main"]
    with opened(parted.path) as repository:
        for name in [*names, "$(touch x)", "@{u}", "0" * 40, "main^{tree}", "refs/heads/*"]:
            with pytest.raises(RevisionUnknown) as refusal:
                range_of(repository, Names(name, "topic"))
            assert refusal.value.hint
    assert not (parted.path / "x").exists()


def test_a_name_that_a_branch_and_a_tag_share_is_refused(parted: Repo) -> None:
    parted.git("tag", "main", "topic")
    with pytest.raises(RevisionUnknown, match="several"):
        found(parted, "main", "topic")
    assert len(found(parted, "refs/heads/main", "topic").commits) == 3


def test_a_worktree_a_bare_repository_and_a_folder_in_it_answer_alike(parted: Repo, tmp_path: Path) -> None:
    parted.git("worktree", "add", "--quiet", str(tmp_path / "tree"), "topic")
    bare = clone(parted, tmp_path / "bare", "--bare")
    told = found(parted, "main", "topic")
    assert found(tmp_path / "tree", "main", "HEAD") == told
    assert found(bare, "main", "topic") == told


def test_no_repository_and_no_git_are_told_apart(parted: Repo, tmp_path: Path) -> None:
    with pytest.raises(RepositoryMissing):
        found(tmp_path)
    with pytest.raises(RepositoryMissing, match="cannot be entered"):
        found(tmp_path / "nowhere")
    with pytest.raises(GitMissing), opened(parted.path, {"PATH": str(tmp_path)}):
        pass


def test_what_a_repository_configures_is_never_run(
    parted: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own settings, those of the user, and variables: each names a program that would leave a file."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    for name in ("core.fsmonitor", "core.sshCommand", "gpg.program", "diff.external", "core.pager", "diff.x.textconv"):
        parted.git("config", name, str(program))
    for name, value in {
        "log.showSignature": "true",
        "core.hooksPath": str(tmp_path),
        "core.attributesFile": "x",
    }.items():
        parted.git("config", name, value)
    (parted.path / ".git" / "info").mkdir()
    (parted.path / ".git" / "info" / "attributes").write_text("* diff=x\n")
    (tmp_path / "config").write_text(f"[core]\n\tfsmonitor = {program}\n[diff]\n\texternal = {program}\n")
    for name in ("GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_PAGER", "GIT_ASKPASS"):
        monkeypatch.setenv(name, str(program))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(program))
    assert len(found(parted, "main", "topic").commits) == 3
    assert not (tmp_path / "ran").exists()
    parted.git("status", "--short")
    assert (tmp_path / "ran").exists()  # as it does where somebody looks with the plain program


def test_a_checkout_of_another_user_is_read_because_nothing_of_it_is_run(parted: Repo) -> None:
    """As in a container, where the checkout belongs to somebody else and Git itself refuses."""
    needs_root()
    for place in [parted.path, *parted.path.rglob("*")]:
        os.chown(place, 12345, 12345, follow_symlinks=False)
    with pytest.raises(AssertionError, match="dubious ownership"):
        parted.git("status")
    assert len(found(parted, "main", "topic").commits) == 3


def test_a_damaged_repository_is_told_in_gits_words(parted: Repo) -> None:
    sha = parted.git("rev-parse", "topic~1")
    for place in (parted.path / ".git" / "objects").glob("??"):
        shutil.rmtree(place)
    with pytest.raises(MclaError) as refusal:
        found(parted, "main", "topic")
    assert refusal.value.code in ("revision-unknown", "objects-missing", "git-failed")
    (parted.path / ".git" / "config").write_text("[core\n")
    with pytest.raises(GitFailed, match="bad config"):
        found(parted, sha, "topic")
