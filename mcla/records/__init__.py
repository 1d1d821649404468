# SPDX-License-Identifier: Apache-2.0
"""The sealed PDF record: the one rule by which it is good, for the command line, the service and its verify page."""
