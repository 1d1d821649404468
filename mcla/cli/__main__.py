# SPDX-License-Identifier: Apache-2.0
"""`python -m mcla.cli`: the same command where no script was installed."""

from mcla.cli.main import main

if __name__ == "__main__":
    main()
