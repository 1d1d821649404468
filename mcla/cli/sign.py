# SPDX-License-Identifier: Apache-2.0
"""`mcla sign`: hash, sign in through the browser, read what will be signed, agree, keep the proof.

Nothing but names, digests and sizes leaves this computer. Without a terminal the command signs only when `--yes` was
given: agreement is never assumed.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.options import listing, no_cache, with_git
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.person import TOKEN_VARIABLE, access_token, agree, somebody_asks
from mcla.statements.company import POWERS
from mcla.statements.parts import KINDS

if TYPE_CHECKING:
    from mcla.artifacts.manifest import Manifest
    from mcla.cli.ceremony import Asked, Draft
    from mcla.cli.described import Described
    from mcla.cli.failure import Failure
    from mcla.cli.proof import Places
    from mcla.cli.service import Service
    from mcla.cli.steps import Step, Steps
    from mcla.statements.statement import Contribution

RELEASED = ("project", "kind", "files", "declarations", "tensors", "agreement", "office")
"""What a request for a release has of what is asked to be signed."""


@click.command("sign")
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(exists=True, readable=False, path_type=Path))
@click.option("--service", "url", required=True, metavar="URL", help="The service that keeps the agreement.")
@click.option("--project", required=True, help="The project that gets the files.")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="What the files are.")
@click.option("--company", metavar="ID", help="Give for a company that lists you (com_…), not for yourself.")
@click.option(
    "--agreement",
    metavar="SLUG",
    help="Offer these files alone, under an agreement such as mcla-grant: nothing has to be accepted before, and it "
    "counts once the foundation counter-signs. Default: the agreement that you accepted.",
)
@click.option("--title", metavar="TEXT", help="With --company and --agreement: your title at the company.")
@click.option("--power", type=click.Choice(POWERS), help="With them too: whence your power to sign for it comes.")
@click.option(
    "--declarations",
    "declared_in",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="TOML or JSON file with the schedule's answers; asked on a terminal if missing.",
)
@click.option(
    "--from-bundle",
    "earlier",
    multiple=True,
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="What a Sigstore tool wrote when you signed these files with it at this service: the statement names that "
    "signature, so that its time stays provable. May be given several times.",
)
@click.option(
    "--metadata",
    "described_in",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="Model card (README.md) or Croissant file: what it says is proposed, question by question, on a terminal.",
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
@with_git
@click.option("--no-browser", is_flag=True, help="Print the sign-in address only.")
@speaks
def command(
    paths: tuple[Path, ...],
    url: str,
    project: str,
    kind: str,
    company: str | None,
    agreement: str | None,
    title: str | None,
    power: str | None,
    declared_in: Path | None,
    described_in: Path | None,
    earlier: tuple[Path, ...],
    identity_token: str | None,
    target: Path | None,
    overwrite: bool,
    yes: bool,
    no_input: bool,
    no_browser: bool,
    listing: Path | None,
    no_cache: bool,
    with_git: bool,
) -> None:
    """Sign a contribution: bind files to the agreement you accepted.

    Only names, digests and sizes are sent, never the files. You sign in with your browser, see what will be signed,
    and agree; the proof is a bundle that anybody can verify offline.
    """
    from mcla.cli.ceremony import Asked
    from mcla.cli.claims import files_to_sign, named, send_tensors
    from mcla.cli.declarations import read_declarations
    from mcla.cli.described import described_by
    from mcla.cli.earlier import read_earlier
    from mcla.cli.proof import places_for
    from mcla.cli.review import show
    from mcla.cli.service import Service
    from mcla.cli.steps import Steps

    output = current()
    steps = Steps(output)
    office = _office(company, agreement, title, power)
    asking = somebody_asks(yes=yes, no_input=no_input)
    places = places_for(paths, target, overwrite=overwrite)
    declared = read_declarations(declared_in) if declared_in else {}
    described = described_by(described_in, asking=asking)
    with Service(url, sleep=steps.sleep) as service:
        manifest, tensors = files_to_sign(paths, listing, kind, output, cache=not no_cache, git=with_git)
        before = read_earlier(earlier, manifest)
        if asking:
            declared = _asked_declarations(service, kind, agreement, declared, described, output, steps.step)
        with steps.step("Signing in…"):
            service.token = access_token(service, identity_token, output, no_browser=no_browser)
        with steps.step("Asking for the statement…"):
            wish = Asked(project, kind, manifest, declared, named(tensors), before, company, agreement, office)
            draft = _draft_of(service, wish, declared_in)
        show(draft, manifest, output)
        agree(draft.statement.consent.button, yes=yes)
        done = _sign_and_keep(service, draft, manifest, places, steps)
        send_tensors(service, done, tensors, output)
        _tell_offer(service, draft, done, places)


def _sign_and_keep(
    service: "Service", draft: "Draft[Contribution]", manifest: "Manifest", places: "Places", steps: "Steps"
) -> dict[str, Any]:
    """Sign what was agreed to, verify the proof here and store it; what the service answered."""
    from mcla.cli.ceremony import sign_draft
    from mcla.cli.proof import confirm, keep

    done = sign_draft(service, draft, steps.step)
    with steps.step("Checking the proof…"):
        text = confirm(done, manifest, service, draft)
    keep(text, done, manifest, places, current())
    return done


def _tell_offer(service: "Service", draft: "Draft[Contribution]", done: dict[str, Any], places: "Places") -> None:
    """Of an offer: that it does not count yet, and how to get the answer that makes it count."""
    from mcla.cli.offers import answer_place

    if offer := draft.statement.offer:
        current().say(
            f"This is an offer: it counts once the foundation counter-signs it, within {offer.days} days. Then "
            f"keep its answer beside the proof:\n  curl -fo {answer_place(places.bundle)} "
            f"{service.origin}/api/v1/contributions/{plain(str(done.get('id')), keep='')}/answer"
        )


def _office(company: str | None, agreement: str | None, title: str | None, power: str | None) -> dict[str, str] | None:
    """Title and power, which an offer for a company has and nothing else."""
    told = {"title": title, "power": power}
    if company and agreement:
        if title is None or power is None:
            raise click.UsageError("An offer for a company takes --title and --power too: it binds the company.")
        return {"title": title, "power": power}
    if any(told.values()):
        raise click.UsageError("--title and --power are told with --company and --agreement alone.")
    return None


def _asked_declarations(
    service: "Service",
    kind: str,
    agreement: str | None,
    declared: dict[str, Any],
    described: "Described | None",
    output: Output,
    step: "Step",
) -> dict[str, Any]:
    from mcla.cli.asking import ask
    from mcla.cli.declarations import tidied
    from mcla.cli.questions import questions

    with step("Asking for the questions…"):
        asked = questions(service, kind, agreement)
    if declared:  # whoever wrote a file left out on purpose what may stay open
        asked = [field for field in asked if field.required]
    return tidied(ask(asked, declared, output, datetime.now(UTC).date(), described))


def _draft_of(service: "Service", asked: "Asked", declared_in: Path | None) -> "Draft[Contribution]":
    """The draft; a refusal of answers names the lines of the file that they came from."""
    from mcla.cli.ceremony import open_draft
    from mcla.cli.declarations import at_lines
    from mcla.cli.failure import ServiceRefused

    try:
        return open_draft(service, asked)
    except ServiceRefused as refusal:
        if refusal.problem_code == "release-needed":
            raise _release_of(service, asked) from None
        raise at_lines(refusal, declared_in) if declared_in else refusal from None


def _release_of(service: "Service", asked: "Asked") -> "Failure":
    """Ask for the release by a second person; what to say then."""
    from mcla.cli.failure import Failure

    wanted = {name: value for name, value in asked.to_dict().items() if name in RELEASED}
    made = service.post(f"/api/v1/companies/{asked.company}/releases", wanted)
    return Failure(
        "A second person of the company has to release these files first.",
        why=f"expected a release, asked for one at {made.get('url')}",
        hint="Send that address to a manager of the company; when it is released, run the same command again.",
    )
