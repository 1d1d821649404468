# SPDX-License-Identifier: Apache-2.0
"""JSON of the API about licences: a file for each thing that is asked or told."""
