# SPDX-License-Identifier: Apache-2.0
"""The API document against the OpenAPI Initiative's own JSON schema for version 3.1, as schemathesis carries it."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from schemathesis.specs.openapi.definitions import OPENAPI_31

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no database has a say in it


def errors(document: Any) -> Iterator[Any]:
    from jsonschema import Draft202012Validator  # a CPU second, which every worker would pay that collects this

    return Draft202012Validator(OPENAPI_31).iter_errors(document)


def test_the_document_is_valid_openapi_3_1(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1.")
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors(document)] == []


def test_a_document_with_a_fault_would_be_noticed(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    for spoil in (
        lambda each: each.pop("info"),
        lambda each: each["paths"].update(nonsense={}),
        lambda each: each["paths"]["/api/v1/verify"]["post"]["requestBody"].pop("content"),
    ):
        changed = copy.deepcopy(document)
        spoil(changed)
        assert list(errors(changed))
