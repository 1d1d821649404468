# SPDX-License-Identifier: Apache-2.0
"""Contributors, their identities at providers, sessions and tokens."""
