# SPDX-License-Identifier: Apache-2.0
"""Every refusal on the way of a signature, with what to do next. `extra` members join the RFC 9457 problem."""

from typing import Any

from mcla.errors import MclaError
from mcla.terms.declarations import DeclarationsInvalid


class SigningError(MclaError):
    """A signing was refused; nothing was signed unless the message says so."""

    def __init__(self, message: str, *, hint: str | None = None, **extra: Any) -> None:
        super().__init__(message, hint=hint)
        self.extra: dict[str, Any] = extra


class SigningUnknown(SigningError):
    """No such signing, or somebody else's: the answer is the same, so that ids cannot be tried out."""

    code = "signing-unknown"
    status = 404
    hint = "Start again: POST /api/v1/signings, or open the agreement's page."


class NotForOffers(SigningError):
    """An agreement was named for one set of files that is none for such, or another foundation's."""

    code = "agreement-not-for-offers"
    status = 422
    hint = "Leave the agreement out to give under the one that you signed. GET /api/v1/agreements lists which is which."


class SigningExpired(SigningError):
    """The statement was shown more than 30 minutes ago."""

    code = "signing-expired"
    status = 409
    hint = "Start again: nothing was signed."


class StatementChanged(SigningError):
    """The digest that the key holder saw is not the digest of the statement that would be signed (case 19)."""

    code = "statement-changed"
    status = 409
    hint = "Do not sign. Load the signing again, read it, and use the digest of exactly that text."


class PageUnfit(SigningError):
    """What a page says of itself, so that the record can tell what was shown, is not what the service put there."""

    code = "page-unfit"
    status = 409
    hint = "Load the page again and sign there. Nothing was signed."


class AlreadyCertified(SigningError):
    """A signing gets one certificate, ever."""

    code = "already-certified"
    status = 409
    hint = "Start a new signing: a second key is never certified for the same one. Nothing was signed."


class NotCertified(SigningError):
    """A signature came before a certificate."""

    code = "not-certified"
    status = 409
    hint = "Ask for the certificate first: POST /api/v1/signings/{id}/certificate."


class ConsentMissing(SigningError):
    """The box that says yes was not ticked."""

    code = "consent-missing"
    status = 422
    hint = "Show the consent words to the signer and send consent: true only if the signer says yes."


class SignatureInvalid(SigningError):
    """The signature does not verify over the statement with the certified key."""

    code = "signature-invalid"
    status = 422
    hint = "Nothing was recorded. Sign the DSSE pre-authentication encoding of the statement with the certified key."


class CertificateExpired(SigningError):
    """The ten minutes of the certificate are over."""

    code = "certificate-expired"
    status = 409
    hint = "Start again: nothing was signed."


class ClockUnsteady(SigningError):
    """The machine's clock went back, jumped, or disagrees with what it certified; a timestamp now could be a lie."""

    code = "clock-unsteady"
    status = 503
    hint = "Nothing was signed. The operator must set the clock right (`mcla-server doctor`); then try again."

    def __init__(self, message: str) -> None:
        super().__init__(message, retry_after=60)


class WrongKeyHolder(SigningError):
    """The statement says who holds the key; nobody else may sign it."""

    code = "wrong-key-holder"
    status = 409
    hint = "Start a new signing that names the key holder who will really sign. Nothing was signed."


class PasskeyUnasked(SigningError):
    """The statement names a passkey that has not confirmed it yet, so no key is certified for it."""

    code = "passkey-unasked"
    status = 409
    hint = "Confirm the statement with the passkey first, or choose to sign without one. Nothing was signed."


class PasskeyConfirmed(SigningError):
    """The passkey has answered already; a statement holds one assertion."""

    code = "passkey-confirmed"
    status = 409
    hint = "Load the signing again: it holds the passkey's answer, and can be signed now."


class AlreadySigned(SigningError):
    """This agreement version is signed already."""

    code = "already-signed"
    status = 409
    hint = "Nothing to do: the signature named in `signature` is in force."


class NotForPersons(SigningError):
    """A company's agreement and the one for a single grant are signed in their own way."""

    code = "not-for-persons"
    status = 409
    hint = (
        "Nothing was signed. A company's agreement is signed with the company named; ask the foundation about a grant."
    )


class AgreementNotSigned(SigningError):
    """A contribution needs an agreement of the project's foundation that covers its kind."""

    code = "agreement-not-signed"
    status = 409
    hint = "Read and sign the agreement at `sign_url`, then send the contribution again."


class CapacityUnfit(SigningError):
    """A company was named where the agreement or the foundation is another's."""

    code = "capacity-unfit"
    status = 422
    hint = "Nothing was signed. Leave the company out, or choose the foundation's agreement for companies."


class OfficeUnfit(SigningError):
    """Files are offered for a company without saying by whose power, or the power is told where none is asked for."""

    code = "office-unfit"
    status = 422
    hint = (
        "Give your title at the company and whence your power to sign comes (by-law, by-register or by-proxy), and "
        "only where you offer files for a company under an agreement for these files alone."
    )


class AgreementOutdated(AgreementNotSigned):
    """The version that was signed carries this kind no longer: a newer one asks for more, or gives less."""

    code = "agreement-outdated"
    status = 409
    hint = "Nothing was lost. Read what changed at `sign_url`, sign it if you agree, and send the contribution again."


class AgreementReplaced(SigningError):
    """A newer version is offered, perhaps since the page was opened."""

    code = "agreement-replaced"
    status = 409
    hint = "Nothing was signed. Open the agreement again: it shows what the new version changes, and you decide anew."


class AlreadyContributed(SigningError):
    """The same signer gave the same artifacts to the same project as the same kind before."""

    code = "already-contributed"
    status = 409
    hint = "Nothing to do: the contribution at `url` covers them."


class EarlierUnknown(SigningError):
    """No entry of the signer's own stands there; somebody else's is answered in the same way."""

    code = "earlier-signature-unknown"
    status = 404
    hint = "Name an entry that you made here with a Sigstore tool, for the foundation of this project: /signatures."


class EarlierUnfit(SigningError):
    """An earlier signature is not over the files that are given."""

    code = "earlier-signature-unfit"
    status = 422
    hint = (
        "Give the very files that you signed, unchanged. For a signature over a folder (model_signing) show its "
        "signature file as well. Or leave the earlier signature out: the files can be given without it."
    )


class EarlierNamed(SigningError):
    """An earlier signature stands in a contribution in force to the same project as the same kind."""

    code = "earlier-signature-named"
    status = 409
    hint = "Nothing to do: the contribution at `url` names it. To give other files, leave the earlier signature out."


class TensorsUnfit(SigningError):
    """The tensors that were named cannot be those of the files."""

    code = "tensors-unfit"
    status = 422
    hint = "Send what `mcla tensors PATH…` says of these very files, or leave `tensors` out. Nothing was signed."


class NothingToEnd(SigningError):
    """The person has no signature or contribution of that id; somebody else's is answered in the same way."""

    code = "nothing-to-end"
    status = 404
    hint = "Your own signatures and contributions, with their ids, are listed under My signatures (/signatures)."


class CannotBeEnded(SigningError):
    """A withdrawal was named as the thing to end."""

    code = "cannot-be-ended"
    status = 409
    hint = "A withdrawal stays. To give again, sign the agreement or the files anew."


class NotYoursToEnd(SigningError):
    """Something was given for a company, for which this person acts no more."""

    code = "not-yours-to-end"
    status = 409
    hint = "Ask a manager of the company, or who signed the agreement for it: they can take it back."


class AlreadyEnded(SigningError):
    """What is to be ended was ended before; a second end would change nothing."""

    code = "already-ended"
    status = 409
    hint = "Nothing to do: it stays ended since the time in `since`. To give again, sign anew."


class AcceptanceEnded(SigningError):
    """The acceptance that a contribution rests on was ended while its page stood open."""

    code = "acceptance-ended"
    status = 409
    hint = "Sign the agreement again at `sign_url`, then start the contribution again. Nothing was signed."


class DeclarationsUnfit(DeclarationsInvalid):
    """The answers do not fit the schedule's questions; `extra` has the same pointers as seen from the request."""

    def __init__(self, found: DeclarationsInvalid) -> None:
        MclaError.__init__(self, found.message)
        self.errors = found.errors
        seen = [{"pointer": "/declarations" + each["pointer"], "detail": each["detail"]} for each in found.errors]
        self.extra: dict[str, Any] = {"errors": seen}


class OmsUnsigned(SigningError):
    """No key signed a list of the files in the form of OMS: the command line or page that signed did not send one."""

    code = "oms-unsigned"
    status = 404
    hint = "Use the bundle of the contribution itself; nobody else can sign a list in the signer's name."


class RecordingDelayed(SigningError):
    """Signed and durable, but not yet in the log: a job finishes it."""

    code = "recording-delayed"
    status = 503
    hint = (
        "You have signed: it is kept and will be recorded. Send the same request again in a minute, or look at `url`."
    )


class KeyEnded(SigningError):
    """A key of the service was stolen and ended at once; what was under way with it cannot be recorded."""

    code = "key-ended"
    status = 409
    hint = "Open the page, or run the command, once more and sign again: it takes new keys. What was recorded stays."


class BundleUnsound(SigningError):
    """The bundle that was just made does not pass our own verifier: it is not stored, a job tries again."""

    code = "bundle-unsound"
    status = 503
    hint = "What you signed is kept and will be finished. Ask again in a minute; tell the operator if it stays."
