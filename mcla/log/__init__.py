# SPDX-License-Identifier: Apache-2.0
"""RFC 6962 Merkle trees, C2SP signed notes, checkpoints and tiles."""
