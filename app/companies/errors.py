# SPDX-License-Identifier: Apache-2.0
"""Every refusal about companies, with what to do next. Nothing was signed or changed where one of these is told."""

from app.signing.errors import SigningError


class CompanyUnknown(SigningError):
    """No such company, or one that the person has no part in: the answer is the same, so that ids cannot be tried."""

    code = "company-unknown"
    status = 404
    hint = "Your own companies are listed under /companies. If one should be there, ask its managers for the link."


class CompanyNameUnfit(SigningError):
    """A company's name has invisible characters, mixes scripts, or looks like the name of another company here."""

    code = "company-name-unfit"
    status = 422
    hint = (
        "Type the legal name as the register has it. If another company here looks the same, write to the foundation."
    )


class CompanyKnown(SigningError):
    """This company has signed already, through somebody else or in this very version."""

    code = "company-known"
    status = 409
    hint = (
        "Ask the person who signed for it, or its managers, to invite you. To sign in that person's place, show the "
        "foundation that you may: its staff then admit your verified address."
    )


class CompanyNotInForce(SigningError):
    """The company's acceptance was ended, or is still being recorded: nothing can be changed or given under it."""

    code = "company-not-in-force"
    status = 409
    hint = "Somebody who may sign for the company accepts the agreement again at /sign/mcla-corporate."


class NotAllowed(SigningError):
    """The person's part in the company does not carry this change."""

    code = "company-role-missing"
    status = 403
    hint = "Ask a manager of the company; the company's page names how many there are."


class ReasonMissing(SigningError):
    """A change of the list has no reason, which the agreement asks of whoever makes it."""

    code = "reason-missing"
    status = 422
    hint = (
        "Say in a few words why; the company's managers see it beside the change, and the public log does not get it."
    )


class LastManager(SigningError):
    """The last manager was to be removed: nobody could keep the list any more."""

    code = "last-manager"
    status = 409
    hint = "Invite another manager first; when that person has joined, remove this one."


class TooFewManagers(SigningError):
    """One manager alone was to add to the list or change its rules."""

    code = "too-few-managers"
    status = 409
    hint = "Invite a second manager; when that person has joined, add to the list. One alone can only remove."


class SameActor(SigningError):
    """Two of the three records of a coverage would come of the same person."""

    code = "same-actor"
    status = 409
    hint = (
        "Who signs for the company, who lists somebody and who is listed are three people: let another manager do it."
    )


class RuleUnfit(SigningError):
    """An entry of the list names nobody, or could name strangers."""

    code = "list-entry-unfit"
    status = 422
    hint = (
        "Name one account by its number, one e-mail address, one domain such as example.com without a star, or one "
        "organisation whose membership the host has confirmed to you."
    )


class PublicMailDomain(RuleUnfit):
    """A domain at which anybody can have an address was to stand for a company."""

    code = "public-mail-domain"
    hint = "Anybody can have an address there. List each person by the whole address or by account instead."


class DomainNotYours(SigningError):
    """The manager who lists a domain has no verified address in exactly that domain."""

    code = "domain-not-yours"
    status = 403
    hint = "Let a manager list it whose own verified address lies in that domain, or list single addresses."


class AddressNotVerified(SigningError):
    """The account's provider has not verified the address that the company means."""

    code = "address-not-verified"
    status = 403
    hint = "Verify the address at the provider of your account, sign in anew, and open the link again."


class MembershipMissing(SigningError):
    """The provider has not confirmed the membership that is meant, or not within the last day."""

    code = "membership-unconfirmed"
    status = 403
    hint = "Let the code host confirm it at /account/memberships, then open this page again."


class EntryKnown(SigningError):
    """The list has this very entry already."""

    code = "list-entry-known"
    status = 409
    hint = "Nothing to do; to change its kinds or dates, remove it and add it anew."


class EntryUnknown(SigningError):
    """The entry, invitation or manager is not there any more; somebody else may have removed it."""

    code = "list-entry-unknown"
    status = 409
    hint = "Open the company's page again: it shows what the list holds now, and who changed it."


class NotListed(SigningError):
    """No entry of the company's list fits this account, so there is nothing to confirm or to give under."""

    code = "not-listed"
    status = 403
    hint = "Ask a manager of the company to list your account or your verified address, then open this page again."


class NotAffiliated(SigningError):
    """The person has not confirmed to work for the company, or confirmed too long ago."""

    code = "affiliation-unconfirmed"
    status = 409
    hint = "Confirm at `confirm_url` that you give for the company; it takes a minute."


class ReleaseNeeded(SigningError):
    """The company wants a second person to release contributions of this kind, and nobody has released these files."""

    code = "release-needed"
    status = 409
    hint = (
        "Ask for it by a POST of the same files to `ask_url`, and send the page that it answers to a manager of the "
        "company; when it is released, sign the same files with the same answers."
    )


class ChangeBackwards(SigningError):
    """A change would count before it was signed, or before the company's last change."""

    code = "change-backwards"
    status = 409
    hint = "Leave the date out, which means from now on, or choose one to come; if it was the clock, send it again."


class InvitationInvalid(SigningError):
    """The link is unknown, over, used, or was replaced by a newer one."""

    code = "invitation-invalid"
    status = 410
    hint = "Ask the person who sent it for a new link: each one works once, within seven days."


class CompanyNamedOtherwise(SigningError):
    """Something was to be signed for a company under another name than it has here."""

    code = "company-named-otherwise"
    status = 409
    hint = (
        "Sign under that name. If the company has another one now, its signatory or a manager says so on the company’s "
        "page, before or afterwards."
    )


class ParticularsKnown(SigningError):
    """The company was to get the name and number that it has."""

    code = "company-particulars-known"
    status = 409
    hint = "Nothing to do. If the register has it otherwise, type it exactly as it stands there."


class ParticularsOvertaken(SigningError):
    """Somebody else changed name or number since the page was opened."""

    code = "company-particulars-overtaken"
    status = 409
    hint = "Open the company’s page again: it shows what holds now. Sign anew if that is still wrong."


class RegisterNumberUnfit(SigningError):
    """A register number is empty, too long, or has characters that nobody sees."""

    code = "company-number-unfit"
    status = 422
    hint = "Type the number in one line, as the register has it."


class RegisterNumberTaken(SigningError):
    """A register number is, or was, that of another company here: two legal entities never share one."""

    code = "company-number-taken"
    status = 409
    hint = (
        "If your company was merged into another, that is another legal entity: it signs the agreement itself and "
        "makes a list of its own. If the number is yours, write to the foundation."
    )


class NotSignatory(NotAllowed):
    """A register number was to be changed by somebody who did not sign for the company."""

    code = "company-signatory-only"
    hint = (
        "Ask the person who signed for it. If that person has left, show the foundation who may sign now: its staff "
        "then admit a verified address."
    )
