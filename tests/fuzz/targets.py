# SPDX-License-Identifier: Apache-2.0
"""Every parser of the protocol, and of other systems' files, as a function of bytes.

It returns, or raises the error class that is named beside it.
What is read is written again where the format has one spelling only, and must come out as it went in.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from fuzz import tiers

from app.claims.formats import READERS
from app.claims.unfit import ClaimsFileUnfit
from app.claims.values import System, Told
from mcla.artifacts.jsontext import JsonInvalid, canonical_json, parse_json
from mcla.artifacts.lfs import parse_pointer
from mcla.artifacts.listing import ListingInvalid, parse_listing
from mcla.artifacts.manifest import parse_manifest
from mcla.artifacts.paths import PathInvalid
from mcla.artifacts.safetensors import SafetensorsInvalid, parse_header
from mcla.artifacts.tensors import TensorReader
from mcla.checks.change import ChangeEmpty, ChangeInvalid, parse_change, read_change
from mcla.checks.policy import PolicyInvalid as CheckPolicyInvalid
from mcla.checks.policy import parse_policy as read_check_policy
from mcla.envelope.bundle import parse_bundle
from mcla.envelope.certificate import CertificateInvalid, read_leaf
from mcla.envelope.chain import ChainInvalid
from mcla.envelope.dsse import parse_envelope
from mcla.envelope.timestamp import TimestampInvalid, read_timestamp, read_wish
from mcla.envelope.webauthn import WebauthnRefused, read_client_data
from mcla.errors import MclaError
from mcla.exports.model_card import Card, ModelCardInvalid, read_card
from mcla.licences.asking import QuestionInvalid, read_question
from mcla.licences.deciding import evaluate
from mcla.licences.identify import identify
from mcla.licences.lineage_file import LineageInvalid, lineage, read_lineage
from mcla.licences.lineage_telling import to_dict, tree
from mcla.licences.registry import registry
from mcla.licences.verdict import Verdict as LicenceVerdict
from mcla.licences.words import LicenceTextUnfit
from mcla.log.checkpoint import format_checkpoint, parse_checkpoint
from mcla.log.note import NoteInvalid, parse_note
from mcla.log.policyfile import PolicyInvalid, format_policy, parse_policy
from mcla.log.proof import LogProofInvalid, format_proof, parse_proof
from mcla.log.tiles import TileInvalid, decode_bundle, encode_bundle, parse_tile_path, split_tile
from mcla.log.vkey import parse_vkey
from mcla.log.witnessing import WitnessMessageInvalid, format_request, parse_cosignatures, parse_request
from mcla.statements.oms import parse_oms
from mcla.statements.statement import parse_statement
from mcla.terms import DeclarationsInvalid, check_declarations, parse_schedule
from mcla.terms.metadata import MetadataInvalid, propose, read_metadata
from mcla.terms.terms import TermsInvalid, parse_terms
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_bundle
from mcla.verify.withdrawals import WithdrawalsInvalid, format_snapshot, parse_snapshot

ORIGIN = "https://mcla.example.org"


@dataclass(frozen=True, slots=True)
class Target:
    """One parser under its name; `refuses` is all that it may raise."""

    name: str
    parse: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...] = (MclaError,)

    def __call__(self, data: bytes) -> None:
        with suppress(*self.refuses):
            self.parse(data)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _same(data: object, again: object) -> None:
    if data != again:
        raise AssertionError(f"read {data!a:.200}, written again {again!a:.200}")


def _statement(data: bytes) -> None:
    _same(data, parse_statement(data).to_bytes())


def _checkpoint(data: bytes) -> None:
    head = parse_checkpoint(_text(data))
    _same(head, parse_checkpoint(format_checkpoint(head)))


def _policy(data: bytes) -> None:
    policy = parse_policy(data)
    _same(policy, parse_policy(format_policy(policy)))


def _proof(data: bytes) -> None:
    _same(_text(data), format_proof(parse_proof(_text(data))))


def _tile_path(data: bytes) -> None:
    _same(_text(data), parse_tile_path(_text(data)).path)


def _entry_bundle(data: bytes) -> None:
    _same(data, encode_bundle(decode_bundle(data)))


def _witness_request(data: bytes) -> None:
    _same(data, format_request(parse_request(data)))


def trusted_root(data: bytes) -> Verdict:
    """A trust file, a zero byte, a bundle: what was read lazily is met only when something is verified with it."""
    text, _, bundle = data.partition(b"\0")
    root = TrustedRoot.from_json(text)
    _same(root, TrustedRoot.from_json(root.to_json()))
    verdict = verify_bundle(bundle, root)
    verdict.to_dict()
    return verdict


def _envelope(data: bytes) -> None:
    parse_envelope(parse_json(data))


def _safetensors(data: bytes) -> None:
    parse_header(data[4:], int.from_bytes(data[:4]))  # the length of the buffer, then the header


def _tensors(data: bytes) -> None:
    whole, parts = TensorReader(len(data)), TensorReader(len(data))
    whole.update(memoryview(data))
    for at in range(0, len(data), 7):
        parts.update(memoryview(data)[at : at + 7])
    found = whole.finish()
    _same(found, parts.finish())


def _withdrawals(data: bytes) -> None:
    """Without the signature, so that the fuzzer reaches what lies behind it."""
    snapshot = parse_snapshot(data, lambda *_: None)
    text, _, rest = _text(data).partition("\n\n")
    written = format_snapshot(snapshot)
    _same((f"{text}\n", rest.partition("\n\n")[2]), written)


SCHEDULE = parse_schedule(
    (Path(__file__).resolve().parents[2] / "agreements/mcla-individual/1.0.0/schedules/W.toml").read_bytes(), "W"
).for_kind("weights")
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _metadata(data: bytes) -> None:
    """What is proposed to a question with one answer is a good answer to it; entries may lack parts."""
    for key, value in propose(read_metadata(data), SCHEDULE, TODAY).items():
        _same(isinstance(value, list), SCHEDULE.field(key).shape is not None)


def _card(data: bytes) -> None:
    """What was read of a model card is written so that it is read as the same."""
    card = read_card(data)
    _same(card, read_card(card.to_text().encode()) if card.to_text() else Card())


def _declarations(data: bytes) -> None:
    """What was cleaned is clean, and can be signed."""
    values = parse_json(data)
    cleaned = check_declarations(SCHEDULE, values if isinstance(values, dict) else {}, TODAY)
    canonical_json(cleaned)
    _same(cleaned, check_declarations(SCHEDULE, cleaned, TODAY))


def _claims(system: System) -> Callable[[bytes], object]:
    """Every row is told or refused under a number of its own, and what was told can be kept and keyed."""

    def read(data: bytes) -> None:
        parsed = READERS[system](data, NOW)
        numbers = [row.number for row in parsed.rows]
        _same(numbers, sorted(set(numbers)))
        for row in parsed.rows:
            if isinstance(row, Told):
                if any(max(len(each.value), len(each.compared)) > 500 for each in row.marks):
                    raise AssertionError("a mark is longer than its column")
                canonical_json([row.subject, row.signed, row.place, *(each.compared for each in row.marks)])

    return read


def _question(data: bytes) -> None:
    """What was read says the same when it is sent on."""
    told = parse_change(data).to_dict()
    _same(told, read_change(told).to_dict())


def _check_policy(data: bytes) -> None:
    """Whatever is understood finds a rule or none for any path."""
    text = data.decode("utf-8", "replace")
    read_check_policy(text).rule_for("weights/a-b.safetensors")


def _licence_question(data: bytes) -> None:
    """Whatever is understood is answered, and no answer is allowed where something is missing."""
    answer = evaluate(read_question(parse_json(data)), registry())
    if answer.missing and answer.verdict == LicenceVerdict.ALLOWED:
        raise AssertionError(f"allowed with {answer.missing[:3]} missing")


def _lineage(data: bytes) -> None:
    """Whatever is understood is drawn and walked to its end."""
    graph = lineage(*read_lineage(parse_json(data)))
    list(tree(graph))
    to_dict(graph)


TARGETS = (
    Target("bundle", parse_bundle),
    Target("envelope", _envelope),
    Target("statement", _statement),
    Target("client-data", lambda data: read_client_data(data, "webauthn.get", ORIGIN), (WebauthnRefused,)),
    Target("oms", parse_oms),
    Target("trusted-root", trusted_root),
    Target("certificate", read_leaf, (CertificateInvalid, ChainInvalid)),
    Target("timestamp", read_timestamp, (TimestampInvalid,)),
    Target("timestamp-request", read_wish, (TimestampInvalid,)),
    Target("json", parse_json, (JsonInvalid,)),
    Target("manifest", parse_manifest),
    Target("lfs-pointer", parse_pointer, ()),
    Target("safetensors", _safetensors),
    Target("note", lambda data: parse_note(_text(data)), (NoteInvalid,)),
    Target("checkpoint", _checkpoint),
    Target("vkey", lambda data: parse_vkey(_text(data)), (NoteInvalid,)),
    Target("policy", _policy, (PolicyInvalid,)),
    Target("log-proof", _proof, (LogProofInvalid,)),
    Target("tile", split_tile, (TileInvalid,)),
    Target("tile-path", _tile_path, (TileInvalid,)),
    Target("entry-bundle", _entry_bundle, (TileInvalid,)),
    Target("witness-request", _witness_request, (WitnessMessageInvalid,)),
    Target("witness-answer", parse_cosignatures, (WitnessMessageInvalid,)),
    Target("terms", parse_terms, (TermsInvalid,)),
    Target("tensors", _tensors, (SafetensorsInvalid,)),
    Target("withdrawals", _withdrawals, (WithdrawalsInvalid,)),
    Target("metadata", _metadata, (MetadataInvalid,)),
    Target("model-card", _card, (ModelCardInvalid,)),
    Target("declarations", _declarations, (DeclarationsInvalid, JsonInvalid)),
    Target("check-question", _question, (JsonInvalid, ChangeInvalid, ChangeEmpty)),
    Target("check-policy", _check_policy, (CheckPolicyInvalid,)),
    Target("hub-listing", parse_listing, (ListingInvalid, JsonInvalid, PathInvalid)),
    Target("licence-question", _licence_question, (QuestionInvalid, JsonInvalid)),
    Target("licence-text", identify, (LicenceTextUnfit,)),
    Target("lineage", _lineage, (LineageInvalid, JsonInvalid)),
    *(Target(name, parse, refuses) for name, parse, refuses in tiers.PARSERS),
    *(Target(f"claims-{system}", _claims(system), (ClaimsFileUnfit,)) for system in READERS),
)
NAMES = tuple(target.name for target in TARGETS)
