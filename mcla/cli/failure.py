# SPDX-License-Identifier: Apache-2.0
"""What the command line answers when it cannot say yes: an exit code and four lines.

The lines are: what failed, why (expected and got), what to do next, and the code with the service's request id.
"""

from enum import IntEnum
from typing import ClassVar

from mcla.errors import MclaError


class Exit(IntEnum):
    """The contract with scripts; `mcla help exit-codes` prints it."""

    YES = 0
    NO = 1
    USAGE = 2
    UNKNOWN = 3
    INTERRUPTED = 130


class Failure(MclaError):
    """A refusal of the command line itself: `exit_code` for scripts, `why` for people."""

    code: ClassVar[str] = "failed"
    exit_code: Exit = Exit.NO

    def __init__(self, message: str, *, why: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.why = why


class WrongUsage(Failure):
    """The command was called in a way that cannot mean anything."""

    code = "wrong-usage"
    exit_code = Exit.USAGE


class Undecided(Failure):
    """The answer is neither yes nor no: something needed for it is missing, unreadable or unreachable."""

    code = "unknown"
    exit_code = Exit.UNKNOWN


class InputUnreadable(Undecided):
    """A file was named and is there, but its bytes cannot be had."""

    code = "input-unreadable"
    hint = "Check the file's permissions and that it is not being replaced, then run the command again."


class Unreachable(Undecided):
    """No answer came from the service, so nothing is known."""

    code = "service-unreachable"


class ServiceRefused(Failure):
    """The service answered with an RFC 9457 problem; its code, sentence and hint are passed on as they are."""

    def __init__(self, status: int, problem: dict[str, object], retry_after: str = "") -> None:
        detail = str(problem.get("detail") or problem.get("title") or f"status {status}")
        super().__init__(detail, hint=_hint_of(problem))
        self.http_status, self.problem = status, problem
        self.retry_after = int(retry_after) if retry_after.isdecimal() else None
        self.exit_code = Exit.UNKNOWN if status >= 500 or status in (401, 408, 429) else Exit.NO
        errors = problem.get("errors")
        if isinstance(errors, list):
            self.why = "; ".join(
                f"{e.get('pointer', '')}: {e.get('detail', '')}" for e in errors if isinstance(e, dict)
            )

    @property
    def problem_code(self) -> str:
        return str(self.problem.get("code") or "service-refused")

    @property
    def request_id(self) -> str:
        return str(self.problem.get("request_id") or "")


def _hint_of(problem: dict[str, object]) -> str:
    """The service's hint with the pages that it names by member (`sign_url`, `url`) written out."""
    hint = str(problem.get("hint") or "")
    for name in ("sign_url", "url"):
        page = problem.get(name)
        if isinstance(page, str):
            hint = hint.replace(f"`{name}`", page) if f"`{name}`" in hint else f"{hint} {page}".strip()
    return hint


def exit_code_of(error: MclaError) -> Exit:
    """The exit code for any error of this project: its own, or "no" for a refusal by the protocol packages."""
    if isinstance(error, Failure):
        return error.exit_code
    # Bytes that cannot be had prove nothing either way; the code stands for its class, which is slow to import.
    return Exit.UNKNOWN if error.code == "file-unreadable" else Exit.NO


def code_of(error: MclaError) -> str:
    """The stable machine code, the service's own where the service refused."""
    return error.problem_code if isinstance(error, ServiceRefused) else error.code


def lines_of(error: MclaError) -> list[tuple[str, str]]:
    """The error as (label, text) pairs, empty ones left out."""
    why = error.why if isinstance(error, Failure) else ""
    code = code_of(error)
    if isinstance(error, ServiceRefused) and error.request_id:
        code += f"  request {error.request_id}"
    pairs = [("Error", error.message), ("Why", why), ("Next", error.hint), ("Code", code)]
    return [(label, text) for label, text in pairs if text]


def error_to_dict(error: MclaError) -> dict[str, object]:
    """The error as `--json` prints it: {"error": {"code", "message", "why", "next"}}."""
    why = error.why if isinstance(error, Failure) else ""
    return {"error": {"code": code_of(error), "message": error.message, "why": why, "next": error.hint}}
