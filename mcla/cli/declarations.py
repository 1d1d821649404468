# SPDX-License-Identifier: Apache-2.0
"""Declarations for a contribution, read from a TOML or JSON file, and where in that file each of them stands.

The questions come from the agreement's schedule as the service publishes it. The service checks the answers; here
they are only brought into the form it will sign, so that what comes back can be compared with what was meant.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from mcla.cli.failure import ServiceRefused, WrongUsage
from mcla.terms.answers import decimal_text, is_empty

Declarations: TypeAlias = dict[str, Any]
MAX_BYTES = 1024 * 1024
_EXAMPLES = {
    False: 'Write one `key = value` line a question, for example: relation = "fine-tune"',
    True: 'Write one object with a member a question, for example: {"relation": "fine-tune"}',
}
"""For TOML, and for JSON."""
SAME = {True: ("yes", "on"), False: ("no",)}


def read_declarations(path: Path) -> Declarations:
    """The declarations in a .toml or .json file, tidied; raises `WrongUsage` naming the fault."""
    as_json = path.suffix == ".json"
    example = _EXAMPLES[as_json] + f"   ({path.name})"
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise ValueError(f"expected at most {MAX_BYTES} bytes, got {len(data)}")
        text = data.decode()
        values = json.loads(text, object_pairs_hook=_once) if as_json else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise WrongUsage(
            f"The declarations in {path} cannot be read.",
            why=f"expected {'JSON' if as_json else 'TOML (JSON in a file named .json)'}, got: {error}",
            hint=example,
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
    return {key: value for key, value in tidy.items() if not is_empty(value)}


def agree(asked: Mapping[str, Any], stated: Mapping[str, Any]) -> bool:
    """Whether a statement's declarations say what was asked for, nothing else and nothing less.

    `yes` and `true` are one answer, so are a text of lines and a list, two spellings of a number or of a digest; a
    "no" to an optional question may be left out.
    """
    if set(stated) - set(asked):
        return False
    return all(_same(value, stated[key]) if key in stated else value in (False, "no") for key, value in asked.items())


def at_lines(refusal: ServiceRefused, path: Path) -> ServiceRefused:
    """The refusal with the line of `path` beside each answer that it names."""
    errors = refusal.problem.get("errors")
    text = path.read_text(encoding="utf-8", errors="replace")
    told = []
    for each in errors if isinstance(errors, list) else []:
        names = [part.replace("~1", "/").replace("~0", "~") for part in str(each.get("pointer", "")).split("/")[1:]]
        if names[:1] == ["declarations"] and len(names) > 1:
            line = line_of(text, names[1:], as_json=path.suffix == ".json")
            place = f"{path.name}, line {line}" if line else f"{path.name}, missing"
            told.append(f"{place}, {'.'.join(names[1:])}: {each.get('detail', '')}")
    if told:
        refusal.why = "; ".join(told)
    return refusal


def line_of(text: str, names: Sequence[str], *, as_json: bool) -> int | None:
    """The line (from 1) where the value at `names` (`bases`, `0`, `licence`) begins, as near as can be found."""
    lines, start = text.splitlines(), None
    for number, name in enumerate(names):
        begin = 0 if start is None else start
        if name.isdecimal() and number:
            found = _entry_line(lines, begin, names[number - 1], int(name), as_json=as_json)
        else:
            within = not as_json and number > 0
            found = _name_line(lines, begin, name, as_json=as_json, within=within)
        if found is None:
            break
        start = found
    return None if start is None else start + 1


def _name_line(lines: list[str], begin: int, name: str, *, as_json: bool, within: bool) -> int | None:
    quoted = re.escape(name)
    pattern = f'"{quoted}"\\s*:' if as_json else f'(^|[{{,])\\s*"?{quoted}"?\\s*=|^\\s*\\[\\[?\\s*{quoted}\\s*\\]'
    for at in range(begin, len(lines)):
        if within and at > begin and lines[at].lstrip().startswith("["):
            return None  # the next table of a TOML file
        if re.search(pattern, lines[at]):
            return at
    return None


def _entry_line(lines: list[str], begin: int, name: str, entry: int, *, as_json: bool) -> int | None:
    mark = r"\{" if as_json or "[[" not in lines[begin] else rf"^\s*\[\[\s*{re.escape(name)}\s*\]\]"
    seen = -1
    for at in range(begin, len(lines)):
        seen += len(re.findall(mark, lines[at]))
        if seen >= entry:
            return at
    return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:60]!r} twice in one object")
    return values


def _tidy(value: Any) -> Any:
    match value:
        case str():
            return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " ")).strip()
        case list():
            return [item for item in map(_tidy, value) if not is_empty(item)]
        case dict():
            return {str(key): tidy for key, each in value.items() if not is_empty(tidy := _tidy(each))}
        case float():
            return str(value)  # signed JSON has no fractions
        case date():
            return value.isoformat()
    return value


def _same(asked: Any, stated: Any) -> bool:
    match stated:
        case bool():
            return asked is stated or asked in SAME[stated]
        case dict():
            return _same_amount(asked, stated)
        case [dict(), *_]:
            entries = isinstance(asked, list) and len(asked) == len(stated)
            return entries and all(map(_same_entry, asked, stated))
        case list():
            given = [line for line in map(_tidy, asked.splitlines()) if line] if isinstance(asked, str) else asked
            return isinstance(given, list) and (given == stated or sorted(map(str, given)) == sorted(stated))
        case str() if isinstance(asked, str):
            return asked == stated or (len(stated) == 64 and asked.lower().removeprefix("sha256:") == stated)
    return type(asked) is type(stated) and bool(asked == stated)


def _same_entry(asked: Any, stated: dict[str, Any]) -> bool:
    return (
        isinstance(asked, dict) and set(asked) == set(stated) and all(_same(asked[key], stated[key]) for key in asked)
    )


def _same_amount(asked: Any, stated: dict[str, Any]) -> bool:
    amount, unit = asked, ""
    if isinstance(asked, dict):
        amount, unit = asked.get("value"), str(asked.get("unit", ""))
    elif isinstance(asked, str):
        amount, _, unit = asked.partition(" ")
    return decimal_text(amount) == stated.get("value") is not None and unit.strip() in ("", stated.get("unit"))
