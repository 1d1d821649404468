# SPDX-License-Identifier: Apache-2.0
"""A record as it would be in a log of ten million entries, whose head two witnesses cosigned.

The head is signed by both keys of the service's log, so the record passes the whole rule.
"""

import hashlib
from dataclasses import replace
from typing import Any

from cosigning import cosigner

from app.log.second_line import SecondLine
from app.records.data import RecordData
from app.records.load import _log
from mcla.envelope.bundle import LogEntry, make_bundle, parse_bundle
from mcla.log.checkpoint import Checkpoint, format_checkpoint, sign_checkpoint
from mcla.log.merkle import leaf_hash, node_hash
from mcla.statements.canonical import canonical_json

ENTRIES, LEVELS = 10_000_000, 24


def in_a_long_log(services: Any, data: RecordData) -> RecordData:
    """`data` with a proof of `LEVELS` made-up hashes and a head with two cosignatures."""
    bundle = parse_bundle(data.bundle)
    entry = _far_below(services, bundle.entry)
    told = make_bundle(
        payload=bundle.envelope.payload,
        signature=bundle.envelope.signature,
        certificate=bundle.certificate,
        timestamp=bundle.timestamp,
        body=entry.body,
        log_id=entry.log_id,
        log_index=entry.log_index,
        tree_size=entry.tree_size,
        root=entry.root,
        proof=entry.proof,
        checkpoint=entry.checkpoint,
        kind=entry.kind,
    )
    return replace(data, bundle=canonical_json(told), log=_log(entry))


def _far_below(services: Any, entry: LogEntry) -> LogEntry:
    index, proof = 7_654_321, tuple(hashlib.sha256(b"node %d" % level).digest() for level in range(LEVELS))
    root = leaf_hash(entry.body)
    for level, beside in enumerate(proof):
        # The last joins what is left of the middle of the tree, 2**23 entries, with the rest.
        root = node_hash(beside, root) if index >> level & 1 else node_hash(root, beside)
    origin = entry.checkpoint.split("\n", 1)[0]
    head = Checkpoint(origin, ENTRIES, root)
    text, at = format_checkpoint(head), int(services.clock.now().timestamp())
    note = SecondLine(lambda: services.keys.log_keys, origin, services.clock).under(
        sign_checkpoint(head, services.keys.log)
    )
    note += "".join(cosigner(one).sign(text, at).line for one in (1, 2))
    return replace(entry, log_index=index, tree_size=ENTRIES, root=root, proof=proof, checkpoint=note)
