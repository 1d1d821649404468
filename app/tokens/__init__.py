# SPDX-License-Identifier: Apache-2.0
"""What a project's machines prove themselves with: tokens with scopes, and a forge's word that a job is a project's."""
