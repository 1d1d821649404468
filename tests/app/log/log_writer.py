# SPDX-License-Identifier: Apache-2.0
"""A process that appends: `log_writer.py URL HOME NAME COUNT` prints one JSON line for each acknowledgement."""

import json
import sys
from pathlib import Path

from log_tools import log_over

from app.platform.db import Database


def main() -> None:
    url, home, name, count = sys.argv[1:]
    log = log_over(Database(url), Path(home))
    log.recover()
    print("ready", flush=True)
    sys.stdin.readline()  # all start together
    for number in range(int(count)):
        # Every third body is the same in every process: it must get one index.
        body = f"{'all' if number % 3 == 0 else name} {number}"
        (receipt,) = log.append([body.encode()])
        print(json.dumps({"body": body, "index": receipt.index, "checkpoint": receipt.checkpoint}), flush=True)


if __name__ == "__main__":
    main()
