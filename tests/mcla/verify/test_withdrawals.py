# SPDX-License-Identifier: Apache-2.0
"""The signed list of withdrawals, used without the network: what it tells, what it cannot tell, when it is refused."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interop.private_sigstore import FILES, HOST, NOW, PrivateSigstore, contribution, refused, withdrawal

from mcla.artifacts.digest import sha256_hex
from mcla.log.checkpoint import Checkpoint, CheckpointInvalid, open_checkpoint, sign_checkpoint
from mcla.log.note import sign_note
from mcla.statements.oms import oms_statement
from mcla.statements.parts import AcceptanceRef
from mcla.verify.standing import AsOf, End, standing_of
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_artifact, verify_bundle
from mcla.verify.withdrawals import (
    Snapshot,
    WithdrawalsFromFuture,
    WithdrawalsInvalid,
    WithdrawalsRolledBack,
    WithdrawalsUntrusted,
    end_line,
    open_snapshot,
    sign_snapshot,
)

DAY = timedelta(days=1)
OTHER = "a" * 64


def listed(
    service: PrivateSigstore, size: int, ends: dict[str, End] | None = None, time: Any = NOW, **changed: Any
) -> bytes:
    """The service's list for a log of `size` entries."""
    lines = [end_line(statement, end) for statement, end in (ends or {}).items()]
    head = Checkpoint(changed.get("origin", HOST), size, bytes(32))
    return sign_snapshot(head, time, time + DAY, lines, changed.get("key", service.keys.log))


def stand(verdict: Verdict, data: bytes, trust: TrustedRoot, days_later: int = 0, *, in_force: bool = False) -> Verdict:
    """The verdict completed with a list, read `days_later`."""
    snapshot, now = open_snapshot(data, trust), NOW + days_later * DAY
    snapshot.check_time(now)
    assert verdict.statement is not None
    standing = standing_of(verdict.statement, snapshot.ends, snapshot.as_of, stale=snapshot.is_stale(now))
    return verdict.standing(standing, in_force=in_force)


@pytest.fixture(scope="module")
def verified(service: PrivateSigstore) -> Verdict:
    """The verdict on a contribution; its place in the log is in its statement."""
    verdict = verify_bundle(service.sign(contribution(FILES).to_bytes()).bytes(), service.trust)
    assert verdict.verified
    return verdict


@pytest.fixture(scope="module")
def index(verified: Verdict) -> int:
    return int(verified.statement["log_index"])  # type: ignore[index]


@pytest.fixture(scope="module")
def digest(verified: Verdict) -> str:
    return str(verified.statement["statement_sha256"])  # type: ignore[index]


def test_without_a_list_nothing_is_known_and_it_says_so(verified: Verdict) -> None:
    told = verified.to_dict()["withdrawal"]
    assert (told["state"], told["valid_then"], told["valid_now"], told["as_of"]) == ("unknown", None, None, None)
    assert "not looked at" in told["sentence"]
    demanded = verified.standing(verified.withdrawal, in_force=True)
    assert demanded.verdict == "unknown"
    assert demanded.reasons[0].hint


def test_a_list_that_covers_it_and_does_not_name_it_says_in_force(
    service: PrivateSigstore, verified: Verdict, index: int
) -> None:
    ends = {OTHER: End(index, NOW)}
    told = stand(verified, listed(service, index + 1, ends), service.trust, in_force=True)
    assert told.verified
    assert (told.withdrawal.state, told.withdrawal.valid_then, told.withdrawal.valid_now) == ("in-force", True, True)


def test_an_ended_contribution_was_valid_then_and_is_not_valid_now(
    service: PrivateSigstore, verified: Verdict, index: int, digest: str
) -> None:
    data = listed(service, index + 9, {digest: End(index + 1, NOW)})
    told = stand(verified, data, service.trust)
    assert told.verified  # it was validly signed, and says since when it is over
    shown = told.to_dict()["withdrawal"]
    assert (shown["state"], shown["valid_then"], shown["valid_now"]) == ("ended", True, False)
    assert shown["since"] == {"log_index": index + 1, "time": "2026-11-22T12:00:00Z"}
    assert "ended" in [reason.code for reason in told.reasons]
    demanded = stand(verified, data, service.trust, in_force=True)
    assert (demanded.verdict, demanded.reasons[0].code) == ("not-verified", "ended")


def test_an_end_stays_an_end_however_old_the_list_is(
    service: PrivateSigstore, verified: Verdict, index: int, digest: str
) -> None:
    told = stand(verified, listed(service, index + 9, {digest: End(index + 1, NOW)}), service.trust, 400)
    assert (told.withdrawal.state, told.withdrawal.stale) == ("ended", True)


def test_a_list_older_than_seven_days_is_stale_and_says_no_more_than_what_was(
    service: PrivateSigstore, verified: Verdict, index: int
) -> None:
    data = listed(service, index + 1)
    assert stand(verified, data, service.trust, 7).withdrawal.state == "in-force"
    told = stand(verified, data, service.trust, 8).withdrawal
    assert (told.state, told.stale, told.valid_then, told.valid_now) == ("unknown", True, True, None)
    assert "too old" in told.sentence


def test_a_list_that_ends_before_the_entry_cannot_tell(service: PrivateSigstore, verified: Verdict, index: int) -> None:
    told = stand(verified, listed(service, index), service.trust, in_force=True)
    assert (told.verdict, told.withdrawal.code) == ("unknown", "withdrawals-too-short")
    assert f"this is entry {index}" in told.withdrawal.sentence


def test_order_is_by_log_index_and_never_by_clock(service: PrivateSigstore) -> None:
    """An acceptance that was ended before the contribution's entry never carried it, whatever the clocks say."""
    accepted = AcceptanceRef(sha256_hex(b"acceptance"), 1)
    verdict = verify_bundle(service.sign(contribution(FILES, acceptance=accepted).to_bytes()).bytes(), service.trust)
    assert verdict.statement is not None
    place = verdict.statement["log_index"]
    late = stand(verdict, listed(service, place + 9, {accepted.statement: End(place - 1, NOW + DAY)}), service.trust)
    assert (late.verdict, late.reasons[0].code) == ("not-verified", "given-after-end")
    assert (late.withdrawal.valid_then, late.withdrawal.valid_now) == (False, False)
    early = stand(verdict, listed(service, place + 9, {accepted.statement: End(place + 1, NOW - DAY)}), service.trust)
    assert (early.verified, early.withdrawal.state) == (True, "in-force")


def test_a_later_copy_of_an_entry_is_not_taken_for_the_place_of_the_contribution(
    verified: Verdict, digest: str
) -> None:
    """Older clients get a proof of an entry that was made later; only the first entry says what came before what."""
    said: dict[str, Any] = dict(verified.statement or {})
    ends, as_of = {said["acceptance"]["statement"]: End(said["log_index"] + 1, NOW)}, AsOf(99, NOW)
    copy = said | {"log_index": said["log_index"] + 5, "entry_kind": "dsse"}
    assert standing_of(said, ends, as_of).state == "in-force"
    told = standing_of(copy, ends, as_of)
    assert (told.state, told.code, told.valid_then) == ("unknown", "withdrawals-other-entry", None)
    assert standing_of(copy, ends | {digest: End(said["log_index"] + 2, NOW)}, as_of).code == "ended"
    late = {said["acceptance"]["statement"]: End(0, NOW), digest: End(said["log_index"] + 2, NOW)}
    assert standing_of(said, late, as_of).code == "given-after-end"


def test_a_list_of_files_alone_is_never_said_to_be_in_force(service: PrivateSigstore) -> None:
    """An OMS list names no contribution, so whether one was ended cannot be told from it."""
    verdict = verify_bundle(service.sign(oms_statement(FILES, "tiny-llm")).bytes(), service.trust)
    assert verdict.verified
    told = stand(verdict, listed(service, 99), service.trust, in_force=True)
    assert (told.verdict, told.withdrawal.code) == ("unknown", "nothing-to-end-here")


def test_a_withdrawals_bundle_is_verified_and_covers_nothing(service: PrivateSigstore) -> None:
    given = contribution(FILES)
    bundle = service.sign(withdrawal(given, stage="S1").to_bytes()).bytes()
    verdict = verify_bundle(bundle, service.trust)
    assert verdict.verified
    assert "ended an own contribution" in verdict.reasons[0].message
    assert verdict.statement is not None
    assert (verdict.statement["reason"], verdict.statement["stage"]) == ("none-given", "S1")
    for target in (FILES, given.root, FILES.files[0].sha256):
        refused(verify_artifact(target, bundle, service.trust), "artifact", "withdrawal-covers-nothing")
    assert stand(verdict, listed(service, 99), service.trust, in_force=True).verdict == "unknown"


GOOD = {OTHER: End(3, NOW), "b" * 64: End(5, NOW)}


def test_a_list_that_was_cut_or_changed_is_refused(service: PrivateSigstore) -> None:
    data = listed(service, 9, GOOD)
    assert open_snapshot(data, service.trust).ends == GOOD
    for cut in (data[:-1], data[:-90], data.rpartition(b"b" * 64)[0], data.replace(b" 5 ", b" 6 "), data + b"\n"):
        with pytest.raises(WithdrawalsInvalid) as caught:
            open_snapshot(cut, service.trust)
        assert caught.value.hint
    note = data.rpartition(b"\n\n")[0]
    for other in (b"", b"\xff", note, note[: len(note) // 2], data.replace(b"\n9\n", b"\n8\n", 1), data[20:]):
        with pytest.raises(WithdrawalsInvalid):
            open_snapshot(other, service.trust)


def test_a_list_by_another_key_or_of_another_log_is_refused(
    service: PrivateSigstore, impostor: PrivateSigstore
) -> None:
    for data in (listed(impostor, 9, GOOD), listed(service, 9, GOOD, origin="other.example")):
        with pytest.raises(WithdrawalsUntrusted, match="signed by a log of the trust file"):
            open_snapshot(data, service.trust)


def test_a_list_from_outside_the_keys_time_is_refused(service: PrivateSigstore) -> None:
    with pytest.raises(WithdrawalsUntrusted):
        open_snapshot(listed(service, 9, time=NOW - DAY), service.trust)


def test_a_list_from_the_future_is_refused(service: PrivateSigstore) -> None:
    snapshot = open_snapshot(listed(service, 9, time=NOW + DAY), service.trust)
    snapshot.check_time(NOW + DAY - timedelta(minutes=4))
    with pytest.raises(WithdrawalsFromFuture, match="made by now"):
        snapshot.check_time(NOW)


def test_a_list_that_knows_less_than_one_seen_before_is_refused(service: PrivateSigstore) -> None:
    def opened(size: int, ends: dict[str, End], time: Any = NOW) -> Snapshot:
        return open_snapshot(listed(service, size, ends, time), service.trust)

    seen = opened(9, GOOD)
    opened(9, GOOD).check_follows(seen)
    opened(12, GOOD | {"c" * 64: End(10, NOW)}, NOW + DAY).check_follows(seen)
    for size, ends in ((8, GOOD), (12, {OTHER: GOOD[OTHER]}), (12, GOOD | {OTHER: End(4, NOW)}), (12, {})):
        with pytest.raises(WithdrawalsRolledBack) as caught:
            opened(size, ends).check_follows(seen)
        assert "evidence" in caught.value.hint


def signed_as(service: PrivateSigstore, *lines: str) -> bytes:
    """A list whose lines are signed whatever they are."""
    text = "".join(f"{line}\n" for line in lines)
    head = f"mcla-withdrawals/v1\n{HOST}\n9\n{'A' * 43}=\n2026-11-22T12:00:00Z\n2026-11-23T12:00:00Z\n"
    note = sign_note(f"{head}{len(lines)}\n{sha256_hex(text.encode())}\n", HOST, service.keys.log)
    return f"{note}\n{text}".encode()


@pytest.mark.parametrize(
    "lines",
    [
        [f"{OTHER} 9 2026-11-22T12:00:00Z"], [f"{OTHER} 03 2026-11-22T12:00:00Z"], [f"{OTHER} -1 2026-11-22T12:00:00Z"],
        [f"{OTHER} 3 2026-13-22T12:00:00Z"], [f"{OTHER} 3 2026-11-22 12:00:00Z"], [f"{OTHER} 3"], [OTHER.upper()],
        [f"{OTHER} 5 2026-11-22T12:00:00Z", f"{'b' * 64} 3 2026-11-22T12:00:00Z"], [""],
        [f"{OTHER} 3 2026-11-22T12:00:00Z", f"{OTHER} 5 2026-11-22T12:00:00Z"],
        [f"{OTHER} 3 2026-11-22T12:00:00Z\r"], [f"{OTHER} 3 2026-11-22T12:00:00Z "],
    ],
)  # fmt: skip
def test_a_signed_list_in_another_form_than_ours_is_refused(service: PrivateSigstore, lines: list[str]) -> None:
    assert len(open_snapshot(signed_as(service, f"{OTHER} 3 2026-11-22T12:00:00Z"), service.trust).ends) == 1
    with pytest.raises(WithdrawalsInvalid):
        open_snapshot(signed_as(service, *lines), service.trust)


def test_neither_a_head_is_taken_for_a_list_nor_a_list_for_a_head(service: PrivateSigstore) -> None:
    """Both are signed by one key: their first lines keep them apart."""
    head = sign_checkpoint(Checkpoint(HOST, 9, bytes(32)), service.keys.log)
    with pytest.raises(WithdrawalsInvalid):
        open_snapshot(head.encode(), service.trust)
    note = listed(service, 9).decode()
    with pytest.raises(CheckpointInvalid):
        open_checkpoint(note, HOST, service.keys.log.public_key())


@given(st.binary(max_size=300))
def test_any_bytes_as_a_list_give_a_typed_answer(service: PrivateSigstore, data: bytes) -> None:
    for each in (data, b"mcla-withdrawals/v1\n" + data):
        with pytest.raises(WithdrawalsInvalid):
            open_snapshot(each, service.trust)


def test_a_contribution_names_its_acceptance_in_the_verdict(verified: Verdict) -> None:
    assert verified.statement is not None
    assert set(verified.statement["acceptance"]) == {"statement", "logIndex"}
