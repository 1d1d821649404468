# SPDX-License-Identifier: Apache-2.0
"""Policies: the specification's own example, quorums met and missed, and every rule of the file broken once."""

import pytest
from cosigning import HEAD, LOG_VKEY, NOW, cosigner, policy_text, witnessed
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from mcla.errors import MclaError
from mcla.log.checkpoint import format_checkpoint, sign_checkpoint
from mcla.log.cosignature import CosignatureInvalid, Cosigner
from mcla.log.note import NoteSignature
from mcla.log.policy import LogNotInPolicy, PolicyUnmet
from mcla.log.policyfile import PolicyInvalid, format_policy, parse_policy
from mcla.log.vkey import KeyType, VerifierKey

W1, W2, W3 = cosigner(1), cosigner(2, post_quantum=True), cosigner(3)
THREE = (W1, W2, W3)
TWO_OF_THREE = policy_text(*THREE, quorum="group g 2 w1 w2 w3\nquorum g")
KEY = cosigner(4).vkey.line
RENAMED = VerifierKey("other", KeyType.COSIGNATURE_ED25519, cosigner(4).vkey.raw).line
LOG = LOG_VKEY.line
AS_LOG = VerifierKey("w", KeyType.COSIGNATURE_ED25519, LOG_VKEY.raw).line


def of_six() -> str:
    """The two-level example of the specification."""
    lines = [f"witness {side}{n} {cosigner(10 * k + n).vkey.line}" for k, side in enumerate("XY", 1) for n in (1, 2, 3)]
    groups = ["group X 2 X1 X2 X3", "group Y any Y1 Y2 Y3", "group X-and-Y all X Y", "quorum X-and-Y"]
    return "\n".join([f"log {LOG}", *lines, *groups, ""])


def test_the_example_of_the_specification_needs_two_of_one_side_and_one_of_the_other() -> None:
    policy = parse_policy(of_six().encode())
    assert policy.met_by({"X1", "X3", "Y2"})
    assert policy.met_by({"X1", "X2", "X3", "Y1", "Y2", "Y3"})
    # The last two name groups, which nobody can be.
    for few in ({"X1", "Y1", "Y2", "Y3"}, {"X1", "X2", "X3"}, set(), {"X", "Y1"}, {"X-and-Y"}):
        assert not policy.met_by(few)


def test_a_checkpoint_with_a_quorum_is_accepted_and_says_who_saw_it_when() -> None:
    accepted = parse_policy(TWO_OF_THREE.encode()).check(witnessed(W1, W2))
    assert accepted.checkpoint == HEAD
    assert accepted.log is not None
    assert accepted.log.key == LOG_VKEY
    assert [(one.witness.name, one.time) for one in accepted.cosigned] == [("w1", NOW), ("w2", NOW)]


def test_a_witness_that_signs_twice_counts_once() -> None:
    twice = witnessed(W1) + W1.sign(format_checkpoint(HEAD), NOW + 5).line
    with pytest.raises(PolicyUnmet, match="got 'w1'"):
        parse_policy(TWO_OF_THREE.encode()).check(twice)


def test_strangers_do_not_count_and_do_not_harm() -> None:
    strangers = (cosigner(7), cosigner(8), cosigner(9))
    policy = parse_policy(TWO_OF_THREE.encode())
    assert len(policy.check(witnessed(*strangers, W1, W3)).cosigned) == 2
    with pytest.raises(PolicyUnmet):
        policy.check(witnessed(*strangers, W1))


def test_a_wrong_line_of_a_known_witness_refuses_the_checkpoint_even_beyond_the_quorum() -> None:
    wrong = NoteSignature(W3.name, W3.vkey.id, bytes(72)).line
    with pytest.raises(CosignatureInvalid):
        parse_policy(TWO_OF_THREE.encode()).check(witnessed(W1, W2) + wrong)


def test_a_head_by_another_key_or_for_another_log_is_not_the_policys() -> None:
    impostor = Ed25519PrivateKey.from_private_bytes(bytes(32))
    policy = parse_policy(policy_text(W1, quorum="quorum none").encode())
    with pytest.raises(LogNotInPolicy):
        policy.check(sign_checkpoint(HEAD, impostor))
    other = VerifierKey.of_log("other.example.org", Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key())
    with pytest.raises(LogNotInPolicy, match="other"):
        parse_policy(f"log {other.line}\nquorum none\n".encode()).check(witnessed())


def test_a_log_that_signs_with_ml_dsa_is_known_by_that_key_too() -> None:
    log = Cosigner(HEAD.origin, cosigner(5, post_quantum=True).key)
    note = format_checkpoint(HEAD) + "\n" + log.sign(format_checkpoint(HEAD), NOW).line
    policy = parse_policy(f"log {log.vkey.line} https://log.example.org/log\nquorum none\n".encode())
    assert policy.check(note).log == policy.logs[0]
    with pytest.raises(LogNotInPolicy):
        policy.check(witnessed(W1))


def test_a_policy_without_logs_leaves_the_log_to_the_caller() -> None:
    policy = parse_policy(f"witness a {W1.vkey.line}\nquorum a\n".encode())
    assert policy.check(witnessed(W1)).log is None


def test_whitespace_comments_and_octets_beyond_ascii_are_read_as_the_specification_says() -> None:
    text = f"\t# a comment\n  witness \t w\xff  {KEY} https://w.example/ \n\n group G any w\xff\nquorum\tG \n"
    policy = parse_policy(text.encode("latin-1"))
    assert policy.witnesses[0].url == "https://w.example/"
    assert parse_policy(format_policy(policy)) == policy
    with pytest.raises(PolicyInvalid):  # KELVIN SIGN is not K
        parse_policy(f"witness K {KEY}\nquorum \N{KELVIN SIGN}\n".encode())


@pytest.mark.parametrize(
    "text", [of_six(), TWO_OF_THREE, "quorum none\n", f"log {LOG} https://a.example\nquorum none\n"]
)
def test_a_written_policy_reads_back(text: str) -> None:
    policy = parse_policy(text.encode())
    assert parse_policy(format_policy(policy)) == policy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "newline"),
        ("quorum none", "newline"),
        (f"witness a {KEY}\n", "exactly one quorum line, got none"),
        ("quorum none\nquorum none\n", "got another"),
        ("quorum\n", "0 words"),
        ("quorum none extra\n", "2 words"),
        ("quorum a\n", "line 1: expected the name of a witness"),
        (f"quorum a\nwitness a {KEY}\n", "line 1: expected the name"),
        (f"group g any a\nwitness a {KEY}\nquorum g\n", "line 1: expected the name"),
        (f"witness a {KEY}\ngroup g any g\nquorum g\n", "expected the name"),
        (f"witness a {KEY}\ngroup g 0 a\nquorum g\n", "from 1 to 1"),
        (f"witness a {KEY}\ngroup g 2 a\nquorum g\n", "from 1 to 1"),
        (f"witness a {KEY}\ngroup g 01 a\nquorum g\n", "from 1 to 1"),
        (f"witness a {KEY}\ngroup g -1 a\nquorum g\n", "from 1 to 1"),
        (f"witness a {KEY}\ngroup g 1.0 a\nquorum g\n", "from 1 to 1"),
        (f"witness a {KEY}\ngroup g ALL a\nquorum g\n", "from 1 to 1"),
        (f"witness a {KEY}\ngroup g all\nquorum g\n", "fewer words"),
        (f"witness a {KEY}\ngroup g any a a\nquorum g\n", "member of a group already"),
        (f"witness a {KEY}\ngroup g any a\ngroup h any a\nquorum h\n", "member of a group already"),
        (f"witness a {KEY}\ngroup a any a\nquorum a\n", "is taken"),
        (f"witness none {KEY}\nquorum none\n", "is taken"),
        (f"witness a {KEY}\ngroup g any none\nquorum g\n", "expected the name"),
        (f"witness a {KEY}\nwitness a {W1.vkey.line}\nquorum a\n", "is taken"),
        (f"witness a {KEY}\nwitness b {KEY}\nquorum a\n", "stands on a line before"),
        (f"witness a {KEY}\nwitness b {RENAMED}\nquorum a\n", "stands on a line before"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", "stands on a line before"),
        (f"log {LOG}\nwitness a {AS_LOG}\nquorum a\n", "line 2: expected a witness with a key of its own"),
        (f"witness a {AS_LOG}\nlog {LOG}\nquorum a\n", "line 2: expected a witness with a key of its own"),
        (f"witness a {LOG}\nquorum a\n", "not a witness"),
        (f"log {KEY}\nquorum none\n", "not a log"),
        (f"log {LOG} https://a https://b\nquorum none\n", "3 words"),
        ("log\nquorum none\n", "0 words"),
        ("log abc\nquorum none\n", "line 1"),
        (f"log {LOG[:-1]}\nquorum none\n", "base64"),
        ("witness a\nquorum a\n", "1 words"),
        ("witnesses a b\nquorum none\n", "expected log, witness, group or quorum"),
        ("Quorum none\n", "expected log, witness"),
        ("quorum none\r\n", "control character"),
        ("quorum none\n\0\n", "control character"),
        ("quorum none\n\x7f\n", "control character"),
        ("quorum\x0bnone\n", "control character"),
        ("quorum\xa0none\n", "expected log"),
    ],
)  # fmt: skip
def test_a_policy_that_breaks_a_rule_is_refused_with_the_rule(text: str, said: str) -> None:
    with pytest.raises(PolicyInvalid, match=said):
        parse_policy(text.encode())


def test_a_policy_of_256_witnesses_is_read_and_one_more_is_refused() -> None:
    lines = [f"witness w{n} {VerifierKey('w', KeyType(4), n.to_bytes(32)).line}\n" for n in range(257)]
    assert len(parse_policy("".join([*lines[:256], "quorum w3\n"]).encode()).witnesses) == 256
    with pytest.raises(PolicyInvalid, match="line 257: expected at most 256"):
        parse_policy("".join([*lines, "quorum w3\n"]).encode())
    with pytest.raises(PolicyInvalid, match="bytes"):
        parse_policy(b"#" * 2_000_000 + b"\nquorum none\n")


words = st.sampled_from(["log", "witness", "group", "quorum", "none", "all", "any", "a", "b", "1", "2", KEY, LOG, "#"])
lines = st.lists(words, max_size=5).map(" ".join)


@given(
    st.one_of(st.binary(max_size=200), st.lists(lines, max_size=6).map(lambda some: ("\n".join(some) + "\n").encode()))
)
@example(b"quorum \xed\xa0\x80\n")
def test_any_bytes_are_a_policy_that_reads_back_or_our_own_error(data: bytes) -> None:
    try:
        policy = parse_policy(data)
    except PolicyInvalid:
        return
    assert parse_policy(format_policy(policy)) == policy


@given(st.text(max_size=300))
def test_any_text_is_checked_against_a_policy_with_our_own_errors_only(text: str) -> None:
    with pytest.raises(MclaError):
        parse_policy(TWO_OF_THREE.encode()).check(text)
