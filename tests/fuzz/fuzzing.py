# SPDX-License-Identifier: Apache-2.0
"""Fuzz the parsers with atheris, guided by what lines of the protocol an input reaches.

Usage: fuzzing.py all|NAME CORPUS [libFuzzer options]. The first byte of an input says which parser gets the rest.
Ends with an exit code other than 0 and the input at fault if a parser raises another error than its own, takes longer
than `-timeout` seconds or more than `-rss_limit_mb` of memory.
"""

import sys

import atheris

with atheris.instrument_imports(include=["mcla"]):
    from fuzz.targets import NAMES, TARGETS


def one_input(data: bytes) -> None:
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1:])


def main() -> None:
    name, *options = sys.argv[1:]
    if name == "all":
        atheris.Setup([sys.argv[0], *options], one_input)
    else:
        target = TARGETS[NAMES.index(name)]
        atheris.Setup([sys.argv[0], *options], lambda data: target(data[1:]))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
