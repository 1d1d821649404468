# SPDX-License-Identifier: Apache-2.0
"""What a CI runner does: the folder it works in, the variables it sets, the shell it starts."""

import contextlib
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from click.testing import CliRunner
from deciding_service import Deciding
from forge_site import Site
from needs import needs
from repositories import Repo
from scripted_forges import TOKEN, github_commit, user

from mcla.cli.main import cli

ROOT = Path(__file__).resolve().parents[1]
ADA = "Ada Li <ada@example.org>"
POLICY = b'version = 1\n[[artifacts]]\npaths = ["weights/**"]\nkind = "weights"\n'
GIVEN = b"given " * 400
OWNED = "import os, pathlib\npathlib.Path(os.environ['OWNED']).touch()\n"


@dataclass(frozen=True)
class Ran:
    """How a step ended, and what the runner would show of it."""

    code: int
    out: str
    summary: str


@dataclass
class Runner:
    """A machine that runs jobs in a checkout of `repo`; nothing of our own environment reaches them."""

    folder: Path
    repo: Repo
    site: Site
    service: Deciding
    address: str

    def run(self, script: str, variables: Mapping[str, str], shell: str = "sh") -> Ran:
        """Run a step's script as runners do: from a file, ending at the first command that fails."""
        place, summary = self.folder / "step.sh", self.folder / "summary.md"
        place.write_text(script, encoding="utf-8")
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder), "LANG": "C.UTF-8"}
        env |= {"RUNNER_TEMP": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", "OWNED": str(self.folder / "owned")}
        env |= {"GITHUB_STEP_SUMMARY": str(summary)} if "GITHUB_ACTIONS" in variables else {}
        done = subprocess.run(
            [needs(shell), "-e", str(place)],
            cwd=self.repo.path,
            env=env | variables,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        text = summary.read_text(encoding="utf-8") if summary.exists() else ""
        return Ran(done.returncode, (done.stdout + done.stderr).decode(), text)

    def inside(self, variables: Mapping[str, str]) -> Ran:
        """The command of `ci/mcla-check` alone, without processes of its own: for what the shell has no part in."""
        summary = self.folder / "summary.md"
        with contextlib.chdir(self.repo.path):
            done = CliRunner(env={"GITHUB_STEP_SUMMARY": str(summary), **variables}).invoke(cli, ["check"])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ran(done.exit_code, done.output, summary.read_text(encoding="utf-8"))

    def add(self, files: Mapping[str, bytes], account: int = 1, author: str = ADA) -> None:
        """One more commit of the change, by an account of the forge."""
        head = self.repo.commit(files, branch="topic", author=author, committer=author)
        self.site.forge.head = head
        parent = self.repo.git("rev-parse", f"{head}^")
        self.site.forge.commits.append(github_commit(head, user(account, "u"), user(account, "u"), (parent,)))

    @property
    def owned(self) -> bool:
        """Whether something of the change was run."""
        return (self.folder / "owned").exists()


def put_client(folder: Path) -> None:
    """Put the client where `ci/mcla-check` would have installed it, as it is on this machine."""
    lock = (ROOT / "requirements-client.lock").read_bytes()
    state = hashlib.sha256(lock + sys.version.encode()).hexdigest()[:16]
    (folder / f"mcla-check-{state}").symlink_to(sys.prefix)


def action(runner: Runner, environ: dict[str, str] | None = None, *, inside: bool = False, **inputs: str) -> Ran:
    """A step with `uses:` this repository, in a job for a pull request; or `inside` this process."""
    told = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    given = {"service": runner.address, "project": "tiny-llm", **inputs}
    values = {name: given.get(name, each.get("default")) for name, each in told["inputs"].items()}
    (step,) = told["runs"]["steps"]

    def filled(text: str) -> str:
        text = re.sub(r"\$\{\{ inputs\.([a-z]+) \}\}", lambda found: values[found[1]], text)
        return text.replace("${{ github.token }}", TOKEN)

    job = environ or runner.site.github(runner.site.pull())
    del job["GITHUB_TOKEN"]  # a step has it only where it is handed in
    variables = job | {"GITHUB_ACTION_PATH": str(ROOT)} | {name: filled(text) for name, text in step["env"].items()}
    return runner.inside(variables) if inside else runner.run(step["run"], variables, step["shell"])
