# SPDX-License-Identifier: Apache-2.0
"""`mcla check`: is everybody and everything in this change covered? Asked once, in a Git checkout.

Data goes to stdout in the format that was asked for. Within GitHub Actions, and what imitates it, annotations and the
job's summary come by themselves. Every end but a wrong call is a report: what could not be told is unknown, and never
a pass.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.artifacts.digest import shown_path
from mcla.cli.failure import Exit, WrongUsage
from mcla.cli.output import current, speaks

if TYPE_CHECKING:
    from datetime import datetime

    from mcla.checks.change import Account
    from mcla.cli.check_looking import AskedForge, Only
    from mcla.cli.check_offline import Folder

FORMATS = ("text", "json", "github", "gitlab", "sarif", "junit", "markdown")
TOKEN_VARIABLE = "MCLA_TOKEN"  # noqa: S105  # a name, not a secret
EXITS = {"covered": Exit.YES, "not-covered": Exit.NO, "unknown": Exit.UNKNOWN}
FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)


class RealFile(click.Path):
    """A file that has an end: a pipe without a writer would hold the job up for ever."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; fails for what is no regular file."""
        path: Any = super().convert(value, param, ctx)
        if not path.is_file():
            self.fail(f"expected a file, got a pipe or a device: {shown_path(path)}", param, ctx)
        return path


REAL_FILE = RealFile(exists=True, readable=False, dir_okay=False, path_type=Path)


@click.command("check")
@click.option(
    "--service", "url", envvar="MCLA_SERVICE", metavar="URL", help="The service to ask. May be left out with --bundles."
)
@click.option("--project", envvar="MCLA_PROJECT", metavar="SLUG", help="The project that the change goes to.")
@click.option("--base", metavar="REV", help="What it goes to. Default: what the CI job says, else the default branch.")
@click.option("--head", metavar="REV", help="Its newest commit. Default: what the CI job says, else HEAD.")
@click.option("--group", is_flag=True, help="Base to head is a merge group: several changes, all of them on base.")
@click.option("--opener", metavar="PROVIDER:ID", help="Who opened it, by the account's id. Default: what the job says.")
@click.option(
    "--forge",
    type=click.Choice(["auto", "none", "github", "gitlab", "gitea"]),
    default="auto",
    help="Ask this forge whose accounts the commits are. Default: the one that runs the job.",
)
@click.option(
    "--provider",
    envvar="MCLA_PROVIDER",
    metavar="NAME",
    help="The service's name of that forge, if it is not the forge's kind.",
)
@click.option(
    "--change",
    envvar="MCLA_CHANGE",
    metavar="URL",
    help="The pull or merge request by its page's address, for CI that is no part of the forge.",
)
@click.option(
    "--comment",
    is_flag=True,
    envvar="MCLA_COMMENT",
    help="Keep one comment on the pull request, if the forge's token may; none while everything is covered.",
)
@click.option(
    "--only",
    envvar="MCLA_ONLY",
    type=click.Choice(["people", "artifacts"]),
    help="Ask about people, or about files, alone.",
)
@click.option("--policy", type=REAL_FILE, help="Go by this policy instead of .mcla.toml as it is at the base.")
@click.option("--as-of", metavar="TIME", help="Ask how it was at this time (RFC 3339, with zone).")
@click.option(
    "--listing", type=REAL_FILE, help="A saved tree listing of a model hub (JSON), for files not in this clone."
)
@click.option(
    "--bundles",
    envvar="MCLA_BUNDLES",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of proofs (NAME.sigstore.json) for files, instead of a service or for when it is away.",
)
@click.option(
    "--trust",
    envvar="MCLA_TRUST",
    type=REAL_FILE,
    help="With --bundles: the service's trusted_root.json, fetched once.",
)
@click.option(
    "--withdrawals",
    envvar="MCLA_WITHDRAWALS",
    type=REAL_FILE,
    help="With --bundles: the service's signed list of what was ended.",
)
@click.option(
    "--max-age", type=click.IntRange(0, 3650), default=7, metavar="DAYS", help="How old that list may be. Default: 7."
)
@click.option("--token-file", type=FILE, help=f"The file with the project's token. Default: {TOKEN_VARIABLE}, or none.")
@click.option(
    "--answer",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the service's signed answer in this file, for mcla verify.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to answer.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever the answer: the report tells it.")
@click.option(
    "--repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The checkout. Default: here.",
)
@speaks
def command(
    url: str | None,
    project: str | None,
    base: str | None,
    head: str | None,
    group: bool,
    opener: str | None,
    forge: "AskedForge",
    provider: str | None,
    change: str | None,
    comment: bool,
    only: "Only | None",
    policy: Path | None,
    as_of: str | None,
    listing: Path | None,
    bundles: Path | None,
    trust: Path | None,
    withdrawals: Path | None,
    max_age: int,
    token_file: Path | None,
    answer: Path | None,
    form: str,
    exit_zero: bool,
    repository: Path,
) -> None:
    """Check that everybody and everything in this change is covered.

    Reads commits and files from base to head, asks the service once, and tells what is missing and what to do next.
    Nothing is uploaded: files are named by their digests. With --bundles files are proven with no service at all.
    """
    from mcla.checks.git.ranges import Names
    from mcla.cli.check_looking import Wanted
    from mcla.cli.check_run import Run, report_of
    from mcla.cli.check_telling import tell

    if project is None or (url is None and bundles is None):
        raise WrongUsage(
            "It is not said where to ask.",
            why="expected --project SLUG and --service URL, or --bundles DIR for files alone",
            hint="mcla check --service https://HOST --project SLUG",
        )
    if as_of is not None and url is None:
        raise WrongUsage(
            "Bundles tell nothing of another time.",
            why="expected --as-of together with --service URL",
            hint="Leave --as-of out.",
        )
    if answer is not None and url is None:
        raise WrongUsage(
            "Nobody is there to sign the answer.",
            why="expected --answer together with --service URL",
            hint="Leave --answer out.",
        )
    output = current()
    run = Run(
        wanted=Wanted(Names(base, head, group), _opener(opener), only, policy, forge, provider, change),
        project=_slug(project),
        url=url,
        as_of=_moment(as_of),
        listing=listing,
        token=_token(token_file, os.environ),
        repository=repository,
        folder=_folder(bundles, trust, withdrawals, max_age),
        comment=comment,
        answer=answer,
    )
    report = report_of(run, os.environ)
    code = Exit.YES if exit_zero else EXITS[report.said.word]
    tell(report, "json" if output.json else form, code, output, os.environ)
    raise click.exceptions.Exit(code)


def _folder(bundles: Path | None, trust: Path | None, withdrawals: Path | None, max_age: int) -> "Folder | None":
    if bundles is None:
        return None
    from mcla.cli.check_offline import Folder

    return Folder(bundles, trust, withdrawals, max_age)


def _slug(text: str) -> str:
    from mcla.errors import MclaError
    from mcla.statements.parts import check_slug

    try:
        return check_slug(text, "the project's slug")
    except MclaError as error:
        hint = "Take it from the address of the project's page, such as tiny-llm."
        raise WrongUsage("--project names no project.", why=error.message, hint=hint) from error


def _opener(text: str | None) -> "Account | None":
    from mcla.checks.change import Account

    provider, colon, subject = (text or "").partition(":")
    if text is None or (provider and colon and subject):
        return Account(provider, subject) if text else None
    why = "expected PROVIDER:ID, such as github:104729, where the id is a number that never changes and not the login"
    raise WrongUsage("--opener names no account.", why=why, hint="--opener github:ID")


def _moment(text: str | None) -> "datetime | None":
    from mcla.checks.change import TimeInvalid, parse_moment

    try:
        return None if text is None else parse_moment(text)
    except TimeInvalid as error:
        raise WrongUsage("--as-of names no moment.", why=error.message, hint=error.hint) from error


def _token(place: Path | None, environment: Mapping[str, str]) -> str | None:
    """The project's token; without one only accounts can be asked about."""
    from mcla.cli.target import read_file

    text = read_file(place, "token file").decode("ascii", "replace") if place else environment.get(TOKEN_VARIABLE, "")
    token = text.strip()
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        # What was given is never repeated: it may be another secret.
        why = "expected one line of letters, digits and signs, as `mcla-server token create` prints it"
        raise WrongUsage("The token is not one.", why=why, hint=f"Set {TOKEN_VARIABLE} to the token itself.")
    if place and not token:
        raise WrongUsage("The token file is empty.", why="expected the token in it", hint="Leave --token-file out.")
    return token or None
