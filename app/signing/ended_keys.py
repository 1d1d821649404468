# SPDX-License-Identifier: Apache-2.0
"""What is under way when the life of a key is ended early, because the key was stolen (docs/operator.md).

Verifiers will not believe what was certified or stamped by it later than its end, so nothing of that kind is taken, and
nobody is told that it was recorded: the signer hears to sign again, with keys that count.
"""

from datetime import datetime

from app.signing.errors import KeyEnded
from app.signing.models import Signing
from mcla.envelope.certificate import Leaf, read_leaf
from mcla.envelope.chain import ChainInvalid
from mcla.envelope.sct import SctInvalid
from mcla.envelope.timestamp import is_by, read_timestamp
from mcla.verify import checks
from mcla.verify.trust import TrustedRoot


def check_certified(leaf: Leaf, trust: TrustedRoot, at: datetime) -> None:
    """Raise `ChainInvalid` or `SctInvalid` unless a signature stamped at this time by the leaf's key is believed."""
    checks.transparency(leaf, checks.chain(leaf, at, trust), trust, at)


def refuse_certified_by_ended(leaf: Leaf, trust: TrustedRoot, at: datetime) -> None:
    """Raise `KeyEnded` before anything is signed with a certificate that counts no more."""
    try:
        check_certified(leaf, trust, at)
    except (ChainInvalid, SctInvalid) as error:
        raise KeyEnded("A key that certified yours was replaced at once, meanwhile. Nothing was signed.") from error


def is_void(row: Signing, trust: TrustedRoot) -> bool:
    """Whether a signed statement can never be recorded, because a key that it rests on ended before it was stamped."""
    if row.certificate is None or row.timestamp is None:
        return False
    stamp = read_timestamp(row.timestamp)
    stampers = [one for one in trust.timestampers if is_by(stamp, one.chain[0])]
    if not any(one.validity.covers(stamp.time) for one in stampers):
        return True
    try:
        check_certified(read_leaf(row.certificate), trust, stamp.time)
    except (ChainInvalid, SctInvalid):
        return True
    return False
