# SPDX-License-Identifier: Apache-2.0
"""`mcla log verify` against a log that lies in every way it can: yes, no and unknown are told apart, with evidence."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cosigning import LOG_KEY, LOG_VKEY, ORIGIN, cosigner, head, policy_text
from lying_log import STRANGER, LyingLog, by_a_stranger, lying
from notary import Notary

from mcla.log.checkpoint import parse_checkpoint
from mcla.log.note import long_key_id, parse_note
from mcla.log.vkey import VerifierKey


@pytest.fixture
def mcla(mcla_inside: Any) -> Any:
    return mcla_inside


@pytest.fixture
def lying_log() -> Iterator[tuple[LyingLog, str]]:
    with lying(257) as pair:
        yield pair


class Monitor:
    """One state file that is used again and again."""

    def __init__(self, mcla: Any, url: str, state: Path) -> None:
        self.mcla, self.url, self.state = mcla, url, state

    def __call__(self, *more: str) -> tuple[int, dict[str, Any]]:
        ran = self.mcla("log", "verify", self.url, "--state", self.state, "--json", *more)
        return ran.code, json.loads(ran.out)

    @property
    def size(self) -> int:
        """The size that is remembered."""
        return parse_checkpoint(parse_note(json.loads(self.state.read_text())["checkpoint"]).text).size

    def evidence(self) -> list[Path]:
        return sorted(self.state.parent.glob("*.evidence-*"))


@pytest.fixture
def monitor(mcla: Any, lying_log: tuple[LyingLog, str], tmp_path: Path) -> Monitor:
    return Monitor(mcla, lying_log[1], tmp_path / "log.state")


@pytest.fixture
def log(lying_log: tuple[LyingLog, str]) -> LyingLog:
    return lying_log[0]


def test_the_first_look_records_and_says_whose_word_it_took(mcla: Any, monitor: Monitor) -> None:
    code, told = monitor()
    assert (code, told["verdict"], told["size"], told["previous_size"]) == (0, "recorded", 257, None)
    assert "on its word alone" in told["trusted_by"]
    monitor.state.unlink()
    ran = mcla("log", "verify", f"{monitor.url}/log/", "--state", monitor.state, "--key", LOG_VKEY.line)
    assert ran.code == 0
    assert ran.out.startswith(f"Recorded: {ORIGIN} shows 257 entries. This is the first look")
    assert "given with --key" in ran.out


def test_a_log_that_grows_is_consistent_and_the_same_head_is_too(monitor: Monitor, log: LyingLog) -> None:
    monitor()
    for size in (257, 258, 600, 65_900):
        log.size = size
        code, told = monitor()
        assert (code, told["verdict"], monitor.size) == (0, "consistent", size), told
    assert "grew from 600 to 65900 entries" in told["reasons"][0]["message"]
    assert len(log.asked) < 40  # proofs read tiles along two paths, never the log


def test_an_empty_log_may_become_any(monitor: Monitor, log: LyingLog) -> None:
    log.size = 0
    assert monitor()[1]["verdict"] == "recorded"
    log.size = 5
    assert monitor()[1]["previous_size"] == 0


@pytest.mark.parametrize(
    ("size", "history", "code"),
    [(257, "x", "watched-log-forked"), (300, "x", "watched-log-forked"), (256, "", "log-shorter")],
)
def test_a_fork_and_a_shorter_log_are_refused_and_both_heads_are_kept(
    mcla: Any, monitor: Monitor, log: LyingLog, size: int, history: str, code: str
) -> None:
    monitor()
    log.size, log.history = size, history
    for _ in range(2):
        ran = mcla("log", "verify", monitor.url, "--state", monitor.state)
        assert ran.code == 1
        assert "DO NOT TRUST THIS LOG" in ran.err
        assert f"Code: {code}" in ran.err
    (place,) = monitor.evidence()
    assert str(place) in ran.err
    kept = json.loads(place.read_text())
    assert (kept["before"], kept["now"], kept["key"]) == (head(257), head(size, history), LOG_VKEY.line)
    assert monitor.size == 257
    assert monitor()[1]["reasons"][0]["code"] == code


def test_another_key_and_another_log_are_refused_with_evidence(monitor: Monitor, log: LyingLog) -> None:
    monitor()
    wrong_line = head(258).rpartition(" ")[0] + " " + head(257).rpartition(" ")[2]
    for note in (by_a_stranger(258), by_a_stranger(258, "other.example.org"), wrong_line):
        log.size, log.note = 258, note
        code, told = monitor()
        assert (code, told["verdict"], told["reasons"][0]["code"]) == (1, "inconsistent", "log-other")
        assert json.loads(Path(told["evidence"]).read_text())["now"] == note
    assert monitor.size == 257


def test_of_a_row_of_refusals_the_first_and_the_last_are_kept(monitor: Monitor, log: LyingLog) -> None:
    """A log that grows and serves no tiles, or grows on beside its fork, does not fill its watcher's disk."""
    monitor()
    paths = [f"tile/0/001{part}" for part in ("", *(f".p/{width}" for width in range(43, 46)))]
    log.bent = dict.fromkeys(paths, lambda _: 404)
    for size in range(299, 302):
        log.size = size
        assert monitor()[1]["reasons"][0]["code"] == "log-history-withheld"
    assert [json.loads(place.read_text())["now"] for place in monitor.evidence()] == [head(301), head(299)]
    first, log.bent, log.history = monitor.evidence()[1].read_bytes(), {}, "x"
    for size in (299, 300, 257, 301):  # two heads of one size are a proof by themselves: a row of its own
        log.size = size
        assert monitor()[1]["reasons"][0]["code"] == "watched-log-forked"
    kept = [json.loads(place.read_text())["now"] for place in monitor.evidence()]
    assert sorted(kept) == sorted([head(299), head(301), head(299, "x"), head(301, "x"), head(257, "x")])
    assert first in [place.read_bytes() for place in monitor.evidence()]


WITHHELD = dict.fromkeys(["tile/0/001.p/44", "tile/0/001"], lambda _: 404)


def test_a_head_that_was_shown_without_its_history_must_lie_in_the_history_shown_later(
    monitor: Monitor, log: LyingLog
) -> None:
    monitor()
    log.size, log.bent = 300, WITHHELD
    assert monitor()[0] == 3
    log.size, log.bent = 290, {}
    code, told = monitor()
    assert (code, told["withheld"]) == (
        0,
        [str(place) for place in monitor.evidence()],
    )  # a shorter head leaves it open
    assert "its history is still owed: " in monitor.mcla("log", "verify", monitor.url, "--state", monitor.state).out
    log.size = 310
    code, told = monitor()
    assert (code, told["withheld"], monitor.evidence()) == (0, [], [])


def test_a_fork_that_was_withheld_is_found_when_the_log_goes_back_to_its_old_history(
    monitor: Monitor, log: LyingLog
) -> None:
    monitor()
    log.size, log.history, log.bent = 300, "x", WITHHELD
    first = Path(monitor()[1]["evidence"])
    log.size, log.history, log.bent = 310, "", WITHHELD | {"tile/0/001.p/54": lambda _: 404}
    assert monitor()[0] == 3
    log.bent = {}
    for _ in range(2):
        code, told = monitor()
        assert (code, told["reasons"][0]["code"], monitor.size) == (1, "watched-log-forked", 257)
        kept = json.loads(Path(told["evidence"]).read_text())
        assert (kept["before"], kept["now"]) == (head(300, "x"), head(310))
    assert first in monitor.evidence()
    for place in monitor.evidence():
        place.write_text(json.dumps(json.loads(place.read_text()) | {"now": 5}))
    assert monitor()[0] == 0


def test_evidence_that_was_spoilt_is_left_as_it_is(monitor: Monitor, log: LyingLog) -> None:
    monitor()
    log.history = "x"
    (place,) = [Path(monitor()[1]["evidence"])]
    place.write_text("spoilt")
    again = Path(monitor()[1]["evidence"])
    assert (place.read_text(), json.loads(again.read_text())["now"]) == ("spoilt", head(257, "x"))


GOOD = head(258)


@pytest.mark.parametrize(
    "note",
    ["", "<html>no log here</html>", GOOD.replace("\n258\n", "\n0258\n"), GOOD.replace("\n258\n", "\n-258\n"),
     GOOD.replace("\n258\n", "\n+258\n"), GOOD.replace("\n258\n", "\n9223372036854775808\n"),
     GOOD.replace("\n258\n", f"\n{'9' * 400}\n"), GOOD.replace("\n258\n", "\n258\nan extension\n"),
     GOOD.replace("\n", "\r\n"), GOOD.rstrip("\n"), GOOD + "x", "x" * 70_000, GOOD.replace("=\n", "\n", 1),
     GOOD + GOOD.splitlines()[-1].replace("— ", "- ") + "\n"],
)  # fmt: skip
def test_what_is_no_head_leaves_everything_unknown(monitor: Monitor, log: LyingLog, note: str) -> None:
    monitor()
    log.bent["checkpoint"] = lambda _: note.encode()
    assert monitor("--key", STRANGER.line)[0] == 3
    code, told = monitor()
    assert (code, told["verdict"], monitor.evidence(), monitor.size) == (3, "unknown", [], 257)


@pytest.mark.parametrize("status", [302, 404, 410])
def test_a_log_that_does_not_answer_leaves_everything_unknown(monitor: Monitor, log: LyingLog, status: int) -> None:
    monitor()
    for paths in (["checkpoint"], ["tile/0/001.p/44", "tile/0/001"]):
        log.size, log.bent = 300, dict.fromkeys(paths, lambda _: status)
        assert (monitor()[0], monitor.size) == (3, 257)
    assert Monitor(monitor.mcla, "http://127.0.0.1:1", monitor.state)()[0] == 3


def test_a_fork_that_withholds_its_tiles_is_unknown_and_both_heads_are_kept(monitor: Monitor, log: LyingLog) -> None:
    monitor()
    log.size, log.history, log.bent = 300, "x", WITHHELD
    code, told = monitor()
    (place,) = monitor.evidence()
    assert (code, told["reasons"][0]["code"], told["evidence"]) == (3, "log-history-withheld", str(place))
    kept = json.loads(place.read_text())
    assert (kept["before"], kept["now"], monitor.size) == (head(257), head(300, "x"), 257)


def test_tiles_that_do_not_lead_to_the_head_are_a_log_that_cannot_show_its_history(
    monitor: Monitor, log: LyingLog
) -> None:
    monitor()
    log.size, log.bent = 300, {"tile/0/001.p/44": lambda tile: bytes(32) + tile[32:]}
    assert monitor()[1]["reasons"][0]["code"] == "watched-log-forked"


def test_a_partial_tile_that_became_full_meanwhile_is_read_from_the_full_one(monitor: Monitor, log: LyingLog) -> None:
    monitor()
    log.size, log.note = 600, head(300)
    log.bent = {"tile/0/001.p/44": lambda _: 404, "tile/entries/001.p/44": lambda _: 404}
    code, told = monitor("--all")
    assert (code, told["entries_checked"]) == (0, 300), told
    assert "tile/0/001" in log.asked


@pytest.mark.parametrize(
    ("path", "at", "index"),
    [("tile/entries/000", 2, 0), ("tile/0/000", 17 * 32 + 5, 17), ("tile/entries/001.p/44", 40, 259),
     ("tile/1/000.p/1", 3, 0), ("tile/0/001.p/44", 43 * 32, 299)],
)  # fmt: skip
def test_all_names_the_first_damaged_entry_and_remembers_nothing(
    monitor: Monitor, log: LyingLog, path: str, at: int, index: int
) -> None:
    monitor()
    log.size = 300
    assert monitor("--all")[0] == 0
    log.bent = {path: lambda whole: whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]}
    code, told = monitor("--all")
    assert (code, told["verdict"], told["index"]) == (1, "inconsistent", index), told


def test_a_log_goes_on_under_a_new_key_if_that_is_given_and_its_history_goes_on(
    monitor: Monitor, log: LyingLog
) -> None:
    monitor()
    assert monitor("--key", STRANGER.line)[1]["trusted_by"] == "the one in this state file"  # not changed yet
    log.size, log.note = 300, by_a_stranger(300)
    assert monitor()[0] == 1
    assert monitor("--key", LOG_VKEY.line)[0] == 1
    code, told = monitor("--key", STRANGER.line)
    assert (code, told["verdict"], told["previous_size"]) == (0, "consistent", 257)
    assert told["trusted_by"] == f"given with --key, in place of {LOG_VKEY.id.hex()}"
    assert (monitor()[0], monitor.size) == (0, 300)
    log.size, log.history, log.note = 400, "x", None
    code, told = monitor("--key", LOG_VKEY.line)
    assert (code, told["reasons"][0]["code"]) == (1, "watched-log-forked")


def test_a_state_that_cannot_be_read_is_no_beginning(mcla: Any, monitor: Monitor) -> None:
    monitor()
    assert mcla("log", "verify", monitor.url, "--state", monitor.state, "--key", "nonsense").code == 2
    whole = monitor.state.read_text()
    for broken in ("", "{}", whole[:-20], whole.replace("257", "256")):
        monitor.state.write_text(broken)
        code, told = monitor()
        assert (code, told["reasons"][0]["code"]) == (3, "log-state-unusable")
        assert monitor.state.read_text() == broken


def test_a_trust_file_names_the_key_or_the_log_stays_unknown(
    mcla: Any, monitor: Monitor, notary: Notary, trust: Path
) -> None:
    ran = mcla("log", "verify", monitor.url, "--state", monitor.state, "--trust", trust)
    assert (ran.code, monitor.state.exists()) == (3, False)
    assert "log-key-missing" in ran.err
    of_this_log = Notary(replace(notary.keys, log=LOG_KEY), f"https://{ORIGIN}", notary.now)
    trust.write_bytes(of_this_log.trust())
    code, told = monitor("--trust", str(trust))
    assert (code, told["key"], told["trusted_by"]) == (0, LOG_VKEY.line, f"from {trust}")


PAST, AGES_AGO = "2024-05-01T00:00:00Z", "2020-01-01T00:00:00Z"


class Trust:
    """A trust file that lists the log's keys, each with the lives that a test says."""

    def __init__(self, notary: Notary, place: Path) -> None:
        of_this_log = Notary(replace(notary.keys, log=LOG_KEY), f"https://{ORIGIN}", notary.now)
        self.file, self.place = json.loads(of_this_log.trust()), place
        (self.listed,) = self.file["tlogs"]

    def __call__(self, *lives: tuple[VerifierKey, str, str | None]) -> tuple[str, str]:
        self.file["tlogs"] = [self._log(*life) for life in lives]
        self.place.write_text(json.dumps(self.file))
        return "--trust", str(self.place)

    def _log(self, key: VerifierKey, start: str, end: str | None) -> dict[str, Any]:
        raw = base64.b64decode(self.listed["publicKey"]["rawBytes"])[:-32] + key.raw
        public = self.listed["publicKey"] | {"rawBytes": base64.b64encode(raw).decode()}
        public["validFor"] = {"start": start} | ({"end": end} if end else {})
        long_id = base64.b64encode(long_key_id(ORIGIN, 1, key.raw)).decode()
        return self.listed | {"publicKey": public, "logId": {"keyId": long_id}}


@pytest.fixture
def trusting(notary: Notary, trust: Path) -> Trust:
    return Trust(notary, trust)


def test_a_head_by_a_key_whose_time_is_over_is_unknown_and_not_remembered(
    mcla: Any, monitor: Monitor, trusting: Trust
) -> None:
    ended = trusting((LOG_VKEY, AGES_AGO, PAST), (STRANGER, AGES_AGO, None))
    code, told = monitor(*ended)
    assert (code, told["verdict"], told["reasons"][0]["code"]) == (3, "unknown", "log-key-ended")
    assert f"key {LOG_VKEY.id.hex()}, which counts from {AGES_AGO} to {PAST}" in told["reasons"][0]["message"]
    ran = mcla("log", "verify", monitor.url, "--state", monitor.state, *ended)
    assert (ran.code, "its next entry brings a head by the new one" in ran.err) == (3, True)
    assert not monitor.state.exists()
    assert monitor(*trusting((LOG_VKEY, "2999-01-01T00:00:00Z", None)))[0] == 3  # nor before its time
    assert monitor(*trusting((LOG_VKEY, AGES_AGO, PAST), (LOG_VKEY, PAST, None)))[0] == 0  # it has a second life


def test_a_key_that_ended_is_good_for_the_head_that_was_seen_before_and_for_no_other(
    monitor: Monitor, log: LyingLog, trusting: Trust
) -> None:
    monitor()
    ended = trusting((LOG_VKEY, AGES_AGO, PAST), (STRANGER, AGES_AGO, None))
    assert monitor(*ended)[0] == 3  # seen, and too late
    for saved, code in (("2024-05-01T00:00:00.000001+00:00", 3), ("2024-05-01T02:00:00+02:00", 0)):
        state = json.loads(monitor.state.read_text()) | {"saved_at": saved}
        monitor.state.write_text(json.dumps(state))
        assert monitor(*ended)[0] == code
    # A cosignature that came later makes the head no newer.
    log.note = head(257) + cosigner(1).sign(head(257).partition("\n\n")[0] + "\n", 1_795_000_000).line
    for more in ((), ended):
        assert monitor(*more)[0] == 0
    kept = json.loads(monitor.state.read_text())
    assert (kept["checkpoint"], kept["saved_at"]) == (log.note, "2024-05-01T00:00:00.000000+00:00")
    log.size, log.note = 258, None
    assert monitor(*ended)[1]["reasons"][0]["code"] == "log-key-ended"
    log.size, log.history = 258, "x"
    assert monitor(*ended)[0] == 1  # a fork is a no, whoever signed it
    assert monitor.size == 257


def test_a_head_that_a_living_key_signed_too_passes_and_that_key_is_remembered(
    monitor: Monitor, log: LyingLog, trusting: Trust
) -> None:
    monitor()
    log.size, log.note = 258, head(258) + by_a_stranger(258).splitlines()[-1] + "\n"
    assert monitor(*trusting((LOG_VKEY, AGES_AGO, PAST)))[0] == 3
    code, told = monitor(*trusting((LOG_VKEY, AGES_AGO, PAST), (STRANGER, AGES_AGO, None)))
    assert (code, told["key"]) == (0, STRANGER.line)
    log.size, log.note = 259, by_a_stranger(259)
    assert monitor()[0] == 0
    forged = by_a_stranger(259).splitlines()[-1] + "\n"  # the living key's line, over another head
    log.size, log.note = 260, head(260) + forged
    code, told = monitor(*trusting((LOG_VKEY, AGES_AGO, PAST), (STRANGER, AGES_AGO, None)))
    assert (code, told["reasons"][0]["code"]) == (1, "log-other")


def test_a_key_that_is_remembered_and_not_in_the_trust_file_is_unknown(
    mcla: Any, monitor: Monitor, log: LyingLog, trusting: Trust
) -> None:
    monitor()
    without = trusting((STRANGER, AGES_AGO, None))
    for size in (257, 258):
        log.size = size
        code, told = monitor(*without)
        assert (code, told["reasons"][0]["code"], monitor.size) == (3, "log-key-unlisted", 257)
    assert LOG_VKEY.id.hex() in told["reasons"][0]["message"]
    assert "Ask the operator" in mcla("log", "verify", monitor.url, "--state", monitor.state, *without).err
    log.note = by_a_stranger(258)
    assert monitor(*without)[1]["trusted_by"].endswith(f"in place of {LOG_VKEY.id.hex()}")
    assert monitor("--key", LOG_VKEY.line, *without)[0] == 2


@pytest.mark.parametrize("saved", [None, "yesterday", "2024-05-01", "2024-05-01T00:00:00", 5])
def test_a_state_without_a_time_is_not_believed(monitor: Monitor, saved: object) -> None:
    monitor()
    state = json.loads(monitor.state.read_text()) | {"saved_at": saved}
    monitor.state.write_text(json.dumps(state))
    assert monitor()[1]["reasons"][0]["code"] == "log-state-unusable"


@pytest.mark.parametrize("url", ["ftp://x", "http://example.org", "https://x?y", "nonsense", "https://u:p@x"])
def test_an_address_that_cannot_be_a_logs_is_wrong_usage(mcla: Any, tmp_path: Path, url: str) -> None:
    assert mcla("log", "verify", url, "--state", tmp_path / "s").code == 2


def test_a_tlog_proof_is_taken_out_of_a_bundle_and_checked_by_a_policy_alone(
    mcla: Any, proven: Path, notary: Notary
) -> None:
    bundle = proven.with_name(f"{proven.name}.sigstore.json")
    made = mcla("log", "proof", bundle)
    place = Path(made.out.strip())
    assert place == proven.with_name(f"{proven.name}.tlog-proof")
    assert place.read_text().startswith("c2sp.org/tlog-proof@v1\nindex 1\n")
    assert mcla("log", "proof", bundle).code == 2

    policy = proven.with_name("policy")
    policy.write_text(f"log {VerifierKey.of_log(notary.host, notary.keys.log.public_key()).line}\nquorum none\n")
    asked = ("log", "check", place, "--bundle", bundle, "--policy", policy)
    assert mcla(*asked).out.splitlines()[0] == f"Verified: entry 1 of 2 in {notary.host}, seen by nobody"
    assert "Add --trust FILE" in mcla(*asked).out
    place.write_text(place.read_text().replace("index 1", "index 0"))
    assert mcla(*asked).code == 1
    policy.write_text(policy_text(cosigner(1), quorum="quorum w1"))
    assert mcla(*asked).code == 1
    place.write_text("c2sp.org/tlog-proof@v2\n")
    assert mcla(*asked).code == 3


def test_a_tlog_proof_by_a_key_that_was_retired_before_is_a_no_where_the_trust_file_is_given(
    mcla: Any, proven: Path, trust: Path, notary: Notary
) -> None:
    bundle, policy = proven.with_name(f"{proven.name}.sigstore.json"), proven.with_name("policy")
    place = mcla("log", "proof", bundle).out.strip()
    policy.write_text(f"log {VerifierKey.of_log(notary.host, notary.keys.log.public_key()).line}\nquorum none\n")
    asked = ("log", "check", place, "--bundle", bundle, "--policy", policy, "--trust", trust)
    stamped = json.loads(mcla("verify", bundle, "--trust", trust, "--json").out)["statement"]["time"]
    assert json.loads(mcla(*asked, "--json").out)["key_counted"] == stamped
    file = json.loads(trust.read_text())
    for end, code in ((stamped, 0), ("2001-01-01T00:00:00Z", 1)):
        file["tlogs"][0]["publicKey"]["validFor"] = {"start": "2000-01-01T00:00:00Z", "end": end}
        trust.write_text(json.dumps(file))
        told = mcla(*asked)
        assert (told.code, "believes for" in told.err) == (code, code == 1), told.err
    file["timestampAuthorities"][0]["validFor"]["end"] = "2001-01-01T00:00:00Z"
    trust.write_text(json.dumps(file))
    assert mcla(*asked).code == 1  # nor is the time of a stamp that is not believed
    trust.write_text("{}")
    assert mcla(*asked).code == 3
