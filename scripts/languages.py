# SPDX-License-Identifier: Apache-2.0
"""Collect every sentence that pages and mails say, and bring the catalogues up to date: `make languages`.

From templates: what stands in `trans` blocks and `_()`. From Python: what is marked (`_`, `gettext`, `Worded`), what
errors say to people (their first sentence, their hint), the details of faults, and the tables of words named below.
New sentences come into each catalogue empty, gone ones leave it; those that lack a translation are printed, and a test
fails for them.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import write_po
from werkzeug.exceptions import default_exceptions

from app.agreements.deed import PROMISES, PROMISES_OF_A_COMPANY, begun
from app.platform.catalogues import CATALOGUES, forms, lacking, read
from app.platform.formats import KIND_NAMES
from app.platform.pages import TERMINALS
from mcla.terms import KINDS

ROOT = Path(__file__).parents[1]
HEADER = "# SPDX-License-Identifier: Apache-2.0"
TEMPLATES = {"trimmed": "true", "extensions": "jinja2.ext.i18n", "silent": "false"}
KEYWORDS: Any = DEFAULT_KEYWORDS | {"unfilled": None, "plural": (1, 2)}
SPEAKERS = {"_", "gettext", "Worded"}
"""Calls whose first argument is a sentence."""
TABLES = {
    "BETWEEN",
    "CHANGE_STEPS",
    "CLAIMS",
    "RECORD_CLAIMS",
    "DECLINE_NAMES",
    "END_STEPS",
    "EVIDENCE_NAMES",
    "FAILURES",
    "GIVE_STEPS",
    "HOLDERS",
    "KIND_NAMES",
    "LIMITS",
    "POWER_NAMES",
    "PROMISES",
    "PROMISES_OF_A_COMPANY",
    "RELATIONS",
    "SENTENCES",
    "REASON_NAMES",
    "SCOPE_MEANINGS",
    "SIGN_STEPS",
    "STAGE_NAMES",
    "STANDARDS",
    "STEPS",
    "_ASKS",
    "_HINTS",
    "_HTTP",
    "_WORDS",
}
"""Module-level tables whose texts pages show."""
SILENT = (
    "app/claims/formats",
    "app/claims/importing",
    "app/claims/reading",
    "app/claims/unfit",
    "app/cli",
    "app/demo",
    "app/factory",
    "app/identity/github",
    "app/identity/gitlab",
    "app/identity/huggingface",
    "app/identity/idtoken",
    "app/identity/jwks",
    "app/identity/oauth",
    "app/identity/oidc",
    "app/identity/reading",
    "app/identity/tokens",
    "app/log",
    "app/mail/e",
    "app/mail/s",
    "app/mail/tr",
    "app/passkeys/registration",
    "app/platform/apidoc",
    "app/platform/db",
    "app/platform/keys",
    "app/platform/mail_server",
    "app/platform/migrate",
    "app/platform/rsgi",
    "app/platform/server_input",
    "app/platform/setting",
    "app/platform/storage",
    "app/records",
    "app/sigstore",
    "app/wiring",
    "app/witness",
)
"""Rooms that speak to operators and programs, in English."""
TOLD_IN_TERMINALS = (*(room.replace(".", "/") for room in TERMINALS), "mcla/errors.py")
"""Rooms whose errors stand on no page."""
WORDS_OF_THE_PROTOCOL = (
    "mcla/artifacts/digest.py",
    "mcla/exports/ai_act.py",
    "mcla/exports/certification.py",
    "mcla/exports/exemption.py",
    "mcla/exports/safe_harbour.py",
    "mcla/exports/safe_harbour_compute.py",
    "mcla/exports/safe_harbour_duties.py",
    "mcla/licences/identify.py",
    "mcla/licences/lineage_telling.py",
    "mcla/licences/meanings.py",
    "mcla/licences/sentences.py",
    "mcla/licences/signals.py",
    "mcla/terms/answers.py",
    "mcla/terms/declarations.py",
    "mcla/terms/rows.py",
    "mcla/terms/taking_back.py",
    "mcla/verify/offers.py",
    "mcla/verify/standing.py",
    "mcla/verify/verdict.py",
)
CODES = (*KINDS, "material", "scoped", "notice", "editorial", "added", "removed", "counter-signed", "declined")
"""Words of the machine's vocabulary that stand in sentences."""
SHOWN = 40
"""So many sentences that lack a translation are printed."""

Found = tuple[str, int, str | tuple[str, str]]


def collect() -> Catalog:
    """Every sentence, with where it stands."""
    catalog = Catalog(project="MCLA", charset="utf-8", header_comment=HEADER)
    for path, line, message in sorted(_everything(), key=lambda each: (each[0], each[1])):
        catalog.add(message, locations=[(path, line)])
    return catalog


def _everything() -> Iterator[Found]:
    for place in sorted((ROOT / "app").rglob("*")):
        name = place.relative_to(ROOT).as_posix()
        if name.startswith(SILENT):
            yield from _reads(place, name)
            continue
        if name.endswith(".html") or name.startswith("app/mail/texts/"):
            yield from _of_template(place, name)
        elif name.endswith(".py"):
            yield from _of_module(place, name)
    for place in sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "mcla").rglob("*.py")]):
        name = place.relative_to(ROOT).as_posix()
        if not name.startswith(TOLD_IN_TERMINALS):
            yield from _of_errors(place, name)
    for name in WORDS_OF_THE_PROTOCOL:
        yield from _of_module(ROOT / name, name)
    kinds = (name.lower() for name in KIND_NAMES.values())
    promises = (begun(words) for each in (PROMISES, PROMISES_OF_A_COMPANY) for words in each.values())
    refusals = (str(default_exceptions[status].description) for status in (400, 404, 405, 411, 413, 415, 429, 500))
    yield from (("app/platform/catalogues.py", 0, words) for words in (*CODES, *kinds, *promises, *refusals))


def _reads(place: Path, name: str) -> Iterator[Found]:
    """What a sign-in reads of an account, which the providers' modules say."""
    for node in ast.walk(ast.parse(place.read_text("utf-8"))) if name.endswith(".py") else ():
        match node:
            case ast.Assign(targets=[ast.Name(id="reads")], value=ast.Constant(value=str(text))):
                yield name, node.lineno, text


def _of_errors(place: Path, name: str) -> Iterator[Found]:
    """What the page of all errors says of each: its meaning, which is the beginning of its docstring, and its hint."""
    tree = ast.parse(place.read_text("utf-8"))
    named = {each.targets[0].id: each.value for each in tree.body if _is_named(each)}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        yield from ((name, node.lineno, text) for text in _hints(node.body, named))
        if any(_assigns(each, "code") for each in node.body):
            yield name, node.lineno, (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")


def _is_named(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def _assigns(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=str())):
            return target == name
        case ast.AnnAssign(target=ast.Name(id=target), annotation=ast.Name(id="str") | ast.Subscript(), value=value):
            return target == name and isinstance(value, ast.Constant)
    return False


def _of_template(place: Path, name: str) -> Iterator[Found]:
    if not place.is_file():
        return
    with place.open("rb") as file:
        for line, message, _comments, _context in extract(
            "jinja2.ext:babel_extract", file, keywords=KEYWORDS, options=TEMPLATES
        ):
            yield name, line, message


def _of_module(place: Path, name: str) -> Iterator[Found]:
    for node in ast.walk(ast.parse(place.read_text("utf-8"))):
        for message in _said_by(node):
            if isinstance(message, tuple) or any(map(str.isalpha, message)):
                yield name, getattr(node, "lineno", 0), message


def _said_by(node: ast.AST) -> Iterator[str | tuple[str, str]]:
    match node:
        case ast.Call(func=ast.Name(id=called)):
            yield from _called(called, node)
        case ast.Raise(exc=ast.Call(func=func, args=args, keywords=named)):
            if getattr(func, "id", "") not in ("RuntimeError", "TypeError", "ValueError"):
                yield from (text for text in _constants(*args) if " " in text)
                yield from _constants(*(each.value for each in named if each.arg == "hint"))
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            yield from _constants(*(value for key, value in pairs if getattr(key, "value", "") == "detail"))
        case (
            ast.Assign(targets=[ast.Name(id=table)], value=value)
            | ast.AnnAssign(target=ast.Name(id=table), value=ast.expr() as value)
        ) if table in TABLES:
            yield from _table(value)


def _called(name: str, call: ast.Call) -> Iterator[str | tuple[str, str]]:
    match name, call.args:
        case "ngettext", [ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_]:
            yield one, many
        case "abort", [_, text]:
            yield from _constants(text)
        case "Column", [_, label, *_]:
            yield from _constants(label)
        case "Shape", [noun, *_]:
            yield from _constants(noun)
        case "Row", texts:
            yield from _constants(*texts, *(each.value for each in call.keywords if each.arg in ("text", "note")))
        case _, [first, *_] if name in SPEAKERS:
            yield from _constants(first)


def _hints(body: list[ast.stmt], named: Mapping[str, ast.expr]) -> Iterator[str]:
    """The hint of a class, also where it is a text of its module by name."""
    for each in body:
        match each:
            case ast.Assign(targets=[ast.Name(id="hint")], value=ast.Name(id=name)) if name in named:
                yield from _constants(named[name])
            case ast.Assign(targets=[ast.Name(id="hint")], value=ast.JoinedStr(values=parts)):
                yield "".join(text for part in parts for text in _constants(_named(part, named)))
            case ast.Assign(targets=[ast.Name(id="hint")], value=value):
                yield from _constants(value)


def _named(part: ast.expr, named: Mapping[str, ast.expr]) -> ast.expr:
    """What stands in an f-string: a text, or that of its module which it names."""
    match part:
        case ast.FormattedValue(value=ast.Name(id=name)) if name in named:
            return named[name]
    return part


def _constants(*nodes: ast.expr) -> Iterator[str]:
    """The texts among these; of a choice between two, both."""
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)) if not text.startswith("/"):
                yield text
            case ast.IfExp(body=one, orelse=other):
                yield from _constants(one, other)


def _table(value: ast.expr) -> Iterator[str]:
    """The texts of a table: the values of a dictionary, the members of a tuple or list, at any depth."""
    match value:
        case ast.Dict(values=values):
            for each in values:
                yield from _table(each)
        case ast.Call(args=[inner]):
            yield from _table(inner)
        case ast.Tuple(elts=members) | ast.List(elts=members):
            for each in members:
                yield from (text for text in _table(each) if not text.islower() or " " in text)
        case _:
            yield from _constants(value)


def update(place: Path, found: Catalog) -> Catalog:
    """Bring one catalogue up to what was found. Nothing is guessed: what is new is empty."""
    catalog = read(place) if place.exists() else _empty(place.parts[-3])
    catalog.update(found, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as file:
        # By text, one line a sentence and no places: two people's additions meet in a merge as rarely as can be.
        write_po(file, catalog, width=None, sort_output=True, no_location=True)
    return catalog


def _empty(locale: str) -> Catalog:
    return Catalog(locale=locale, project="MCLA", charset="utf-8", header_comment=HEADER)


def main(new: list[str]) -> int:
    """Update every catalogue, and begin those of the languages in `new`; tell what lacks."""
    found = collect()
    begun = [CATALOGUES / language / "LC_MESSAGES" / "messages.po" for language in new]
    for place in sorted({*CATALOGUES.glob("*/LC_MESSAGES/messages.po"), *begun}):
        catalog = update(place, found)
        lack = lacking(catalog)
        print(f"{place.parts[-3]}: {len(catalog) - len(lack)} of {len(catalog)} sentences")  # noqa: T201
        for each in lack[:SHOWN]:
            print(f"  lacks {forms(each.id)[0]!r}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
