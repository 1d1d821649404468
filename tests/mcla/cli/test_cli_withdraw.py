# SPDX-License-Identifier: Apache-2.0
"""`mcla withdraw` against the real service, and `mcla verify` with what the service says was ended."""

import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lying import Liar, restated
from notary import Notary

from mcla.artifacts.digest import format_digest
from mcla.cli.ceremony import Ending, StatementUnexpected, open_draft
from mcla.cli.withdraw import _read_ended
from mcla.log.checkpoint import Checkpoint
from mcla.verify.trust import TrustedRoot
from mcla.verify.withdrawals import End, end_line, sign_snapshot


@pytest.fixture
def withdraw(mcla: Any, service: Any, browser: Any) -> Any:
    """`withdraw(id, …)` ends something as Ada, or as `person`, who answers in the browser."""

    def run(identifier: str, *args: str | Path, person: str = "Ada Li") -> Any:
        return mcla("withdraw", identifier, *args, "--service", service.origin, "--yes", **browser(person))

    return run


def signed(sign: Any, note: Path) -> dict[str, Any]:
    ran = sign(note, "--kind", "code", "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)  # type: ignore[no-any-return]


def test_a_contribution_is_ended_from_the_terminal_and_everybody_with_the_list_is_told(
    sign: Any, withdraw: Any, mcla: Any, service: Any, note: Path, kept_trust: Path, tmp_path: Path
) -> None:
    given = signed(sign, note)
    verify = lambda *args: mcla("verify", note, "--trust", kept_trust, *args)  # noqa: E731
    assert "It was not looked at" in verify().out
    before = tmp_path / "before.txt"
    before.write_bytes(httpx2.get(f"{service.origin}/.well-known/mcla/withdrawals", trust_env=False).content)
    assert verify("--withdrawals", before, "--require-in-force").code == 0

    ran = withdraw(given["id"], "--reason", "rights-claim", "--stage", "S1")
    assert ran.code == 0, ran.err
    assert f"withdrawal-{given['id']}.sigstore.json" in ran.out
    assert "You are about to end" in ran.err
    assert "No public claim says that anything was made from it." in ran.err
    proof = mcla.cwd / f"withdrawal-{given['id']}.sigstore.json"
    assert mcla("verify", proof, "--trust", kept_trust).code == 0
    assert mcla("verify", note, "--bundle", proof, "--trust", kept_trust).code == 1  # an end covers nothing

    told = json.loads(verify("--service", service.origin, "--withdrawals", before, "--json").out)
    assert (told["verdict"], told["withdrawal"]["state"]) == ("verified", "ended")
    assert (told["withdrawal"]["valid_then"], told["withdrawal"]["valid_now"]) == (True, False)
    asked = verify("--service", service.origin)
    assert (asked.code, asked.out.splitlines()[0].startswith("ENDED: ")) == (1, True)
    assert "It has been ended" in asked.out.splitlines()[0]
    assert verify("--service", service.origin, "--require-in-force").code == 1
    then = verify("--service", service.origin, "--then")
    assert (then.code, then.out) == (0, asked.out)
    assert verify().code == 0

    again = withdraw(given["id"], "--overwrite")
    assert (again.code, "ended before" in again.out) == (0, True)


def test_what_was_made_from_a_contribution_is_listed_before_its_end_is_signed(
    sign: Any, withdraw: Any, note: Path, declared: Path, tmp_path: Path
) -> None:
    given = signed(sign, note)
    child = tmp_path / "child.bin"
    child.write_bytes(secrets.token_bytes(64))
    declared.write_text(declared.read_text().replace("ab" * 32, sha256(note.read_bytes()).hexdigest()))
    made = sign(child, "--kind", "weights", "--declarations", declared, "--json")
    assert made.code == 0, made.err
    root = format_digest(json.loads(made.out)["root"])
    ended = withdraw(given["id"], "--json")
    assert json.loads(ended.out)["downstream"] == {"artifacts": [{"id": root, "steps": 1}], "whole": True}
    assert ended.err.index("You are about to end") < ended.err.index(f"{root}  1 step away")


def test_what_is_somebody_elses_unknown_or_no_such_id_is_refused(
    sign: Any, withdraw: Any, note: Path, mcla: Any
) -> None:
    given = signed(sign, note)
    stranger = withdraw(given["id"], person="Bela Novak")
    assert (stranger.code, "You have no signature or contribution of that id" in stranger.err) == (1, True)
    assert withdraw("ctr_" + "0" * 26).code == 1
    for wrong in ("wdr_" + "0" * 26, "../../x", "ctr_", "ctr_../x", given["id"].upper()):
        assert withdraw(wrong).code == 2, wrong
    assert mcla("withdraw", given["id"], "--service", "http://127.0.0.1:9", "--no-input").code == 2


LIES = {
    "another thing": lambda s: s["predicate"]["ends"].update(logIndex=0),
    "another capacity": lambda s: s["predicate"].update(capacity="company"),
    "another reason": lambda s: s["predicate"].update(reason="court-order"),
    "another stage": lambda s: s["predicate"].update(stage="S4"),
    "another key holder": lambda s: s["predicate"].update(keyHolder="service"),
}


def test_a_statement_that_ends_something_else_is_never_signed(ada: Any, sign: Any, note: Path) -> None:
    given = signed(sign, note)
    ends, capacity = _read_ended(ada.get_bytes(f"/api/v1/contributions/{given['id']}/bundle"))
    wish = Ending(given["id"], ends, capacity, "none-given", None)
    for lie in LIES.values():
        with Liar(ada.origin, ada.token) as liar:
            liar.lie = restated(lie)
            with pytest.raises(StatementUnexpected):
                open_draft(liar, wish)
    assert open_draft(ada, wish).statement.ends == ends


# the list in a file, without any service


def listed(path: Path, notary: Notary, size: int, ends: dict[str, End], *, ahead: int = 0) -> Path:
    time = notary.now + timedelta(days=ahead)
    lines = [end_line(statement, end) for statement, end in ends.items()]
    head = Checkpoint(notary.host, size, bytes(32))
    path.write_bytes(sign_snapshot(head, time, time + timedelta(days=1), lines, notary.keys.log))
    return path


@pytest.fixture
def asked(mcla_inside: Any, proven: Path, trust: Path) -> Any:
    """`asked(list, …)` is the run's code and JSON."""

    def run(path: Path, *args: str) -> tuple[int, dict[str, Any]]:
        ran = mcla_inside("verify", proven, "--trust", trust, "--withdrawals", path, "--json", *args)
        return ran.code, json.loads(ran.out)

    return run


def test_a_list_in_a_file_tells_then_from_now_without_the_network(
    asked: Any, tmp_path: Path, notary: Notary, mcla_inside: Any, proven: Path, trust: Path
) -> None:
    path = tmp_path / "list.txt"
    code, told = asked(listed(path, notary, 9, {}), "--require-in-force")
    assert (code, told["withdrawal"]["state"], told["withdrawal"]["as_of"]["log_size"]) == (0, "in-force", 9)
    own = told["statement"]["statement_sha256"]
    code, told = asked(listed(path, notary, 9, {own: End(4, notary.now)}))
    assert (code, told["verdict"], told["withdrawal"]["since"]["log_index"]) == (1, "verified", 4)
    assert asked(path, "--then") == (0, told)
    assert mcla_inside("verify", proven, "--trust", trust, "--then", "--require-in-force").code == 2
    code, told = asked(path, "--require-in-force")
    assert (code, told["verdict"], told["reasons"][0]["code"]) == (1, "not-verified", "ended")
    code, told = asked(listed(path, notary, 9, {told["statement"]["acceptance"]["statement"]: End(0, notary.now)}))
    assert (code, told["reasons"][0]["code"]) == (1, "given-after-end")
    assert asked(path, "--then")[0] == 1
    text = mcla_inside("verify", proven, "--trust", trust, "--withdrawals", path)
    assert "It was never in force" in text.out


def test_a_list_that_is_too_old_or_too_short_is_said_to_be_so(asked: Any, tmp_path: Path, notary: Notary) -> None:
    path = tmp_path / "list.txt"
    code, told = asked(listed(path, notary, 1, {}))
    assert (code, told["withdrawal"]["code"]) == (0, "withdrawals-too-short")
    assert asked(path, "--require-in-force")[0] == 3
    code, told = asked(listed(path, notary, 9, {}), "--max-age", "0")
    assert (code, told["withdrawal"]["state"], told["withdrawal"]["stale"]) == (0, "unknown", True)
    assert asked(path, "--max-age", "0", "--require-in-force")[0] == 3
    assert asked(path, "--max-age", "1", "--require-in-force")[0] == 0


def test_a_list_that_cannot_be_believed_leaves_the_answer_unknown(
    asked: Any, tmp_path: Path, notary: Notary, stranger: Notary
) -> None:
    path = tmp_path / "list.txt"
    sentences = {}
    listed(path, stranger, 9, {})
    sentences["signed by a log of the trust file"] = asked(path)
    listed(path, notary, 9, {}, ahead=2)
    sentences["made by now"] = asked(path)
    path.write_bytes(listed(path, notary, 9, {"a" * 64: End(4, notary.now)}).read_bytes()[:-10])
    sentences["it was cut or changed"] = asked(path)
    path.write_bytes(b"")
    sentences["begins with mcla-withdrawals/v1"] = asked(path)
    for sentence, (code, told) in sentences.items():
        assert (code, told["verdict"], told["reasons"][0]["code"]) == (3, "unknown", "withdrawals-unusable")
        assert sentence in told["reasons"][0]["message"], told
        assert told["reasons"][0]["hint"]


def test_a_list_of_another_log_says_nothing_though_the_trust_file_believes_both(
    asked: Any, tmp_path: Path, stranger: Notary, trust: Path
) -> None:
    host = "elsewhere.example.org"
    root, theirs = TrustedRoot.from_json(trust.read_bytes()), TrustedRoot.from_json(stranger.trust())
    logs = (*root.logs, replace(theirs.logs[0], base_url=f"https://{host}", name=host))
    trust.write_bytes(replace(root, logs=logs).to_json())
    path = listed(tmp_path / "list.txt", Notary(stranger.keys, f"https://{host}", stranger.now), 9, {})
    code, told = asked(path, "--require-in-force")
    assert (code, told["verdict"], told["reasons"][0]["code"]) == (3, "unknown", "withdrawals-unusable")
    assert f"got that of {host}" in told["reasons"][0]["message"]


def test_a_proof_that_does_not_hold_is_a_no_whatever_the_list_is(asked: Any, tmp_path: Path, proven: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"nonsense")
    proven.write_bytes(proven.read_bytes() + b"x")
    assert asked(path)[0] == 1


def test_a_service_that_forgets_an_end_of_the_kept_list_is_not_believed(
    sign: Any, withdraw: Any, mcla: Any, service: Any, note: Path, kept_trust: Path, tmp_path: Path
) -> None:
    """The kept list is newer than what is fetched: here it was made with the service's own key."""
    from app.platform.keys import load_keys

    given = signed(sign, note)
    kept = tmp_path / "kept.txt"
    head = Checkpoint("127.0.0.1", given["log_index"] + 1000, bytes(32))
    key, now = load_keys(service.home).log, datetime.now(UTC).replace(microsecond=0)
    kept.write_bytes(sign_snapshot(head, now, now + timedelta(days=1), [], key))
    ran = mcla("verify", note, "--trust", kept_trust, "--withdrawals", kept, "--service", service.origin)
    assert (ran.code, "expected a list no older than the one kept" in ran.err) == (3, True)
    assert "Keep both lists as evidence" in ran.err
