#!/usr/bin/env python3
"""The digest mailer from a checkout: `python send.py …` is `digest …`."""

import sys

try:
    from digest.cli import main
except ModuleNotFoundError as missing:
    sys.exit(f"{missing.name} is not installed here. Run `make install`, then use .venv/bin/python send.py.")

if __name__ == "__main__":
    main()
