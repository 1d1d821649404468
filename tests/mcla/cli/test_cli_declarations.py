# SPDX-License-Identifier: Apache-2.0
"""The file of declarations: read in one form, found again by line, and held against what the service stated."""

from pathlib import Path
from typing import Any

import pytest

from mcla.cli.declarations import agree, at_lines, line_of, read_declarations
from mcla.cli.failure import ServiceRefused, WrongUsage

HEX = "ab" * 32
TOML = """\
relation = "fine-tune"
compute = { value = 2.5e17, unit = "FLOP" }
[[bases]]
name = "one"
retrieved = 2026-03-01
[[bases]]
name = "two"
sha256 = "x"

[[training_data]]
name = "three"
"""
JSON = """{
  "relation": "fine-tune",
  "bases": [
    {"name": "one"},
    {"name": "two",
     "sha256": "x"}
  ]
}"""


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(text: str, name: str = "answers.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_becomes_json_that_can_be_signed(written: Any) -> None:
    read = read_declarations(written(TOML + 'licence = " "\n'))
    assert read["compute"] == {"value": "2.5e+17", "unit": "FLOP"}
    assert read["bases"] == [{"name": "one", "retrieved": "2026-03-01"}, {"name": "two", "sha256": "x"}]
    assert read["training_data"] == [{"name": "three"}]


@pytest.mark.parametrize(
    ("names", "as_json", "line"),
    [
        (["relation"], False, 1),
        (["bases"], False, 3),
        (["bases", "0", "retrieved"], False, 5),
        (["bases", "1", "sha256"], False, 8),
        (["bases", "1", "licence"], False, 6),
        (["training_data", "0", "name"], False, 11),
        (["training_data", "0", "sha256"], False, 10),
        (["screened"], False, None),
        (["relation"], True, 2),
        (["bases", "0"], True, 4),
        (["bases", "1", "sha256"], True, 6),
        (["bases", "1", "licence"], True, 5),
        (["screened"], True, None),
    ],
)
def test_an_answer_is_found_by_its_line(names: list[str], as_json: bool, line: int | None) -> None:
    assert line_of(JSON if as_json else TOML, names, as_json=as_json) == line


def test_a_refusal_names_file_line_and_part(written: Any) -> None:
    errors = [
        {"pointer": "/declarations/bases/1/sha256", "detail": "takes a SHA-256."},
        {"pointer": "/declarations/screened", "detail": "Choose."},
    ]
    refused = at_lines(ServiceRefused(422, {"detail": "x", "errors": errors}), written(TOML))
    assert (
        refused.why
        == "answers.toml, line 8, bases.1.sha256: takes a SHA-256.; answers.toml, missing, screened: Choose."
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", 'relation = "x"\nrelation = "y"\n', "line 2"),
        ("a.toml", "relation = x", "line 1"),
        ("a.json", '{"relation": "x",\n "relation": "y"}', "'relation' twice"),
        ("a.json", '{"relation":\n}', "line 2"),
        ("a.json", '["relation"]', "got list"),
        ("a.json", "[" * 100_000, "got:"),
        ("a.toml", "x = " + "[" * 100_000, "got:"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(written: Any, name: str, text: str, words: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        read_declarations(written(text, name))
    assert words in refused.value.why
    hint, other = ('{"relation"', "key = value") if name.endswith(".json") else ('relation = "', "{")
    assert hint in refused.value.hint
    assert other not in refused.value.hint + refused.value.why.partition(", got")[0]


STATED: dict[str, Any] = {
    "bases": [{"name": "one", "sha256": HEX}],
    "compute": {"value": "2.5e17", "unit": "FLOP"},
    "media": ["text", "image"],
}
ASKED: dict[str, Any] = {
    "bases": [{"name": "one", "sha256": f"SHA256:{HEX.upper()}"}],
    "compute": "250000000000000000.0 FLOP",
    "media": ["image", "text"],
}


def test_other_spellings_of_the_same_answers_agree() -> None:
    assert agree(STATED, STATED)
    assert agree(ASKED | {"compute": {"value": 2.5e17, "unit": "FLOP"}, "open": False}, STATED)


@pytest.mark.parametrize(
    "changed",
    [
        {"bases": [{"name": "two", "sha256": HEX}]},
        {"bases": [{"name": "one", "sha256": "cd" * 32}]},
        {"bases": [{"name": "one"}]},
        {"bases": [{"name": "one", "sha256": HEX, "licence": "MIT"}]},
        {"bases": [*STATED["bases"], *STATED["bases"]]},
        {"bases": ["one"]},
        {"compute": {"value": "2.6e17", "unit": "FLOP"}},
        {"compute": {"value": "2.5e17", "unit": "GPU hours"}},
        {"compute": "2.5e17"},
        {"media": ["text"]},
        {"media": ["text", "text", "image"]},
        {"more": True},
    ],
)
def test_a_statement_that_says_something_else_does_not_agree(changed: dict[str, Any]) -> None:
    assert not agree(ASKED, STATED | changed)
