# SPDX-License-Identifier: Apache-2.0
"""`mcla-server records issue` makes every record once, whatever ends it in the middle and whoever runs beside it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from running import ROOT
from signin import person
from signing_walk import accept, file, give
from sqlalchemy import delete, func, select, update

from app.cli.main import main
from app.identity.models import PersonDetail
from app.log.models import LogEntry
from app.platform.clock import SystemClock
from app.platform.jobs import Job
from app.platform.keys.rotate import rotate
from app.platform.settings import Settings
from app.records.models import Record, RecordFile
from app.records.service import AGAIN
from mcla.records.check import verify_record

ASKED = ("--agreement", "mcla-individual", "--since", "2026-11-01")
RECORDS = 2
Server = Callable[..., Result]


@dataclass(frozen=True)
class Children:
    """The process that forks (`issue_children`), and what its children's commands are told."""

    forker: "subprocess.Popen[str]"

    def start(self, env: dict[str, str], said: Path, *args: str) -> int:
        return int(self._ask({"env": env, "args": ["records", "issue", *ASKED, *args], "said": str(said)}))

    def end_of(self, child: int) -> int:
        return int(self._ask({"wait": child}))

    def _ask(self, line: dict[str, Any]) -> str:
        assert self.forker.stdin is not None
        assert self.forker.stdout is not None
        self.forker.stdin.write(json.dumps(line) + "\n")
        self.forker.stdin.flush()
        return self.forker.stdout.readline()


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    script = Path(__file__).with_name("issue_children.py")
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(script)], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as forker:
        yield Children(forker)
        assert forker.stdin is not None
        forker.stdin.close()
        forker.wait(30)


@pytest.fixture
def signed(services: Any) -> Any:
    """The services, after Ada has signed and given: no record is made yet, and no job will."""
    ada = person(services.identity)
    accept(services, ada)
    give(services, ada, file("part.py", b"print()\n"))
    with services.db.write() as session:
        session.execute(delete(Job))
    return services


@pytest.fixture
def env(settings: Settings, database_url: str) -> dict[str, str]:
    return {"MCLA_HOME": str(settings.home), "MCLA_DATABASE_URL": database_url, "MCLA_DEMO": "true"}


@pytest.fixture
def server(env: dict[str, str]) -> Server:
    def run(*args: str) -> Result:
        return CliRunner().invoke(main, ["records", *args], env=env)

    return run


def sealed(services: Any) -> int:
    with services.db.read() as session:
        return int(session.scalar(select(func.count()).where(Record.sha256.is_not(None))) or 0)


def wait_until_sealed(services: Any, least: int) -> None:
    end = time.monotonic() + 90
    while sealed(services) < least:
        assert time.monotonic() < end, "no record was made"
        time.sleep(0.02)


def entries(services: Any) -> int:
    with services.db.read() as session:
        return int(session.scalar(select(func.count()).select_from(LogEntry)) or 0)


def check_every_record_is_there_once(services: Any, before: int) -> None:
    """Each has one file, which is stored, verifies, and has the one entry of its own in the log."""
    with services.db.read() as session:
        records, files = session.scalars(select(Record)).all(), session.scalars(select(RecordFile)).all()
    assert len(records) == RECORDS
    assert sorted(each.record_id for each in files) == sorted(each.id for each in records)
    assert {each.state for each in records} == {"verified"}
    assert len({each.log_index for each in files}) == RECORDS == entries(services) - before
    for record in records:
        answer = verify_record(services.records.stored(record), services.trust, services.clock.now())
        assert answer.verdict.verified, answer.verdict.reasons


def test_a_run_that_was_killed_is_gone_on_with_by_two_at_once_and_every_record_is_there_once(
    signed: Any, children: Children, env: dict[str, str], tmp_path: Path, server: Server
) -> None:
    before = entries(signed)
    killed, *both = (tmp_path / name for name in ("killed", "one", "other"))
    child = children.start(env, killed, "--processes", "1")
    wait_until_sealed(signed, 1)
    os.kill(child, signal.SIGKILL)
    assert children.end_of(child) == -signal.SIGKILL
    assert sealed(signed) < RECORDS, "it was over before it was killed"
    running = [children.start(env, said, "--processes", "1") for said in both]
    assert [children.end_of(each) for each in running] == [0, 0], both[0].read_text() + both[1].read_text()
    check_every_record_is_there_once(signed, before)
    again = server("issue", *ASKED)
    assert (again.exit_code, again.stdout) == (0, f"Nothing to do: {RECORDS} records are there.\n")


def rename(services: Any, login: str) -> None:
    """Give the account another login; with any but its own, no record certifies it."""
    with services.db.write() as session:
        session.execute(update(PersonDetail).values(login=login))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_failed_in_any_process_is_named_with_what_to_do(signed: Any, server: Server) -> None:
    rename(signed, "mallory")
    ran = server("issue", *ASKED, "--processes", "2")
    assert ran.exit_code == 1
    assert f"Issuing {RECORDS}/{RECORDS} records, " in ran.stderr
    assert f"0 issued, 0 were there meanwhile, {RECORDS} failed." in ran.stdout
    with signed.db.read() as session:
        for record_id in session.scalars(select(Record.id)):
            assert f"{record_id}  record-content-invalid: the stored person does not open" in ran.stdout
    assert "What to do (record-content-invalid): The signature and its bundle are not affected." in ran.stdout
    assert f"{RECORDS} are still to be issued. Run the same command again" in ran.stdout


def test_the_status_says_how_many_wait_for_how_long_and_what_failed_why(
    signed: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(signed, "mallory")
    monkeypatch.setattr("app.cli.records_issue.IN_A_ROW", 1)
    told = json.loads(server("issue", *ASKED, "--processes", "1", "--json").stdout)
    assert (told["failed"], told["left"]) == ({"record-content-invalid": 1}, RECORDS)
    status = server("status", "--json")
    told = json.loads(status.stdout)
    assert (status.exit_code, told["waiting"], told["late"]) == (1, RECORDS, RECORDS)
    (failed,) = told["failed"]
    assert (failed["code"], failed["count"]) == ("record-content-invalid", 1)
    plain = server("status").stdout
    assert "2 records are still to be made or to be put into the log, the oldest for " in plain
    assert f"1 of them failed with record-content-invalid: {failed['says']}\n  such as {failed['example']}\n" in plain


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ctrl_c_ends_it_after_the_record_that_it_is_at(
    signed: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def interrupted(*_: object) -> Iterator[Callable[[int, int], None]]:
        yield lambda _done, _total: os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("app.cli.records_issue.progress", interrupted)
    ran = server("issue", *ASKED, "--processes", "1")
    assert ran.exit_code == 3
    assert ran.stdout == (
        "1 issued, 0 were there meanwhile, 0 failed.\n"
        "1 are still to be issued. Run the same command again: it goes on from here.\n"
    )
    assert sealed(signed) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_a_key_was_replaced_what_it_sealed_gets_a_new_record_once(
    own_keys: Path, services: Any, server: Server
) -> None:
    accept(services, person(services.identity))
    anew = ("--reissue", "The document key was replaced")
    assert server("issue", *ASKED).exit_code == 0
    assert "Nothing to do" in server("issue", *ASKED, *anew).stdout
    time.sleep(1)  # the life of a key begins with a whole second
    rotate(services.settings, "document", SystemClock().now())
    assert server("issue", *ASKED, *anew).stdout.startswith("1 issued")
    assert "Nothing to do" in server("issue", *ASKED, *anew).stdout
    with services.db.read() as session:
        old, new = session.scalars(select(Record).order_by(Record.replaces.is_not(None))).all()
        jobs = session.scalars(select(Job).where(Job.kind == "record.issue").order_by(Job.run_after)).all()
    assert (new.replaces, new.reason, new.state) == (old.id, "The document key was replaced", "verified")
    assert [each.run_after - each.created_at for each in jobs] == [timedelta(0), AGAIN]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("--since", "2026-11-01"), 2, "Missing option '--agreement'"),
        (("--agreement", "mcla-individual"), 2, "Missing option '--since'"),
        (("--agreement", "mcla-individual@", "--since", "2026-11-01"), 2, "expected SLUG or SLUG@VERSION"),
        (("--agreement", "nothing", "--since", "2026-11-01"), 1, "Code: agreement-unknown"),
        (("--agreement", "mcla-individual@9.9.9", "--since", "2026-11-01"), 1, "Code: agreement-version-unknown"),
        (("--agreement", "mcla-individual", "--since", "yesterday"), 2, "expected a time with its zone"),
        ((*ASKED, "--processes", "0"), 2, "0 is not in the range"),
        ((*ASKED, "--reissue", "a\x07b"), 2, "1 to 500 printable characters"),
        ((*ASKED, "--sealed-before", "2026-11-01"), 2, "goes with --reissue"),
        ((*ASKED, "--reissue", "x", "--sealed-before", "2126-11-01"), 2, "in the future"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_made(
    services: Any, server: Server, args: tuple[str, ...], code: int, said: str
) -> None:
    ran = server("issue", *args)
    assert (ran.exit_code, said in ran.output) == (code, True), ran.output
