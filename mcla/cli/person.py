# SPDX-License-Identifier: Apache-2.0
"""The person who signs at the command line: whether somebody is there to agree, who it is, and the yes or no."""

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcla.cli.failure import Failure, WrongUsage
from mcla.cli.output import Output, plain

if TYPE_CHECKING:
    from mcla.cli.service import Service

TOKEN_VARIABLE = "MCLA_IDENTITY_TOKEN"  # noqa: S105  # a name, not a secret


class Declined(Failure):
    """The signer read it and said no."""

    code = "declined"
    hint = "Nothing was signed. Run the command again whenever you like."


def somebody_asks(*, yes: bool, no_input: bool) -> bool:
    """Whether there is a terminal to ask on; raises `WrongUsage` if there is none and no `--yes` either."""
    asking = not no_input and sys.stdin.isatty() and sys.stderr.isatty()
    if not asking and not yes:
        raise WrongUsage(
            "Nobody is there to agree.",
            why="expected a terminal to ask on, or --yes",
            hint="Run it on a terminal, or add --yes once you have read the agreement.",
        )
    return asking


def agree(button: str, *, yes: bool) -> None:
    """Ask with the words of the button; raises `Declined` for a no."""
    if not yes and not click.confirm(f"{plain(button)}?", default=False, err=True):
        raise Declined("You did not agree.")


def access_token(service: "Service", identity_token: str | None, output: Output, *, no_browser: bool) -> str:
    """An access token for whom the token, the variable or the browser says it is."""
    from mcla.cli import oauth

    given = identity_token or os.environ.get(TOKEN_VARIABLE, "")
    if given:
        return oauth.exchange(service, _token_text(given))

    def open_page(address: str) -> None:
        output.say(f"Sign in with your browser:\n  {address}")
        if not no_browser:
            oauth.open_browser(address)

    return oauth.sign_in(service, open_page)


def _token_text(given: str) -> str:
    # A JWT has exactly two dots and no slash at its start; anything that exists as a file is read as one.
    try:
        text = Path(given).read_text(encoding="ascii").strip() if _is_file(given) else given.strip()
    except (OSError, ValueError) as error:
        # The whole error would repeat what was given, which may be a token.
        why = error.strerror if isinstance(error, OSError) else "other bytes than ASCII"
        raise WrongUsage(
            "The identity token cannot be read.",
            why=f"expected a readable text file, got: {why}",
            hint=f"Set {TOKEN_VARIABLE} to the token itself.",
        ) from error
    if text.count(".") != 2 or not text.isascii() or any(c.isspace() for c in text):
        raise WrongUsage(
            "The identity token is not a JWT.",
            why="expected three parts with dots between",
            hint=f"Set {TOKEN_VARIABLE} to the token, or to a file that holds it.",
        )
    return text


def _is_file(given: str) -> bool:
    try:
        return Path(given).is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # as tokens are
            return False
        raise
