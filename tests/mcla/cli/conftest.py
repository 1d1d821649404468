# SPDX-License-Identifier: Apache-2.0
"""Fixtures for the command line: real runs of `mcla` in a process of its own, and real files to give it."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from browsing import allow_command_line
from click.testing import CliRunner
from deciding_service import Deciding, deciding
from misbehaving import Misbehaving
from notary import Notary, make_notary
from repositories import Repo, new_repo
from running import Running, accept, browser_of, running_service
from terminal import Terminal

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.scan import scan
from mcla.cli.main import cli
from mcla.cli.oauth import sign_in
from mcla.cli.service import Service

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Ran:
    """How a run of the command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Mcla:
    """Runs `mcla` in `cwd` with a bare environment: no terminal, no configuration of the person who runs the tests."""

    cwd: Path

    def __call__(self, *args: str | Path, before: Sequence[str] = (), timeout: float = 60, **env: str) -> Ran:
        command = [*before, sys.executable, "-m", "mcla.cli", *map(str, args)]
        done = subprocess.run(
            command, cwd=self.cwd, env=self.env(**env), capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def env(self, **more: str) -> dict[str, str]:
        home = {"HOME": str(self.cwd), "XDG_CONFIG_HOME": str(self.cwd / "config"), "PYTHONPATH": str(ROOT)}
        return home | {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"} | more


class Inside(Mcla):
    """The same runs inside this process, for the many cases where a process of its own proves nothing more."""

    def __call__(self, *args: str | Path, before: Sequence[str] = (), timeout: float = 60, **env: str) -> Ran:
        if before:
            return super().__call__(*args, before=before, timeout=timeout, **env)
        with contextlib.chdir(self.cwd):
            done = CliRunner(env=self.env(**env)).invoke(cli, [str(arg) for arg in args], prog_name="mcla")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ran(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def mcla_inside(tmp_path: Path) -> Mcla:
    """As `mcla`, without a process of its own."""
    folder = tmp_path / "run"
    folder.mkdir(exist_ok=True)
    return Inside(folder)


@pytest.fixture
def mcla(tmp_path: Path) -> Mcla:
    """`mcla("hash", path)` runs the command in a folder of its own."""
    folder = tmp_path / "run"
    folder.mkdir(exist_ok=True)
    return Mcla(folder)


@pytest.fixture
def bad() -> Iterator[Misbehaving]:
    """A server that answers with what the test wrote."""
    server = Misbehaving()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def there(bad: Misbehaving) -> Iterator[Service]:
    """That server as the command line sees a service."""
    with Service(bad.origin, "secret-token", sleep=lambda _: None) as service:
        yield service


@pytest.fixture(scope="session")
def silero() -> Path:
    """A small real model: the safetensors file inside the silero-vad wheel, found without importing it."""
    spec = importlib.util.find_spec("silero_vad")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "silero_vad_16k.safetensors"


@pytest.fixture
def weights(tmp_path: Path, silero: Path) -> Path:
    """A copy of the real model that a test may change."""
    return Path(shutil.copy(silero, tmp_path / "silero_vad_16k.safetensors"))


@pytest.fixture
def folder(tmp_path: Path, silero: Path) -> Path:
    """A real folder of mixed files: model, code, text, an empty file, names beyond ASCII."""
    place = tmp_path / "release"
    (place / "src" / "deep").mkdir(parents=True)
    shutil.copy(silero, place / "model.safetensors")
    for source in sorted((ROOT / "mcla" / "log").glob("*.py")):
        shutil.copy(source, place / "src" / source.name)
    (place / "src" / "deep" / "größe 模型.txt").write_text("Gewichte\n", encoding="utf-8")
    (place / "README.md").write_text("# A release\n", encoding="utf-8")
    (place / ".hidden").write_text("x", encoding="utf-8")
    (place / "empty.bin").write_bytes(b"")
    return place


WEIGHTS = """\
title = "Tiny 1.1"
architecture = "Decoder-only transformer"
relation = "fine-tune"
personal_data = "anonymised"
opt_outs = "not-from-web"
screened = "by-source"
compute_known = "known"
compute = "2.50e17 FLOP"
evaluation = "not evaluated"
watermark = "none"
memorisation_tested = "not-tested"
safeguards = "none-there"
no_payload = true
no_confidential = true

[[bases]]
name = "example/tiny-base"
sha256 = "SHA256:abababababababababababababababababababababababababababababababab"
relation = "fine-tune"
licence = "Apache-2.0"
retrieved = 2026-10-01

[[training_data]]
name = "Speech given by volunteers"
licence = "CC-BY-4.0"
"""


@pytest.fixture
def terminal(mcla: Mcla) -> Iterator[Callable[..., Terminal]]:
    """`terminal("sign", …)` starts the command with a terminal of its own; it is ended with the test."""
    started: list[Terminal] = []

    def start(*args: str | Path, **env: str) -> Terminal:
        command = [sys.executable, "-m", "mcla.cli", *map(str, args)]
        started.append(Terminal.start(command, mcla.cwd, mcla.env(TERM="xterm", **env)))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The real service with the demo provider; Ada has accepted the agreement, Bela and Chris have not."""
    with running_service(tmp_path_factory.mktemp("service"), jobs=False) as running:
        accept(running.origin, "Ada Li")
        yield running


@pytest.fixture
def browser() -> Callable[..., dict[str, str]]:
    """`browser("Ada Li")` is the environment in which that person's browser allows what the command line asks."""

    def environment(person: str, button: str = "Allow for 15 minutes") -> dict[str, str]:
        return {"BROWSER": browser_of(person, button)}

    return environment


@pytest.fixture
def ada(service: Any) -> Any:
    """The service with Ada signed in through her browser."""
    with Service(service.origin) as there:
        there.token = sign_in(there, lambda url: allow_command_line(url, "Ada Li") and None)
        yield there


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    """Answers to the questions about weights."""
    path = tmp_path / "weights.toml"
    path.write_text(WEIGHTS)
    return path


@pytest.fixture
def powerless() -> Sequence[str]:
    """Words before a command that take root's power to read every file away from it; none needed for others."""
    if os.geteuid() != 0:
        return ()
    from needs import needs

    return (needs("setpriv"), "--bounding-set=-all", "--inh-caps=-all")


@pytest.fixture(scope="session")
def notary(tmp_path_factory: pytest.TempPathFactory) -> Notary:
    """The keys of one service."""
    return make_notary(tmp_path_factory.mktemp("notary"), "https://mcla.example.org")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Notary:
    """Another service with the same names everywhere, but its own keys."""
    return make_notary(tmp_path_factory.mktemp("stranger"), "https://mcla.example.org")


@pytest.fixture
def trust(tmp_path: Path, notary: Notary) -> Path:
    """The notary's trust file."""
    path = tmp_path / "trusted_root.json"
    path.write_bytes(notary.trust())
    return path


@pytest.fixture
def proven(weights: Path, notary: Notary) -> Path:
    """A real model with its bundle beside it, where `mcla sign` puts it."""
    weights.with_name(f"{weights.name}.sigstore.json").write_bytes(notary.bundle(scan([weights])))
    return weights


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A small file that nobody has signed before."""
    path = tmp_path / "train.py"
    path.write_text(f"print('{secrets.token_hex(8)}')\n")
    return path


@pytest.fixture
def sign(mcla: Any, service: Any, browser: Any) -> Callable[..., Any]:
    """`sign(path, "--kind", …)` signs as Ada, who answers in her browser."""

    def run(*args: str | Path, person: str = "Ada Li", **env: str) -> Any:
        always = ("--service", service.origin, "--project", "tiny-llm", "--yes")
        return mcla("sign", *args, *always, **(browser(person) | env))

    return run


@pytest.fixture
def kept_trust(service: Any, tmp_path: Path) -> Path:
    """The service's trust file, fetched once."""
    path = tmp_path / "kept.json"
    path.write_bytes(httpx2.get(f"{service.origin}/.well-known/mcla/trusted_root.json", trust_env=False).content)
    return path


CHECK_POLICY = b'version = 1\n[[artifacts]]\npaths = ["weights/**"]\nkind = "weights"\n'
ADA_GIT = "Ada Li <1+ada@users.noreply.github.com>"
GIVEN = b"given " * 400


@pytest.fixture(scope="session")
def first_change(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with a policy on main; Ada added a file on topic that was given, and some code."""
    made = new_repo(tmp_path_factory.mktemp("check") / "first")
    made.commit({".mcla.toml": CHECK_POLICY, "weights/old.bin": b"old" * 500})
    made.branch("topic")
    files = {"weights/new.bin": GIVEN, "src/a.py": b"1"}
    made.commit(files, branch="topic", author=ADA_GIT, committer="GitHub <noreply@github.com>")
    return made


@pytest.fixture
def repo(first_change: Repo, tmp_path: Path) -> Repo:
    return Repo(Path(shutil.copytree(first_change.path, tmp_path / "repo")))


@pytest.fixture(scope="session")
def serving_decisions() -> Iterator[tuple[Deciding, str]]:
    with deciding() as both:
        yield both


@pytest.fixture
def decides(serving_decisions: tuple[Deciding, str]) -> Deciding:
    """The service: Ada's account 1 has signed, and one file was given."""
    service, _ = serving_decisions
    service.__init__(signed={"1"}, given={sha256_hex(GIVEN): "weights"})  # type: ignore[misc]
    return service
