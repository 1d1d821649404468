# SPDX-License-Identifier: Apache-2.0
"""Keys: apart, private, made once, and refused with the file's name when they cannot be used."""

from pathlib import Path

import pytest
from conftest import NOW

from app.platform.keys import KeyUnusable, create_keys, load_keys


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    create_keys(tmp_path, "mcla.example.org", NOW)
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    create_keys(tmp_path, "mcla.example.org", NOW)
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before


def test_no_key_file_can_be_read_by_others(tmp_path: Path) -> None:
    create_keys(tmp_path, "mcla.example.org", NOW)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_every_kind_has_its_own_key(tmp_path: Path) -> None:
    create_keys(tmp_path, "mcla.example.org", NOW)
    keys = load_keys(tmp_path)
    points = {k.public_key().public_numbers() for k in (keys.ca.key, keys.ct, keys.tsa.key, keys.document.key)}
    assert len(points) == 4


@pytest.mark.parametrize("kind", ["ca", "tsa", "document"])
def test_each_chain_leads_to_its_root(tmp_path: Path, kind: str) -> None:
    create_keys(tmp_path, "mcla.example.org", NOW)
    authority = getattr(load_keys(tmp_path), kind)
    authority.chain[0].verify_directly_issued_by(authority.chain[1])
    authority.chain[1].verify_directly_issued_by(authority.chain[1])
    assert authority.chain[0].subject != authority.chain[1].subject


def test_a_killed_init_is_finished_by_the_next(tmp_path: Path) -> None:
    create_keys(tmp_path, "mcla.example.org", NOW)
    (tmp_path / "keys" / "tsa.crt.pem").unlink()
    create_keys(tmp_path, "mcla.example.org", NOW)
    load_keys(tmp_path)


@pytest.mark.parametrize("name", ["log.key.pem", "ct.key.pem", "ca.key.pem", "tsa.crt.pem", "document.key.pem"])
def test_a_missing_or_broken_file_is_named(tmp_path: Path, name: str) -> None:
    create_keys(tmp_path, "mcla.example.org", NOW)
    (tmp_path / "keys" / name).write_bytes(b"not a key")
    with pytest.raises(KeyUnusable, match=name):
        load_keys(tmp_path)
    (tmp_path / "keys" / name).unlink()
    with pytest.raises(KeyUnusable, match=name):
        load_keys(tmp_path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    create_keys(tmp_path, "mcla.example.org", NOW)
    (tmp_path / "keys" / "log.key.pem").chmod(0o644)
    with pytest.raises(KeyUnusable, match="can be read by others"):
        load_keys(tmp_path)


def test_a_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    create_keys(tmp_path / "a", "mcla.example.org", NOW)
    create_keys(tmp_path / "b", "mcla.example.org", NOW)
    (tmp_path / "a/keys/ca.crt.pem").write_bytes((tmp_path / "b/keys/ca.crt.pem").read_bytes())
    with pytest.raises(KeyUnusable, match="does not certify"):
        load_keys(tmp_path / "a")
