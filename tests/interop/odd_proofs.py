# SPDX-License-Identifier: Apache-2.0
"""Odd stamps, log entries and checkpoints, each consistent in itself: what a stamping authority or a log may do."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from interop.mutations import Notaries
from interop.odd_bundles import Odd, Value
from interop.private_sigstore import NOW, OTHER, PAYLOAD, Parts

from mcla.artifacts.digest import sha256_hex
from mcla.envelope import tsp
from mcla.envelope.encoding import P256_ORDER
from mcla.envelope.entry import DSSE
from mcla.envelope.timestamp import StampWish, answer_wish
from mcla.log.checkpoint import Checkpoint, format_checkpoint
from mcla.log.note import parse_note, sign_note

Response = tsp.TimeStampResponse


def odd_stamps(all_: Notaries) -> Odd:
    """Stamps by the real authority over the real signature, in other forms, and by others."""
    parts, tsa = all_.service.sign(PAYLOAD), all_.service.keys.tsa
    digest = bytes.fromhex(sha256_hex(parts.signature))

    def stamped(wish: StampWish) -> bytes:
        return answer_wish(wish, tsa.key, tsa.chain, NOW, 7)

    tokens = {
        "as it should be": stamped(StampWish(digest)),
        "without its certificate": stamped(StampWish(digest, certificate=False)),
        "with a nonce": stamped(StampWish(digest, nonce=2**63)),
        "over another signature": stamped(StampWish(bytes(32))),
        "by the impostor": all_.impostor.sign(PAYLOAD).timestamp,
        "with a byte after it": parts.timestamp + b"\0",
    }
    tokens |= {name: _changed(parts.timestamp, change) for name, change in _CHANGES.items()}
    foreign = all_.impostor.keys.tsa.certificate.public_bytes(serialization.Encoding.DER)
    tokens["with a stranger's certificate beside its own"] = _changed(parts.timestamp, _one_more_certificate(foreign))
    for name, token in tokens.items():
        yield f"stamp {name}", parts.bundle(timestamp=token)
    value, other = parts.bundle(), all_.service.sign(PAYLOAD).bundle()
    (one,), (wrong,) = _stamps(value), _stamps(other)
    again = all_.service.sign(PAYLOAD)
    again.timestamp = stamped(StampWish(digest, nonce=1))
    (second,) = _stamps(again.bundle())
    for name, listed in {
        "twice": [one, one],
        "and a second that is sound": [one, second],
        "and a second that is wrong": [one, wrong],
        "after one that is wrong": [wrong, one],
    }.items():
        yield f"stamp {name}", _with_stamps(value, listed)


def odd_entries(all_: Notaries) -> Odd:
    """Log entries whose bytes are not the one form, soundly logged as they are."""
    for kind in ("hashedrekord", "dsse"):
        notaries = all_ if kind == "hashedrekord" else replace(all_, kind=DSSE)
        for name, body in _bodies(notaries).items():
            yield f"{kind} entry {name}", notaries.service.log(body).bundle(kind=notaries.kind)
    value, other = all_.service.sign(PAYLOAD).bundle(), all_.service.sign(OTHER).bundle()
    (one,), (wrong,) = value["verificationMaterial"]["tlogEntries"], other["verificationMaterial"]["tlogEntries"]
    for name, entries in {
        "with a promise": [one | {"inclusionPromise": {"signedEntryTimestamp": "AAAA"}}],
        "with a time": [one | {"integratedTime": "1795348800"}],
        "with a promise and a time": [
            one | {"inclusionPromise": {"signedEntryTimestamp": "AAAA"}, "integratedTime": "1795348800"}
        ],
        "and another's": [one, wrong],
        "with another kind told": [one | {"kindVersion": {"kind": "dsse", "version": "0.0.1"}}],
        "with another version told": [one | {"kindVersion": {"kind": "hashedrekord", "version": "0.0.1"}}],
        "with an old kind told": [one | {"kindVersion": {"kind": "intoto", "version": "0.0.2"}}],
    }.items():
        yield f"entry {name}", _with_material(value, tlogEntries=entries)
    yield (
        "no stamp but a promise",
        _with_material(
            value,
            tlogEntries=[one | {"inclusionPromise": {"signedEntryTimestamp": "AAAA"}, "integratedTime": "1795348800"}],
            timestampVerificationData={"rfc3161Timestamps": []},
        ),
    )


def odd_checkpoints(all_: Notaries) -> Odd:
    """Heads that the log's real key signed, in other words than the format's, or with other lines beside."""
    parts, log = all_.service.sign(PAYLOAD), all_.service.keys.log
    name, root = all_.service.host, format_checkpoint(Checkpoint("x", 1, parts.root)).split("\n")[2]
    text = format_checkpoint(Checkpoint(name, parts.tree_size, parts.root))
    texts = {
        "as it should be": text,
        "of another origin": text.replace(name, "other.example"),
        "with one line more": f"{text}Timestamp: 1795348800\n",
        "of one entry more": text.replace(f"\n{parts.tree_size}\n", f"\n{parts.tree_size + 1}\n"),
        "with a padded size": text.replace(f"\n{parts.tree_size}\n", f"\n0{parts.tree_size}\n"),
        "with a signed size": text.replace(f"\n{parts.tree_size}\n", f"\n+{parts.tree_size}\n"),
        "with a size in hexadecimal": text.replace(f"\n{parts.tree_size}\n", f"\n{hex(parts.tree_size)}\n"),
        "with a root without padding": text.replace(root, root.rstrip("=")),
        "with another root": text.replace(root, format_checkpoint(Checkpoint("x", 1, bytes(32))).split("\n")[2]),
        "without a root": text.replace(f"{root}\n", ""),
        "without an origin": text.replace(f"{name}\n", ""),
        "with an empty line": f"{text}\nmore\n",
    }
    for what, signed in texts.items():
        yield f"checkpoint {what}", parts.bundle(checkpoint=sign_note(signed, name, log))
    yield "checkpoint signed under another name", parts.bundle(checkpoint=sign_note(text, "other.example", log))
    yield "checkpoint with CRLF", parts.bundle(checkpoint=parts.checkpoint.replace("\n", "\r\n"))
    yield from _lines(all_, parts)


def _lines(all_: Notaries, parts: Parts) -> Odd:
    (good,) = parse_note(parts.checkpoint).signatures
    head = parts.checkpoint.removesuffix(good.line)
    wrong = replace(good, signature=bytes(64)).line
    stranger = parse_note(all_.impostor.sign(PAYLOAD).checkpoint).signatures[0].line
    renamed = replace(good, name="other.example").line
    short = replace(good, signature=b"").line
    for name, lines in {
        "twice": good.line + good.line,
        "after a wrong one": wrong + good.line,
        "before a wrong one": good.line + wrong,
        "after a stranger's": stranger + good.line,
        "before a stranger's": good.line + stranger,
        "under another name": renamed,
        "under another name too": good.line + renamed,
        "and an empty one": good.line + short,
        "by a stranger alone": stranger,
        "and a line that is none": good.line + "hello\n",
        "after a line that is none": "hello\n" + good.line,
        "without a line end": good.line[:-1],
        "and an empty line": good.line + "\n",
        "missing": "",
        "with two spaces": good.line.replace(" ", "  "),
        "with a short dash": good.line.replace("\u2014", "-"),
    }.items():
        yield f"checkpoint's line {name}", parts.bundle(checkpoint=head + lines)


def _bodies(all_: Notaries) -> dict[str, Parts]:
    """Parts with another body each, to be logged."""
    parts = all_.service.sign(PAYLOAD, kind=all_.kind)
    body = json.loads(parts.body)
    again = all_.service.sign(PAYLOAD, kind=all_.kind)
    foreign = replace(parts, certificate=again.certificate)
    said: dict[str, bytes] = {
        "with spaces": json.dumps(body).encode(),
        "with one member more": _json(body | {"more": 1}),
        "with its members backwards": _json(dict(reversed(body.items()))),
        "with a line end": parts.body + b"\n",
        "with a byte order mark": b"\xef\xbb\xbf" + parts.body,
        "with the kind twice": parts.body.replace(b'"kind":', b'"kind":"x","kind":'),
        "of another kind": parts.body.replace(b'"kind":"', b'"kind":"x'),
        "of another version": parts.body.replace(b'"0.0.', b'"0.1.'),
        "that names another certificate": all_.body(foreign, PAYLOAD),
        "of another statement": all_.body(parts, OTHER),
        "of another signature": again.body,
        "that is no JSON": b"hello",
        "with another digest of the envelope": _other_envelope(parts.body),
    }
    return {name: replace(parts, body=data) for name, data in said.items()}


def _other_envelope(body: bytes) -> bytes:
    value = json.loads(body)
    if "envelopeHash" in value["spec"]:
        value["spec"]["envelopeHash"]["value"] = "0" * 64
    return _json(value)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _changed(token: bytes, change: Callable[[Response], None]) -> bytes:
    response = asn1.decode_der(Response, token)
    change(response)
    return asn1.encode_der(response)


def _signed(response: Response) -> tsp.SignedData:
    assert response.token is not None
    return response.token.content


def _on_signer(change: Callable[[tsp.SignerInfo], None]) -> Callable[[Response], None]:
    def on_response(response: Response) -> None:
        (signer,) = _signed(response).signer_infos.as_list()
        change(signer)
        _signed(response).signer_infos = asn1.SetOf([signer])

    return on_response


def _one_more_certificate(der: bytes) -> Callable[[Response], None]:
    def change(response: Response) -> None:
        held = _signed(response).certificates
        assert held is not None
        _signed(response).certificates = asn1.SetOf([*held.as_list(), tsp.any_element(der)])

    return change


def _status(number: int) -> Callable[[Response], None]:
    return lambda response: setattr(response, "status", tsp.PkiStatusInfo(status=number))


def _said_status(response: Response) -> None:
    response.status = tsp.PkiStatusInfo(status=0, status_string=["hello"])


def _no_token(response: Response) -> None:
    response.token = None


def _no_algorithms(response: Response) -> None:
    _signed(response).digest_algorithms = asn1.SetOf([])


def _version(response: Response) -> None:
    _signed(response).version = 1


def _two_signers(response: Response) -> None:
    (signer,) = _signed(response).signer_infos.as_list()
    _signed(response).signer_infos = asn1.SetOf([signer, signer])


def _later(response: Response) -> None:
    info = asn1.decode_der(tsp.TstInfo, _signed(response).encapsulated.content)
    info.gen_time = asn1.GeneralizedTime(NOW + timedelta(minutes=1))
    _signed(response).encapsulated.content = asn1.encode_der(info)


def _unsigned(signer: tsp.SignerInfo) -> None:
    signer.unsigned_attributes = asn1.SetOf([tsp.any_element(asn1.encode_der(5))])


def _other_half(signer: tsp.SignerInfo) -> None:
    r, s = decode_dss_signature(signer.signature)
    signer.signature = encode_dss_signature(r, P256_ORDER - s)


def _signer_version(signer: tsp.SignerInfo) -> None:
    signer.version = 3


def _other_serial(signer: tsp.SignerInfo) -> None:
    signer.sid.serial_number += 1


def _fewer_attributes(signer: tsp.SignerInfo) -> None:
    signer.signed_attributes = asn1.SetOf(signer.signed_attributes.as_list()[:-1])


_CHANGES: dict[str, Callable[[Response], None]] = {
    "granted with changes": _status(1),
    "rejected": _status(2),
    "with words beside its status": _said_status,
    "without a token": _no_token,
    "without a list of algorithms": _no_algorithms,
    "of another version": _version,
    "with two signers": _two_signers,
    "of another time": _later,
    "with an unsigned attribute": _on_signer(_unsigned),
    "with the other half of s": _on_signer(_other_half),
    "with a signer of another version": _on_signer(_signer_version),
    "with another serial number": _on_signer(_other_serial),
    "with an attribute less": _on_signer(_fewer_attributes),
}


def _stamps(value: Value) -> list[Value]:
    stamps: list[Value] = value["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    return stamps


def _with_stamps(value: Value, stamps: list[Value]) -> Value:
    return _with_material(value, timestampVerificationData={"rfc3161Timestamps": stamps})


def _with_material(value: Value, **changes: object) -> Value:
    return value | {"verificationMaterial": value["verificationMaterial"] | changes}
