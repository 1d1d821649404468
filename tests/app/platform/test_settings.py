# SPDX-License-Identifier: Apache-2.0
"""Settings: where they come from, and a clear word for each fault."""

import json
import re
from pathlib import Path

import pytest

from app.platform.settings import Settings, SettingsInvalid, is_loopback, load_settings


def test_the_defaults_serve_on_loopback_with_sqlite_in_the_data_directory(tmp_path: Path) -> None:
    settings = load_settings({"MCLA_HOME": str(tmp_path)})
    assert settings.bind == "127.0.0.1:8000"
    assert settings.database == f"sqlite:///{tmp_path}/mcla.sqlite"
    assert not settings.demo


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"MCLA_BIND": "127.0.0.2:9000", "MCLA_DEMO": "true"}, "http://127.0.0.2:9000"),
        ({"MCLA_BIND": "[::1]:9000"}, "http://[::1]:9000"),
        ({"MCLA_BIND": "0.0.0.0:9000"}, "http://127.0.0.1:8000"),
        ({"MCLA_BIND": "127.0.0.1:9000", "MCLA_ORIGIN": "https://mcla.example.org"}, "https://mcla.example.org"),
    ],
)
def test_a_service_on_loopback_is_reached_where_it_listens(environ: dict[str, str], origin: str) -> None:
    assert load_settings(environ).origin == origin


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mcla.toml"
    file.write_text('origin = "https://file.example.org"\nthreads = 3\n')
    settings = load_settings({"MCLA_CONFIG": str(file), "MCLA_ORIGIN": "https://env.example.org"})
    assert (settings.origin, settings.threads) == ("https://env.example.org", 3)


def test_what_the_client_and_its_jobs_read_from_the_environment_stops_no_service() -> None:
    root = Path(__file__).parents[3]
    places = [*(root / "mcla/cli").rglob("*.py"), *(root / "mcla/forges").glob("*.py"), root / "action.yml"]
    places += [each for each in (root / "ci").rglob("*") if each.is_file()]
    read = set(re.findall(r"\bMCLA_[A-Z_]+\b", "\n".join(each.read_text(encoding="utf-8") for each in places)))
    assert {"MCLA_TOKEN", "MCLA_PROVIDER", "MCLA_TRUST", "MCLA_ID_TOKEN", "MCLA_PYTHON"} <= read
    settings = load_settings(dict.fromkeys(read, "x") | {"MCLA_PROVIDERS": "[]", "MCLA_TRUSTED_PROXIES": "2"})
    assert settings == load_settings({"MCLA_TRUSTED_PROXIES": "2"})
    assert {name.removeprefix("MCLA_").lower() for name in read}.isdisjoint(Settings.model_fields)


@pytest.mark.parametrize("name", ["MCLA_TOKENS_", "MCLA_SERVICES", "MCLA_TRUSTED", "MCLA_PROJECTS"])
def test_a_name_that_only_begins_like_one_of_the_clients_is_a_fault(name: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"{name} is not a setting"):
        load_settings({name: "x"})


def test_providers_come_as_json() -> None:
    provider = {
        "name": "corp",
        "kind": "oidc",
        "issuer": "https://id.example.org",
        "client_id": "x",
        "client_secret": "s",
    }
    settings = load_settings({"MCLA_PROVIDERS": json.dumps([provider])})
    assert settings.providers[0].name == "corp"
    assert "s" not in repr(settings.providers[0].client_secret)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"MCLA_ORIGN": "https://a.example"}, "did you mean MCLA_ORIGIN"),
        ({"MCLA_ORIGIN": "https://a.example/path"}, "without a path"),
        ({"MCLA_ORIGIN": "ftp://a.example"}, "must be a URL"),
        ({"MCLA_ORIGIN": "https://user:pw@a.example"}, "user name"),
        ({"MCLA_BIND": "8000"}, "MCLA_BIND: Value error, expected an IP address and a port"),
        ({"MCLA_BIND": "localhost:8000"}, "got 'localhost:8000'"),
        ({"MCLA_BIND": "127.0.0.1:65536"}, "got '127.0.0.1:65536'"),
        ({"MCLA_BIND": "[::1:8010"}, r"got '\[::1:8010'"),
        ({"MCLA_BIND": "::1]:8010"}, r"got '::1\]:8010'"),
        ({"MCLA_BIND": "[[::1]]:8010"}, r"got '\[\[::1\]\]:8010'"),
        ({"MCLA_BIND": "[127.0.0.1]:8010"}, r"got '\[127\.0\.0\.1\]:8010'"),
        ({"MCLA_DEMO_BIND": "127.0.0.1:http"}, "MCLA_DEMO_BIND"),
        ({"MCLA_THREADS": "many"}, "MCLA_THREADS"),
        ({"MCLA_THREADS": "0"}, "MCLA_THREADS"),
        ({"MCLA_PROVIDERS": "not json"}, "MCLA_PROVIDERS"),
        ({"MCLA_PROVIDERS": '[{"name":"a","kind":"saml","client_id":"x"}]'}, "MCLA_PROVIDERS.0.KIND"),
        ({"MCLA_PROVIDERS": '[{"name":"a","kind":"oidc","client_id":"x"}]'}, "needs an issuer"),
        ({"MCLA_PROVIDERS": '[{"name":"../a","kind":"github","client_id":"x"}]'}, "MCLA_PROVIDERS.0.NAME"),
        ({"MCLA_CONFIG": "no/such/file.toml"}, "cannot be read"),
        ({"MCLA_DEMO": "true", "MCLA_BIND": "0.0.0.0:8000"}, "demo needs bind on loopback"),
        ({"MCLA_DEMO": "true", "MCLA_DEMO_BIND": "10.0.0.1:8001"}, "demo needs demo_bind on loopback"),
        ({"MCLA_DEMO": "true", "MCLA_ORIGIN": "https://demo.example.org"}, "demo needs an origin on loopback"),
        ({"MCLA_SMTP_URL": "smtp://mail.example.org", "MCLA_MAIL_FROM": "a@example.org"}, "is sent encrypted"),
        ({"MCLA_SMTP_URL": "imap://127.0.0.1", "MCLA_MAIL_FROM": "a@example.org"}, "expected smtps://HOST"),
        ({"MCLA_SMTP_URL": "smtps://u:p@mail.example.org", "MCLA_MAIL_FROM": "a@example.org"}, "MCLA_SMTP_USER"),
        ({"MCLA_SMTP_URL": "smtps://mail.example.org:x", "MCLA_MAIL_FROM": "a@example.org"}, "MCLA_SMTP_URL"),
        ({"MCLA_SMTP_URL": "smtps://mail.example.org"}, "set smtp_url and mail_from"),
        ({"MCLA_SMTP_URL": "smtps://mail.example.org", "MCLA_MAIL_FROM": "nobody"}, "such as MCLA <mcla@example.org>"),
        ({"MCLA_SMTP_USER": "mcla"}, "smtp_user and smtp_password_file"),
    ],
)
def test_a_fault_is_named(environ: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsInvalid, match=says):
        load_settings(environ)


def test_the_mail_server_and_its_login_are_read_from_their_settings(tmp_path: Path) -> None:
    secret = tmp_path / "smtp"
    environ = {
        "MCLA_SMTP_URL": "smtp+starttls://mail.example.org",
        "MCLA_MAIL_FROM": "MCLA <mcla@example.org>",
        "MCLA_SMTP_USER": "mcla",
        "MCLA_SMTP_PASSWORD_FILE": str(secret),
    }
    settings = load_settings(environ)
    assert str(settings.mail_server) == "mail.example.org:587"
    with pytest.raises(SettingsInvalid, match="MCLA_SMTP_PASSWORD_FILE cannot be read"):
        assert settings.mail_login
    secret.write_text("correct horse\n")
    login = settings.mail_login
    assert login is not None
    assert login.password == "correct horse"
    assert "horse" not in repr(login)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings({"MCLA_ORIGN": "x", "MCLA_THREADS": "0", "MCLA_ORIGIN": "ftp://x"})
    assert all(part in caught.value.message for part in ("MCLA_ORIGN", "MCLA_THREADS", "MCLA_ORIGIN:"))


def test_every_setting_explains_itself() -> None:
    for name, field in Settings.model_fields.items():
        assert len(field.description or "") > 20, name


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "::1", "localhost"])
def test_loopback_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "192.0.2.1", "10.0.0.1", "127.0.0.1.example.org", "localhost.example.org", "2130706433"]
)
def test_what_needs_a_look_up_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)
