# SPDX-License-Identifier: Apache-2.0
"""Which tests the workers of a run begin with, so that what is dear to start is started by one of them alone.

`--dist worksteal` deals each worker one stretch of the list, and who has nothing left takes from the end of another's.
The browser, its service and the service of the command line take tens of CPU seconds to start: the folders that share
them lie at the start of a stretch, where nobody takes them; also they are long, and long tests go first.
"""

from collections.abc import Callable, Sequence
from itertools import chain, islice
from typing import TypeVar

FIRST = (("tests/e2e/",), ("tests/docs/", "tests/interop/"), ("tests/mcla/cli/", "tests/ci/"))
"""Folders by the stretch that they begin."""
T = TypeVar("T")


def dealt(tests: Sequence[T], workers: int, name: Callable[[T], str]) -> list[T]:
    """The same tests in the same order, save that the folders of `FIRST` begin one worker's stretch each."""
    if workers != len(FIRST):
        return list(tests)
    stretches = [[each for each in tests if name(each).startswith(folders)] for folders in FIRST]
    rest = iter([each for each in tests if not name(each).startswith(sum(FIRST, ()))])
    left = len(tests)
    for number, stretch in enumerate(stretches):
        size = left // (workers - number)  # as xdist cuts the list
        stretch += islice(rest, max(0, size - len(stretch)))
        left -= size
    return [*chain(*stretches)]
