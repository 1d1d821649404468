# SPDX-License-Identifier: Apache-2.0
"""Whether a page shows a value that is written from right to left, whose characters are read in the order drawn.

Beside digits, brackets or Latin letters that is another order than the value's (UAX 9), and differs between readers of
PDF. So letters and digits are compared, together in one place and in any order; points and other marks are left out.
"""

import re
import unicodedata
from collections import Counter

_CODE_POINT = re.compile(r"[⟨⟩]U\+([0-9A-F]{4,6})[⟨⟩]")


def turned(value: str) -> bool:
    """Whether some of it is written from right to left."""
    return any(unicodedata.bidirectional(one) in ("R", "AL") for one in value)


def stands_turned(value: str, page: str) -> bool:
    """Whether the letters and digits of `value` stand together on `page`; both as `mcla.records.text` folds them."""
    wanted = Counter(_compared(value))
    room = missing = wanted.total()
    shown = _compared(_CODE_POINT.sub(lambda found: chr(int(found[1], 16) % 0x110000), page))
    for place, entering in enumerate(shown):
        missing -= wanted[entering] > 0
        wanted[entering] -= 1
        if place >= room:
            leaving = shown[place - room]
            wanted[leaving] += 1
            missing += wanted[leaving] > 0
        if not missing:
            return True
    return not missing


def _compared(text: str) -> str:
    return "".join(one for one in text if unicodedata.category(one)[0] in "LN")
