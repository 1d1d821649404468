# SPDX-License-Identifier: Apache-2.0
"""The address that a server is told to listen at: is it one, and does nobody listen there?"""

import socket
import time
from ipaddress import ip_address

from mcla.errors import MclaError

PATIENCE = 3.0
"""Seconds to wait for an address to become free."""


class AddressTaken(MclaError):
    """Somebody listens at an address of ours already, or this machine does not have it."""

    code = "address-taken"
    hint = "Stop what listens there, or choose another address."


def check_address(value: str) -> str:
    """`value` if it is an IP address and a port; raises ValueError."""
    host, _, port = value.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    try:
        address = ip_address(host[1:-1] if bracketed else host)
        fits = port.isascii() and port.isdecimal() and 0 < int(port) < 65536
        fits = fits and not (bracketed and address.version == 4)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"expected an IP address and a port such as 127.0.0.1:8000, got {value!r}")
    return value


def wait_until_free(setting: str, bind: str) -> None:
    """Wait until something can listen at the address of a setting, for what was killed is just about to end.

    Raises `AddressTaken` after `PATIENCE` seconds.
    """
    host, _, port = bind.rpartition(":")
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_server((host.strip("[]"), int(port)), family=_family(host)).close()
        except OSError as error:
            if time.monotonic() > until:
                hint = f"Stop what listens there, or set {setting} to another address."
                raise AddressTaken(f"Nothing can listen at {bind}: {error.strerror or error}.", hint=hint) from error
            time.sleep(0.05)
        else:
            return


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
