# SPDX-License-Identifier: Apache-2.0
"""The one base class of every error this project raises on purpose.

`MclaError` carries what a person needs: a stable machine code, a sentence, and the next thing to do.
The service maps it to an RFC 9457 problem in one place (`app.platform.problems`), the command line to an exit code.
"""

from typing import ClassVar


class MclaError(Exception):
    """A refusal with a stable `code`, a human sentence and a `hint` naming what to do next.

    Subclasses set `code` (kebab-case, never changed once released) and usually `hint`;
    `status` is the HTTP status the service answers with.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    hint: str = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint

    @property
    def message(self) -> str:
        said: str = self.args[0]  # not a copy: `mcla.wording` has texts that remember how they were made
        return said
