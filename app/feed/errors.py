# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when a feed is published or asked for, each with the next step."""

from mcla.errors import MclaError


class FeedNotPublished(MclaError):
    """There is no feed, or none under this serial."""

    code = "feed-not-published"
    status = 404
    hint = "The newest feed of a service is at /.well-known/mcla/feed.json, if it publishes one."


class FeedTaken(MclaError):
    """Another feed was published at the same moment."""

    code = "feed-taken"
    status = 409
    hint = "Run the command again: the next serial is free."


class FeedUnchanged(MclaError):
    """A feed would say what the last one says, for no longer."""

    code = "feed-unchanged"
    status = 409
    hint = "Change an entry, or give a later end with --days."


class FeedLifeUnfit(MclaError):
    """A feed would count for too short or too long."""

    code = "feed-life-unfit"
    status = 422
    hint = "Give 1 to 400 days: long enough for the next feed to come in time, short enough to notice if none does."
