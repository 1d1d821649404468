# SPDX-License-Identifier: Apache-2.0
"""Real Git repositories that tests make: commits of any size in one run of Git, by its own import format."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from needs import needs

PERSON = "Ada Li <ada@example.org>"
MODES = {"file": "100644", "program": "100755", "link": "120000", "module": "160000"}


@dataclass(frozen=True)
class Repo:
    """A repository whose Git knows nothing of the person who runs the tests."""

    path: Path

    def git(self, *args: str, given: bytes = b"", **env: str) -> str:
        fixed = {"HOME": str(self.path), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
        people = {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in _ADA}
        done = subprocess.run(
            [needs("git"), *args], cwd=self.path, env=fixed | people | env, input=given, capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(
        self,
        files: Mapping[str, bytes | None] | None = None,
        *,
        branch: str = "main",
        author: str = PERSON,
        committer: str = PERSON,
        message: str | bytes = "A change",
        merge: Sequence[str] = (),
        modes: Mapping[str, str] | None = None,
    ) -> str:
        """One commit on a branch; None removes a file. Returns its id."""
        known = subprocess.run(
            [needs("git"), "rev-parse", "--verify", "-q", f"refs/heads/{branch}"], cwd=self.path, capture_output=True
        ).returncode
        text = message.encode() if isinstance(message, str) else message
        lines = [f"commit refs/heads/{branch}\nauthor {author} 1700000000 +0000\n".encode()]
        lines.append(f"committer {committer} 1700000000 +0000\ndata {len(text)}\n".encode() + text + b"\n")
        if known == 0:
            lines.append(f"from refs/heads/{branch}^0\n".encode())
        lines += [f"merge {each}\n".encode() for each in merge]
        lines += [_file(path, data, (modes or {}).get(path, "file")) for path, data in (files or {}).items()]
        self.git("fast-import", "--quiet", "--force", given=b"".join(lines))
        return self.git("rev-parse", f"refs/heads/{branch}")

    def many(self, count: int, branch: str = "main", author: str = PERSON) -> None:
        """So many empty commits on a branch, in one run."""
        start = f"from refs/heads/{branch}^0\n"
        text = f"commit refs/heads/{branch}\nauthor {author} 1700000000 +0000\ncommitter {PERSON} 1700000000 +0000\n"
        one = text + "data 4\nnext\n"
        self.git("fast-import", "--quiet", given=(one + start + one * (count - 1)).encode())

    def series(self, messages: Sequence[str], branch: str) -> None:
        """An empty commit for each message, on a branch that is there, in one run."""
        head, start = f"commit refs/heads/{branch}\n", f"from refs/heads/{branch}^0\n"
        who = f"author {PERSON} 1700000000 +0000\ncommitter {PERSON} 1700000000 +0000\n"
        texts = [f"data {len(each.encode())}\n{each}\n" for each in messages]
        commits = [f"{head}{who}{text}{start if number == 0 else ''}" for number, text in enumerate(texts)]
        self.git("fast-import", "--quiet", given="".join(commits).encode())

    def branch(self, name: str, at: str = "main") -> None:
        self.git("branch", name, at)


_ADA = (("NAME", "Ada Li"), ("EMAIL", "ada@example.org"), ("DATE", "1700000000 +0000"))


def new_repo(path: Path, *args: str) -> Repo:
    """An empty repository at `path`, on the branch main."""
    path.mkdir(parents=True)
    repo = Repo(path)
    repo.git("init", "--quiet", "--template=", "--initial-branch=main", *args)
    return repo


def _file(path: str, data: bytes | None, kind: str) -> bytes:
    name = quoted(path)
    if data is None:
        return b"D " + name + b"\n"
    if kind == "module":
        return f"M {MODES[kind]} {data.decode()} ".encode() + name + b"\n"
    return f"M {MODES[kind]} inline ".encode() + name + b"\n" + f"data {len(data)}\n".encode() + data + b"\n"


def quoted(path: str) -> bytes:
    """A path in the quotes of Git's import format, which leave nothing out."""
    raw = path.encode("utf-8", "surrogateescape")
    return (
        b'"'
        + b"".join(b"\\%03o" % byte if byte < 33 or byte > 126 or byte in b'"\\' else b"%c" % byte for byte in raw)
        + b'"'
    )
