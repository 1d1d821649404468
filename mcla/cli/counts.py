# SPDX-License-Identifier: Apache-2.0
"""How many of a thing, as a person reads it."""


def count_files(number: int) -> str:
    """`1 file`, `12,000 files`."""
    return f"{number:,} file" if number == 1 else f"{number:,} files"


def count_tensors(number: int) -> str:
    """`1 tensor`, `12,000 tensors`."""
    return f"{number:,} tensor" if number == 1 else f"{number:,} tensors"
