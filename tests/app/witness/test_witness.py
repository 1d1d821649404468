# SPDX-License-Identifier: Apache-2.0
"""The witness over HTTP, status by status as C2SP tlog-witness demands, in races, and when it is killed."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cosigning import LOG_VKEY, ORIGIN, asked, cosigner, head
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from running import ROOT, free_port, stop
from werkzeug.test import TestResponse
from witness_races import HASH, races

from app.cli.main import main
from app.log.witness_client import Failed, Given, WitnessClient
from app.platform.clock import FixedClock, SystemClock
from app.platform.storage import DirectoryStorage
from app.witness.errors import OldSizeWrong, WitnessHomeInvalid
from app.witness.home import WitnessHome
from app.witness.service import Witness
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from mcla.log.cosignature import cosigned_at
from mcla.log.merkle import EMPTY_ROOT
from mcla.log.note import NoteSignature, parse_note
from mcla.log.policy import PolicyWitness
from mcla.log.witnessing import (
    AddCheckpoint,
    WitnessMessageInvalid,
    format_request,
    parse_cosignatures,
    parse_known_size,
    parse_request,
)

only_ed25519 = pytest.mark.parametrize("algorithm", ["ed25519"], indirect=True)


def add(client: FlaskClient, body: bytes) -> TestResponse:
    return client.post("/add-checkpoint", data=body)


def test_a_head_that_extends_the_last_is_cosigned_and_kept_for_monitors(
    client: FlaskClient, witness_home: WitnessHome, clock: FixedClock
) -> None:
    assert client.get(f"/{HASH}/checkpoint").status_code == 404
    key = witness_home.cosigner().vkey
    for old, size in ((0, 3), (3, 3), (3, 9), (9, 300)):
        answer = add(client, asked(old, size))
        assert answer.status_code == 200, answer.text
        note = parse_note(head(size) + answer.text)
        assert cosigned_at(note, key) == int(clock.at.timestamp())
        kept = client.get(f"/{HASH}/checkpoint").text
        assert kept == head(size) + answer.text


def test_another_old_size_is_a_conflict_that_tells_the_known_one(client: FlaskClient) -> None:
    add(client, asked(0, 5))
    for old in (0, 4, 6):
        answer = add(client, asked(old, 9))
        assert (answer.status_code, answer.text, answer.content_type) == (409, "5\n", "text/x.tlog.size")


@pytest.mark.parametrize(
    "body",
    [
        asked(5, 9).replace(b"old 5\n", b"old 5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
        format_request(AddCheckpoint(5, (), head(9))),
        asked(5, 9, "other "),
        asked(5, 5, "other "),
        format_request(AddCheckpoint(5, (bytes(32),), head(5))),
    ],
    ids=["a hash too many", "no proof", "another history", "same size, other root", "a proof between equal sizes"],
)
def test_what_is_not_consistent_is_never_cosigned(client: FlaskClient, body: bytes) -> None:
    add(client, asked(0, 5))
    assert add(client, body).status_code == 422
    assert parse_checkpoint(parse_note(client.get(f"/{HASH}/checkpoint").text).text).size == 5


def test_the_first_head_needs_no_proof_and_an_empty_log_has_one_root(client: FlaskClient) -> None:
    assert add(client, format_request(AddCheckpoint(0, (bytes(32),), head(5)))).status_code == 422
    empty = f"{ORIGIN}\n0\n{'A' * 43}=\n\n{head(5).splitlines()[-1]}\n"
    assert add(client, format_request(AddCheckpoint(0, (), empty))).status_code == 422
    good = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    assert add(client, format_request(AddCheckpoint(0, (), good))).status_code == 200
    assert add(client, asked(0, 5)).status_code == 200


def test_an_unknown_log_is_not_found_and_an_unsigned_head_is_forbidden(client: FlaskClient) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    known, root = Checkpoint(ORIGIN, 5, bytes(32)), bytes(32)
    assert add(client, format_request(AddCheckpoint(0, (), sign_checkpoint(known, stranger)))).status_code == 403
    other = sign_checkpoint(Checkpoint("other.example.org", 5, root), stranger)
    assert add(client, format_request(AddCheckpoint(0, (), other))).status_code == 404
    wrong = NoteSignature(ORIGIN, LOG_VKEY.id, bytes(64)).line
    both = head(5) + wrong
    assert add(client, format_request(AddCheckpoint(0, (), both))).status_code == 403
    lines_of_others = head(5) + cosigner(1).sign(parse_note(head(5)).text, 1).line
    assert add(client, format_request(AddCheckpoint(0, (), lines_of_others))).status_code == 200
    assert lines_of_others.split()[-1] not in client.get(f"/{HASH}/checkpoint").text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        head(5).encode(),
        asked(0, 5).replace(b"old 0", b"old 00"),
        asked(0, 5).replace(b"old 0", b"old -1"),
        asked(0, 5).replace(b"old 0", b"old +0"),
        asked(0, 5).replace(b"old 0", b"old  0"),
        asked(0, 5).replace(b"old 0", b"old 9223372036854775808"),
        asked(0, 5).replace(b"old 0", b"old 6"),
        asked(0, 5).replace(b"old 0\n", b"old 0\nAAAA\n"),
        asked(0, 5).replace(b"old 0\n", b"old 0\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64),
        asked(0, 5).replace(b"\n", b"\r\n"),
        asked(0, 5).replace(b"\n5\n", b"\n05\n"),
        asked(0, 5).replace(b"\n5\n", b"\n-5\n"),
        asked(0, 5).replace(b"\n5\n", b"\n5\nan extension line\n"),
        asked(0, 5) + b"\xff",
        asked(0, 5)[:-1],
    ],
)
def test_a_malformed_request_is_a_bad_request(client: FlaskClient, body: bytes) -> None:
    answer = add(client, body)
    assert (answer.status_code, client.get(f"/{HASH}/checkpoint").status_code) == (400, 404), answer.text


def test_too_large_a_request_and_other_methods_and_places_are_refused(client: FlaskClient) -> None:
    assert add(client, b"x" * 300_000).status_code == 413
    assert client.get("/add-checkpoint").status_code == 405
    for place in ("/..%2f..%2fname/checkpoint", f"/{HASH.upper()}/checkpoint", "/witness.key.pem/checkpoint", "/logs"):
        assert client.get(place).status_code == 404


@only_ed25519
def test_of_two_sizes_at_once_one_is_cosigned_and_the_stored_size_never_falls(
    witness_home: WitnessHome, clock: FixedClock
) -> None:
    assert races(witness_home, clock, 60, random.Random(12)) == []  # noqa: S311  a race needs no secrets


@only_ed25519
@pytest.mark.parametrize("after", [True, False], ids=["after it was stored", "before"])
def test_a_witness_killed_before_its_answer_remembers_what_it_may_have_said(
    witness_home: WitnessHome, clock: FixedClock, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = Witness(witness_home, clock)
    witness.add_checkpoint(asked(0, 5))
    stored = DirectoryStorage.replace

    def killed(self: DirectoryStorage, name: str, data: bytes) -> None:
        if after:
            stored(self, name, data)
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(DirectoryStorage, "replace", killed)
        witness.add_checkpoint(asked(5, 9))
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL

    again = Witness(witness_home, clock)
    if after:
        with pytest.raises(OldSizeWrong) as caught:
            again.add_checkpoint(asked(5, 9))
        assert caught.value.known == 9
        with pytest.raises(MclaError, match="root"):
            again.add_checkpoint(asked(9, 9, "other "))
        assert again.add_checkpoint(asked(9, 9))
    else:
        assert again.add_checkpoint(asked(5, 9))


def test_the_commands_make_a_witness_that_says_its_key_and_keep_the_key_to_themselves(tmp_path: Path) -> None:
    home, runner = tmp_path / "w", CliRunner()
    made = runner.invoke(main, ["witness", "init", str(home), "--name", "w.example/1"])
    assert made.output.strip() == WitnessHome(home).cosigner().vkey.line
    assert (home / "witness.key.pem").stat().st_mode & 0o777 == 0o600
    assert runner.invoke(main, ["witness", "init", str(home), "--name", "w.example/1"]).exit_code == 1
    for _ in range(2):
        assert runner.invoke(main, ["witness", "add", str(home), LOG_VKEY.line]).exit_code == 0
    assert WitnessHome(home).logs() == {ORIGIN: (LOG_VKEY,)}
    for wrong in ("nonsense", cosigner(1).vkey.line, LOG_VKEY.line[:-1]):
        ran = runner.invoke(main, ["witness", "add", str(home), wrong])
        assert (ran.exit_code, "What to do" in ran.output) == (1, True)
    under_a_file = runner.invoke(main, ["witness", "init", str(home / "name" / "w"), "--name", "w.example/1"])
    assert (under_a_file.exit_code, "cannot be made" in under_a_file.output) == (1, True)
    (home / "witness.key.pem").chmod(0o644)
    with pytest.raises(WitnessHomeInvalid, match="read by others"):
        WitnessHome(home).cosigner()


@only_ed25519
def test_the_command_listens_at_no_address_that_is_none_or_is_taken(
    witness_home: WitnessHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(bind: str) -> Result:
        return CliRunner().invoke(main, ["witness", "run", str(witness_home.path), "--bind", bind])

    for wrong in ("8010", "localhost:8010", "127.0.0.1:99999", "127.0.0.1:"):
        ran = run(wrong)
        assert (ran.exit_code, "expected an IP address and a port" in ran.output) == (2, True), ran.output
    monkeypatch.setattr("app.platform.listening.PATIENCE", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = run(f"127.0.0.1:{taken.getsockname()[1]}")
    assert (ran.exit_code, "Nothing can listen at" in ran.output) == (1, True), ran.output


@only_ed25519
def test_the_command_serves_until_it_is_ended(witness_home: WitnessHome, tmp_path: Path) -> None:
    bind, said = f"127.0.0.1:{free_port()}", tmp_path / "said"
    command = [sys.executable, "-m", "app.cli", "witness", "run", str(witness_home.path), "--bind", bind]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with said.open("wb") as log:
        served = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        client = WitnessClient(PolicyWitness("w", witness_home.cosigner().vkey, f"http://{bind}"), SystemClock(), 5)
        end = time.monotonic() + 60
        while isinstance(answer := client.ask(parse_request(asked(0, 5))), Failed) and time.monotonic() < end:
            time.sleep(0.1)
        assert isinstance(answer, Given), said.read_text()
        assert client.latest(ORIGIN) == head(5) + answer.signature.line
        assert f"watching {ORIGIN}" in said.read_text()
    finally:
        stop(served)


@given(st.one_of(st.binary(max_size=200), st.integers(0, len(asked(3, 9))).map(lambda at: asked(3, 9)[:at])))
def test_any_bytes_are_read_or_refused_with_our_own_error(data: bytes) -> None:
    for parse in (parse_request, parse_cosignatures, parse_known_size):
        try:
            parse(data)
        except WitnessMessageInvalid:
            continue


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_every_request_reads_back(old: int, proof: list[bytes]) -> None:
    request = AddCheckpoint(old, tuple(proof), head(5))
    assert parse_request(format_request(request)) == request
