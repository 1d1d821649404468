# SPDX-License-Identifier: Apache-2.0
"""Why a feed is refused: each reason is its own error, because what to do next differs."""

from mcla.errors import MclaError

_FETCH = "Fetch the feed again from its own address; if it stays so, tell its issuer and keep the file as evidence."


class FeedInvalid(MclaError):
    """A document is no feed, or one that contradicts itself."""

    code = "feed-invalid"
    hint = "Use the feed exactly as its issuer published it; docs/operator.md tells the form."


class FeedMemberUnknown(FeedInvalid):
    """A feed has a member that this version does not read: what it means would be missed."""

    code = "feed-member-unknown"
    hint = "Bring this software up to date, or take the member out if you wrote the feed yourself."


class FeedUnsigned(MclaError):
    """A feed has no signature."""

    code = "feed-unsigned"
    hint = _FETCH


class FeedSignatureInvalid(MclaError):
    """A signature is not by the key that it names, over these bytes."""

    code = "feed-signature-invalid"
    hint = _FETCH


class FeedKeyUnknown(MclaError):
    """A feed is signed by a key that nobody pinned, and that no pinned key handed over to."""

    code = "feed-key-unknown"
    hint = "Ask the issuer, on another way than this feed, for the key, and pin it with --key FILE."


class FeedKeyRotatedOut(MclaError):
    """A feed is signed by a key that had handed over to the next one by then."""

    code = "feed-key-rotated-out"
    hint = "Do not use this feed: whoever made it holds an old key. Tell the issuer, and keep the file as evidence."


class FeedRotationInvalid(MclaError):
    """A change of keys does not hold, or is another than the one that was followed before."""

    code = "feed-rotation-invalid"
    hint = _FETCH


class FeedOther(MclaError):
    """This is another feed than the one that is followed."""

    code = "feed-other"
    hint = "Keep one state file for each feed."


class FeedRollback(MclaError):
    """A feed is older than the one that was seen last."""

    code = "feed-rollback"
    hint = _FETCH


class FeedSerialTwice(MclaError):
    """Two feeds with different content have one serial: the issuer told two stories."""

    code = "feed-serial-twice"
    hint = "Keep both files as evidence and ask the issuer; use neither until it is explained."


class FeedGap(MclaError):
    """Feeds between the last one seen and this one are missing, so that its history cannot be checked."""

    code = "feed-gap"
    hint = "Verify those between first, in order; a service keeps each as /.well-known/mcla/feeds/SERIAL.json."


class FeedChainBroken(MclaError):
    """A feed does not follow the one before it."""

    code = "feed-chain-broken"
    hint = "Keep both files as evidence and ask the issuer; use neither until it is explained."


class FeedExpired(MclaError):
    """A feed is older than its issuer lets it count: there should be a newer one."""

    code = "feed-expired"
    hint = _FETCH


class FeedNotYet(MclaError):
    """A feed does not count yet, or there was none for the date that was asked about."""

    code = "feed-not-yet"
    hint = "Check this computer's clock, or ask about a date within the feed's own, with --as-of."
