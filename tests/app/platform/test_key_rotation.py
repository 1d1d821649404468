# SPDX-License-Identifier: Apache-2.0
"""Rotation of keys on disk: old or new and never neither, one at a time, seen by processes that run, no secret told."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import NOW
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from killing import Killed, kill_at
from structlog.testing import capture_logs

from app.cli.main import main
from app.platform.keys import KeyRing, KeyUnusable, create_keys, load_keys
from app.platform.keys.errors import RotationRefused
from app.platform.keys.files import store_private
from app.platform.keys.rotate import OVERLAP, prepare, rotate
from app.platform.keys.values import KINDS, Kind, algorithm_of
from app.platform.settings import KeyPlaces, Settings
from app.records.selftest import self_test
from app.signing.trust import trusted_root

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    create_keys(tmp_path, "mcla.example.org", NOW)
    return Settings(home=tmp_path, origin="https://mcla.example.org")


@pytest.mark.parametrize("kind", KINDS)
def test_the_new_key_signs_and_the_old_one_counts_a_while_longer(settings: Settings, kind: Kind) -> None:
    before = load_keys(settings.home)
    done = rotate(settings, kind, NOW)
    keys = load_keys(settings.home)
    assert [one.state for one in keys.of(kind)] == ["retired", "signing"]
    assert keys.of(kind)[0].public_key == before.signer(kind).public_key()
    assert keys.of(kind)[1].public_key == keys.signer(kind).public_key() != before.signer(kind).public_key()
    assert (done.old.end, done.new.end) == (NOW + OVERLAP, None)
    assert {one.state for one in keys.generations if one.kind != kind} == {"signing"}


def test_the_document_key_alone_can_be_rsa_with_a_root_of_rsa_and_back(settings: Settings) -> None:
    asked = settings.model_copy(update={"keys": KeyPlaces(document_algorithm="RSA-3072")})
    new = rotate(asked, "document", NOW).new
    assert {algorithm_of(one.public_key()) for one in new.chain} == {"RSA-3072"}
    new.chain[0].verify_directly_issued_by(new.chain[1])
    assert algorithm_of(rotate(asked, "tsa", NOW).new.public_key) == "P-256"
    keys = load_keys(settings.home)
    self_test(keys, trusted_root(keys, settings), NOW)
    assert algorithm_of(rotate(settings, "document", NOW).new.public_key) == "P-256"


OTHER_KEYS = {
    "P-256 where RSA is asked for": (lambda: ec.generate_private_key(ec.SECP256R1()), "RSA-3072", "expected RSA-3072"),
    "RSA of 2048 bits": (lambda: rsa.generate_private_key(65537, 2048), "RSA-3072", "P-256 or RSA-3072 key"),
    "P-384": (lambda: ec.generate_private_key(ec.SECP384R1()), "P-256", "P-256 or RSA-3072 key"),
    "X25519": (x25519.X25519PrivateKey.generate, "P-256", "no kind that is used here"),
}


@pytest.mark.parametrize("case", list(OTHER_KEYS))
def test_a_document_key_of_another_kind_than_asked_for_is_not_taken_up(settings: Settings, case: str) -> None:
    make, algorithm, why = OTHER_KEYS[case]
    key = make().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    store_private(settings.home / "keys" / "document-2.key.pem", key)
    asked = settings.model_copy(update={"keys": KeyPlaces(document_algorithm=algorithm)})
    with pytest.raises(KeyUnusable, match=why) as refused:
        rotate(asked, "document", NOW)
    assert refused.value.hint
    assert [one.state for one in load_keys(settings.home).of("document")] == ["signing"]


def test_the_file_of_a_retired_key_is_gone_and_its_name_is_never_used_again(settings: Settings) -> None:
    for _ in range(2):
        rotate(settings, "ca", NOW)
    assert [path.name for path in (settings.home / "keys").glob("ca*")] == ["ca-3.key.pem"]


def test_a_process_that_runs_takes_up_the_new_key_without_a_restart(settings: Settings) -> None:
    ring = KeyRing(settings.home)
    before = ring.current()
    assert ring.current() is before
    new = rotate(settings, "tsa", NOW).new
    assert ring.current().tsa.chain == new.chain
    assert sorted(ring._homes._open) == sorted(one.place for one in ring.current().generations if one.end is None)
    assert ring.current().ca.key is before.ca.key
    assert before.tsa.key.sign(b"under way")


def test_a_key_that_was_prepared_is_published_first_and_signs_after_the_rotation(settings: Settings) -> None:
    made = prepare(settings, "log", NOW)
    assert prepare(settings, "log", NOW) == made
    keys = load_keys(settings.home)
    assert made.public_key in keys.log_keys.known
    assert keys.log.public_key() != made.public_key
    assert rotate(settings, "log", NOW).new.public_key == made.public_key


def test_a_prepared_key_that_is_lost_is_no_dead_end(settings: Settings) -> None:
    lost = prepare(settings, "ct", NOW)
    (settings.home / "keys" / lost.place.removeprefix("file:")).unlink()
    with pytest.raises(KeyUnusable, match=r"ct-2\.key\.pem"):
        rotate(settings, "ct", NOW)
    assert load_keys(settings.home).of("ct")[0].state == "signing"
    assert rotate(settings, "ct", NOW, fresh=True).new.public_key != lost.public_key
    assert [one.published for one in load_keys(settings.home).of("ct")] == [True, False, True]


def test_a_log_key_speaks_for_every_entry_since_the_log_began(settings: Settings) -> None:
    later = NOW + timedelta(days=400)
    assert rotate(settings, "log", later).new.start == load_keys(settings.home).of("log")[0].start
    assert rotate(settings, "ct", later).new.start > NOW


@pytest.mark.parametrize("until", [NOW - timedelta(days=1), NOW + timedelta(days=800)])
def test_an_end_before_the_beginning_or_far_away_changes_nothing(settings: Settings, until: datetime) -> None:
    ring = (settings.home / "keys/ring.json").read_bytes()
    with pytest.raises(RotationRefused, match="expected an end between"):
        rotate(settings, "ca", NOW, until, stolen=True)
    assert (settings.home / "keys/ring.json").read_bytes() == ring


@pytest.mark.parametrize("early", [OVERLAP - timedelta(seconds=1), timedelta(0), timedelta(days=-1)])
def test_an_end_that_leaves_no_time_for_signatures_under_way_is_for_stolen_keys_alone(
    settings: Settings, early: timedelta
) -> None:
    later = NOW + timedelta(days=2)
    with pytest.raises(RotationRefused, match="at least 15 minutes from now") as refused:
        rotate(settings, "ca", later, later + early)
    assert "--stolen" in refused.value.hint
    assert [one.state for one in load_keys(settings.home).of("ca")] == ["signing"]
    assert rotate(settings, "ca", later, later + early, stolen=True).old.end == later + early
    assert rotate(settings, "ct", later, later + OVERLAP).old.end == later + OVERLAP


@pytest.mark.parametrize("kind", ["ca", "log"])
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
def test_a_rotation_killed_anywhere_leaves_the_old_or_the_new_key_and_the_next_one_ends_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: Kind, step: int
) -> None:
    running, before = KeyRing(settings.home), load_keys(settings.home).signer(kind).public_key()
    with monkeypatch.context() as patched:
        kill_at(patched, step)
        with pytest.raises(Killed):
            rotate(settings, kind, NOW)
    for keys in (load_keys(settings.home), running.current()):
        assert keys.signer(kind).public_key() == before  # the last change of a name is the switch itself
        assert keys.signer(kind).sign(b"after the kill")
    rotate(settings, kind, NOW)
    assert [one.state for one in load_keys(settings.home).of(kind)] == ["retired", "signing"]
    assert len(list((settings.home / "keys").glob(f"{kind}*.key.pem"))) == 1


def test_a_rotation_killed_after_its_switch_has_the_new_key_and_the_next_removes_the_old_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("app.platform.keys.rotate.destroy_retired", _die)
        with pytest.raises(Killed):
            rotate(settings, "ca", NOW)
    assert [one.state for one in load_keys(settings.home).of("ca")] == ["retired", "signing"]
    rotate(settings, "ct", NOW)
    assert not (settings.home / "keys/ca.key.pem").exists()


def test_what_a_killed_process_left_unfinished_is_no_second_name_of_a_key(settings: Settings) -> None:
    folder = settings.home / "keys"
    os.link(folder / "ca.key.pem", folder / ".ca.key.pem.tmp")  # killed between giving the name and taking the other
    rotate(settings, "ca", NOW)
    assert sorted(path.name for path in folder.glob("*ca*")) == ["ca-2.key.pem"]


def _die(_: Path) -> None:
    raise Killed


HOLD = """
import sys
from pathlib import Path
from app.platform.keys.ring import changing
with changing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_changes_at_once_are_refused_and_a_dead_process_holds_nothing(settings: Settings) -> None:
    command = [sys.executable, "-c", HOLD, str(settings.home / "keys")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            for change in (rotate, prepare):
                with pytest.raises(RotationRefused, match="another command"):
                    change(settings, "ca", NOW)
        finally:
            other.kill()
    rotate(settings, "ca", NOW)


def test_what_is_logged_names_the_keys_and_holds_no_secret(settings: Settings) -> None:
    with capture_logs() as lines:
        rotate(settings, "ca", NOW)
    assert [line["event"] for line in lines] == ["keys.prepared", "keys.rotated"]
    told = json.dumps(lines, default=str)
    old, new = load_keys(settings.home).of("ca")
    assert "PRIVATE" not in told
    assert str(settings.home) not in told
    assert lines[1]["old_counts_until"] == f"{old.end:%Y-%m-%dT%H:%M:%SZ}"
    assert new.number == 2


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("MCLA_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("MCLA_ORIGIN", "https://mcla.example.org")
    told = CliRunner().invoke(main, ["init"])
    assert told.exit_code == 0, told.output
    return CliRunner()


def test_the_command_rotates_and_lists(command: CliRunner) -> None:
    assert command.invoke(main, ["keys", "prepare", "log"]).exit_code == 0
    told = command.invoke(main, ["keys", "rotate", "log"])
    assert told.exit_code == 0, told.output
    assert "signs from now on" in told.output
    listed = json.loads(command.invoke(main, ["keys", "list", "--json"]).stdout)["keys"]
    logs = [one for one in listed if one["kind"] == "log"]
    assert [(one["state"], one["home"]) for one in logs] == [("retired", "file"), ("signing", "file")]
    assert logs[1]["verifier_key"].startswith("mcla.example.org+" + logs[1]["id"][:8])
    lines = command.invoke(main, ["keys", "list"]).stdout.splitlines()
    assert len(lines) == 8
    assert [line.split()[:3] for line in lines if line.startswith("log")] == [
        ["log", "retired", "file"], ["log", "signing", "file"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"), [(["ca", "--until", "yesterday"], 2), (["ca", "--until", "2026-11-25T09:00:00"], 2),
                            (["root"], 2), (["ca", "--until", "2001-01-01T00:00:00Z"], 1)],
)  # fmt: skip
def test_the_command_refuses_what_makes_no_sense(command: CliRunner, arguments: list[str], code: int) -> None:
    told = command.invoke(main, ["keys", "rotate", *arguments])
    assert told.exit_code == code, told.output
    assert "signs from now on" not in told.output


def test_a_stolen_key_can_end_at_once(command: CliRunner, tmp_path: Path) -> None:
    told = command.invoke(main, ["keys", "rotate", "ca", "--until", "now"])
    assert (told.exit_code, "add --stolen" in told.output) == (1, True), told.output
    assert command.invoke(main, ["keys", "rotate", "ca", "--until", "now", "--stolen"]).exit_code == 0
    end = load_keys(tmp_path / "var").of("ca")[0].end
    assert end is not None
    assert end <= datetime.now(UTC)


def test_no_keys_yet_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="no keys") as refused:
        rotate(Settings(home=tmp_path / "none"), "ca", NOW)
    assert refused.value.hint == "Run: mcla-server init"
