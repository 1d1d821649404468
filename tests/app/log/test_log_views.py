# SPDX-License-Identifier: Apache-2.0
"""The log over HTTP as an auditor meets it: addresses, types, caching, and what is not there."""

from dataclasses import replace
from pathlib import Path

import pytest
from cosigning import cosigner, policy_text
from flask.testing import FlaskClient
from log_tools import bodies

from app.factory import create_app
from app.wiring import Services, build_services
from mcla.log.checkpoint import open_checkpoint
from mcla.log.merkle import leaf_hash, tree_root
from mcla.log.policyfile import parse_policy
from mcla.log.tiles import decode_bundle, split_tile
from mcla.log.vkey import VerifierKey

PREFIXES = ["/log", "/api/v2"]


@pytest.fixture
def size(services: Services) -> int:
    """A log with 300 entries beside whatever the demo put there."""
    return services.log.append(bodies(300))[0].tree_size


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_outsider_can_fetch_and_check_the_whole_log(
    client: FlaskClient, services: Services, size: int, prefix: str
) -> None:
    answer = client.get(f"{prefix}/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    head = open_checkpoint(answer.text, services.settings.host, services.keys.log.public_key())
    assert head.size == size
    hashes: list[bytes] = []
    for path in ("000", f"001.p/{size - 256}"):
        tile, bundle = client.get(f"{prefix}/tile/0/{path}"), client.get(f"{prefix}/tile/entries/{path}")
        for part in (tile, bundle):
            assert part.status_code == 200
            assert part.content_type == "application/octet-stream"
            assert part.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert split_tile(tile.data) == [leaf_hash(entry) for entry in decode_bundle(bundle.data)]
        hashes += split_tile(tile.data)
    assert tree_root(hashes) == head.root
    upper = client.get(f"{prefix}/tile/1/000.p/1")
    assert split_tile(upper.data) == [tree_root(hashes[:256])]


def test_both_addresses_answer_the_same_bytes(client: FlaskClient, size: int) -> None:
    for path in ("checkpoint", "tile/0/000", "tile/entries/000.p/9", "tile/1/000.p/1"):
        assert client.get(f"/log/{path}").data == client.get(f"/api/v2/{path}").data != b""


def test_a_head_is_kept_for_seconds_only(client: FlaskClient, size: int) -> None:
    assert client.get("/log/checkpoint").headers["Cache-Control"] == "public, max-age=3"


def test_what_a_reader_has_already_is_not_sent_again(client: FlaskClient, size: int) -> None:
    for path in ("checkpoint", "tile/0/000", "tile/entries/000"):
        first = client.get(f"/log/{path}")
        again = client.get(f"/log/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_grown_log_has_another_tag(client: FlaskClient, services: Services, size: int) -> None:
    old = client.get("/log/checkpoint").headers["ETag"]
    services.log.append([b"one more"])
    again = client.get("/log/checkpoint", headers={"If-None-Match": old})
    assert again.status_code == 200
    assert again.headers["ETag"] != old


def test_auditors_may_read_from_pages_of_other_origins(client: FlaskClient, size: int) -> None:
    assert client.get("/log/checkpoint").headers["Access-Control-Allow-Origin"] == "*"


ABSENT = """
tile/0/001 tile/0/002.p/1 tile/0/001.p/255 tile/1/000 tile/2/000.p/1 tile/0/0 tile/00/000 tile/64/000 tile/-1/000
tile/0/x000/000 tile/0/000.p/0 tile/0/000.p/256 tile/0/000.p/01 tile/entries/0 tile/entries/002.p/1 tile/0/000%00
tile/0/%2e%2e/%2e%2e/checkpoint tile/0/000/ tile/0/x009/x223/x372/x036/x854/x775/807 tile/entries/001
"""


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_tile_that_is_not_there_is_a_problem_that_says_what_to_do(
    client: FlaskClient, size: int, prefix: str
) -> None:
    for path in [*ABSENT.split(), "tile/0/" + "9" * 5000]:
        answer = client.get(f"{prefix}/{path}")
        assert answer.status_code == 404, path
        assert answer.content_type == "application/problem+json"
        body = answer.get_json()
        assert body["code"] == "log-tile-unknown", path
        assert body["hint"]
        assert "immutable" not in answer.headers["Cache-Control"]


def test_nothing_can_be_written_to_the_log_over_these_addresses(client: FlaskClient, size: int) -> None:
    before = client.get("/log/checkpoint").data
    for path in ("/log/checkpoint", "/log/tile/0/000", "/api/v2/checkpoint"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = client.open(path, method=method, data=b"x", headers={"Sec-Fetch-Site": "same-origin"})
            assert 400 <= answer.status_code < 500
    assert client.get("/log/checkpoint").data == before


def test_every_operation_of_the_log_answers_its_example_as_documented(client: FlaskClient, size: int) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    paths = {path: item["get"] for path, item in document["paths"].items() if path.startswith(("/log/", "/api/v2/"))}
    assert len(paths) == 6
    for path, operation in paths.items():
        given = {each["name"]: each["schema"]["examples"][0] for each in operation.get("parameters", [])}
        answer, told = client.get(path.format(**given)), operation["responses"]["200"]
        assert answer.status_code == 200
        assert answer.mimetype in told["content"]
        assert answer.headers["Cache-Control"] == told["headers"]["Cache-Control"]["schema"]["const"]
        assert answer.headers["ETag"]
        assert {"304", "500", "503"} <= operation["responses"].keys()


def test_the_policy_names_the_log_by_its_key_and_address_and_no_witness_by_default(
    client: FlaskClient, services: Services
) -> None:
    answer = client.get("/.well-known/mcla/policy")
    policy = parse_policy(answer.data)
    key = VerifierKey.of_log(services.settings.host, services.keys.log.public_key())
    assert answer.content_type == "text/plain; charset=utf-8"
    second = VerifierKey.of_log_mldsa(services.settings.host, services.keys.pqlog.public_key())
    assert [log.key for log in policy.logs] == [key, second]
    assert {log.url for log in policy.logs} == {f"{services.settings.origin}/log"}
    assert (policy.witnesses, policy.quorum) == ((), "none")
    for log in policy.logs:  # a reader may believe either key alone
        assert replace(policy, logs=(log,)).check(client.get("/log/checkpoint").text).log == log


def test_the_policy_publishes_the_operators_witnesses_and_leaves_out_other_logs(
    services: Services, tmp_path: Path
) -> None:
    place = tmp_path / "policy"
    place.write_text(policy_text(cosigner(1), quorum="quorum w1").replace("\nquorum", " https://w.example/\nquorum"))
    settings = services.settings.model_copy(update={"witness_policy": place})
    told = create_app(build_services(settings, services.db)).test_client().get("/.well-known/mcla/policy").data
    policy = parse_policy(told)
    assert [(one.name, one.key, one.url) for one in policy.witnesses] == [
        ("w1", cosigner(1).vkey, "https://w.example/")
    ]
    assert ({log.key.name for log in policy.logs}, policy.quorum) == ({settings.host}, "w1")
