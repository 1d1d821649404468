# SPDX-License-Identifier: Apache-2.0
"""A list of tensors in JSON, as `mcla tensors --json` prints it, read strictly; its root says whose list it is."""

import re
from collections.abc import Iterator
from typing import Any

from mcla.artifacts.jsontext import MAX_INT
from mcla.artifacts.tensors import Tensor, TensorSet, TensorsInvalid

MAX_LISTED = 100_000
MAX_BYTES = 32 * 1024 * 1024
"""Of the list in JSON: that many tensors with names of 150 characters fit."""
MAX_VALUES = 1_500_000
MAX_NAME = 512
MAX_DIMENSIONS = 16
_MEMBERS = {"name", "dtype", "shape", "size", "sha256"}


def read_tensor_list(value: object) -> TensorSet:
    """The set in parsed JSON, `{"tensors": [{"name", "dtype", "shape", "size", "sha256"}]}`.

    Raises `TensorsInvalid`, which names the place.
    """
    several = value.get("tensors") if isinstance(value, dict) and set(value) == {"tensors"} else None
    if not isinstance(several, list) or not 1 <= len(several) <= MAX_LISTED:
        raise TensorsInvalid(f"expected an object with tensors, a list of 1 to {MAX_LISTED:,}, got something else")
    return TensorSet.of([("the list", _tensors(several))])


def _tensors(several: list[Any]) -> Iterator[Tensor]:
    for place, each in enumerate(several):
        if not isinstance(each, dict) or set(each) != _MEMBERS or not _is_tensor(**each):
            names = ", ".join(sorted(_MEMBERS))
            raise TensorsInvalid(f"/tensors/{place}: expected a tensor with {names}, got something else")
        yield Tensor(each["name"], each["dtype"], tuple(each["shape"]), each["size"], each["sha256"])


def _is_tensor(name: object, dtype: object, shape: object, size: object, sha256: object) -> bool:
    return (
        isinstance(name, str)
        and len(name) <= MAX_NAME
        and isinstance(dtype, str)
        and re.fullmatch(r"[A-Za-z0-9_]{1,24}", dtype) is not None
        and isinstance(shape, list)
        and len(shape) <= MAX_DIMENSIONS
        and all(map(_is_size, (*shape, size)))
        and isinstance(sha256, str)
        and re.fullmatch(r"[0-9a-f]{64}", sha256) is not None
    )


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_INT
