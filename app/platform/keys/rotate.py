# SPDX-License-Identifier: Apache-2.0
"""Replacing a key while the service runs. Every step leaves a ring with which a service starts.

prepare: a new key is made, tried, certified and published; it does not sign yet, so that verifiers who pin the trust
file can get the new one first. rotate: the prepared key (or a new one) signs from now on, by one replacement of the
ring; the old key counts a while longer, for what is under way. A retired key in a file is destroyed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from app.platform.keys.create import new_generation
from app.platform.keys.errors import KeyUnusable, RotationRefused
from app.platform.keys.files import FileHome
from app.platform.keys.homes import Homes, probe, scheme
from app.platform.keys.ids import identifier
from app.platform.keys.load import FOLDER, signing
from app.platform.keys.ring import Ring, changing, read_ring, replace_ring
from app.platform.keys.values import Generation, Kind
from app.platform.settings import Settings

OVERLAP = timedelta(minutes=15)
"""How long a retired key counts: longer than the ten minutes that a signer's certificate lives."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: `old` counts for signatures until its end, `new` signs from now on."""

    old: Generation
    new: Generation


def prepare(settings: Settings, kind: Kind, now: datetime) -> Generation:
    """Make and publish the next key of a kind, or find the one prepared before; raises what `rotate` raises."""
    folder = _folder(settings)
    with changing(folder):
        return _prepared(settings, folder, kind, now)[1]


def rotate(
    settings: Settings,
    kind: Kind,
    now: datetime,
    until: datetime | None = None,
    *,
    fresh: bool = False,
    stolen: bool = False,
) -> Rotated:
    """Let the next key of a kind sign from now on; the old one counts until `until` (by default `OVERLAP` from now).

    An earlier end than that is for a key that was `stolen`: what it signed afterwards is not believed, and who is
    signing has to sign again. `fresh` leaves a prepared key aside. Raises `RotationRefused` (another change under way,
    an end that makes no sense) or `KeyUnusable`; then the old key still signs.
    """
    folder = _folder(settings)
    with changing(folder):
        end = _end(signing(read_ring(folder), kind), now, until, stolen=stolen)
        if fresh:
            _set_aside(folder, kind, now)
        ring, new = _prepared(settings, folder, kind, now)
        # A key that cannot be reached must not become the one that signs.
        probe(Homes(folder, settings.token).open(kind, new.place))
        old = signing(ring, kind)
        done = Rotated(replace(old, end=end), replace(new, signs_from=now))
        changed = {old.number: done.old, new.number: done.new}
        replace_ring(folder, tuple(changed.get(one.number, one) if one.kind == kind else one for one in ring))
        _say(settings, done)
        destroy_retired(folder)
    return done


def destroy_retired(folder: Path) -> None:
    """Remove the files of retired keys; in tokens and cloud services that is the operator's to do."""
    files = FileHome(folder)
    for one in read_ring(folder):
        if one.state == "retired" and scheme(one.place) == "file":
            files.destroy(one.place)


def _set_aside(folder: Path, kind: Kind, now: datetime) -> None:
    ring = read_ring(folder)
    aside = [one for one in ring if one.kind == kind and one.state == "prepared"]
    replace_ring(folder, tuple(replace(one, end=now) if one in aside else one for one in ring))


def _say(settings: Settings, done: Rotated) -> None:
    log.info(
        "keys.rotated",
        kind=done.new.kind,
        old=identifier(done.old, settings.host),
        new=identifier(done.new, settings.host),
        home=scheme(done.new.place),
        old_counts_until=f"{done.old.end:%Y-%m-%dT%H:%M:%SZ}",
    )


def _prepared(settings: Settings, folder: Path, kind: Kind, now: datetime) -> tuple[Ring, Generation]:
    ring = read_ring(folder)
    found = next((one for one in ring if one.kind == kind and one.state == "prepared"), None)
    if found is not None:
        return ring, found
    signing(ring, kind)  # raises where there is nothing to replace
    new = new_generation(Homes(folder, settings.token), ring, kind, settings.keys, settings.host, now)
    ring = (*ring, new)
    replace_ring(folder, ring)
    log.info("keys.prepared", kind=kind, new=identifier(new, settings.host), home=scheme(new.place))
    return ring, new


def _end(old: Generation, now: datetime, until: datetime | None, *, stolen: bool) -> datetime:
    end = (now + OVERLAP if until is None else until).replace(microsecond=0)
    if not old.start <= end <= now + timedelta(days=366):
        raise RotationRefused(
            f"expected an end between {old.start:%Y-%m-%d %H:%M} UTC, when the key began, and a year from now, "
            f"got {end:%Y-%m-%d %H:%M}",
            hint="Give --until as a time with its zone, such as 2026-11-25T09:00:00Z, or leave it out.",
        )
    if until is not None and until < now + OVERLAP and not stolen:
        raise RotationRefused(
            f"expected an end at least {OVERLAP.seconds // 60} minutes from now, as signatures with the old key are "
            f"under way, got {end:%Y-%m-%d %H:%M:%S} UTC",
            hint="Leave --until out. If the key was stolen, add --stolen: who is signing has to sign again.",
        )
    return end


def _folder(settings: Settings) -> Path:
    folder = settings.home / FOLDER
    if not folder.is_dir():
        raise KeyUnusable(f"there are no keys under {settings.home}", hint="Run: mcla-server init")
    return folder
