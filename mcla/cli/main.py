# SPDX-License-Identifier: Apache-2.0
"""The root of `mcla`: finds the command, imports only that one, and turns every error into words and an exit code."""

import importlib
from typing import Any, NoReturn

import click

from mcla import __version__
from mcla.cli.failure import Exit, exit_code_of
from mcla.cli.output import current
from mcla.errors import MclaError

COMMANDS = {
    "hash": "Print the SHA-256 of files and the root over all of them.",
    "sign": "Sign a contribution: bind files to the agreement you accepted.",
    "tensors": "Print the digests of tensors and the root over all of them.",
    "stamp": "Write the address and digest of its proof into the metadata of a safetensors file.",
    "withdraw": "End your own acceptance or contribution, from now on.",
    "company": "Keep the list of a company, and confirm that you give for it.",
    "check": "Check that everybody and everything in this change is covered.",
    "verify": "Check a file, folder, digest or bundle, offline; or the signed answer to a check.",
    "feed": "Follow a compliance feed: check it against a pinned key, and see what changed.",
    "gate": "Say whether a model may be loaded for a use: exit code 0 yes, 1 no, 3 unknown.",
    "export": "Write what proven contributions say of a release, in a form that others ask for.",
    "terms": "Compare the terms of agreement versions.",
    "licences": "Look up licences of models and data, and ask whether a combination may go out.",
    "lineage": "Draw what an artifact rests on, from claims in files and bundles.",
    "log": "Watch a log from outside; take single proofs out of bundles and check them.",
    "doctor": "Look for what would stand in the way, with the command that fixes it.",
    "help": "Explain a command or a topic (exit-codes).",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports a module only when its command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"mcla.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101  # our own module
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        # From the table above: asking each command for its own line would import them all.
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MclaError as error:
            current().fail(error)
            ctx.exit(exit_code_of(error))
        except (KeyboardInterrupt, click.Abort):
            current().say("\nStopped.")
            ctx.exit(Exit.INTERRUPTED)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mcla", message="%(prog)s %(version)s")
def cli() -> None:
    """Sign contributions to AI models, and check such signatures without asking anybody.

    Exit codes: 0 yes, 1 no, 2 wrong usage, 3 unknown or unreachable (mcla help exit-codes).
    """


def main() -> NoReturn:
    """The installed command."""
    cli(prog_name="mcla")
    raise SystemExit(Exit.YES)
