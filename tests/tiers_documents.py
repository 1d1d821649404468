# SPDX-License-Identifier: Apache-2.0
"""Terms in tiers for tests: the example of the product, which heeds no feed here, in as many versions as are wanted."""

from mcla.tiers.example import example


def document(version: str = "1.0.0", *replaced: tuple[str, str], feed: str = "none", effective: str = "") -> bytes:
    """The example with another version, and with texts replaced by others; each must be there."""
    text = example().decode().replace('"1.0.0"', f'"{version}"', 1).replace('"advisory"', f'"{feed}"', 1)
    if effective:
        text = text.replace("\n[text]", f'effective = "{effective}"\n\n[text]', 1)
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return text.encode()
