# SPDX-License-Identifier: Apache-2.0
"""Comparing two sets of tensors takes work in proportion to their number, counted and not timed."""

from mcla.artifacts.compare import compare
from mcla.artifacts.tensors import Tensor, TensorSet


class CountedName(str):
    """A name that counts how often any of them is hashed."""

    __slots__ = ()
    hashed = 0

    def __hash__(self) -> int:
        CountedName.hashed += 1
        return super().__hash__()


def test_each_name_is_looked_up_a_few_times_however_many_there_are() -> None:
    count = 400
    both = TensorSet(tuple(Tensor(CountedName(f"t{n:03}"), "F32", (1,), 4, f"{n:064x}") for n in range(count)))
    CountedName.hashed = 0
    assert compare(both, both).same == both.tensors
    assert count < CountedName.hashed <= 12 * count
