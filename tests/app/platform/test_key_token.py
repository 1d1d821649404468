# SPDX-License-Identifier: Apache-2.0
"""Keys in a PKCS#11 token, on SoftHSM2: every proof is made through it, and nothing of a key is ever on disk."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import NOW
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from interop.private_sigstore import HOST, ORIGIN, PAYLOAD, SIGNER, PrivateSigstore
from interop.stock import stock_verify
from tokens import SoftToken

from app.cli.main import main
from app.platform.keys import KeyUnusable, create_keys, load_keys
from app.platform.keys.rotate import rotate
from app.platform.keys.values import KINDS
from app.platform.settings import KeyPlaces, Settings, TokenSettings
from app.records.selftest import self_test
from app.signing.trust import trusted_root
from mcla.verify.verifier import verify_bundle


@pytest.fixture
def settings(token: SoftToken, tmp_path: Path) -> Settings:
    """A service whose keys live in the token, under names of this test; ML-DSA-44 is a file."""
    name = hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]
    made = Settings(
        home=tmp_path,
        origin=ORIGIN,
        keys=KeyPlaces(**{kind: token.uri(f"{name}-{kind}") for kind in KINDS if kind != "pqlog"}),
        pkcs11_module=token.module,
        pkcs11_pin=token.pin,
    )
    create_keys(tmp_path, HOST, NOW, made.keys, made.token)
    return made


def changed(settings: Settings, **values: Any) -> TokenSettings:
    return TokenSettings(values.get("module", settings.pkcs11_module), values.get("pin", settings.token.pin))


def test_certificate_sct_timestamp_head_and_seal_are_made_by_the_token(settings: Settings) -> None:
    keys = load_keys(settings.home, settings.token)
    data = PrivateSigstore(keys).sign(PAYLOAD).bytes()
    trust = trusted_root(keys, settings)
    assert verify_bundle(data, trust, identity=SIGNER, issuer=ORIGIN).verified
    assert stock_verify(data, trust) == PAYLOAD
    self_test(keys, trust, NOW)
    assert [path.name for path in (settings.home / "keys").glob("*.pem")] == ["pqlog.key.pem"]


def test_a_key_in_the_token_cannot_be_read_out(settings: Settings, token: SoftToken) -> None:
    import pkcs11

    load_keys(settings.home, settings.token)
    lib = pkcs11.lib(token.module)
    with lib.get_token(token_label=token.label).open() as session:
        found = list(session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}))
        assert len(found) >= 5
        for key in found:
            assert (key[pkcs11.Attribute.SENSITIVE], key[pkcs11.Attribute.EXTRACTABLE]) == (True, False)


def test_setting_up_again_makes_no_other_key_and_a_ring_of_another_service_adopts_it(
    settings: Settings, tmp_path: Path
) -> None:
    before = load_keys(settings.home, settings.token)
    create_keys(settings.home, HOST, NOW, settings.keys, settings.token)
    create_keys(tmp_path / "other", HOST, NOW, settings.keys, settings.token)
    for home in (settings.home, tmp_path / "other"):
        keys = load_keys(home, settings.token)
        held = [kind for kind in KINDS if kind != "pqlog"]
        assert [keys.signer(kind).public_key() for kind in held] == [before.signer(kind).public_key() for kind in held]


@pytest.mark.parametrize("kind", ["ca", "log"])
def test_a_rotation_makes_the_next_key_beside_the_old_one(settings: Settings, kind: Any) -> None:
    done = rotate(settings, kind, NOW)
    assert done.new.place == done.old.place + "-2"
    keys = load_keys(settings.home, settings.token)
    assert verify_bundle(PrivateSigstore(keys).sign(PAYLOAD).bytes(), trusted_root(keys, settings)).verified


def test_a_rotation_moves_a_key_from_its_file_into_the_token_and_back(settings: Settings, tmp_path: Path) -> None:
    home = tmp_path / "moving"
    create_keys(home, HOST, NOW)
    into = settings.model_copy(update={"home": home, "keys": KeyPlaces(log=settings.keys.log + "-moved")})
    assert rotate(into, "log", NOW).new.place.endswith("-moved")
    assert list((home / "keys").glob("log*")) == []
    assert rotate(into.model_copy(update={"keys": KeyPlaces()}), "log", NOW).new.place == "file:log-2.key.pem"


def test_many_threads_sign_with_one_token(settings: Settings) -> None:
    key = load_keys(settings.home, settings.token).ct
    messages = [f"message {number}".encode() for number in range(80)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(key.sign, messages))
    for message, signature in zip(messages, signatures, strict=True):
        key.public_key().verify(signature, message, ECDSA(hashes.SHA256()))


def test_a_session_that_was_lost_is_told_once_and_opened_anew(settings: Settings) -> None:
    key: Any = load_keys(settings.home, settings.token).ca.key
    key.sign(b"before")
    key.token.session.close()
    with pytest.raises(KeyUnusable, match="signing with pkcs11:"):
        key.sign(b"while the session is lost")
    assert key.sign(b"after")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "wrong PIN": ({"pin": "9999"}, "PinIncorrect"),
    "no library named": ({"module": ""}, "needs its library"),
    "library that is not there": ({"module": "/nowhere/libhsm.so"}, "/nowhere/libhsm.so"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_a_token_that_cannot_be_reached_says_what_is_wrong_and_tells_no_pin(settings: Settings, case: str) -> None:
    change, why = REFUSED[case]
    known: Any = load_keys(settings.home, settings.token).ca.key
    known.token._forget()  # a log-in counts for the whole process
    with pytest.raises(KeyUnusable, match=why) as refused:
        load_keys(settings.home, changed(settings, **change))
    assert refused.value.hint
    assert "9999" not in f"{refused.value} {refused.value.hint}"
    assert settings.token.pin not in f"{refused.value} {refused.value.hint}"


def test_objects_that_are_no_such_key_are_refused(settings: Settings, token: SoftToken, tmp_path: Path) -> None:
    import pkcs11

    load_keys(settings.home, settings.token)
    with pkcs11.lib(token.module).get_token(token_label=token.label).open(rw=True) as session:
        session.generate_keypair(pkcs11.KeyType.RSA, 1024, store=True, label="rsa")
        for _ in range(2):
            session.create_object(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.DATA,
                    pkcs11.Attribute.LABEL: "data",
                    pkcs11.Attribute.TOKEN: True,
                    pkcs11.Attribute.VALUE: b"x",
                }
            )
    ed25519 = settings.keys.log
    for number, (uri, why) in enumerate(
        [
            (token.uri("rsa"), "rsa does not hold a P-256 key"),
            (token.uri("data"), "NoSuchKey"),
            (ed25519, "does not hold a P-256 key"),
            ("pkcs11:token=nowhere;object=ca", "NoSuchToken"),
        ]
    ):
        with pytest.raises(KeyUnusable, match=why):
            create_keys(tmp_path / str(number), HOST, NOW, KeyPlaces(ca=uri), settings.token)


def test_init_and_doctor_work_with_a_token_and_print_no_pin(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pin").write_text(settings.token.pin + "\n")
    monkeypatch.setenv("MCLA_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("MCLA_DEMO", "true")
    monkeypatch.setenv("MCLA_KEYS", settings.keys.model_dump_json())
    monkeypatch.setenv("MCLA_PKCS11_MODULE", settings.pkcs11_module)
    monkeypatch.setenv("MCLA_PKCS11_PIN_FILE", str(tmp_path / "pin"))
    said = ""
    for command in (["init"], ["keys", "list"], ["config"], ["doctor", "--json"]):
        told = CliRunner().invoke(main, command)
        assert told.exit_code == 0, told.output
        said += told.output
    findings = json.loads(told.stdout)["findings"]
    signing = [one["says"] for one in findings if one["part"] == "keys" and "signs" in one["says"]]
    homes = {kind: "file" if kind == "pqlog" else "pkcs11" for kind in KINDS}
    assert signing == [f"{kind} signs and its signature verifies ({home})" for kind, home in homes.items()]
    assert settings.token.pin not in said
    monkeypatch.setenv("MCLA_KEYS", "{}")
    moved = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)["findings"]
    assert {one["fix"] for one in moved if one["part"] == "keys" and one["state"] == "attention"} == {
        "Run: mcla-server feed rotate",
        *(f"Run: mcla-server keys rotate {kind}" for kind in KINDS if kind not in ("pqlog", "feed")),
    }
