# SPDX-License-Identifier: Apache-2.0
"""Runs the fuzzer in a process of its own; as a program (`make fuzz`), each parser for a number of seconds.

Usage: driver.py SECONDS. Prints `COUNT fuzz_<parser> <faults> <=0 ok|short`; inputs at fault are kept in var/fuzz.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz.seeds import write_seeds
from fuzz.targets import NAMES

ROOT = Path(__file__).resolve().parents[2]
LIMITS = ("-max_len=200000", "-timeout=5", "-rss_limit_mb=1024")


def fuzz(name: str, corpus: Path, *options: str, timeout: float) -> "subprocess.CompletedProcess[str]":
    """Fuzz one parser, or `all`, from the inputs in `corpus`; the input at fault is written beside it."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    script = str(ROOT / "tests" / "fuzz" / "fuzzing.py")
    command = [sys.executable, script, name, str(corpus), *LIMITS, f"-artifact_prefix={corpus.parent}/", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout, check=False)


def main() -> None:
    spent, short = int(sys.argv[1]), False
    kept = ROOT / "var" / "fuzz"
    with tempfile.TemporaryDirectory() as home:
        for name in NAMES:
            corpus = kept / name / "corpus"
            write_seeds(corpus, Path(home), only=name)
            done = fuzz(name, corpus, f"-max_total_time={spent}", timeout=spent + 60)
            ok = done.returncode == 0
            print(f"COUNT fuzz_{name} {0 if ok else 1} <=0 {'ok' if ok else 'short'}", flush=True)
            if not ok:
                print(done.stdout[-3000:], done.stderr[-1000:], sep="\n", file=sys.stderr)
            short |= not ok
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
