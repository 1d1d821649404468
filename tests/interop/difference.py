# SPDX-License-Identifier: Apache-2.0
"""A reason why verifiers differ, as a value that recognises its cases, and the search for the reasons of one case."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from interop.three_verifiers import JAVASCRIPT, OURS, PYTHON, Answers, Case, our_trust

from mcla.envelope.bundle import parse_bundle
from mcla.envelope.timestamp import read_timestamp
from mcla.errors import MclaError

BOTH = (PYTHON, JAVASCRIPT)


def _always(_: Case) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule under a `name`, `why` it is kept or not, who refuses with which words, who does not always refuse."""

    name: str
    why: str
    says: str
    lax: tuple[str, ...] = BOTH
    strict: str = OURS
    about: Callable[[Case], bool] = _always

    @property
    def line(self) -> str:
        """The row in the guide."""
        return f"| {self.name} | {self.strict} | {', '.join(self.lax)} | {self.why} |"

    def explains(self, case: Case, who: str, fault: str, accepting: frozenset[str]) -> bool:
        return (
            self.strict == who
            and accepting <= set(self.lax)
            and re.match(self.says, fault, re.DOTALL) is not None
            and self.about(case)
        )


def named(rows: Sequence[Difference], case: Case, answers: Answers) -> list[Difference] | None:
    """The rows that explain why not all answers are the same; None if a fault that was found is in none of them.

    If ours refuses, each of its faults must be named, else each fault that somebody else found.
    """
    accepting, found = answers.accepting, []
    refusing = [OURS] if OURS not in accepting else [who for who in BOTH if who not in accepting]
    for who in refusing:
        for fault in answers.faults[who]:
            explaining = [row for row in rows if row.explains(case, who, fault, accepting)]
            if not explaining:
                return None
            found += explaining
    return found


def names_another_certificate(case: Case) -> bool:
    """The logged bytes, however they are written, hold another certificate than the bundle."""
    try:
        bundle = parse_bundle(case.question.bundle)
        held = set(_texts(json.loads(bundle.entry.body)))
    except (MclaError, ValueError):
        return False
    der = base64.b64encode(bundle.certificate).decode()
    lines = "".join(f"{der[start : start + 64]}\n" for start in range(0, len(der), 64))
    pem = base64.b64encode(f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n".encode()).decode()
    return not held & {der, pem}


def chain_is_whole(case: Case) -> bool:
    """Each certificate of the authorities is issued in the name of the next, the last in its own."""
    for one in our_trust(case.question.trust).authorities:
        names = [(each.subject, each.issuer) for each in (*one.chain, one.chain[-1])]
        if any(below[1] != above[0] for below, above in pairwise(names)):
            return False
    return True


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(child)


def stamped_at_the_end(case: Case) -> bool:
    """The stamp is of the last moment in which the trust file believes a stamping authority."""
    time = read_timestamp(parse_bundle(case.question.bundle).timestamp).time
    return time in {one.validity.end for one in our_trust(case.question.trust).timestampers}
