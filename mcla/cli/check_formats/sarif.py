# SPDX-License-Identifier: Apache-2.0
"""SARIF 2.1.0 (OASIS): a result for each problem, and a note for each sign of a lost licence.

People have no place in a file and are put at the policy.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mcla import __version__
from mcla.artifacts.digest import sha256_hex
from mcla.checks.answer import Sign
from mcla.checks.git.question import POLICY_NAME
from mcla.cli.check_formats.report import SIGN, WORDS, Problem, Report, shown

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"not-covered": "error", "unknown": "warning"}


@dataclass(frozen=True, slots=True)
class _Told:
    """A result: what is said by the rule `code` at `level`, at a path or of `title`."""

    code: str
    level: str
    words: str
    title: str
    text: str
    path: str | None


def log_of(report: Report, exit_code: int) -> dict[str, Any]:
    """The whole log, of one run."""
    told = [*map(_of_problem, report.problems), *map(_of_sign, report.signs)]
    rules = {each.code: each for each in reversed(told)}
    numbers = {code: number for number, code in enumerate(rules)}
    driver = {"name": "mcla", "semanticVersion": __version__, "rules": [_rule(rules[code]) for code in rules]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report.answer is not None, "exitCode": int(exit_code)}],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, numbers[each.code]) for each in told],
        "properties": {"verdict": report.said.word, "headline": report.headline},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _of_problem(problem: Problem) -> _Told:
    level, words = LEVELS[problem.word], WORDS[problem.word]
    return _Told(problem.code, level, words, problem.title, problem.text, problem.path)


def _of_sign(sign: Sign) -> _Told:
    path = sign.paths[0] if sign.paths else None
    return _Told(sign.code, "note", "Sign", shown(sign.contribution), f"{shown(sign.sentence)} {SIGN}", path)


def _rule(told: _Told) -> dict[str, Any]:
    words = told.code.replace("-", " ").capitalize()
    return {"id": told.code, "shortDescription": {"text": f"{told.words}: {words}"}}


def _result(told: _Told, rule: int) -> dict[str, Any]:
    place = {"uri": quote(_utf8(told.path or POLICY_NAME)), "uriBaseId": "SRCROOT"}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": place, "region": {"startLine": 1}}}
    if told.path is None:
        location["logicalLocations"] = [{"name": told.title, "kind": "resource"}]
    return {
        "ruleId": told.code,
        "ruleIndex": rule,
        "level": told.level,
        "message": {"text": told.text},
        "locations": [location],
        "partialFingerprints": {"mcla/v1": sha256_hex(f"{told.code}\0{told.title}".encode())},
    }


def _utf8(path: str) -> bytes:
    """A path as Git has it, also where it is not UTF-8."""
    return path.encode("utf-8", "surrogateescape")
