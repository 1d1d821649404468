# SPDX-License-Identifier: Apache-2.0
"""The files that a project takes into its CI: valid for whoever reads them, harmless, and as the docs show them."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ("action.yml", "ci/forgejo/mcla-check.yml", "ci/gitlab/mcla-check.yml")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOST_LINES = 10


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((ROOT / name).read_text(encoding="utf-8")))


def shown() -> dict[str, str]:
    """The examples of the docs, by the forge that they are for."""
    blocks = BLOCK.findall((ROOT / "docs/ci.md").read_text(encoding="utf-8"))
    marks = {"github": "merge_group", "gitlab": "include:", "pre-commit": "repos:"}
    return {name: next(block for block in blocks if mark in block) for name, mark in marks.items()}


def check_schema(kind: str, document: Any) -> None:
    """Hold a document against the public schema of its kind, out of a package that carries them."""
    import jsonschema  # a CPU second, which every worker would pay that collects this

    text = files("check_jsonschema").joinpath(f"builtin_schemas/vendor/{kind}.json").read_text(encoding="utf-8")
    validator = jsonschema.Draft7Validator(json.loads(text))
    assert [error.message for error in validator.iter_errors(document)] == []


def as_json(document: Any) -> Any:
    """YAML 1.1 reads the key `on` as true."""
    return {("on" if key is True else key): value for key, value in document.items()}


def test_each_file_follows_the_schema_of_its_forge() -> None:
    check_schema("github-actions", documents("action.yml")[0])
    check_schema("github-workflows", as_json(documents("ci/forgejo/mcla-check.yml")[0]))
    for document in documents("ci/gitlab/mcla-check.yml"):
        check_schema("gitlab-ci", document)


def test_what_the_docs_show_follows_it_too_and_stays_short() -> None:
    examples = shown()
    check_schema("github-workflows", as_json(yaml.safe_load(examples["github"])))
    check_schema("gitlab-ci", yaml.safe_load(examples["gitlab"]))
    for example in examples.values():
        assert len(example.splitlines()) <= MOST_LINES


def test_the_docs_give_every_input_that_is_required_and_none_that_is_unknown() -> None:
    action = documents("action.yml")[0]["inputs"]
    given = yaml.safe_load(shown()["github"])["jobs"]["mcla"]["steps"][-1]["with"]
    template = documents("ci/gitlab/mcla-check.yml")[0]["spec"]["inputs"]
    asked = yaml.safe_load(shown()["gitlab"])["include"][0]["inputs"]
    copied = as_json(documents("ci/forgejo/mcla-check.yml")[0])["jobs"]["mcla"]["steps"][-1]["with"]
    for inputs, named in ((action, given), (template, asked), (action, copied)):
        assert {name for name, each in inputs.items() if "default" not in each} <= set(named) <= set(inputs)


def test_the_docs_name_a_hook_that_there_is() -> None:
    wanted = yaml.safe_load(shown()["pre-commit"])["repos"][0]["hooks"][0]
    hook = documents(".pre-commit-hooks.yaml")[0][0]
    assert wanted["id"] == hook["id"]
    assert hook["stages"] == ["pre-push"]


def scripts(document: Any) -> list[str]:
    """Every text that a shell would read."""
    if isinstance(document, dict):
        own = [document[name] for name in ("run", "script") if name in document]
        texts = [text for each in own for text in (each if isinstance(each, list) else [each])]
        return texts + [text for value in document.values() for text in scripts(value)]
    return [text for value in document for text in scripts(value)] if isinstance(document, list) else []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_value_from_outside_is_put_into_a_script(name: str) -> None:
    found = [text for document in documents(name) for text in scripts(document)]
    assert found or name.startswith("ci/forgejo")
    for text in found:
        assert not re.search(r"\$\{\{|\$\[\[", text)


@pytest.mark.parametrize("name", [*WORKFLOWS, "docs/ci.md"])
def test_nothing_wants_more_rights_than_to_read(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"^\s*(on:.*pull_request_target|pull_request_target:)", text, re.MULTILINE)
    assert "secrets." not in text
    assert not re.search(r"(contents|actions|checks|statuses): *write", text)


def test_every_input_of_the_action_reaches_the_command() -> None:
    action = documents("action.yml")[0]
    step = action["runs"]["steps"][0]
    named = re.findall(r"inputs\.([a-z-]+)", json.dumps(step["env"]))
    assert sorted(named) == sorted(action["inputs"])
    assert action["inputs"]["token"]["default"] == "${{ github.token }}"
