# SPDX-License-Identifier: Apache-2.0
"""Personal fields are withheld one by one: what is told fits its digest, and what is not cannot be found by trying."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest

from mcla.records.fields import NAMES, SECRET, FieldsInvalid, Personal, read_personal

SECRET_BYTES = bytes(range(32))
VALUES = {"name": "Ada Li", "login": "ada", "subject": "7", "email": None, "address": "2001:db8::17",
          SECRET: base64.b64encode(SECRET_BYTES).decode()}  # fmt: skip


@pytest.fixture
def whole() -> Personal:
    return Personal.of(VALUES, SECRET_BYTES, "rec_1")


def test_a_record_tells_every_field_and_a_copy_those_that_are_shown(whole: Personal) -> None:
    shown = read_personal(whole.telling(["name", "address"]).to_dict())
    assert {name: told.value for name, told in shown.fields.items()} == {"name": "Ada Li", "address": "2001:db8::17"}
    assert shown.withheld == tuple(name for name in NAMES if name not in ("name", "address"))
    assert shown.root == whole.root
    assert read_personal(whole.to_dict()) == whole
    assert whole.withheld == ()


def test_a_withheld_field_is_shown_later_by_its_salt_and_value_alone(whole: Personal) -> None:
    copy_of_it = whole.telling([])
    assert copy_of_it.digests["name"] == whole.fields["name"].digest("name")
    assert whole.fields["name"].digest("login") != copy_of_it.digests["login"]


def test_the_same_value_has_another_salt_in_every_field_and_record(whole: Personal) -> None:
    alike = dict.fromkeys(NAMES, "same")
    here, there = (Personal.of(alike, SECRET_BYTES, record) for record in ("rec_1", "rec_2"))
    assert len({*here.digests.values(), *there.digests.values()}) == 2 * len(NAMES)
    assert all(len(base64.b64decode(told.salt)) == 16 for told in whole.fields.values())
    assert Personal.of(VALUES, SECRET_BYTES, "rec_1") == whole


def test_a_copy_never_tells_the_secret_that_opens_all_salts(whole: Personal) -> None:
    assert SECRET not in whole.telling([name for name in NAMES if name != SECRET]).fields
    for name in (SECRET, "iban", "", "Name"):
        with pytest.raises(FieldsInvalid, match="expected fields to show among name, login"):
            whole.telling([name])


SPOILED: dict[str, Callable[[dict[str, Any]], object]] = {
    "another value": lambda told: told["fields"]["name"].update(value="Eve"),
    "another salt": lambda told: told["fields"]["name"].update(salt="AAAAAAAAAAAAAAAAAAAAAA=="),
    "a value of nobody": lambda told: told["fields"]["name"].update(value=None),
    "a field without digest": lambda told: told["digests"].pop("name"),
    "a digest of another field": lambda told: told["digests"].update(name=told["digests"]["login"]),
    "a field that is none": lambda told: told["fields"].update(iban=told["fields"]["name"]),
    "a digest more": lambda told: told["digests"].update(iban="00" * 32),
    "another root": lambda told: told.update(root="00" * 32),
    "the secret in a copy": lambda told: told["fields"].pop("email"),
    "no fields": lambda told: told.pop("fields"),
    "a list of fields": lambda told: told.update(fields=[]),
    "a member more": lambda told: told["fields"]["name"].update(more=1),
    "another algorithm": lambda told: told.update(algorithm="MD5"),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_fields_that_do_not_fit_are_refused(whole: Personal, spoil: str) -> None:
    told = copy.deepcopy(whole.to_dict())
    SPOILED[spoil](told)
    with pytest.raises(FieldsInvalid):
        read_personal(told)


@pytest.mark.parametrize("junk", [None, [], "x", 7, {}, {"fields": {"name": 1}, "digests": {}}, {"fields": None}])
def test_what_is_no_list_of_fields_is_refused(junk: object) -> None:
    with pytest.raises(FieldsInvalid):
        read_personal(junk)
