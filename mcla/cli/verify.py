# SPDX-License-Identifier: Apache-2.0
"""`mcla verify`: is this file, folder, digest or bundle what somebody signed for? Offline unless `--service`.

Needs no more than click and cryptography. The answer is one of three: verified (exit 0), not verified (1), and
unknown (3) when something needed for an answer is missing; unknown is never taken for yes.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from mcla.artifacts.digest import DigestInvalid, check_sha256
from mcla.cli.ends import Wanted
from mcla.cli.failure import Exit, Failure, ServiceRefused, WrongUsage, code_of, exit_code_of
from mcla.cli.options import with_git
from mcla.cli.output import Output, current, speaks
from mcla.cli.record import record_in
from mcla.cli.report import RecordTold, report
from mcla.cli.signed_answer import signed_answer_in, verify_signed
from mcla.cli.signed_licence import licence_decision_in, verify_licence
from mcla.cli.target import Target, beside, look
from mcla.cli.verify_looking import Asked, Question, answer, of_record, trust_at
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.verify.verdict import Verdict


@click.command("verify")
@click.argument("text", metavar="TARGET")
@click.option(
    "--bundle",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The proof. Default: TARGET.sigstore.json.",
)
@click.option(
    "--trust",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The service's trusted_root.json, fetched once.",
)
@click.option(
    "--manifest",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The list of files of a large contribution. Default: beside the bundle.",
)
@click.option(
    "--counter-signature",
    "counter",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The foundation's counter-signature of an offer. Default: NAME.answer.sigstore.json beside the bundle.",
)
@click.option("--identity", metavar="URI", help="Demand this signer, to the letter; together with --issuer.")
@click.option("--issuer", metavar="URL", help="Demand that this service vouched for the signer.")
@click.option(
    "--policy",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="Demand that witnesses saw the log, as this C2SP tlog-policy says.",
)
@click.option(
    "--passkey",
    metavar="SHA256",
    callback=lambda _context, _option, text: _fingerprint(text),
    help="Demand that the passkey whose key has this SHA-256 confirmed it.",
)
@click.option(
    "--earlier",
    multiple=True,
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="Check this bundle by another tool, which the contribution names as signed before. May be repeated.",
)
@click.option(
    "--service",
    "url",
    metavar="URL",
    help="Fetch from this service what was ended, and the bundle when there is none here.",
)
@click.option(
    "--withdrawals",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The service's signed list of what was ended, fetched before.",
)
@click.option(
    "--max-age", type=click.IntRange(0, 3650), default=7, metavar="DAYS", help="How old that list may be. Default: 7."
)
@click.option(
    "--newer",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="A record issued anew: say whether it took the place of this PDF record.",
)
@click.option("--require-in-force", is_flag=True, help="Say yes only if it is known that it has not been ended.")
@click.option("--then", is_flag=True, help="Ask what was valid when it was signed: an end since is told, and is no no.")
@click.option(
    "--head", metavar="SHA", help="Demand that the signed answer to a check is about this commit, as it then was."
)
@with_git
@speaks
def command(
    text: str,
    bundle: Path | None,
    trust: Path | None,
    manifest: Path | None,
    counter: Path | None,
    identity: str | None,
    issuer: str | None,
    policy: Path | None,
    passkey: str | None,
    earlier: tuple[Path, ...],
    url: str | None,
    withdrawals: Path | None,
    max_age: int,
    newer: Path | None,
    require_in_force: bool,
    then: bool,
    head: str | None,
    with_git: bool,
) -> None:
    """Check a file, folder, digest or bundle, offline; or the signed answer to a check.

    TARGET is a path, also of a PDF record, or sha256:HEX. The sentence on top is the answer; the rows say what was
    checked and who had to be believed.
    """
    _refuse_mixed(whole_identity=(identity is None) == (issuer is None), two_questions=require_in_force and then)
    output, target = current(), look(text, bundle_given=bundle is not None)
    if bundle is None and url is None:
        of_a_proof = any((identity, policy, passkey, earlier, require_in_force, counter, manifest))
        if (code := _signed_answer(target, trust, head, output, of_a_proof=of_a_proof)) is not None:
            raise click.exceptions.Exit(code)
    if head is not None:
        raise WrongUsage(
            "--head belongs to the signed answer to a check.",
            why="expected such an answer, got something else",
            hint="Keep one:  mcla check … --answer FILE",
        )
    ends = Wanted(withdrawals, max_age, require_in_force)
    try:
        asked = Asked.of(identity, issuer, policy, passkey, earlier)
        question = Question(target, bundle, trust, manifest, counter, asked, url, ends, with_git)
        verdict, told = _verdict_on(question, newer, output)
    except MclaError as error:
        verdict, told = _as_verdict(error, output), None
    raise click.exceptions.Exit(report(verdict, target, output, then=then, record=told))


def _refuse_mixed(*, whole_identity: bool, two_questions: bool) -> None:
    if not whole_identity:
        raise WrongUsage(
            "--identity and --issuer belong together.",
            why="expected both or neither, got one",
            hint="Name the service that vouches: --issuer https://SERVICE",
        )
    if two_questions:
        raise WrongUsage(
            "--require-in-force and --then are two questions.",
            why="expected one of them, got both",
            hint="Leave out --then to ask about now.",
        )


def _signed_answer(
    target: Target, trust: Path | None, head: str | None, output: Output, *, of_a_proof: bool
) -> Exit | None:
    """The exit code for a signed answer to a check or decision on licences, None if the target is neither.

    `of_a_proof`: something is demanded that only a proof has.
    """
    if (signed := signed_answer_in(target)) is not None:
        if of_a_proof:
            raise WrongUsage(
                "This is the signed answer to a check, which has no signer, witness or end.",
                why="expected --trust and --head alone, got what is demanded of a proof",
                hint=f"mcla verify {target.name} --trust FILE --head SHA",
            )
        return verify_signed(signed, trust_at(trust), target, output, head)
    if (decision := licence_decision_in(target)) is not None:
        return verify_licence(decision, trust_at(trust), target, output)
    return None


def _verdict_on(question: Question, newer: Path | None, output: Output) -> "tuple[Verdict, RecordTold | None]":
    """The verdict on a proof, which a PDF record carries inside unless one lies beside it."""
    if question.bundle is None and beside(question.target) is None:
        pdf = record_in(question.target)
        if pdf is not None:
            return of_record(question, pdf, newer)
    return answer(question, output), None


def _fingerprint(text: str | None) -> str | None:
    try:
        return None if text is None else check_sha256(text)
    except DigestInvalid as error:
        hint = "The signer finds it under “Your account”, beside the passkey."
        raise WrongUsage("--passkey takes the SHA-256 of a passkey's key.", why=error.message, hint=hint) from error


def _as_verdict(error: MclaError, output: Output) -> "Verdict":
    """The verdict in JSON that ends with an error; raises the error where a person reads, or the usage is wrong."""
    from mcla.verify.verdict import Reason, Verdict

    if isinstance(error, ServiceRefused):
        error.exit_code = Exit.UNKNOWN  # what a service refuses to give says nothing about the proof
    if exit_code_of(error) is Exit.USAGE or not output.json:
        raise error
    why = error.why if isinstance(error, Failure) else ""
    message = f"{error.message} {why}".strip()
    word: Literal["unknown", "not-verified"] = "unknown" if exit_code_of(error) is Exit.UNKNOWN else "not-verified"
    return Verdict(word, (Reason(code_of(error), message, error.hint),))
