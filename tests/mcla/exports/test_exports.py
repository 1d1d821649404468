# SPDX-License-Identifier: Apache-2.0
"""Exports: CycloneDX by its own strict validator, and duties of the AI Act that are never called met by hope."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from notary import Notary, make_notary
from releases import MANY, NOW, ONE, given

from mcla.exports.ai_act import of_licence, of_release
from mcla.exports.cyclonedx import ml_bom
from mcla.exports.release import Release
from mcla.licences.registry import registry


def fault(document: dict[str, Any], version: SchemaVersion) -> Any:
    from cyclonedx.validation.json import JsonStrictValidator  # a CPU second, which every worker would pay

    return JsonStrictValidator(version).validate_str(json.dumps(document))


def is_valid(document: dict[str, Any], version: SchemaVersion) -> None:
    assert fault(document, version) is None


@pytest.mark.parametrize(("spec", "version"), [("1.6", SchemaVersion.V1_6), ("1.7", SchemaVersion.V1_7)])
def test_the_strict_validator_of_cyclonedx_has_nothing_to_say(
    release: Release, spec: Any, version: SchemaVersion
) -> None:
    document = ml_bom(release, NOW, spec)
    is_valid(document, version)
    spoilt = json.loads(json.dumps(document))
    spoilt["components"][0]["colour"] = "red"
    assert fault(spoilt, version) is not None


def test_every_licence_of_the_table_can_be_declared(notary: Notary) -> None:
    bases = [{"name": each.id, "revision": "1", "relation": "merge", "licence": each.id} for each in registry()]
    is_valid(ml_bom(Release("tiny", "1", (given(notary, declarations={"bases": bases}),)), NOW), SchemaVersion.V1_6)


@pytest.mark.parametrize(("spec", "version"), [("1.6", SchemaVersion.V1_6), ("1.7", SchemaVersion.V1_7)])
def test_several_licences_are_an_expression_and_words_that_are_none_stay_words(
    notary: Notary, spec: Any, version: SchemaVersion
) -> None:
    told = ["mit OR (apache-2.0 AND llama3.1)", "MIT AND my own terms", "MIT, and more"]
    release = Release("tiny", "1", tuple(given(notary, declarations={"outbound": each}) for each in told))
    document = ml_bom(release, NOW, spec)
    is_valid(document, version)
    licences = [each["licenses"][0] for each in document["components"]]
    assert licences[0] == {
        "expression": "MIT OR (Apache-2.0 AND LicenseRef-llama-3.1)", "acknowledgement": "declared"
    }  # fmt: skip
    assert [each["license"]["name"] for each in licences[1:]] == told[1:]


def test_what_was_stated_is_there_and_what_was_not_is_absent(release: Release) -> None:
    model, data, bare, code = ml_bom(release, NOW)["components"]
    assert model["hashes"] == [{"alg": "SHA-256", "content": ONE.files[0].sha256}]
    assert model["licenses"] == [{"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}]
    assert [each["name"] for each in model["pedigree"]["ancestors"]] == ["example/base", "example/data"]
    assert model["pedigree"]["ancestors"][0]["licenses"][0]["license"]["name"] == "LicenseRef-llama-3.1"
    assert model["modelCard"]["modelParameters"]["datasets"][0]["contents"] == {"url": "https://example.org/birds"}
    assert (data["type"], len(data["components"]), data["data"][0]["name"]) == ("data", 3, "Field notes")
    assert not {"licenses", "pedigree", "modelCard"} & set(bare)
    assert code["type"] == "file"
    told = {each["name"]: each["value"] for each in model["properties"]}
    assert (told["mcla:manifest:root"], told["mcla:standing"]) == (ONE.root, "It is in force.")


def test_the_same_release_has_the_same_number_and_another_another(release: Release) -> None:
    again = ml_bom(release, datetime(2027, 1, 1, tzinfo=UTC))
    assert again["serialNumber"] == ml_bom(release, NOW)["serialNumber"]
    assert ml_bom(replace(release, version="1.0.1"), NOW)["serialNumber"] != again["serialNumber"]


@pytest.mark.parametrize(
    ("licences", "state"),
    [
        (["Apache-2.0"], "met"),
        (["Apache-2.0", "CC-BY-NC-4.0"], "lost"),
        (["LicenseRef-llama-3.1"], "lost"),
        (["Apache-2.0", "no such licence"], "open"),
        (["Apache-2.0", None], "open"),
        ([None], "open"),
    ],
)
def test_the_exemption_is_lost_by_the_worst_licence_and_open_by_what_is_unknown(
    notary: Notary, licences: list[str | None], state: str
) -> None:
    release = Release(
        "tiny", "1", tuple(given(notary, declarations={"outbound": each} if each else {}) for each in licences)
    )
    assert [each.state for each in of_release(release)[:2]] == [state, state]


@pytest.mark.parametrize(
    ("declarations", "state"),
    [
        ({"bases": [{"name": "b", "relation": "fine-tune", "licence": "MIT"}]}, "met"),
        ({"bases": [{"name": "b", "relation": "fine-tune", "licence": "LicenseRef-llama-3.1"}]}, "lost"),
        ({"bases": [{"name": "b", "relation": "trained-on-data", "licence": "LicenseRef-llama-3.1"}]}, "met"),
        ({"bases": [{"name": "b", "relation": "merge"}]}, "open"),
        ({"bases": [{"name": "b", "relation": "merge", "licence": "no such licence"}]}, "open"),
        ({"compute": {"value": "2", "unit": "FLOP"}, "base_compute": {"value": "1e25", "unit": "FLOP"}}, "lost"),
        ({"compute": {"value": "1e25", "unit": "FLOP"}}, "met"),
    ],
)
def test_a_licence_freer_than_its_bases_or_too_much_training_keeps_no_exemption(
    notary: Notary, declarations: dict[str, Any], state: str
) -> None:
    release = Release("tiny", "1", (given(notary, declarations={"outbound": "Apache-2.0"} | declarations),))
    assert [each.state for each in of_release(release)[:2]] == [state, state]


def test_what_stays_due_for_open_models_is_never_met_by_declarations(release: Release) -> None:
    duties = {each.duty: each for each in of_release(release)}
    assert duties["copyright policy"].state == duties["summary of training content"].state == "open"
    assert duties["copyright policy"].evidence == ("Tiny model: opt-outs were respected",)
    assert "Birds: opt-outs" in duties["copyright policy"].missing
    assert "Tiny model: screening for unlawful content" in duties["summary of training content"].missing
    assert all(each.source for each in duties.values())


def test_every_licence_has_a_view_with_its_sources() -> None:
    states = {each.id: {duty.state for duty in of_licence(each)} for each in registry()}
    assert states["MIT"] == {"met"}
    assert states["CC-BY-NC-4.0"] == {"lost"}
    assert states["LicenseRef-none"] <= {"open", "lost"}


def test_nothing_unproven_is_exported(notary: Notary, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from mcla.cli.main import cli

    trust, bundle = tmp_path / "trust.json", tmp_path / "model.sigstore.json"
    trust.write_bytes(notary.trust())
    bundle.write_bytes(notary.bundle(ONE, given(notary).statement))

    def run(form: str, *more: str) -> Any:
        args = ["export", bundle, "--format", form, "--name", "tiny", "--release", "1", "--trust", trust, *more]
        return CliRunner().invoke(cli, list(map(str, args)))

    is_valid(json.loads(run("cyclonedx-1.7").stdout), SchemaVersion.V1_7)
    assert json.loads(run("ai-act").stdout)["duties"][0]["state"] == "lost"  # its base is under other terms
    assert json.loads(run("spdx-3.0.1").stdout)["@graph"][0]["specVersion"] == "3.0.1"
    texts = {form: run(form).stdout for form in ("safe-harbour", "eu-training-content", "model-card")}
    assert [text.splitlines()[0][:20] for text in texts.values()] == [
        "# Evidence for the A",
        "# Public summary of ",
        "---",
    ]
    assert "Not in the card: library_name" in run("model-card").stderr
    for form in texts:
        assert json.loads(run(form, "--json").stdout)
    stranger = make_notary(tmp_path / "stranger", "https://mcla.example.org")
    bundle.write_bytes(stranger.bundle(ONE))
    assert (run("safe-harbour").exit_code, run("spdx-3.0.1").stdout) == (3, "")
    bundle.write_bytes(notary.bundle(MANY, given(notary, MANY, kind="code", schedule=None, declarations={}).statement))
    assert (run("model-card", "--json").exit_code, json.loads(run("model-card", "--json").stdout)["error"]["code"]) == (
        2, "no-model")  # fmt: skip
    bundle.write_text("{}")
    assert run("ai-act").exit_code == 3
