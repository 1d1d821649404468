# SPDX-License-Identifier: Apache-2.0
"""Names for bytes: digests, manifests, safe paths, Git LFS pointers."""
