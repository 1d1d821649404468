# SPDX-License-Identifier: Apache-2.0
"""Licences by the names that people give, and the errors of their rules as the command line answers them."""

from typing import TYPE_CHECKING

from mcla.cli.failure import Exit, Failure
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.licences.records import Licence


class Refused(Failure):
    """An error of the licence rules, under its own code, with the exit code that it means here."""

    def __init__(self, error: MclaError, exit_code: Exit) -> None:
        super().__init__(error.message, hint=error.hint)
        self.reason, self.exit_code = error.code, exit_code

    @property
    def code(self) -> str:  # type: ignore[override]
        return self.reason


def found_licence(name: str) -> "Licence":
    """The one record for an id, alias or hub tag; raises `Refused`, with exit code 3."""
    from mcla.licences.registry import LicenceAmbiguous, LicenceUnknown, registry

    try:
        return registry().get(name)
    except (LicenceUnknown, LicenceAmbiguous) as error:
        raise Refused(error, Exit.UNKNOWN) from None
