# SPDX-License-Identifier: Apache-2.0
"""Where words go: data to stdout, everything else to stderr, colour only where somebody looks.

Colour is off for `--no-color`, `NO_COLOR`, `TERM=dumb` and anything that is not a terminal; `FORCE_COLOR` turns it
on for pipes. Text from outside (file names, a service's words) is printed without control characters, so that it
cannot move the cursor or imitate our own lines.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import click

from mcla.cli.failure import error_to_dict, lines_of
from mcla.errors import MclaError

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Output:
    """How this run speaks."""

    json: bool = False
    no_color: bool = False

    def data(self, text: str) -> None:
        """A line of the answer itself."""
        click.echo(text, color=wants_colour(sys.stdout, no_color=self.no_color))

    def document(self, value: Mapping[str, Any]) -> None:
        """The answer as one JSON document."""
        click.echo(json.dumps(value, ensure_ascii=True, indent=2))

    def say(self, text: str = "") -> None:
        """A remark for a person, never part of the answer."""
        click.echo(text, err=True, color=wants_colour(sys.stderr, no_color=self.no_color))

    def fail(self, error: MclaError) -> None:
        """The error in four lines on stderr, and as JSON on stdout when JSON was asked for."""
        if self.json:
            self.document(error_to_dict(error))
        for label, text in lines_of(error):
            colour = "red" if label == "Error" else None
            self.say(click.style(f"{label}: ", fg=colour, bold=True) + plain(text))


def wants_colour(stream: IO[Any], *, no_color: bool) -> bool:
    """Whether to colour what goes to `stream`, by the flag and the usual variables."""
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def plain(text: str, *, keep: str = "\n") -> str:
    """`text` with control, direction-changing and undecodable characters shown as escapes."""
    return "".join(c if c in keep or _is_harmless(c) else c.encode("unicode_escape").decode() for c in text)


def _is_harmless(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def current() -> Output:
    """The running command's output, or a plain one before the options were read."""
    context = click.get_current_context(silent=True)
    output = context.find_object(Output) if context else None
    return output or Output()


def _set(field: str) -> Callable[[click.Context, click.Parameter, bool], bool]:
    def callback(context: click.Context, parameter: click.Parameter, value: bool) -> bool:  # noqa: ARG001  # click's shape
        if value:
            # On the root, so that an error raised while parsing later options is already spoken in the right way.
            root, output = context.find_root(), current()
            root.obj = Output(**{"json": output.json, "no_color": output.no_color, field: True})
        return value

    return callback


def speaks(command: F) -> F:
    """Give a command the options `--json` and `--no-color`."""
    colour = click.option(
        "--no-color", is_flag=True, expose_value=False, callback=_set("no_color"), help="Never colour the output."
    )
    as_json = click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_set("json"),
        help="Answer as one JSON document.",
    )
    return as_json(colour(command))
