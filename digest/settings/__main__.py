"""Prints `docs/settings.md`: python -m digest.settings > docs/settings.md"""

import sys

from digest.settings.reference import reference

sys.stdout.write(reference())
