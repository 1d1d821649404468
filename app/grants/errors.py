# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between an offer and its counter-signature, each with the next step."""

from mcla.errors import MclaError


class OfferUnknown(MclaError):
    """There is no offer of this id, or not at a foundation that the caller acts for: the answer is the same."""

    code = "offer-unknown"
    status = 404
    hint = "Check the id, which begins with ctr_; /console/grants and `mcla-server grants list` show what is offered."


class AnswerUnknown(MclaError):
    """An offer has no recorded answer, or the contribution is no offer."""

    code = "offer-answer-unknown"
    status = 404
    hint = "GET /api/v1/contributions/{id} says until when an offer stands and whether it was answered."


class OfferLapsed(MclaError):
    """The days within which the foundation could counter-sign are over."""

    code = "offer-lapsed"
    status = 409
    hint = "Nothing was signed. Ask the giver to sign the offer again: the same files, and the days begin anew."


class OfferAnswered(MclaError):
    """The foundation has answered; an answer is never changed."""

    code = "offer-answered"
    status = 409
    hint = "Nothing was signed. After a decline the giver can sign the offer again; a grant ends as its agreement says."


class OfferTakenBack(MclaError):
    """The giver has taken the offer back."""

    code = "offer-taken-back"
    status = 409
    hint = "Nothing was signed. If you want the files, ask the giver to sign the offer again."


class OwnOffer(MclaError):
    """The person who made the offer would answer it for the foundation."""

    code = "own-offer"
    status = 403
    hint = "Ask somebody else who acts for the foundation: two parties sign a grant."


class AnswerUnconfirmed(MclaError):
    """The box beside the button was not ticked."""

    code = "answer-unconfirmed"
    status = 422
    hint = "Tick the box to sign for the foundation. Nothing was signed."


class DeclineReasonUnfit(MclaError):
    """A reason for declining that is none of the codes."""

    code = "decline-reason-unfit"
    status = 422
    hint = "Choose a reason from the list. The statement is public, so it takes a code and no words of your own."


class StaffNeverSeen(MclaError):
    """The account named for the foundation has never signed in, so a statement cannot commit to anybody."""

    code = "staff-never-signed-in"
    status = 409
    hint = "Let the person sign in once, or answer the offer in the console: /console/grants."
