# SPDX-License-Identifier: Apache-2.0
"""SARIF 2.1.0 (OASIS): a result for each problem. People have no place in a file and are put at the policy."""

from typing import Any
from urllib.parse import quote

from mcla import __version__
from mcla.artifacts.digest import sha256_hex
from mcla.checks.git.question import POLICY_NAME
from mcla.cli.check_formats.report import WORDS, Problem, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"not-covered": "error", "unknown": "warning"}


def log_of(report: Report, exit_code: int) -> dict[str, Any]:
    """The whole log, of one run."""
    problems = report.problems
    rules = {each.code: each for each in reversed(problems)}
    numbers = {code: number for number, code in enumerate(rules)}
    driver = {"name": "mcla", "semanticVersion": __version__, "rules": [_rule(rules[code]) for code in rules]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report.answer is not None, "exitCode": int(exit_code)}],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, numbers[each.code]) for each in problems],
        "properties": {"verdict": report.said.word, "headline": report.headline},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(problem: Problem) -> dict[str, Any]:
    words = problem.code.replace("-", " ").capitalize()
    return {"id": problem.code, "shortDescription": {"text": f"{WORDS[problem.word]}: {words}"}}


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    place = {"uri": quote(_utf8(problem.path or POLICY_NAME)), "uriBaseId": "SRCROOT"}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": place, "region": {"startLine": 1}}}
    if problem.path is None:
        location["logicalLocations"] = [{"name": problem.title, "kind": "resource"}]
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": LEVELS[problem.word],
        "message": {"text": problem.text},
        "locations": [location],
        "partialFingerprints": {"mcla/v1": sha256_hex(f"{problem.code}\0{problem.title}".encode())},
    }


def _utf8(path: str) -> bytes:
    """A path as Git has it, also where it is not UTF-8."""
    return path.encode("utf-8", "surrogateescape")
