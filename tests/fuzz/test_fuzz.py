# SPDX-License-Identifier: Apache-2.0
"""The parsers under a coverage-guided fuzzer: a short run here, longer ones with `make fuzz`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.driver import fuzz
from fuzz.seeds import seeds, write_seeds
from fuzz.targets import NAMES, TARGETS, trusted_root

ROOT = Path(__file__).resolve().parents[2]


def test_every_parser_takes_its_seeds_and_none_lacks_one(tmp_path: Path) -> None:
    made = seeds(tmp_path)
    assert set(made) == set(NAMES)
    for target in TARGETS:
        for data in made[target.name]:
            target.parse(data)  # accepted, not only refused in the right way
    assert all(trusted_root(data).verified for data in made["trusted-root"])


def test_no_parser_raises_hangs_or_swells_on_what_a_fuzzer_finds(tmp_path: Path) -> None:
    write_seeds(tmp_path / "corpus", tmp_path / "home")
    limits = ("-runs=20000", "-max_total_time=25", "-seed=1", "-print_final_stats=1")
    done = fuzz("all", tmp_path / "corpus", *limits, timeout=100)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "stat::number_of_executed_units" in done.stderr


@pytest.mark.parametrize("fault", ["raise ValueError", "b'x' * 600_000_000", "while True: pass"])
def test_the_fuzzer_finds_a_parser_that_is_at_fault(tmp_path: Path, fault: str) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "one").write_bytes(b"\x00{}")
    script = tmp_path / "planted.py"
    script.write_text(
        "import fuzz.targets as t\n"
        f"def planted(data):\n    if data[:1] == b'{{':\n        {fault}\n"
        "t.TARGETS = (t.Target('bundle', planted),)\n"
        "import runpy, sys\n"
        f"sys.argv = ['f', 'all', {str(corpus)!r}, '-max_total_time=20', '-rss_limit_mb=400', '-timeout=2']\n"
        f"runpy.run_path({str(ROOT / 'tests' / 'fuzz' / 'fuzzing.py')!r}, run_name='__main__')\n"
    )
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode != 0
