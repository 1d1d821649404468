# SPDX-License-Identifier: Apache-2.0
"""`mcla verify ANSWER.json`: was this answer to a check signed by the service, unchanged, and what does it say?

The exit code is that of the answer: a signature under a no makes no yes.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcla.artifacts.digest import shown_path
from mcla.cli.failure import Exit
from mcla.cli.output import Output, plain
from mcla.cli.target import Target
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.checks.svr import SignedAnswer

LARGEST = 96 * 1024 * 1024
EXITS = {"covered": Exit.YES, "not-covered": Exit.NO, "unknown": Exit.UNKNOWN}
WORDS = {"covered": "verified", "not-covered": "not-verified", "unknown": "unknown"}


def signed_answer_in(target: Target) -> bytes | None:
    """The bytes of a target that is the answer to a check with its signature; None for anything else.

    What cannot be read is for the verifier to tell, as of any file.
    """
    try:
        data = _small_object(target.path) if target.path is not None else None
    except OSError:
        return None
    if data is None:
        return None
    from mcla.checks.svr import is_signed_answer

    return data if is_signed_answer(data) else None


def verify_signed(data: bytes, trust: Any, target: Target, output: Output) -> Exit:
    """Tell what was signed; an answer whose signature does not hold is a no, whatever it says."""
    from mcla.checks.svr import verify_answer

    try:
        signed = verify_answer(data, trust)
    except MclaError as error:
        reason = {"code": error.code, "message": error.message, "hint": error.hint}
        _tell({"verdict": "not-verified", "reasons": [reason]}, f"NOT VERIFIED  {target.name}: {error.message}", output)
        return Exit.NO
    _tell(_told(signed), _sentence(signed, target.name), output)
    return EXITS[signed.answer.verdict]


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
            "time": signed.time.isoformat().replace("+00:00", "Z"),
            "properties": list(signed.properties),
        },
    }


def _sentence(signed: "SignedAnswer", name: str) -> str:
    word = signed.answer.verdict.upper().replace("-", " ")
    by = f"{signed.origin} signed this answer about commit {signed.head[:12]} of {signed.answer.project}"
    return (
        f"{word}  {shown_path(name)}\n{signed.answer.said.reason}\n{by} on {signed.time:%Y-%m-%d %H:%M} UTC, unchanged."
    )


def _small_object(path: Path) -> bytes | None:
    """The bytes of a file that may be a JSON object; of others no more than the first few are read."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        return None
    with path.open("rb") as file:
        head = file.read(64)
        return head + file.read() if head.lstrip()[:1] == b"{" else None
