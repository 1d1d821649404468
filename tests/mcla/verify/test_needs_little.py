# SPDX-License-Identifier: Apache-2.0
"""Verification needs the package `cryptography` and nothing else, at import and at run time."""

import subprocess
import sys
from pathlib import Path

from interop.private_sigstore import PrivateSigstore, contribution, manifest_of

PROGRAM = """
import sys
from pathlib import Path
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle
folder = Path(sys.argv[1])
trust = TrustedRoot.from_json((folder / "trust.json").read_bytes())
print(verify_bundle((folder / "bundle.json").read_bytes(), trust).verdict)
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
parts = {name.split(".")[0] for name, file in files.items() if "site-packages" in file}
print(" ".join(sorted(name for name in parts if not name.startswith(("__editable__", "_virtualenv", "_distutils")))))
"""


def test_a_fresh_interpreter_verifies_with_cryptography_alone(tmp_path: Path) -> None:
    service = PrivateSigstore.create(tmp_path / "keys")
    (tmp_path / "trust.json").write_bytes(service.trust.to_json())
    bundle = service.sign(contribution(manifest_of({"a": b"x"})).to_bytes()).bytes()
    (tmp_path / "bundle.json").write_bytes(bundle)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    verdict, packages = [*done.stdout.splitlines(), "", ""][:2]
    assert verdict == "verified", done.stderr
    assert set(packages.split()) <= {"cryptography", "_cffi_backend", "cffi"}
