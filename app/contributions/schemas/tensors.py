# SPDX-License-Identifier: Apache-2.0
"""The list of the single tensors of a contribution."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from app.platform.bodies import Answer, Body
from mcla.artifacts import tensor_list


class TensorIn(Body):
    """One tensor, as `mcla tensors --json` tells it; `size` in bytes, `sha256` of its content with type and shape."""

    name: str = Field(max_length=tensor_list.MAX_NAME)
    dtype: str = Field(pattern=r"^[A-Za-z0-9_]{1,24}$", examples=["BF16"])
    shape: list[Annotated[int, Field(ge=0, le=2**53 - 1)]] = Field(max_length=tensor_list.MAX_DIMENSIONS)
    size: int = Field(ge=0, le=2**53 - 1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class TensorListIn(Body):
    """The tensors of a contribution, all of them."""

    max_bytes: ClassVar[int] = tensor_list.MAX_BYTES
    max_values: ClassVar[int] = tensor_list.MAX_VALUES

    tensors: list[TensorIn] = Field(min_length=1, max_length=tensor_list.MAX_LISTED)

    @classmethod
    def read(cls, value: object) -> Any:
        """A `TensorSet`; raises `TensorsInvalid`."""
        return tensor_list.read_tensor_list(value)


class TensorListOut(Answer):
    """What became of it."""

    findable: int = Field(ge=1, description="Contents that can be found by their digest: the largest, each once.")


TENSORS_EXAMPLE: dict[str, Any] = {
    "tensors": [
        {"name": "lm_head.weight", "dtype": "BF16", "shape": [32000, 64], "size": 4_096_000, "sha256": "a" * 64}
    ]
}
