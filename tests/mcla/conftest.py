# SPDX-License-Identifier: Apache-2.0
"""Settings of the property tests: no time limit for one example, because the machine is shared and some make keys."""

from hypothesis import settings

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
