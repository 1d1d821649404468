# SPDX-License-Identifier: Apache-2.0
"""A process that forks children which do real appends, to be killed or to meet faults under strace.

Reads JSON lines `{"url", "home", "batches", "at_once", "pipes"}` on standard input. For each it forks a child and
prints its process id; the child waits for a byte in `pipes/go`, recovers the log, appends each batch (each in a thread
of its own, if at once) and writes one JSON line of acknowledgement (or of refusal) for each to `pipes/told`. When it
has ended, its wait status is printed. Forking a process that has everything imported makes a crash point cost a tenth
of a second instead of two.
"""

import ctypes
import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from log_tools import append_one, log_over

import app.models  # noqa: F401  every table is known before the first fork
from app.platform.db import Database
from mcla.errors import MclaError


def main() -> None:
    for line in sys.stdin:
        work = json.loads(line)
        child = os.fork()
        if child == 0:
            _child(work)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


def _child(work: dict[str, Any]) -> None:
    status = 1
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # messages must not mix with the process ids
    # Yama lets only ancestors trace a process, unless it says otherwise: PR_SET_PTRACER, any.
    ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
    try:
        go = os.open(Path(work["pipes"]) / "go", os.O_RDONLY)
        told = os.open(Path(work["pipes"]) / "told", os.O_WRONLY)
        os.read(go, 1)
        _append_all(work, told)
        status = 0
    finally:
        os._exit(status)


def _append_all(work: dict[str, Any], told: int) -> None:
    log = log_over(Database(work["url"]), Path(work["home"]))
    with suppress(MclaError):  # the appends will hear of it too
        log.recover()

    def append(batch: list[str]) -> None:
        os.write(told, json.dumps(append_one(log, batch)).encode() + b"\n")

    if work["at_once"]:
        threads = [threading.Thread(target=append, args=(batch,)) for batch in work["batches"]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    else:
        for batch in work["batches"]:
            append(batch)


if __name__ == "__main__":
    main()
