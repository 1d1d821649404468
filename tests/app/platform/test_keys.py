# SPDX-License-Identifier: Apache-2.0
"""Keys: apart, private, made once, and refused with the name of what is wrong when they cannot be used."""

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW
from killing import Killed, kill_at

from app.platform.keys import KeyUnusable, create_keys, load_form_secret, load_keys
from app.platform.settings import KeyPlaces, SettingsInvalid, load_settings

HOST = "mcla.example.org"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_keys(tmp_path, HOST, NOW)
    return tmp_path / "keys"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_keys_are_made_once_and_kept(folder: Path) -> None:
    before = contents(folder)
    create_keys(folder.parent, HOST, NOW)
    assert contents(folder) == before


def test_no_file_of_the_keys_folder_can_be_read_by_others(folder: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_every_kind_has_its_own_key(folder: Path) -> None:
    keys = load_keys(folder.parent)
    points = {k.public_key().public_numbers() for k in (keys.ca.key, keys.ct, keys.tsa.key, keys.document.key)}
    assert len(points) == 4


@pytest.mark.parametrize("kind", ["ca", "tsa", "document"])
def test_each_chain_leads_to_its_root_whose_key_is_kept_nowhere(folder: Path, kind: str) -> None:
    authority = getattr(load_keys(folder.parent), kind)
    authority.chain[0].verify_directly_issued_by(authority.chain[1])
    authority.chain[1].verify_directly_issued_by(authority.chain[1])
    assert authority.chain[0].subject != authority.chain[1].subject
    assert sorted(path.name for path in folder.glob(f"{kind}*")) == [f"{kind}.key.pem"]


@pytest.mark.parametrize("name", ["log.key.pem", "ct.key.pem", "ca.key.pem", "document.key.pem"])
def test_a_missing_or_broken_key_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"not a key")
    with pytest.raises(KeyUnusable, match=name) as refused:
        load_keys(folder.parent)
    assert (refused.value.code, bool(refused.value.hint)) == ("key-unusable", True)
    (folder / name).unlink()
    with pytest.raises(KeyUnusable, match=name) as refused:
        load_keys(folder.parent)
    assert (refused.value.code, bool(refused.value.hint)) == ("key-missing", True)


@pytest.mark.parametrize("name", ["log.key.pem", "document.key.pem", "ring.json", "form-tokens"])
def test_a_file_that_others_can_read_is_refused_with_the_command_that_mends_it(folder: Path, name: str) -> None:
    (folder / name).chmod(0o644)
    load = load_form_secret if name == "form-tokens" else load_keys
    with pytest.raises(KeyUnusable, match="can be read by others") as refused:
        load(folder.parent)
    assert (refused.value.code, refused.value.hint) == ("key-exposed", f"Run: chmod 600 {name} (in the keys folder).")


def test_a_file_that_the_file_system_opens_to_others_is_refused_when_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.platform.keys.files.os.link", lambda _, new: Path(new).touch(0o644))
    with pytest.raises(KeyUnusable, match="can be read by others"):
        create_keys(tmp_path, HOST, NOW)


@pytest.mark.parametrize("files", [("ca", "tsa"), ("log", "log-2"), ("document", "document")])
def test_the_key_of_another_ring_is_refused(folder: Path, tmp_path: Path, files: tuple[str, str]) -> None:
    create_keys(tmp_path / "other", HOST, NOW)
    (folder / f"{files[0]}.key.pem").write_bytes((tmp_path / f"other/keys/{files[0]}.key.pem").read_bytes())
    with pytest.raises(KeyUnusable, match="another key than the key ring says") as refused:
        load_keys(folder.parent)
    assert (refused.value.code, bool(refused.value.hint)) == ("key-mismatch", True)


@pytest.mark.parametrize("kind", ["ca", "log", "pqlog"])
def test_a_key_of_another_algorithm_is_refused(folder: Path, kind: str) -> None:
    other = {"ca": "log", "log": "pqlog", "pqlog": "log"}[kind]
    (folder / f"{kind}.key.pem").write_bytes((folder / f"{other}.key.pem").read_bytes())
    with pytest.raises(KeyUnusable, match=f"{kind}.key.pem does not hold"):
        load_keys(folder.parent)


BENT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "version": lambda ring: ring.update(version=2),
    "kind": lambda ring: ring["generations"][0].update(kind="root"),
    "no start": lambda ring: ring["generations"][0].update(start=None),
    "time without zone": lambda ring: ring["generations"][0].update(start="2026-11-22T12:00:00"),
    "no chain": lambda ring: ring["generations"][0].update(chain=[]),
    "chain of another key": lambda ring: ring["generations"][0].update(chain=ring["generations"][3]["chain"]),
    "log with a P-256 key": lambda ring: ring["generations"][2].update(public_key=ring["generations"][1]["public_key"]),
    "second log key with the first": lambda ring: ring["generations"][5].update(
        public_key=ring["generations"][2]["public_key"]
    ),
    "path out of the folder": lambda ring: ring["generations"][0].update(place="file:../ca.key.pem"),
    "unknown home": lambda ring: ring["generations"][0].update(place="tape:1"),
    "member missing": lambda ring: ring["generations"][0].pop("place"),
    "not a list": lambda ring: ring.update(generations=7),
    "nothing signs": lambda ring: ring["generations"][1].update(signs_from=None),
    "two sign": lambda ring: ring["generations"].append(ring["generations"][1]),
}


@pytest.mark.parametrize("change", BENT.values(), ids=BENT.keys())
def test_a_bent_ring_is_refused_with_what_to_do(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    ring = json.loads((folder / "ring.json").read_text())
    change(ring)
    (folder / "ring.json").write_text(json.dumps(ring))
    with pytest.raises(KeyUnusable) as refused:
        load_keys(folder.parent)
    assert refused.value.hint


def test_a_lost_ring_is_never_made_anew_over_keys_that_are_there(folder: Path) -> None:
    (folder / "ring.json").unlink()
    before = contents(folder)
    with pytest.raises(KeyUnusable, match="is missing, but there are keys") as refused:
        create_keys(folder.parent, HOST, NOW)
    assert "backup" in str(refused.value.hint)
    assert contents(folder) == before


@pytest.mark.parametrize("step", range(1, 16))
def test_an_init_that_was_killed_anywhere_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    with monkeypatch.context() as patched:
        kill_at(patched, step)
        with pytest.raises(Killed):
            create_keys(tmp_path, HOST, NOW)
    create_keys(tmp_path, HOST, NOW)
    assert len(load_keys(tmp_path).generations) == 7
    assert len(load_form_secret(tmp_path)) == 32
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ('{"ca": "hsm"}', "expected file, pkcs11:"),
        ('{"root": "file"}', "ROOT"),
        ('{"log": "awskms:alias/log"}', "the keys of log and feed are Ed25519"),
        ('{"document_algorithm": "RSA-1024"}', "'P-256' or 'RSA-3072'"),
        ('{"pqlog": "awskms:alias/log"}', "second key is ML-DSA-44"),
        ('{"pqlog": "pkcs11:token=T;object=a"}', "keep it in a file"),
        ('{"ca": "pkcs11:token=T"}', "expected pkcs11:token=LABEL;object=LABEL"),
        ('{"ca": "pkcs11:token=T;object="}', "expected pkcs11:token=LABEL;object=LABEL"),
        ('{"ca": "pkcs11:token=T;object=a;id=%01"}', "expected pkcs11:token=LABEL;object=LABEL"),
        ('{"ca": "pkcs11:token=T;object=a?pin-value=1234"}', "MCLA_PKCS11_PIN_FILE"),
        ("[]", "KEYS"),
    ],
)
def test_a_home_that_cannot_be_is_refused_with_what_it_should_be(places: str, why: str) -> None:
    with pytest.raises(SettingsInvalid, match=why):
        load_settings({"MCLA_KEYS": places})


def test_the_pin_comes_from_one_place_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("4711\n")
    from_file = load_settings({"MCLA_PKCS11_PIN_FILE": str(tmp_path / "pin")})
    given = load_settings({"MCLA_PKCS11_PIN": "4711"})
    assert from_file.token.pin == given.token.pin == "4711"
    for settings in (from_file, given):
        assert "4711" not in f"{settings!r} {settings.token!r} {settings.model_dump_json()}"
    with pytest.raises(SettingsInvalid, match="given twice"):
        load_settings({"MCLA_PKCS11_PIN_FILE": str(tmp_path / "pin"), "MCLA_PKCS11_PIN": "4711"})
    with pytest.raises(SettingsInvalid, match="MCLA_PKCS11_PIN_FILE cannot be read"):
        _ = load_settings({"MCLA_PKCS11_PIN_FILE": str(tmp_path / "none")}).token


@pytest.mark.parametrize(
    ("extra", "package", "place"),
    [("pkcs11", "pkcs11", "pkcs11:token=T;object=ca"), ("kms", "boto3", "awskms:alias/a")],
)
def test_a_home_whose_package_is_missing_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: str, package: str, place: str
) -> None:
    import sys

    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    for module in ("app.platform.keys.pkcs11_token", "app.platform.keys.aws_kms"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(KeyUnusable, match=f"needs the extra '{extra}'") as refused:
        create_keys(tmp_path, HOST, NOW, KeyPlaces(ca=place))
    assert refused.value.hint == f'Run: pip install "mcla[server,{extra}]"'
