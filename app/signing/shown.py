# SPDX-License-Identifier: Apache-2.0
"""The state of a page to sign on: what it showed, sealed by the service, carried by its form, sent back on signing.

So what is kept is what was rendered for this person, not what would be rendered later; reading a page writes nothing,
and a state that was made up, altered, or taken from the page of another signing is refused.
"""

import hashlib
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer

from app.signing.errors import PageUnfit
from app.signing.values import Shown

MOST = 384 * 1024
"""Characters of a state."""


def state_of(shown: Shown, signing_id: str, secret: bytes) -> str:
    """The hidden field of the page of a signing, under the secret of the pages' forms."""
    told = [signing_id, shown.at.timestamp(), shown.language, shown.build, shown.text]
    state = _serializer(secret).dumps(told)
    return state if isinstance(state, str) else state.decode()


def read_state(state: str, signing_id: str, secret: bytes) -> Shown:
    """What the page of this signing showed; raises `PageUnfit`."""
    try:
        of, at, language, build, text = _serializer(secret).loads(state[:MOST])
    except BadData:
        raise PageUnfit("The page's own state did not come back as it was sent.") from None
    if of != signing_id:
        raise PageUnfit("The page's own state is that of another page.")
    return Shown(datetime.fromtimestamp(at, UTC), language, build, text)


def _serializer(secret: bytes) -> URLSafeSerializer:
    """With zlib where that is shorter; what is unpacked was sealed here."""
    ways = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(secret, salt="mcla.shown", signer_kwargs=ways)
