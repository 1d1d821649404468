# SPDX-License-Identifier: Apache-2.0
"""Pages without a noun: each error code has a page, each operation is in the reference, sizes and times read well."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platform.formats import day_text, short_digest, size_text, time_text
from app.platform.pages import SERVED, TERMINALS, operations, troubles, type_text
from mcla.errors import MclaError


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_239_748, "1.2 MB"),
        (99_949_999, "99.9 MB"),
        (6_400_000_000, "6.4 GB"),
        (2**53, "9.0 PB"),
    ],
)
def test_sizes_have_three_figures_at_most(size: int, text: str) -> None:
    assert size_text(size) == text


def test_months_are_letters_and_times_say_their_zone() -> None:
    at = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)
    assert day_text(at) == "3 May 2026"
    assert time_text(at) == "3 May 2026, 14:05 UTC"


def test_a_short_digest_keeps_both_ends() -> None:
    assert short_digest("sha256:" + "ab" * 31 + "cdef"[:2]) == "abababab…abcd"


def test_every_error_class_has_a_page_that_says_what_to_do(client: FlaskClient) -> None:
    listed = {trouble.code: trouble for trouble in troubles()}
    codes = {kind.code for kind in _subclasses(MclaError) if "code" in kind.__dict__ and _is_served(kind)}
    assert codes <= set(listed)
    page = client.get("/problems").get_data(as_text=True)
    assert all(f'id="{code}"' in page for code in listed)
    assert client.get("/problems/signing-expired").status_code == 200


def test_no_error_of_a_terminal_or_of_somebody_else_has_a_page() -> None:
    class Foreign(MclaError):
        """Defined outside of the product, such as by a test."""

        code = "of-a-test"

    import app.witness.errors
    import mcla.cli.failure

    told = {trouble.code for trouble in troubles()}
    assert not told & {Foreign.code, app.witness.errors.LogUnknown.code, mcla.cli.failure.WrongUsage.code}


def test_every_meaning_is_a_sentence() -> None:
    assert [trouble.code for trouble in troubles() if not trouble.meaning.endswith(".")] == []


@pytest.mark.parametrize("code", ["no-such-code", "SIGNING-EXPIRED", "%00", "<script>"])
def test_a_code_that_does_not_exist_has_no_page(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/problems/{code}")
    assert answer.status_code == 404
    assert "<script>" not in answer.get_data(as_text=True).replace("<script type", "")


def test_the_reference_shows_every_operation_of_the_document(client: FlaskClient) -> None:
    document: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    page = client.get("/docs/api").get_data(as_text=True)
    found = list(operations(document, "https://mcla.example"))
    assert len(found) == sum(
        len(set(item) & {"get", "post", "put", "patch", "delete"}) for item in document["paths"].values()
    )
    assert all(f'id="{operation.anchor}"' in page for _, operation in found)
    assert len({operation.anchor for _, operation in found}) == len(found)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        ({"enum": ["a", "b"]}, 'one of "a", "b"'),
        ({"const": "acceptance"}, '"acceptance"'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"$ref": "#/components/schemas/X"}, "whole number"),
        ({}, "any"),
    ],
)
def test_types_are_told_in_words(schema: dict[str, Any], text: str) -> None:
    assert type_text({"components": {"schemas": {"X": {"type": "integer"}}}}, schema) == text


@pytest.mark.parametrize("path", ["/", "/agreements", "/privacy", "/no-such-page"])
def test_a_page_carries_no_inline_script_or_style(client: FlaskClient, path: str) -> None:
    page = client.get(path).get_data(as_text=True)
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page


def _is_served(kind: type[MclaError]) -> bool:
    return kind.__module__.startswith(SERVED) and not kind.__module__.startswith(TERMINALS)


def _subclasses(kind: type[MclaError]) -> list[type[MclaError]]:
    return [each for sub in kind.__subclasses__() for each in (sub, *_subclasses(sub))]
