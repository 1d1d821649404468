# SPDX-License-Identifier: Apache-2.0
"""`mcla verify ANSWER.json`: was this answer to a check signed by the service, unchanged, and what does it say?

The exit code is that of the answer: a signature under a no makes no yes.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcla.artifacts.digest import shown_path
from mcla.cli.failure import Exit
from mcla.cli.output import Output, plain
from mcla.cli.target import Target
from mcla.errors import MclaError
from mcla.statements.parts import format_time

if TYPE_CHECKING:
    from mcla.checks.svr import SignedAnswer

AT_ONCE = timedelta(minutes=5)
"""How long before its signature an answer about now may have been made."""
LARGEST = 96 * 1024 * 1024
EXITS = {"covered": Exit.YES, "not-covered": Exit.NO, "unknown": Exit.UNKNOWN}
WORDS = {"covered": "verified", "not-covered": "not-verified", "unknown": "unknown"}


def signed_answer_in(target: Target) -> bytes | None:
    """The bytes of a target that is the answer to a check with its signature; None for anything else.

    What cannot be read is for the verifier to tell, as of any file.
    """
    try:
        data = small_object(target.path) if target.path is not None else None
    except OSError:
        return None
    if data is None:
        return None
    from mcla.checks.svr import is_signed_answer

    return data if is_signed_answer(data) else None


class AnswerElsewhere(MclaError):
    """A signed answer is good, and answers another question than the one that is demanded."""

    code = "signed-answer-elsewhere"
    hint = "Ask about this very commit, as it is now:  mcla check … --answer FILE"


def verify_signed(data: bytes, trust: Any, target: Target, output: Output, head: str | None = None) -> Exit:
    """Tell what was signed; an answer whose signature does not hold is a no, whatever it says. So is one that is not
    about the commit `head`, if it is given, as that stood when it was asked about."""
    from mcla.checks.svr import verify_answer

    try:
        signed = verify_answer(data, trust)
        if head is not None:
            _check_about(signed, head)
    except MclaError as error:
        reason = {"code": error.code, "message": error.message, "hint": error.hint}
        _tell({"verdict": "not-verified", "reasons": [reason]}, f"NOT VERIFIED  {target.name}: {error.message}", output)
        return Exit.NO
    _tell(_told(signed), _sentence(signed, target.name), output)
    return EXITS[signed.answer.verdict]


def _check_about(signed: "SignedAnswer", head: str) -> None:
    if signed.head != head:
        raise AnswerElsewhere(f"expected an answer about the commit {head[:40]!a}, got one about {signed.head}")
    if signed.time - signed.answer.as_of.time > AT_ONCE:
        raise AnswerElsewhere(f"expected an answer about its own time, got one about {_then(signed)}")


def _then(signed: "SignedAnswer") -> str:
    return format_time(signed.answer.as_of.time)


def _tell(document: dict[str, Any], sentence: str, output: Output) -> None:
    if output.json:
        output.document(document)
    else:
        output.data(plain(sentence))


def _told(signed: "SignedAnswer") -> dict[str, Any]:
    said = signed.answer.said
    return {
        "verdict": WORDS[signed.answer.verdict],
        "reasons": [{"code": said.code, "message": said.reason, "hint": said.next or ""}],
        "check": {
            "verdict": signed.answer.verdict,
            "project": signed.answer.project,
            "head": signed.head,
            "service": signed.origin,
            "time": format_time(signed.time),
            "as_of": _then(signed),
            "properties": list(signed.properties),
        },
    }


def _sentence(signed: "SignedAnswer", name: str) -> str:
    word = signed.answer.verdict.upper().replace("-", " ")
    by = f"{signed.origin} signed this answer about commit {signed.head[:12]} of {signed.answer.project}"
    at = f"{signed.time:%Y-%m-%d %H:%M} UTC, unchanged"
    return (
        f"{word}  {shown_path(name)}\n{signed.answer.said.reason}\n{by} on {at}. It says how it was at {_then(signed)}."
    )


def small_object(path: Path) -> bytes | None:
    """The bytes of a file that may be a JSON object; of others no more than the first few are read."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        return None
    with path.open("rb") as file:
        head = file.read(64)
        return head + file.read() if head.lstrip()[:1] == b"{" else None
