# SPDX-License-Identifier: Apache-2.0
"""Runs Git so that nothing but the repository's objects can change an answer, and nothing of it is ever run.

Two ways of asking. `there`: in the repository itself, for what its refs name and nothing else. `objects`: in an empty
repository of our own over the same object store, so that its configuration, hooks, attributes, grafts, replacements,
promisor remotes and owner do not exist. In both, the user's and the system's configuration are left out (git(1),
"Environment variables"). Nothing is fetched, and no working tree or index is looked at.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mcla.artifacts.digest import shown_path
from mcla.errors import MclaError

KEPT = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
"""Where things lie; of Git's own variables those that only bound the search for a repository."""
PLACES = ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
"""Which repository, as Git tells its hooks; a push that is not yet accepted has its objects in such a place."""
EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)


class GitMissing(MclaError):
    """There is no `git` program to ask."""

    code = "git-missing"
    hint = "Install Git 2.32 or newer, and put it on the PATH."


class RepositoryMissing(MclaError):
    """Here is no Git repository."""

    code = "repository-missing"
    hint = "Run it in a Git checkout, or name one: mcla check --repository FOLDER"


class GitFailed(MclaError):
    """Git refused, in its own words."""

    code = "git-failed"
    hint = "Run `git fsck` here; Git 2.32 or newer is needed (git --version)."


class RevisionUnknown(MclaError):
    """A name stands for no commit here."""

    code = "revision-unknown"
    hint = "Name a commit, branch or tag that is in this clone: git log --oneline --all shows them."


class ObjectsMissing(MclaError):
    """The clone was made without some of its objects, and the answer needs them."""

    code = "objects-missing"
    hint = "Fetch them:  git fetch --refetch --no-filter"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that may be asked; `hashing` is sha1 or sha256, `cut` the commits whose parents a shallow clone
    lacks."""

    program: str
    at: Path
    hashing: str
    cut: frozenset[str]
    shallow: bool
    _there: Mapping[str, str]
    _objects: Mapping[str, str]

    @property
    def empty_tree(self) -> str:
        return EMPTY_TREE[self.hashing]

    def there(self, *args: str) -> bytes | None:
        """What Git says in the repository itself, None for a no; for refs only."""
        done = self._run(args, self._there, b"")
        return done.stdout if done.returncode == 0 else None

    def objects(self, *args: str, given: bytes = b"", none: bool = False) -> bytes:
        """What Git says of the objects alone; raises `GitFailed` or `ObjectsMissing`.

        With `none`, exit code 1 without a word is an answer: there is no such thing.
        """
        done = self._run(args, self._objects, given)
        if done.returncode and not (none and done.returncode == 1 and not done.stdout + done.stderr):
            raise refusal(done.stderr)
        return done.stdout

    def ask(self, *args: str) -> "subprocess.Popen[bytes]":
        """A running Git that answers about objects, one line after the other."""
        pipe = subprocess.PIPE
        return subprocess.Popen(  # noqa: S603  # our own words
            [self.program, *args], cwd=self.at, env=dict(self._objects), stdin=pipe, stdout=pipe, stderr=pipe
        )

    def commit(self, name: str) -> str | None:
        """The id of the commit that `name` stands for, None where there is none; raises `RevisionUnknown`.

        A name is a revision of gitrevisions(7) and never an option; one that two refs share is refused.
        """
        if not name or name.startswith("-") or not name.isprintable():
            raise RevisionUnknown(f"expected the name of a commit, got {shown_path(name)[:80]!r}")
        done = self._run(("rev-parse", "--verify", "--end-of-options", name), self._there, b"")
        if b"is ambiguous" in done.stderr:
            why = f"expected one thing of the name {shown_path(name)!r}, got several"
            raise RevisionUnknown(why, hint=f"Write the ref out, such as refs/heads/{shown_path(name)}")
        found = done.stdout.decode("ascii", "replace").strip()
        if done.returncode or not _ID.fullmatch(found):
            return None
        # Whether it is here, and a commit, is asked where nothing would be fetched.
        told = self._run(("rev-parse", "--verify", "--quiet", f"{found}^{{commit}}"), self._objects, b"")
        return told.stdout.decode("ascii").strip() if told.returncode == 0 else None

    def _run(self, args: Sequence[str], env: Mapping[str, str], given: bytes) -> "subprocess.CompletedProcess[bytes]":
        command = [self.program, "--no-pager", *args]
        return subprocess.run(  # noqa: S603  # our own words
            command, cwd=self.at, env=dict(env), input=given, capture_output=True, check=False
        )


def refusal(stderr: bytes) -> MclaError:
    """Git's last words as an error."""
    told = shown_path(stderr.decode("utf-8", "replace").strip().replace("\n", "; "))[:400] or "nothing"
    missing = any(each in told for each in ("unable to read tree", "bad object", "missing", "could not fetch"))
    return ObjectsMissing(f"Git lacks objects: {told}") if missing else GitFailed(f"Git could not answer: {told}")


@contextmanager
def opened(at: Path, environment: Mapping[str, str] = os.environ) -> Iterator[Repository]:
    """The repository around the folder `at`; raises `GitMissing`, `RepositoryMissing` or `GitFailed`."""
    program = shutil.which("git", path=environment.get("PATH"))
    if program is None:
        raise GitMissing("expected the program git, got none on the PATH")
    with tempfile.TemporaryDirectory(prefix="mcla-git-") as folder:
        own = Path(folder)
        # Who owns the files is of no matter to us: of what they configure nothing is run.
        (own / "global").write_text("[safe]\n\tdirectory = *\n", encoding="ascii")
        there = _environment(environment, own) | {name: environment[name] for name in PLACES if name in environment}
        shallow, hashing, common = _found(program, at, there)
        objects = Path(there.get("GIT_OBJECT_DIRECTORY") or common / "objects")
        cut = _cut(common, shallow=shallow)
        _make_own(own / "git", hashing, cut)
        ours = _environment(environment, own) | {"GIT_DIR": str(own / "git"), "GIT_OBJECT_DIRECTORY": str(objects)}
        if beside := there.get("GIT_ALTERNATE_OBJECT_DIRECTORIES"):
            ours["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = beside
        yield Repository(program, at, hashing, frozenset(cut), shallow, there, ours)


def _environment(given: Mapping[str, str], own: Path) -> dict[str, str]:
    """All that Git may know of its surroundings; without HOME there is no configuration of the user either."""
    fixed = {
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(own / "global"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    return {name: given[name] for name in KEPT if name in given} | fixed


def _found(program: str, at: Path, env: Mapping[str, str]) -> tuple[bool, str, Path]:
    """Whether it is shallow, its kind of ids, and the folder that its worktrees share."""
    asked = ("--path-format=absolute", "--is-shallow-repository", "--show-object-format", "--git-common-dir")
    try:
        done = subprocess.run(  # noqa: S603  # our own words
            [program, "rev-parse", *asked], cwd=at, env=dict(env), capture_output=True, check=False
        )
    except OSError as error:
        raise RepositoryMissing(f"{shown_path(at)} cannot be entered: {error.strerror}") from error
    if b"not a git repository" in done.stderr:
        raise RepositoryMissing(f"expected a Git repository around {shown_path(at.resolve())}, got none")
    lines = os.fsdecode(done.stdout).split("\n", 2)
    if done.returncode or len(lines) != 3 or lines[1] not in EMPTY_TREE:
        raise refusal(done.stderr)
    return lines[0] == "true", lines[1], Path(lines[2].removesuffix("\n"))


def _cut(common: Path, *, shallow: bool) -> list[str]:
    return (common / "shallow").read_text(encoding="ascii").split() if shallow else []


def _make_own(folder: Path, hashing: str, cut: Sequence[str]) -> None:
    """An empty repository; a commit-graph file could tell other parents than the commits themselves."""
    for name in ("objects", "refs"):
        (folder / name).mkdir(parents=True)
    extension = "[extensions]\n\tobjectFormat = sha256\n" if hashing == "sha256" else ""
    version = 1 if extension else 0
    config = f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n\tcommitGraph = false\n{extension}"
    (folder / "config").write_text(config, encoding="ascii")
    (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
    if cut:
        (folder / "shallow").write_text("".join(f"{each}\n" for each in cut), encoding="ascii")
