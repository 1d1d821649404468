# SPDX-License-Identifier: Apache-2.0
"""Declarations for a contribution: read from a TOML or JSON file, or asked one by one on a terminal.

The questions come from the agreement's schedule as the service publishes it. The service checks the answers; here
they are only brought into the form it will sign, so that what comes back can be compared with what was meant.
"""

import json
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import click

from mcla.cli.failure import WrongUsage
from mcla.cli.output import Output, plain

Declarations: TypeAlias = dict[str, Any]
MAX_BYTES = 1024 * 1024
SAME = {True: ("yes", "on"), False: ("no",)}


def read_declarations(path: Path) -> Declarations:
    """The declarations in a .toml or .json file, tidied; raises `WrongUsage` naming the fault."""
    example = f'Write one `key = value` line a question, for example: relation = "fine-tune"   ({path.name})'
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise ValueError(f"expected at most {MAX_BYTES} bytes, got {len(data)}")
        text = data.decode()
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise WrongUsage(
            f"The declarations in {path} cannot be read.", why=f"expected TOML or .json, got: {error}", hint=example
        ) from error
    if not isinstance(values, dict):
        got = type(values).__name__
        raise WrongUsage(
            f"The declarations in {path} have another shape.", why=f"expected keys with values, got {got}", hint=example
        )
    return tidied(values)


def tidied(values: Mapping[str, Any]) -> Declarations:
    """`values` as a statement carries them: texts in NFC without space around, open questions left out."""
    tidy = {str(key): _tidy(value) for key, value in values.items()}
    return {key: value for key, value in tidy.items() if value is not None and value not in ("", [])}


def agree(asked: Mapping[str, Any], stated: Mapping[str, Any]) -> bool:
    """Whether a statement's declarations say what was asked for, nothing else and nothing less.

    `yes` and `true` are one answer, so are a text of lines and a list; a "no" to an optional question may be left out.
    """
    if set(stated) - set(asked):
        return False
    return all(_same(value, stated[key]) if key in stated else value in (False, "no") for key, value in asked.items())


def ask(fields: Sequence[Mapping[str, Any]], given: Mapping[str, Any], output: Output) -> Declarations:
    """Ask on the terminal every question that is not answered in `given`; returns all answers, tidied."""
    answers = dict(given)
    open_fields = [field for field in fields if field.get("key") not in given]
    for number, field in enumerate(open_fields, start=1):
        title = click.style(f"{number} of {len(open_fields)}  {plain(str(field['label']))}", bold=True)
        output.say(
            f"\n{title}{'' if field.get('required') else '  (may stay empty)'}\n{plain(str(field.get('help', '')))}"
        )
        answers[str(field["key"])] = _ask_one(field, output)
    return tidied(answers)


def _ask_one(field: Mapping[str, Any], output: Output) -> Any:
    required = bool(field.get("required"))
    match field.get("type"):
        case "choice":
            return _choose([dict(option) for option in field["options"]], required, output)
        case "yesno":
            return _yes_no("Yes or no", required)
        case "confirm":
            return click.confirm("I confirm this", default=None if required else False, err=True)
        case "list":
            return _lines(required, output)
        case _:
            return click.prompt("Answer", default=None if required else "", show_default=False, err=True)


def _choose(options: list[dict[str, Any]], required: bool, output: Output) -> str:
    for number, option in enumerate(options, start=1):
        output.say(f"  {number}  {plain(str(option.get('label', option['value'])))}")
    values = {str(number): str(option["value"]) for number, option in enumerate(options, start=1)}
    choice = click.Choice([*values, *values.values()] + ([] if required else [""]))
    answer = click.prompt(
        "Number", type=choice, default=None if required else "", show_choices=False, show_default=False, err=True
    )
    return values.get(answer, answer)


def _yes_no(text: str, required: bool) -> bool | None:
    choice = click.Choice(["yes", "no"] + ([] if required else [""]), case_sensitive=False)
    answer = click.prompt(
        text, type=choice, default=None if required else "", show_default=False, show_choices=False, err=True
    )
    return {"yes": True, "no": False}.get(str(answer).lower())


def _lines(required: bool, output: Output) -> list[str]:
    output.say("One a line; an empty line ends the list.")
    lines: list[str] = []
    while line := click.prompt(
        f"{len(lines) + 1}", default=None if required and not lines else "", show_default=False, err=True
    ).strip():
        lines.append(line)
    return lines


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " ")).strip()
    if isinstance(value, list):
        return [item for item in map(_tidy, value) if item not in ("", None)]
    return value


def _same(asked: Any, stated: Any) -> bool:
    if isinstance(stated, bool):
        return asked is stated or asked in SAME[stated]
    if isinstance(stated, list) and isinstance(asked, str):
        return [line for line in map(_tidy, asked.splitlines()) if line] == stated
    return type(asked) is type(stated) and bool(asked == stated)
