# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with keys, each with what to do next."""

from mcla.errors import MclaError


class KeyUnusable(MclaError):
    """A key is missing, out of reach, or not what the key ring says."""

    code = "key-unusable"
    status = 500
    hint = "Run `mcla-server doctor`. If the key is gone for good, follow the drill for lost keys in docs/operator.md."


class KeyMissing(KeyUnusable):
    """The file of a key is not there."""

    code = "key-missing"
    hint = (
        "Restore it from the newest backup of the keys folder, or follow the drill for lost keys in docs/operator.md."
    )


class KeyExposed(KeyUnusable):
    """A key file can be read by others than its owner."""

    code = "key-exposed"


class KeyMismatch(KeyUnusable):
    """A place holds another key than the key ring says."""

    code = "key-mismatch"
    hint = "Put the right key back, from the newest backup of the keys folder; `mcla-server keys list` tells its id."


class ExtraMissing(KeyUnusable):
    """A home of keys needs an optional package that is not installed."""

    code = "extra-missing"

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(
            f"{what} needs the extra {extra!r}, which is not installed", hint=f'Run: pip install "mcla[server,{extra}]"'
        )


class RotationRefused(MclaError):
    """A key cannot be replaced as asked; nothing was changed."""

    code = "rotation-refused"
    status = 409
    hint = "Run `mcla-server keys list` to see which keys there are."
