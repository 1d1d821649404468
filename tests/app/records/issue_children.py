# SPDX-License-Identifier: Apache-2.0
"""A process that forks children which run `mcla-server`, to be killed in the middle or to run side by side.

Reads JSON lines `{"env", "args", "said"}` on standard input. For each it forks a child, prints its process id, and the
child runs the command with its words going to the file `said`. A line `{"wait": PID}` prints how that child ended.
Everything is imported and the fonts are read before the first fork, so that a run costs what its records cost.
"""

import json
import os
import sys
import traceback
from typing import Any

import app.wiring  # noqa: F401
from app.cli.main import main
from app.records.render import render_html
from app.records.seal import seal  # noqa: F401
from mcla.records.check import verify_record  # noqa: F401


def serve() -> None:
    render_html("<html lang=en><title>x</title><body><p>x")
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            print(os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1]), flush=True)
            continue
        child = os.fork()
        if child == 0:
            _run(asked)
        print(child, flush=True)


def _run(asked: dict[str, Any]) -> None:
    said = os.open(asked["said"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.environ.update(asked["env"])
    code = 1
    try:
        main(asked["args"], prog_name="mcla-server")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
