# SPDX-License-Identifier: Apache-2.0
"""A log with witnesses on both databases: proofs carry them, their loss follows the operator's choice, and a restored
copy is found out by what they have seen."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cosigning import cosigner
from log_tools import bodies, check_receipt, log_over, opened
from signin import person
from signing_walk import accept, give
from sqlalchemy import delete, select, update
from witness_servers import RunningWitness, cosigners, policy_of, witnesses

from app.log import cosigning
from app.log.errors import LogForked, LogStopped, QuorumMissing
from app.log.models import LogEntry, LogHead
from app.log.service import LogService
from app.log.witness_policy import load_policy
from app.log.witnessed import Opened, Witnessed
from app.platform.db import Database
from app.platform.settings import Settings, SettingsInvalid
from app.platform.storage import DirectoryStorage
from app.wiring import Services, build_services
from mcla.log.note import parse_note
from mcla.log.policy import Policy
from mcla.log.policyfile import format_policy, parse_policy
from mcla.log.vkey import KeyType, VerifierKey
from mcla.verify.verifier import verify_bundle

TWO_OF_THREE = "group g 2 w1 w2 w3\nquorum g"
Made = Callable[..., LogService]


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[RunningWitness]]:
    with witnesses(tmp_path / "witnesses", 3) as running:
        yield running


@pytest.fixture
def policy(three: list[RunningWitness]) -> Policy:
    return policy_of(three, TWO_OF_THREE)


@pytest.fixture
def made(db: Database, home: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Makes a service over the one log, as another process would; recovered unless told otherwise."""
    monkeypatch.setattr(cosigning, "PAUSE_SECONDS", 0.0)

    def make(*, refuse: bool = False, recovered: bool = True, seconds: float = 5, home: Path = home) -> LogService:
        def over(opening: Opened) -> Witnessed:
            asking = cosigners(policy, seconds)
            return Witnessed(DirectoryStorage(home), home / "log", asking, opening, refuse=refuse)

        log = log_over(db, home, witnesses=over)
        if recovered:
            log.recover()
        return log

    return make


def seen_by(policy: Policy, note: str) -> list[str]:
    return [one.witness.name for one in policy.cosigned(parse_note(note))]


def test_proofs_and_the_public_head_carry_the_witnesses(made: Made, policy: Policy) -> None:
    log = made()
    for number in range(3):
        body = f"body {number}".encode()
        receipt = log.append([body])[0]
        check_receipt(receipt, body)
        assert len(seen_by(policy, receipt.checkpoint)) >= 2
        assert log.checkpoint() == receipt.checkpoint
    assert len(seen_by(policy, log.receipt(0).checkpoint)) >= 2
    assert log.append([b"body 1"])[0].index == 1
    assert len(seen_by(policy, made().append([b"body 0"])[0].checkpoint)) >= 2


def test_without_a_quorum_signing_goes_on_and_the_proof_tells(
    made: Made, policy: Policy, three: list[RunningWitness]
) -> None:
    log = made()
    three[0].fault = three[1].fault = "broken"
    receipt = log.append([b"one"])[0]
    check_receipt(receipt, b"one")
    assert seen_by(policy, receipt.checkpoint) == ["w3"]
    three[2].fault = "silent"
    quick = made(seconds=0.2)
    assert seen_by(policy, quick.append([b"two"])[0].checkpoint) == []
    assert opened(quick.checkpoint()).size == 2
    for one in three:
        one.fault = ""
        one.over.set()
    assert len(seen_by(policy, log.append([b"two"])[0].checkpoint)) >= 2  # asked for again, it is made up for


def test_where_heads_wait_for_a_quorum_nothing_is_shown_before_and_nothing_is_lost(
    made: Made, policy: Policy, three: list[RunningWitness]
) -> None:
    log = made(refuse=True)
    log.append([b"one"])
    shown = log.checkpoint()
    three[0].fault = three[1].fault = "broken"
    with pytest.raises(QuorumMissing) as refused:
        log.append([b"two"])
    assert (refused.value.status, refused.value.stops, log.failed) == (503, False, False)
    assert log.checkpoint() == shown
    assert opened(log.receipt(0).checkpoint).size == 1
    three[1].fault = ""
    again = made(refuse=True)  # a restart changes nothing
    receipt = again.append([b"two"])[0]
    check_receipt(receipt, b"two")
    assert (receipt.index, seen_by(policy, receipt.checkpoint)) == (1, ["w2", "w3"])
    assert log.checkpoint() == again.checkpoint() == receipt.checkpoint


def test_a_log_that_never_had_a_quorum_shows_no_head(made: Made, three: list[RunningWitness]) -> None:
    for one in three:
        one.fault = "broken"
    log = made(refuse=True)
    with pytest.raises(QuorumMissing):
        log.checkpoint()


def test_a_whole_home_that_was_restored_refuses_before_it_signs_anything(
    made: Made, db: Database, home: Path, three: list[RunningWitness], tmp_path: Path
) -> None:
    log = made()
    log.append(bodies(3))
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    with db.read() as session:
        before = session.execute(select(LogHead.size, LogHead.tiled_size, LogHead.checkpoint)).one()._asdict()
    log.append([b"the one that the copy lacks"])
    with db.write() as session:
        session.execute(delete(LogEntry).where(LogEntry.index == 3))
        session.execute(update(LogHead).values(**before))
    restored = made(home=copy, recovered=False)
    with pytest.raises(LogForked, match="has seen a head signed by this log over 4 entries"):
        restored.recover()
    with pytest.raises(LogStopped):
        restored.append([b"a fork"])


def test_many_writers_in_two_processes_share_heads_that_all_carry_a_quorum(made: Made, policy: Policy) -> None:
    logs, receipts, lock = [made(), made()], {}, threading.Lock()

    def write(which: int) -> None:
        for number in range(4):
            body = f"writer {which} {number}".encode()
            receipt = logs[which % 2].append([body])[0]
            with lock:
                receipts[body] = receipt

    threads = [threading.Thread(target=write, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({receipt.index for receipt in receipts.values()}) == 16
    for body, receipt in receipts.items():
        check_receipt(receipt, body)
        assert len(seen_by(policy, receipt.checkpoint)) >= 2


def test_the_policy_file_is_read_at_start_and_its_faults_are_told(
    tmp_path: Path, policy: Policy, three: list[RunningWitness]
) -> None:
    place = tmp_path / "policy"
    key = three[0].home.cosigner().vkey.line
    for text, said in (
        (f"witness a {key}\nquorum a\n", "needs its address"),
        (f"witness a {key} http://witness.example\nquorum a\n", "needs its address"),
        (f"witness a {key} https://u:p@witness.example\nquorum a\n", "needs its address"),
        ("quorum a\n", "line 1"),
    ):
        place.write_text(text)
        with pytest.raises(SettingsInvalid, match=said):
            load_policy(Settings(witness_policy=place))
    with pytest.raises(SettingsInvalid, match="No such file"):
        load_policy(Settings(witness_policy=tmp_path / "absent"))
    assert load_policy(Settings()) == Policy()
    place.write_text(f"witness a {key} https://witness.example/prefix\nquorum a\n")
    assert load_policy(Settings(witness_policy=place)).witnesses[0].url == "https://witness.example/prefix"


def test_a_policy_that_calls_a_key_of_the_service_a_witness_ends_the_start(services: Services, tmp_path: Path) -> None:
    place = tmp_path / "policy"
    settings = services.settings.model_copy(update={"witness_policy": place})
    good = f"witness good {cosigner(1).vkey.line} https://good.example\n"
    keys = services.keys
    for kind, cosigns, key in (
        ("log", KeyType.COSIGNATURE_ED25519, keys.log.public_key()),
        ("feed", KeyType.COSIGNATURE_ED25519, keys.feed.public_key()),
        ("pqlog", KeyType.COSIGNATURE_ML_DSA_44, keys.pqlog.public_key()),
    ):
        own = VerifierKey("somebody.example/w9", cosigns, key.public_bytes_raw())
        place.write_text(f"{good}witness own {own.line} https://own.example\ngroup both any good own\nquorum both\n")
        with pytest.raises(SettingsInvalid, match=f"got 'own' with the key '{kind}' of this service") as refused:
            build_services(settings, services.db, services.clock)
        assert "Take its line out of the file" in refused.value.hint
    place.write_text(f"{good}quorum good\n")
    assert build_services(settings, services.db, services.clock).policy.quorum == "good"


def test_a_signing_with_the_operators_witnesses_gives_a_proof_that_meets_a_readers_policy(
    services: Services, three: list[RunningWitness], tmp_path: Path
) -> None:
    place = tmp_path / "policy"
    place.write_bytes(format_policy(policy_of(three, TWO_OF_THREE)))
    key = VerifierKey.of_log(services.settings.host, services.keys.log.public_key())
    for one in three:
        one.home.add_log(key.line)
        one.clock = services.clock
    settings = services.settings.model_copy(update={"witness_policy": place, "witness_wait": 5.0})
    watched = build_services(settings, services.db, services.clock)
    ada = person(watched.identity, "ada")
    accept(watched, ada)
    bundle = json.dumps(dict(give(watched, ada).bundle)).encode()
    readers = parse_policy(f"log {key.line}\n".encode() + format_policy(policy_of(three, TWO_OF_THREE)))
    verdict = verify_bundle(bundle, services.trust, policy=readers)
    assert verdict.verified, verdict.reasons
    assert verdict.independent.witnesses >= 2
