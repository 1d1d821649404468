# SPDX-License-Identifier: Apache-2.0
"""The form of a token: long enough to be a secret, and a slip of the pen is told without a database."""

import zlib

from app.tokens.secret import ALPHABET, PREFIX, check_sum, is_well_formed, new_token


def test_a_token_has_a_name_and_43_characters_of_which_six_check_the_rest() -> None:
    token = new_token()
    assert token.startswith("mcla_pat_")
    assert len(token) == len(PREFIX) + 43
    number = 0
    for character in token[-6:]:
        number = number * 62 + ALPHABET.index(character)
    assert number == zlib.crc32(token[:-6].encode())
    assert is_well_formed(token)


def test_no_two_tokens_are_alike() -> None:
    assert len({new_token() for _ in range(200)}) == 200


def test_every_single_slip_is_noticed() -> None:
    token = new_token()
    for at in range(len(PREFIX), len(token)):
        other = "a" if token[at] != "a" else "b"
        assert not is_well_formed(token[:at] + other + token[at + 1 :])


def test_what_is_no_token_is_not_taken_for_one() -> None:
    token = new_token()
    cut, longer = (token[:-1], token[1:], token[9:]), (token + "0", token + "\n", f" {token}", token.upper())
    strange = (PREFIX + "é" * 43, PREFIX + "\0" * 43, PREFIX + "٣" * 37 + check_sum(PREFIX))
    for each in ("", PREFIX, *cut, *longer, *strange):
        assert not is_well_formed(each), each
