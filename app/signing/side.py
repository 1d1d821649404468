# SPDX-License-Identifier: Apache-2.0
"""Other bundles of what somebody signed, for other readers: the twin for older clients, and the OMS list of the files.

Nothing is signed here: the same key signed the same statement, or the list beside it, at one time. The log entry is
made when a form is first asked for. The log holds each body once, so asking again, or at once, finds the same entry;
nothing else needs to be stored.
"""

from collections.abc import Mapping
from typing import Any

from app.platform.clock import is_id
from app.signing.errors import OmsUnsigned, SigningUnknown
from app.signing.finish import check_sound, logged
from app.signing.lookup import statement_of
from app.signing.models import Signing
from app.signing.ports import Ports
from mcla.artifacts.manifest import parse_manifest
from mcla.envelope.dsse import Envelope
from mcla.envelope.entry import DSSE, HASHEDREKORD
from mcla.statements.oms import oms_statement
from mcla.statements.statement import Contribution


def oms_of(row: Signing) -> bytes | None:
    """The OMS statement over the files of a signing, named like their project; None for an acceptance."""
    statement = statement_of(row)
    if not isinstance(statement, Contribution) or row.manifest is None:
        return None
    return oms_statement(parse_manifest(row.manifest), statement.project)


def twin(ports: Ports, signing_id: str) -> Mapping[str, Any]:
    """The bundle of a complete signing with a `dsse` 0.0.1 entry; raises `SigningUnknown`, or what the log raises."""
    row = _complete(ports, signing_id)
    return _bundle(ports, row, row.statement, row.signature, row.timestamp, older=True)


def oms(ports: Ports, signing_id: str, *, older: bool) -> Mapping[str, Any]:
    """The OMS bundle of a complete contribution, for `older` clients too.

    Raises `SigningUnknown`, `OmsUnsigned` if the signer's key signed no list, or what the log raises.
    """
    row = _complete(ports, signing_id)
    payload = oms_of(row)
    if payload is None or row.oms_signature is None:
        raise OmsUnsigned("The signer's key did not sign the list of these files in the form of OMS.")
    return _bundle(ports, row, payload, row.oms_signature, row.oms_timestamp, older=older)


def _complete(ports: Ports, signing_id: str) -> Signing:
    with ports.db.read() as session:
        row = session.get(Signing, signing_id) if is_id(signing_id) else None
    if row is None or row.state != "complete":
        raise SigningUnknown("There is no complete signing of that id.")
    return row


def _bundle(
    ports: Ports, row: Signing, payload: bytes, signature: bytes | None, timestamp: bytes | None, *, older: bool
) -> Mapping[str, Any]:
    if signature is None or timestamp is None or row.certificate is None:
        raise SigningUnknown("This signing holds no signature.")
    kind = DSSE if older else HASHEDREKORD
    _, bundle = logged(ports, Envelope(payload, signature), row.certificate, timestamp, kind)
    check_sound(ports, row, bundle)
    return bundle
