# SPDX-License-Identifier: Apache-2.0
"""`mcla help`: the same text as `--help`, and the topics that belong to no single command."""

import click

from mcla.cli.failure import WrongUsage
from mcla.cli.output import current

EXIT_CODES = """\
Exit codes of mcla, fixed within a major version:

  0    yes: covered, verified, signed, hashed, nothing to check or in the way, nobody signs again, allowed
  1    no: not covered, not verified, ended or taken back, refused, you declined, the agreement is not signed,
       somebody signs again, denied, duties missing, claims contradict
  2    wrong usage: an option, path or case that cannot mean anything
  3    unknown: no trust file, no bundle, unreadable input, sign-in missing, service unreachable or answering nonsense,
       a person decides
  130  interrupted with Ctrl-C

mcla check --exit-zero turns its 1 and 3 into 0, for a step that only uploads the report.
A script that must not let anything through treats every code but 0 as a stop.
Text for people may change in any release; exit codes and JSON keys do not."""

TOPICS = {"exit-codes": EXIT_CODES}


@click.command("help")
@click.argument("topic", required=False)
@click.pass_context
def command(context: click.Context, topic: str | None) -> None:
    """Explain a command or a topic (exit-codes)."""
    root = context.find_root()
    group = root.command
    if topic is None:
        current().data(root.get_help())
    elif topic in TOPICS:
        current().data(TOPICS[topic])
    elif isinstance(group, click.Group) and (found := group.get_command(root, topic)):
        with click.Context(found, info_name=topic, parent=root) as inner:
            current().data(found.get_help(inner))
    else:
        names = ", ".join([*TOPICS, *group.list_commands(root)]) if isinstance(group, click.Group) else ""
        raise WrongUsage(f"There is no help on {topic!r}.", why=f"expected one of: {names}", hint="mcla help")
