# SPDX-License-Identifier: Apache-2.0
"""The service's signing keys: apart by kind, at home in files, tokens or a cloud, replaced while it runs."""

from app.platform.keys.create import create_keys
from app.platform.keys.errors import KeyUnusable
from app.platform.keys.homes import probe, scheme
from app.platform.keys.load import KeyRing, load_form_secret, load_keys
from app.platform.keys.values import KINDS, Authority, Generation, KeysNow, Kind, LogKeys, ServiceKeys

__all__ = [
    "KINDS",
    "Authority",
    "Generation",
    "KeyRing",
    "KeyUnusable",
    "KeysNow",
    "Kind",
    "LogKeys",
    "ServiceKeys",
    "create_keys",
    "load_form_secret",
    "load_keys",
    "probe",
    "scheme",
]
