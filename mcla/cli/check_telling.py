# SPDX-License-Identifier: Apache-2.0
"""Prints a report in the form that was asked for; a runner of GitHub Actions gets annotations and a summary besides."""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcla.cli.check_formats import github, gitlab, junit, markdown, sarif, text
from mcla.cli.check_formats.report import Report
from mcla.cli.failure import Exit
from mcla.cli.output import Output


def tell(report: Report, form: str, code: Exit, output: Output, environment: Mapping[str, str]) -> None:
    """Print the report; with `GITHUB_ACTIONS=true` also what the runner shows beside the log."""
    output.data(_printed(report, form, code))
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    if form != "github" and report.said.word != "covered":  # silent when green
        for line in github.annotations_of(report):
            output.say(line)
    if place := environment.get("GITHUB_STEP_SUMMARY"):
        _summarise(report, Path(place), output)


def _printed(report: Report, form: str, code: Exit) -> str:
    match form:
        case "json":
            return _json(report.to_dict())
        case "gitlab":
            return _json(gitlab.findings_of(report))
        case "sarif":
            return _json(sarif.log_of(report, code))
        case "junit":
            return junit.xml_of(report).decode()
        case "markdown":
            return markdown.text_of(report).rstrip("\n")
        case "github":
            return "\n".join(github.annotations_of(report))
        case _:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            return "\n".join(text.lines_of(report, width))


def _json(value: Any) -> str:
    # A runner looks for `##[` in every line; in JSON it can be written so that nothing changes.
    return json.dumps(value, ensure_ascii=True, indent=2).replace("##", "#\\u0023")


def _summarise(report: Report, place: Path, output: Output) -> None:
    try:
        with place.open("a", encoding="utf-8") as file:
            file.write(markdown.text_of(report, markdown.MAX_SUMMARY))
    except OSError as error:
        output.say(f"The job's summary could not be written: {error.strerror}")
