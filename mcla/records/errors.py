# SPDX-License-Identifier: Apache-2.0
"""Why a PDF is no good record, or cannot be told to be one."""

from collections.abc import Iterator
from contextlib import contextmanager

from mcla.errors import MclaError


class SealInvalid(MclaError):
    """A PDF is not, or no longer, a record sealed under the given trust.

    `check` names the test that failed.
    """

    code = "seal-invalid"
    status = 422
    hint = "Ask the foundation for the record again, and compare it with the log entry named on its certificate page."

    def __init__(self, check: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.check = check


class RecordUndecided(SealInvalid):
    """Nothing is wrong with the file, and something that a yes needs is not in it."""

    code = "record-undecided"


@contextmanager
def refused_by(check: str, what: str) -> Iterator[None]:
    """Whatever a library stumbles over in bytes that a stranger chose is a refusal by `check`, saying `what`."""
    try:
        yield
    except SealInvalid:
        raise
    except Exception as error:
        raise SealInvalid(check, f"{what}: {type(error).__name__}") from error
