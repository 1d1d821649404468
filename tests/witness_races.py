# SPDX-License-Identifier: Apache-2.0
"""Two processes of one witness that are asked to cosign two sizes of a log at once, again and again.

Whoever comes second must meet the size that the first has stored, and that size never falls: the race of C2SP
tlog-witness, after which a witness without a lock has cosigned a size that it no longer knows.
"""

import random
import threading
from hashlib import sha256

from cosigning import ORIGIN, asked

from app.platform.clock import Clock
from app.witness.errors import OldSizeWrong
from app.witness.home import WitnessHome
from app.witness.service import Witness
from mcla.log.checkpoint import parse_checkpoint
from mcla.log.note import parse_note

HASH = sha256(ORIGIN.encode()).hexdigest()


def races(home: WitnessHome, clock: Clock, rounds: int, dice: random.Random) -> list[str]:
    """Run so many races from an empty log on; returns what went wrong, a sentence each."""
    pair = [Witness(home, clock), Witness(home, clock)]  # as two processes would be
    stored, wrong = 0, []
    for number in range(rounds):
        sizes = [stored + 1, stored + 1 + dice.randrange(1, 4)]
        dice.shuffle(sizes)
        outcomes = _race(pair, stored, sizes)
        won = [size for size, known in outcomes.items() if known is None]
        now = parse_checkpoint(parse_note(pair[0].latest(HASH)).text).size
        if len(won) != 1 or set(outcomes.values()) != {None, won[0]} or not now == won[0] > stored:
            wrong.append(f"round {number}: from {stored} to {now}, in the way of each: {outcomes}")
        stored = max(now, stored)
    return wrong


def _race(pair: list[Witness], stored: int, sizes: list[int]) -> dict[int, int | None]:
    """Both sizes asked for at once from `stored`; for each the size that stood in its way, None where it won."""
    outcomes: dict[int, int | None] = {}
    gate = threading.Barrier(2)

    def submit(witness: Witness, size: int) -> None:
        gate.wait()
        try:
            witness.add_checkpoint(asked(stored, size))
            outcomes[size] = None
        except OldSizeWrong as error:
            outcomes[size] = error.known

    for size in sizes:
        asked(stored, size)  # made before the race
    threads = [threading.Thread(target=submit, args=item) for item in zip(pair, sizes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes
