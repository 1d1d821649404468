# SPDX-License-Identifier: Apache-2.0
"""In which language a page speaks: the person's own choice, else what the browser asks for, else English.

The choice is kept in a cookie of the browser that holds the tag of a language and nothing else. What programs read
(the API, the log, the trust files) is English always.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations
from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup, escape
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException

from app.platform.catalogues import ENGLISH, Language, catalogue, languages, worded_in
from app.platform.formats import FILTERS, day_text, kind_name, number_text, time_text
from app.platform.problems import wants_problem
from mcla.wording import Joined, Worded

YEAR_SECONDS = 365 * 24 * 3600


def choose(kept: str | None, asked: LanguageAccept, offered: Sequence[str]) -> str:
    """The tag of the language for one who chose `kept` once and whose browser asks for `asked`."""
    if kept in offered:
        return str(kept)
    known = {each.lower(): each for each in offered}
    for tag, quality in asked:  # the one that is wished for most comes first; Austrian German is German
        found = known.get(tag.lower()) or known.get(re.split("[-_]", tag)[0].lower())
        if quality > 0 and found is not None:
            return found
    return ENGLISH


def page_language() -> Language:
    """The language of the page that is being made; English outside of any request and for programs."""
    if not has_request_context():
        return languages()[ENGLISH]
    return languages()[str(get_locale()).replace("_", "-")]


class _Catalogues(Domain):  # type: ignore[misc]
    """Hands Flask-Babel our catalogues; its own way wants compiled files beside them."""

    def get_translations(self) -> NullTranslations:
        return catalogue(str(get_locale() or ENGLISH))


def install(app: Flask, secure: bool) -> None:
    """Let pages speak the language that `choose` finds, and say so in their headers."""
    cookie = cookie_name(secure)

    def select() -> str:
        if not has_request_context() or wants_problem():
            return ENGLISH
        return languages()[choose(request.cookies.get(cookie), request.accept_languages, list(languages()))].locale

    Babel(app, locale_selector=select, default_timezone="UTC").domain_instance = _Catalogues()
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.filters.update({name: _in_page_language(make) for name, make in FILTERS.items()})
    app.jinja_env.filters.update(kind=kind, of_kind=of_kind, said=said, word=word, worded=worded)

    @app.context_processor
    def words_of_the_page() -> dict[str, Any]:
        return {"language": page_language(), "languages": tuple(languages().values())} | {
            "plural": plural,
            "language_name": language_name,
            "same_page": same_page,
            "unfilled": word,
        }

    @app.after_request
    def tell(response: Response) -> Response:
        if not wants_problem() and response.mimetype == "text/html":
            response.headers.setdefault("Content-Language", page_language().tag)
            response.vary.update(("Accept-Language", "Cookie"))
        return response


def same_page() -> str:
    """The page that is being made, to come back to; where it answers a form, the page that holds the form."""
    if request.method == "GET" and not request.path.endswith("/callback"):
        return request.full_path.rstrip("?")
    path = request.path if request.method != "GET" else "/login"
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return "/"
    return path


def language_name(tag: str) -> str:
    """What the page's language calls a language; a tag that nobody knows stays as it is."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name(page_language().locale)
    except (UnknownLocaleError, ValueError):
        return tag
    return str(name or tag)


def cookie_name(secure: bool) -> str:
    return "__Host-mcla-language" if secure else "mcla-language"


def keep(response: Response, tag: str, secure: bool) -> None:
    """Remember a person's choice in this browser, for a year after it was made."""
    response.set_cookie(
        cookie_name(secure), tag, max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax", path="/"
    )


def translated(text: str) -> str | None:
    """A text of ours in the page's language; None where that language has no words for it."""
    if page_language().tag == ENGLISH:
        return str(text)
    return worded_in(page_language().locale, text)


def said(text: str) -> Markup:
    """A sentence for people, in the page's language; one without a translation stays English and is marked as such."""
    found = translated(text) if text else ""
    return Markup('<span lang="en">{}</span>').format(text) if found is None else escape(found)


def worded(text: str) -> str:
    """What we worded, in the page's language; a name or anything else that is data stays as it is."""
    return (translated(text) or text) if isinstance(text, Worded | Joined) else text


def kind(code: str) -> str:
    """What a kind of contribution is called, by itself or at the beginning of a sentence."""
    return word(kind_name(code))


def of_kind(code: str) -> str:
    """The same within a sentence."""
    return word(kind_name(code).lower())


def word(text: str) -> str:
    """A fixed word of ours in the page's language, where no markup can stand."""
    return translated(text) or str(text) if text else ""


def day(at: datetime) -> str:
    """A day as the page's language writes it."""
    return day_text(at, page_language().locale)


def time(at: datetime) -> str:
    """A time as the page's language writes it."""
    return time_text(at, page_language().locale)


def number(value: int) -> str:
    """A number as the page's language writes it."""
    return number_text(value, page_language().locale)


def plural(one: str, many: str) -> dict[str, str]:
    """The forms of a sentence by the plural categories of the page's language (CLDR), for scripts: `{"one": …}`."""
    words = catalogue(page_language().locale)
    rule = Locale.parse(page_language().locale).plural_form
    found: dict[str, str] = {}
    for count in (*range(101), 1000, 1_000_000):
        found.setdefault(rule(count), words.ngettext(one, many, count))
    return found | {"other": found.get("other", words.ngettext(one, many, 2))}


def _in_page_language(make: Callable[..., str]) -> Callable[..., str]:
    """A filter that writes as the page's language does."""

    def filtered(value: Any) -> str:
        return make(value, page_language().locale)

    return filtered
