# SPDX-License-Identifier: Apache-2.0
"""What a Git checkout says of one change: its commits, the people they name, and the files as they are after it."""
