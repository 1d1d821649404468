# SPDX-License-Identifier: Apache-2.0
"""The commits of a range and the people they name, in five runs of Git for any number of commits.

Names and addresses are read from the commit objects themselves: no mailmap, no re-encoding, no format in which one
field could run into the next. Trailers are those that Git's own parser finds (git-interpret-trailers(1)); what a
person may have meant as one, and Git does not take for one, is noticed.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mcla.checks.change import MAX_COAUTHORS, MAX_COMMITS, MAX_TEXT
from mcla.checks.git.objects import Objects
from mcla.checks.git.program import GitFailed, Repository
from mcla.errors import MclaError

CO_AUTHOR = "co-authored-by"
# What people type for it: another word form, spaces or underscores for hyphens, an equals sign, a wide colon; and the
# dashes and spaces that editors make of hyphens and spaces, of which Git takes none.
_JOIN = r"[-_ \u00a0\u00ad\u2010-\u2015\u202f\u2043\u2212\ufe58\ufe63\uff0d]"
_GAP = r"[ \t\u00a0]{0,9}"
_MEANT = re.compile(
    rf"{_GAP}co{_JOIN}?auth?or(?:ed|s)?{_JOIN}{{0,3}}(?:by)?{_GAP}[:=\ufe55\uff1a]{_GAP}(\S.*)", re.IGNORECASE
)
_LINE = 400
"""Characters of a line that are looked at: strangers write them, and somebody's name is shorter."""
MAX_ODD = 5
"""Of one commit."""
MAX_MEANT = 1_000
"""Lines of one commit that are compared with its trailers: a message may hold a million."""
MAX_COMMIT_BYTES = 256 * 1024
"""Of one commit: Git takes a minute for the trailers of a message of two million lines, which packs into a few KB."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ChangeTooLarge(MclaError):
    """A change has more parts than one check takes."""

    code = "change-too-large"
    hint = "Check it in parts, each with its own --base and --head."


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a commit names, as somebody typed it: nothing of it is evidence. None where the text cannot be used."""

    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class GitCommit:
    """One commit: its id, the ids of its parents, and whom it names. `odd` are lines that look like a co-author
    and are none to Git. `own`: it is a merge and holds a file as none of its parents does."""

    sha: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    coauthors: tuple[Person, ...]
    odd: tuple[str, ...]
    own: bool = False

    @property
    def merge(self) -> bool:
        """Whether it has two parents; one that is named twice is one."""
        return len(set(self.parents)) > 1

    @property
    def brings_only(self) -> bool:
        """Whether it is a merge of nothing but what its parents hold, which has commits of its own."""
        return self.merge and not self.own


def commits_of(repository: Repository, wanted: Sequence[str]) -> tuple[GitCommit, ...]:
    """The commits of these ids, in their order; raises `ChangeTooLarge`, `GitFailed` or `ObjectsMissing`."""
    if not wanted:
        return ()
    _check_sizes(repository, wanted)
    with Objects(repository) as objects:
        both = zip(wanted, _trailers(repository, wanted), strict=True)
        # One message at a time: each may have megabytes.
        found = tuple(_commit(sha, objects.whole(sha, "commit"), trailers) for sha, trailers in both)
    own = _with_own_content(repository, [each.sha for each in found if each.merge])
    return tuple(replace(each, own=True) if each.sha in own else each for each in found)


def _check_sizes(repository: Repository, wanted: Sequence[str]) -> None:
    given = "".join(f"{sha}\n" for sha in wanted).encode()
    sizes = repository.objects("cat-file", "--batch-check=%(objectsize)", given=given).splitlines()
    for sha, size in zip(wanted, sizes, strict=True):
        if size.isdigit() and int(size) > MAX_COMMIT_BYTES:  # what is missing is told by whoever reads it
            most = f"at most {MAX_COMMIT_BYTES:,} bytes with their message"
            why = f"expected commits of {most}, got {int(size):,} in {sha}"
            raise ChangeTooLarge(why, hint="Let its author shorten the message: git rebase -i, then reword.")


def _with_own_content(repository: Repository, merges: Sequence[str]) -> set[str]:
    """Those of some merges in which a file is as in none of the parents: somebody wrote that, by hand or in secret.

    By trees alone (git-diff-tree(1), "combined diff format"). What two parents changed in one file counts too, however
    well it went together: whether Git made it so, or a person, nobody can see without making the merge again.
    """
    if not merges:
        return set()
    how = ("diff-tree", "--stdin", "-r", "-c", "--raw", "--no-renames", "--no-ext-diff")
    own, at = set(), ""
    for line in repository.objects(*how, given="".join(f"{sha}\n" for sha in merges).encode()).splitlines():
        if line.startswith(b":"):
            own.add(at)
        else:
            at = line.decode("ascii", "replace")
    return own & set(merges)


def listed(repository: Repository, base: str, head: str) -> list[str]:
    """The ids of the commits that `head` has and `base` has not, oldest first; raises `ChangeTooLarge`."""
    limit = f"--max-count={MAX_COMMITS + 1}"
    found = repository.objects("rev-list", "--topo-order", limit, head, f"^{base}").decode().split()
    if len(found) > MAX_COMMITS:
        raise ChangeTooLarge(f"expected at most {MAX_COMMITS:,} commits in a change, got more")
    return found[::-1]


def _trailers(repository: Repository, wanted: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    """The trailers of each commit as (key, value); what does not stand under the right id is refused."""
    how = ("log", "--no-walk=unsorted", "--stdin", "-z", "--encoding=none", "--no-show-signature", "--no-notes")
    shape = "--format=%H%n%(trailers:only,unfold)"
    told = repository.objects(*how, shape, given="".join(f"{sha}\n" for sha in wanted).encode())
    records = told.removesuffix(b"\0").split(b"\0")
    if len(records) != len(wanted):
        raise GitFailed(f"expected the trailers of {len(wanted)} commits, got {len(records)}")
    for sha, record in zip(wanted, records, strict=True):
        first, _, rest = record.partition(b"\n")
        if first.decode("ascii", "replace") != sha:
            raise GitFailed(f"expected the trailers of {sha}, got others")
        pairs = (_text(line).partition(":") for line in rest.split(b"\n") if line)
        yield [(key.strip(), value.strip()) for key, _, value in pairs]


def _commit(sha: str, data: bytes, trailers: list[tuple[str, str]]) -> GitCommit:
    header, _, message = data.partition(b"\n\n")
    lines = header.split(b"\n")
    values = [value for key, value in trailers if key.lower() == CO_AUTHOR]
    coauthors = tuple(dict.fromkeys(_typed(value) for value in values[: 10 * MAX_COAUTHORS]))
    if len(coauthors) > MAX_COAUTHORS or len(values) > 10 * MAX_COAUTHORS:
        raise ChangeTooLarge(f"expected at most {MAX_COAUTHORS} co-authors in a commit, got more in {sha}")
    return GitCommit(
        sha=sha,
        parents=tuple(line[7:].decode("ascii", "replace") for line in lines if line.startswith(b"parent ")),
        author=_named(lines, b"author "),
        committer=_named(lines, b"committer "),
        coauthors=coauthors,
        odd=tuple(itertools.islice(_odd(_text(message), values), MAX_ODD)),
    )


def _named(lines: Sequence[bytes], key: bytes) -> Person:
    found = next((line.removeprefix(key) for line in lines if line.startswith(key)), b"")
    return _person(_text(found))


def _person(text: str) -> Person:
    """`NAME <ADDRESS> …` as Git splits it: from the first `<` to the first `>` after it."""
    name, opening, rest = text.partition("<")
    email, closing, _ = rest.partition(">")
    if not opening or not closing:
        return Person(_label(text), None)
    return Person(_label(name), _address(email))


def _typed(value: str) -> Person:
    """A trailer's value; without brackets it names nobody by an address."""
    return _person(value) if "<" in value else Person(_label(value), None)


def _label(text: str) -> str | None:
    return _CONTROL.sub("", text).strip()[:MAX_TEXT] or None


def _address(text: str) -> str | None:
    """An address is taken whole or not at all: a part of one may be somebody else's."""
    text = text.strip()
    return text if text and len(text) <= MAX_TEXT and not _CONTROL.search(text) else None


def _odd(message: str, counted: Sequence[str]) -> Iterator[str]:
    lines = ((line, found[1]) for line in message.splitlines() if (found := _MEANT.match(line[:_LINE].rstrip())))
    for line, meant in itertools.islice(lines, MAX_MEANT):
        if not any(value.startswith(meant) for value in counted):
            yield line.strip()[:200]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
