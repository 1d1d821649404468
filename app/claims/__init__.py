# SPDX-License-Identifier: Apache-2.0
"""Claims: signatures that another system says it has. Kept as evidence and shown; never a yes to anything."""
