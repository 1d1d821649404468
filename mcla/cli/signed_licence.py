# SPDX-License-Identifier: Apache-2.0
"""Signed answers about licences: asked of a service by `mcla licences check --decision`, read by `mcla verify`.

The exit code is that of the answer: a signature under a no makes no yes, and one that is over counts for nothing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcla.artifacts.digest import shown_path
from mcla.artifacts.jsontext import JsonInvalid, canonical_json, parse_json
from mcla.cli.failure import Exit, Undecided, WrongUsage
from mcla.cli.output import Output, plain
from mcla.cli.signed_answer import small_object
from mcla.cli.target import Target
from mcla.cli.writing import write_whole
from mcla.errors import MclaError
from mcla.statements.parts import format_time

EXITS = {"allowed": Exit.YES, "needs-notice": Exit.NO, "needs-review": Exit.UNKNOWN, "denied": Exit.NO}
WORDS = {Exit.YES: "verified", Exit.NO: "not-verified", Exit.UNKNOWN: "unknown"}


class DecisionNotWritten(Undecided):
    """The service signed, but its decision could not be stored here."""

    code = "decision-not-written"


def decided(url: str | None, case: bytes, place: Path | None, own: Mapping[str, Any], output: Output) -> Exit:
    """Have a service sign its answer to a case, keep that at `place` and tell it; `own` is the answer from here."""
    if url is None or place is None:
        why, hint = "expected both or neither, got one", "mcla licences check CASE.json --service URL --decision FILE"
        raise WrongUsage("--service and --decision belong together.", why=why, hint=hint)
    answer = _signed(url, _question(case) | {"policy": own["policy"]}, place)
    if any(answer.get(name) != each for name, each in own.items()):
        output.say("The service knows other facts about licences than this program: its answer is the signed one.")
    word = str(answer.get("verdict"))
    if output.json:
        output.document(answer)
    else:
        sentences = [str(each.get("sentence")) for each in answer.get("reasons", ())]
        output.data(plain("\n".join([f"{word}, signed: {place}", *(f"  {each}" for each in sentences)])))
    return EXITS.get(word, Exit.UNKNOWN)


def _question(case: bytes) -> dict[str, Any]:
    """The members of a case that are a question; a model card is none that a service reads."""
    from mcla.cli.cards import is_card
    from mcla.licences.asking import ASIDE

    value = None if is_card(case) else parse_json(case)
    if not isinstance(value, dict):
        why = "expected CASE.json, got a model card"
        raise WrongUsage("A service signs no answer about a model card.", why=why, hint="Write it as a case.")
    return {name: each for name, each in value.items() if name not in ASIDE and each is not None}


def _signed(url: str, question: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """Ask a service for its signed answer, keep it at `place`, and return the answer in it."""
    from mcla.cli.service import Service
    from mcla.tiers.licence_decision import SCHEMA

    with Service(url) as service:
        told = service.post("/api/v1/licences/decisions", {"question": dict(question)}, again=True)
    if told.get("schema") != SCHEMA or not isinstance(told.get("answer"), dict) or "envelope" not in told:
        raise Undecided("The service did not decide.", why="expected a signed decision on licences, got something else")
    try:
        write_whole(place, canonical_json(told))
    except (OSError, MclaError) as error:
        raise DecisionNotWritten("The decision could not be written.", why=f"got: {error}") from error
    answer: dict[str, Any] = told["answer"]
    return answer


def licence_decision_in(target: Target) -> bytes | None:
    """The bytes of a target that is a signed answer about licences; None for anything else."""
    try:
        data = small_object(target.path) if target.path is not None else None
        value = parse_json(data) if data is not None else None
    except (OSError, JsonInvalid):
        return None
    if value is None:
        return None
    from mcla.tiers.licence_decision import SCHEMA

    return data if isinstance(value, dict) and value.get("schema") == SCHEMA and "envelope" in value else None


def verify_licence(data: bytes, trust: Any, target: Target, output: Output) -> Exit:
    """Tell what was signed; one whose signature does not hold, or that is over, is a no."""
    from mcla.tiers.licence_decision import verify_licence_decision

    try:
        signed = verify_licence_decision(data, trust)
        signed.check_now(datetime.now(UTC))
    except MclaError as error:
        reason = {"code": error.code, "message": error.message, "hint": error.hint}
        _tell({"verdict": "not-verified", "reasons": [reason]}, f"NOT VERIFIED  {target.name}: {error.message}", output)
        return Exit.NO
    code, answer = EXITS[signed.verdict], signed.document["answer"]
    reasons = [{"code": each["code"], "message": each["sentence"], "hint": ""} for each in answer["reasons"]]
    told = {"service": signed.origin, "time": format_time(signed.time), "expires": format_time(signed.expires)}
    about = {"verdict": signed.verdict, "question": signed.document["question"], **told}
    about |= {"rests_on": signed.document.get("rests_on")}
    document = {"verdict": WORDS[code], "reasons": reasons, "licence": about}
    by = f"{signed.origin} signed this answer about licences at {told['time']}; it counts until {told['expires']}."
    lines = [f"{signed.verdict.upper().replace('-', ' ')}  {shown_path(target.name)}", by, _grounds(signed.document)]
    _tell(document, "\n".join(filter(None, lines)), output)
    return code


def _grounds(document: Mapping[str, Any]) -> str:
    """Which part of an answer somebody claimed, and which the service knows itself."""
    if (rests_on := document.get("rests_on")) is None:
        return ""
    data, policy = rests_on["own"]["licences"], rests_on["own"]["policy"]
    kept = f", and version {policy['version']} of the policy of {policy['project']}" if policy else ""
    claimed = ", ".join(map(str, rests_on["claimed"]))
    return (
        f"Claimed by whoever asked, and looked at by nobody: {claimed}.\n"
        f"The service's own: the facts about licences of {data['as_of']}, {data['digest']}{kept}."
    )


def _tell(document: dict[str, Any], sentence: str, output: Output) -> None:
    if output.json:
        output.document(document)
    else:
        output.data(plain(sentence))
