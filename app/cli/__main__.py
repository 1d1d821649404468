# SPDX-License-Identifier: Apache-2.0
"""`python -m app.cli`: the command where it is not installed."""

from app.cli.main import main

if __name__ == "__main__":
    main()
