# SPDX-License-Identifier: Apache-2.0
"""The files of declarations that the pages show are complete answers to the questions that are asked today."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from mcla.terms import Kind, Letter, check_declarations, parse_schedule

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "contributor.md").read_text(encoding="utf-8")
WEIGHTS = re.search(r"cat > weights\.toml <<'END'\n(.+?)END\n", PAGE, flags=re.DOTALL)
DATA, SAFETY = re.findall(r"```toml\n(.+?)```", PAGE, flags=re.DOTALL)
EXAMPLES = [("weights", "W", WEIGHTS[1] if WEIGHTS else ""), ("data", "D", DATA), ("safety", "S", SAFETY)]


@pytest.mark.parametrize(("kind", "letter", "text"), EXAMPLES)
def test_an_example_answers_everything_that_is_asked_for_its_kind(kind: Kind, letter: Letter, text: str) -> None:
    path = ROOT / "agreements" / "mcla-individual" / "1.0.0" / "schedules" / f"{letter}.toml"
    schedule, given = parse_schedule(path.read_bytes(), letter).for_kind(kind), tomllib.loads(text)
    assert set(check_declarations(schedule, given, date(2026, 11, 26))) == set(given)
