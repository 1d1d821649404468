# SPDX-License-Identifier: Apache-2.0
"""Well-formed input for each parser, made by the real functions, so that the fuzzer starts from what is accepted."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import claim_files
import cosigning
import safetensors_files
from company_statements import CHANGE, FOR_COMPANY, OF_COMPANY
from fuzz import tiers
from fuzz.targets import NAMES, ORIGIN
from interop.private_sigstore import NOW, PrivateSigstore, acceptance, contribution, manifest_of, withdrawal
from notary import Notary
from passkeys import SoftPasskey
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from mcla.artifacts.gitblob import blob_id
from mcla.artifacts.lfs import pointer_blob_id, pointer_text
from mcla.licences.registry import data_file
from mcla.log.checkpoint import Checkpoint
from mcla.log.proof import LogProof, format_proof
from mcla.log.tiles import encode_bundle
from mcla.statements.oms import oms_statement
from mcla.verify.standing import End
from mcla.verify.withdrawals import end_line, sign_snapshot

ROOT = Path(__file__).resolve().parents[2]


def seeds(home: Path) -> dict[str, list[bytes]]:
    """Inputs by the parser's name; `home` is an empty folder for keys."""
    service, manifest = PrivateSigstore.create(home), manifest_of({"a.bin": b"a", "b/c.txt": b"c"})
    given = contribution(manifest)
    every = (acceptance(manifest), given, withdrawal(given), OF_COMPANY, FOR_COMPANY, CHANGE)
    parts = [service.sign(each.to_bytes()) for each in every]
    passkey = SoftPasskey(ORIGIN)
    witnesses = [cosigning.cosigner(1), cosigning.cosigner(2, post_quantum=True)]
    note = cosigning.witnessed(*witnesses)
    small = safetensors_files.write({"w": ("F32", [2], bytes(8)), "b": ("BF16", [1], bytes(2))}, {"format": "pt"})
    return {
        "bundle": [each.bytes() for each in parts],
        "envelope": [json.dumps(each.bundle()["dsseEnvelope"]).encode() for each in parts],
        "statement": [*(each.payload for each in parts), passkey.confirm(contribution(manifest)).to_bytes()],
        "client-data": [passkey.client_data(bytes(range(32)))],
        "oms": [oms_statement(manifest, "model")],
        "trusted-root": [service.trust.to_json() + b"\0" + parts[1].bytes()],
        "certificate": [parts[0].certificate],
        "timestamp": [parts[0].timestamp],
        "timestamp-request": [_stamp_request()],
        "json": [b'{"a":[1,-2,true,null,"\\u00e9\\n"],"b":{}}'],
        "manifest": [manifest.to_bytes()],
        "lfs-pointer": [b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 12345\n"],
        "safetensors": [_header(small), _header(safetensors_files.silero_file().read_bytes())],
        "note": [note.encode(), parts[0].checkpoint.encode()],
        "checkpoint": [note.partition("\n\n")[0].encode() + b"\n"],
        "vkey": [each.vkey.line.encode() for each in witnesses],
        "policy": [cosigning.policy_text(*witnesses, quorum="group g any w1 w2\nquorum g").encode()],
        "log-proof": [format_proof(LogProof(3, (bytes(32), bytes(range(32))), note, b"extra")).encode()],
        "tile": [bytes(64)],
        "tile-path": [b"tile/0/x001/x234/067", b"tile/entries/000.p/17"],
        "entry-bundle": [encode_bundle([b"", b"entry", base64.b64encode(bytes(300))])],
        "witness-request": [cosigning.asked(3, 7)],
        "witness-answer": [cosigning.witnessed(*witnesses).rpartition("\n\n")[2].encode()],
        "terms": [(ROOT / "agreements" / "mcla-individual" / "1.0.0" / "terms.toml").read_bytes()],
        "tensors": [small],
        "withdrawals": [_ended(service, 0), _ended(service, 2)],
        "model-card": [
            b"---\nlicense: other\nlicense_name: mine\nbase_model: [a/b, c/d]\nbase_model_relation: merge\n---\n"
        ],
        "metadata": [b"---\nlicense: mit\nbase_model: [a/b@c]\nlanguage: en\n---\n", _croissant()],
        "declarations": [json.dumps(_weights()).encode()],
        "check-question": [_question()],
        "check-policy": [CHECK_POLICY],
        "hub-listing": [_listing()],
        "licence-question": _cases(),
        "licence-text": [(ROOT / "LICENSE").read_bytes()],
        "lineage": [_claims()],
        **tiers.seeds(Notary(service.keys, service.origin, NOW), manifest),
        **{f"claims-{system}": data for system, data in claim_files.GOOD.items()},
    }


CHECK_POLICY = b"""version = 1
[people]
kinds = ["code"]
addresses = "verified"
[[artifacts]]
paths = ["weights/**/a*b*.safetensors", "*"]
kind = "weights"
from_size = "1 MiB"
schedule = "W"
outbound = ["MIT"]
"""


def _cases() -> list[bytes]:
    """Worked cases of each relation, one with outbound terms of its own and a context."""
    cases = json.loads(data_file("cases.json"))["cases"]
    own = cases[1] | {
        "declared": "MIT AND (Apache-2.0 OR LicenseRef-own)",
        "declared_terms": {"restrictions": ["military"], "commercial_use": "no", "equivalent_to": ["MIT"]},
        "context": {"annual_revenue": {"value": 5, "currency": "USD"}, "project_outbound": ["MIT"]},
    }
    return [json.dumps(case).encode() for case in (own, *cases[2::9])]


def _claims() -> bytes:
    edge = {"artifact": "a/b@1", "base": "sha256:" + "ab" * 32, "relation": "merge", "licence": "MIT", "by": "me"}
    label = {"artifact": edge["base"], "licence": "Apache-2.0", "also": ["c/d@2"]}
    return json.dumps({"edges": [edge, edge | {"base": "a/b@1"}], "labels": [label]}).encode()


def _question() -> bytes:
    """One change with everything that may be said of it."""
    author = {"provider": "github", "subject": "7", "login": "ada", "name": "Ada", "email": "a@example.org"}
    commit = {"sha": "1" * 40, "merge": True, "author": author, "committer": {"web": True}, "coauthors": [{}]}
    files = [
        {"path": "a/b", "sha256": "ab" * 32, "size": 1, "tensors": "cd" * 32, "previous": "c"},
        {"path": "d", "unread": "symlink"},
    ]
    asked = {"project": "p", "opener": {"provider": "github", "subject": "7"}, "commits": [commit], "artifacts": files}
    return json.dumps(
        asked | {"policy": "version = 1", "as_of": "2026-11-25T09:00:00Z", "head": "2" * 40, "signed": True}
    ).encode()


def _stamp_request() -> bytes:
    builder = TimestampRequestBuilder().hash_algorithm(HashAlgorithm.SHA256).data(b"signature").nonce(nonce=True)
    return bytes(builder.build().as_bytes())


def _header(file: bytes) -> bytes:
    """The length of a file's buffer in four bytes, then its header."""
    end = 8 + int.from_bytes(file[:8], "little")
    return (len(file) - end).to_bytes(4) + file[8:end]


def _listing() -> bytes:
    """A large and a small file as a hub lists them."""
    digest = "ab" * 32
    pointer = {"oid": digest, "size": 12345, "pointerSize": len(pointer_text(digest, 12345))}
    large = {"type": "file", "oid": pointer_blob_id(digest, 12345), "size": 12345, "path": "a/b.bin", "lfs": pointer}
    small = {"type": "file", "oid": blob_id(b"{}"), "size": 2, "path": "config.json"}
    return json.dumps([{"type": "directory", "path": "a"}, large, small]).encode()


def _croissant() -> bytes:
    distribution = [{"@type": "cr:FileObject", "sha256": "ab" * 32}]
    said = {"@type": "sc:Dataset", "name": "Birds", "license": "mit", "distribution": distribution}
    return json.dumps(said | {"creator": {"@type": "Organization", "name": "Birds"}}).encode()


def _weights() -> dict[str, object]:
    """Good answers to the questions about weights."""
    base = {"name": "a/b", "sha256": "ab" * 32, "relation": "merge", "licence": "MIT", "retrieved": "2026-01-31"}
    return {
        "title": "Tiny 1.1",
        "architecture": "Decoder-only transformer",
        "relation": "merge",
        "bases": [base],
        "personal_data": "none",
        "compute_known": "known",
        "compute": {"value": "1.5e21", "unit": "FLOP"},
        "evaluation": "not evaluated",
        "watermark": "none",
        "memorisation_tested": "tested",
        "memorisation": [{"method": "looked", "date": "2026-01-31", "result": "none"}],
        "safeguards": "none-there",
        "no_payload": True,
        "no_confidential": True,
    }


def _ended(service: PrivateSigstore, count: int) -> bytes:
    """A signed list of `count` ends."""
    lines = [end_line(f"{number:064x}", End(number + 3, NOW)) for number in range(count)]
    return sign_snapshot(Checkpoint(service.host, 9, bytes(32)), NOW, NOW + timedelta(days=1), lines, service.keys.log)


def write_seeds(folder: Path, home: Path, only: str = "") -> None:
    """A corpus of every parser's inputs, or of one's: a file for each, its first byte the parser's number."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, inputs in seeds(home).items():
        for number, data in enumerate(inputs if only in ("", name) else ()):
            (folder / f"{name}-{number}").write_bytes(bytes([NAMES.index(name)]) + data)
