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
    """The bytes of a target that is the answer to a check with its signature; None for anything else."""
    if target.path is None or not target.path.is_file() or target.path.stat().st_size > LARGEST:
        return None
    if not _begins_as_object(target.path):
        return None
    from mcla.checks.svr import is_signed_answer

    data = target.path.read_bytes()
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


def _begins_as_object(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).lstrip()[:1] == b"{"
