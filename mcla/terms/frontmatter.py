# SPDX-License-Identifier: Apache-2.0
"""The YAML between two lines `---` on top of a Markdown file, as hubs keep a model card in it, read strictly.

It comes from strangers: at most 1 MiB of file and 64 KiB of YAML; every value is a text, a list or a table; tags
(which make objects), aliases (which swell) and a key that stands twice (which readers settle in different ways) are
refused.
"""

from typing import Any, ClassVar

from mcla.errors import MclaError

MAX_BYTES = 1024 * 1024
MAX_YAML = 64 * 1024
BEGIN = "---\n"


class FrontMatterInvalid(MclaError):
    """A Markdown file has no YAML on top, or YAML that cannot be read in one way only."""

    code: ClassVar[str] = "front-matter-invalid"
    status: ClassVar[int] = 422
    hint = "Put plain YAML between two lines --- at the beginning: each key once, no tags and no aliases."


def text_of(data: bytes) -> str:
    """The text of a file, with plain line ends; raises `FrontMatterInvalid`."""
    if len(data) > MAX_BYTES:
        raise FrontMatterInvalid(f"expected at most {MAX_BYTES:,} bytes, got {len(data):,}")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise FrontMatterInvalid(f"expected UTF-8 text, got a bad byte at offset {error.start}") from None


def front_matter(text: str) -> dict[str, Any]:
    """The keys with their values, each a text, a list or a table; raises `FrontMatterInvalid`."""
    if not text.startswith(BEGIN):
        raise FrontMatterInvalid("expected a line --- at the beginning, got something else")
    head, end, _ = text[len(BEGIN) :].partition("\n---")
    if not end:
        raise FrontMatterInvalid("expected a second line --- that ends the YAML, got none")
    if len(head) > MAX_YAML:
        raise FrontMatterInvalid(f"expected at most {MAX_YAML:,} characters of YAML, got {len(head):,}")
    value = _yaml(head)
    if not isinstance(value, dict):
        raise FrontMatterInvalid(f"expected keys with values between the lines ---, got {type(value).__name__}")
    return value


def written(values: dict[str, Any]) -> str:
    """`values` between two lines `---`, so that any reader of YAML has the same texts: `no` is quoted, for one."""
    import yaml

    return f"{BEGIN}{yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=1000)}---\n"


def _yaml(text: str) -> Any:
    import yaml  # slow to import, and most commands read none

    class Loader(yaml.BaseLoader):  # type: ignore[misc]
        """Texts, lists and tables alone: no tags, no aliases, no key twice."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()
            found = "an alias" if isinstance(event, yaml.events.AliasEvent) else "a tag" if _tagged(event) else None
            if found:
                raise yaml.composer.ComposerError(None, None, f"found {found}", event.start_mark)
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            made = super().construct_mapping(node, deep=deep)
            if len(made) < len(node.value):
                raise yaml.constructor.ConstructorError(None, None, "found a key twice", node.start_mark)
            return made

    def _tagged(event: Any) -> bool:
        return getattr(event, "tag", None) is not None

    try:
        return yaml.load(text, Loader)  # noqa: S506 - the base loader makes texts, lists and tables and nothing else
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 2}" if mark else "somewhere"
        raise FrontMatterInvalid(
            f"expected YAML, got at {place}: {getattr(error, 'problem', None) or 'no YAML'}"
        ) from None
    except (RecursionError, ValueError):
        raise FrontMatterInvalid("expected YAML of few levels, got something that cannot be read") from None
