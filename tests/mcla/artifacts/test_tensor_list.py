# SPDX-License-Identifier: Apache-2.0
"""A list of tensors in JSON is read whole or refused with the place of its fault."""

from typing import Any

import pytest

from mcla.artifacts.tensor_list import read_tensor_list
from mcla.artifacts.tensors import Tensor, TensorSet, TensorsInvalid

ONE = {"name": "w", "dtype": "BF16", "shape": [2, 3], "size": 12, "sha256": "a" * 64}


def test_a_list_makes_the_root_that_its_tensors_make() -> None:
    read = read_tensor_list({"tensors": [ONE, ONE | {"name": "a"}]})
    whole = [Tensor(name, "BF16", (2, 3), 12, "a" * 64) for name in ("w", "a")]
    assert read == TensorSet.of([("model", whole)])
    assert read_tensor_list({"tensors": [each.to_dict() for each in read.tensors]}) == read


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "an object with tensors"),
        ([ONE], "an object with tensors"),
        ({"tensors": []}, "an object with tensors"),
        ({"tensors": [ONE], "root": "a" * 64}, "an object with tensors"),
        ({"tensors": [ONE, "w"]}, "/tensors/1"),
        ({"tensors": [{"name": "w"}]}, "/tensors/0"),
        *(
            ({"tensors": [ONE | change]}, "/tensors/0")
            for change in (
                {"name": 7},
                {"name": "n" * 513},
                {"dtype": "bf 16"},
                {"shape": "2"},
                {"shape": [True]},
                {"shape": [1] * 17},
                {"size": -1},
                {"size": 1.0},
                {"size": 2**53},
                {"sha256": "A" * 64},
                {"more": 1},
            )
        ),
        ({"tensors": [ONE, ONE]}, "each tensor once"),
    ],
)
def test_what_is_no_list_is_refused(value: Any, words: str) -> None:
    with pytest.raises(TensorsInvalid, match=words):
        read_tensor_list(value)
