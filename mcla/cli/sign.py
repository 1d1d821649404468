# SPDX-License-Identifier: Apache-2.0
"""`mcla sign`: hash, sign in through the browser, read what will be signed, agree, keep the proof.

Nothing but names, digests and sizes leaves this computer. Without a terminal the command signs only when `--yes` was
given: agreement is never assumed.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.failure import Failure, WrongUsage
from mcla.cli.options import listing, no_cache
from mcla.cli.output import Output, current, plain, speaks
from mcla.statements.parts import KINDS

if TYPE_CHECKING:
    from mcla.cli.service import Service
    from mcla.cli.steps import Step

TOKEN_VARIABLE = "MCLA_IDENTITY_TOKEN"  # noqa: S105  # a name, not a secret


class Declined(Failure):
    """The signer read it and said no."""

    code = "declined"
    hint = "Nothing was signed. Run the command again whenever you like."


@click.command("sign")
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(exists=True, readable=False, path_type=Path))
@click.option("--service", "url", required=True, metavar="URL", help="The service that keeps the agreement.")
@click.option("--project", required=True, help="The project that gets the files.")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="What the files are.")
@click.option(
    "--declarations",
    "declared_in",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="TOML or JSON file with the schedule's answers; asked on a terminal if missing.",
)
@click.option(
    "--identity-token",
    metavar="JWT|FILE",
    help="An OIDC ID token instead of the browser, or better a file that holds it: other users can see a command "
    f"line. Also read from {TOKEN_VARIABLE}.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the bundle goes. Default: NAME.sigstore.json beside what is signed.",
)
@click.option("--overwrite", is_flag=True, help="Replace a bundle that is already there.")
@click.option("--yes", is_flag=True, help="I have read the agreement and agree; do not ask.")
@click.option("--no-input", is_flag=True, help="Never ask anything.")
@listing
@no_cache
@click.option("--no-browser", is_flag=True, help="Print the sign-in address only.")
@speaks
def command(
    paths: tuple[Path, ...],
    url: str,
    project: str,
    kind: str,
    declared_in: Path | None,
    identity_token: str | None,
    target: Path | None,
    overwrite: bool,
    yes: bool,
    no_input: bool,
    no_browser: bool,
    listing: Path | None,
    no_cache: bool,
) -> None:
    """Sign a contribution: bind files to the agreement you accepted.

    Only names, digests and sizes are sent, never the files. You sign in with your browser, see what will be signed,
    and agree; the proof is a bundle that anybody can verify offline.
    """
    from mcla.cli.ceremony import Asked, open_draft, sign_draft
    from mcla.cli.claims import files_to_sign
    from mcla.cli.declarations import read_declarations
    from mcla.cli.proof import confirm, keep, places_for
    from mcla.cli.review import show
    from mcla.cli.service import Service
    from mcla.cli.steps import Steps

    output = current()
    steps = Steps(output)
    asking = not no_input and sys.stdin.isatty() and sys.stderr.isatty()
    if not asking and not yes:
        raise WrongUsage(
            "Nobody is there to agree.",
            why="expected a terminal to ask on, or --yes",
            hint="Run it on a terminal, or add --yes once you have read the agreement.",
        )
    places = places_for(paths, target, overwrite=overwrite)
    declared = read_declarations(declared_in) if declared_in else {}
    with Service(url, sleep=steps.sleep) as service:
        manifest, tensors = files_to_sign(paths, listing, kind, output, cache=not no_cache)
        if asking:
            declared = _asked_declarations(service, kind, declared, output, steps.step)
        with steps.step("Signing in…"):
            service.token = _access_token(service, identity_token, output, no_browser=no_browser)
        with steps.step("Asking for the statement…"):
            draft = open_draft(service, Asked(project, kind, manifest, declared, tensors))
        show(draft, manifest, output)
        if not yes and not click.confirm(f"{plain(draft.statement.consent.button)}?", default=False, err=True):
            raise Declined("You did not agree.")
        done = sign_draft(service, draft, steps.step)
        with steps.step("Checking the proof…"):
            text = confirm(done, manifest, service, draft)
        keep(text, done, manifest, places, output)


def _access_token(service: "Service", identity_token: str | None, output: Output, *, no_browser: bool) -> str:
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
    path = Path(given)
    try:
        text = path.read_text(encoding="ascii").strip() if len(given) < 1024 and path.is_file() else given.strip()
    except (OSError, ValueError) as error:
        raise WrongUsage(
            "The identity token cannot be read.",
            why=f"expected a readable text file, got: {error}",
            hint=f"Set {TOKEN_VARIABLE} to the token itself.",
        ) from error
    if text.count(".") != 2 or not text.isascii() or any(c.isspace() for c in text):
        raise WrongUsage(
            "The identity token is not a JWT.",
            why="expected three parts with dots between",
            hint=f"Set {TOKEN_VARIABLE} to the token, or to a file that holds it.",
        )
    return text


def _asked_declarations(
    service: "Service", kind: str, declared: dict[str, Any], output: Output, step: "Step"
) -> dict[str, Any]:
    from mcla.cli.declarations import ask
    from mcla.cli.questions import questions

    with step("Asking for the questions…"):
        asked = questions(service, kind)
    return ask(asked, declared, output)
