# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with agreements, each with the next step."""

from collections.abc import Iterable
from typing import Any

from mcla.errors import MclaError
from mcla.wording import Worded


class AgreementFolderInvalid(MclaError):
    """A version folder cannot be published: a file is missing, strange, or says something else than another."""

    code = "agreement-folder-invalid"
    status = 422
    hint = "Correct the folder and publish again; nothing was stored."


class TranslationFolderInvalid(MclaError):
    """A translation cannot be added: it is of another text, lacks a clause, or is in another language than said."""

    code = "translation-folder-invalid"
    status = 422
    hint = "Correct the folder translations/<language> and add it again; nothing was stored."


class AgreementTranslationUnknown(MclaError):
    """The version has no translation in this language; `known` lists those there are."""

    code = "agreement-translation-unknown"
    status = 404
    hint = "Read the agreement in its own language; its page links every translation."

    def __init__(self, language: str, known: Iterable[str]) -> None:
        super().__init__(Worded("This version has no translation %(language)s.", language=repr(language[:40])))
        self.extra: dict[str, Any] = {"known": sorted(known)}


class AgreementVersionExists(MclaError):
    """A published version never changes."""

    code = "agreement-version-exists"
    status = 409
    hint = "Raise the version in terms.toml and in the folder's name, then publish that."


class AgreementTaken(MclaError):
    """Agreement slugs are unique in a service, and this one belongs to another foundation."""

    code = "agreement-taken"
    status = 409
    hint = "Name the folder above the version differently, or publish for the foundation that has this agreement."


class GraceInvalid(MclaError):
    """The number of days for which old signatures still count is out of range."""

    code = "grace-invalid"
    status = 422
    hint = "Give the days as a whole number; 0 lets a change count at once."


class PublicationOvertaken(MclaError):
    """Another version was published between the preview and the publication."""

    code = "publication-overtaken"
    status = 409
    hint = "Nothing was published. Make the preview again: it now compares with the version that is there."


class PublicationTooEarly(MclaError):
    """The clock stands before the publication of a version that exists, so an order in time could not be told."""

    code = "publication-too-early"
    status = 503
    hint = "Nothing was published. Set the machine's clock right (`mcla-server doctor`), then publish again."


class AgreementUnknown(MclaError):
    """No agreement has this slug; `known` lists those there are."""

    code = "agreement-unknown"
    status = 404
    hint = "Choose one of those that /api/v1/agreements lists."

    def __init__(self, slug: str, known: Iterable[str]) -> None:
        self.extra: dict[str, Any] = {"known": sorted(known)}
        super().__init__(
            Worded("There is no agreement %(slug)s.", slug=repr(slug[:64])),
            hint=_known(self.extra["known"]),
        )


class AgreementVersionUnknown(MclaError):
    """The agreement has no such version; `known` lists those it has."""

    code = "agreement-version-unknown"
    status = 404
    hint = "Choose one of the versions named in `known`, or leave the version out for the newest."

    def __init__(self, slug: str, version: str, known: Iterable[str]) -> None:
        self.extra: dict[str, Any] = {"known": list(known)}
        super().__init__(
            Worded("The agreement %(slug)s has no version %(version)s.", slug=slug, version=repr(version[:32])),
            hint=_known(self.extra["known"]),
        )


class AgreementDocumentUnknown(MclaError):
    """The version has no such document; `known` lists those it has."""

    code = "agreement-document-unknown"
    status = 404
    hint = "Choose one of the documents named in `known`."

    def __init__(self, path: str, known: Iterable[str]) -> None:
        self.extra: dict[str, Any] = {"known": sorted(known)}
        super().__init__(
            Worded("This version has no document %(path)s.", path=repr(path[:80])),
            hint=_known(self.extra["known"]),
        )


class AgreementWithdrawn(MclaError):
    """The version takes no new signatures; those it has stay as they are."""

    code = "agreement-withdrawn"
    status = 409
    hint = "Sign the newest version instead: leave the version out, or see /api/v1/agreements."


class KindNotCovered(MclaError):
    """The agreement version does not cover this kind of contribution."""

    code = "kind-not-covered"
    status = 422
    hint = "Choose a kind that the agreement covers, or ask the foundation which agreement covers this one."


def _known(names: list[str]) -> str:
    return Worded("There are: %(names)s.", names=", ".join(names)) if names else Worded("There are none yet.")
