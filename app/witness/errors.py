# SPDX-License-Identifier: Apache-2.0
"""Why a witness refuses, each with the status that C2SP tlog-witness gives it."""

from mcla.errors import MclaError


class WitnessError(MclaError):
    """The base of a witness's refusals."""

    code = "witness-error"
    hint = "See c2sp.org/tlog-witness for what a witness accepts."


class LogUnknown(WitnessError):
    """The witness watches no log of this origin, or has cosigned nothing of it yet."""

    code = "witness-log-unknown"
    status = 404
    hint = "Ask the witness's operator to add the log's key: mcla-server witness add HOME VKEY."


class HeadNotSigned(WitnessError):
    """No key of the log signed the head, or a line under its name and id is wrong."""

    code = "witness-head-not-signed"
    status = 403


class OldSizeWrong(WitnessError):
    """The request builds on another head than the last that was cosigned: `known` is that one's size."""

    code = "witness-old-size-wrong"
    status = 409

    def __init__(self, known: int) -> None:
        super().__init__(f"expected a proof from the last cosigned size {known}, got one from another")
        self.known = known


class NotConsistent(WitnessError):
    """The head does not extend the last one that was cosigned."""

    code = "witness-not-consistent"
    status = 422


class WitnessHomeInvalid(WitnessError):
    """The witness's folder cannot be used."""

    code = "witness-home-invalid"
    status = 500
    hint = "Make one: mcla-server witness init HOME --name witness.example.org/w1"
