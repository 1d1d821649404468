# SPDX-License-Identifier: Apache-2.0
"""The form of a project's token: `mcla_pat_` and 43 letters and digits, the last six of which are a check sum.

37 random characters of 62 are 220 bits. The check sum (CRC-32, base 62) protects nothing: it lets secret scanners tell
a token from a word that looks like one, and lets a typo be named without a look into the database.
"""

import re
import secrets
import string
import zlib

PREFIX = "mcla_pat_"
RANDOM, CHECK = 37, 6
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM + CHECK}}}")


def new_token() -> str:
    """A fresh token from the system's random source."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return body + check_sum(body)


def is_well_formed(text: str) -> bool:
    """Whether a text has the form of a token and its check sum fits."""
    return _FORM.fullmatch(text) is not None and text[-CHECK:] == check_sum(text[:-CHECK])


def check_sum(body: str) -> str:
    """The six last characters of the token that begins with `body`: its CRC-32, base 62, most significant first."""
    number, digits = zlib.crc32(body.encode("ascii")), ""
    for _ in range(CHECK):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
