"""Settings: declared in tables, read from one file and then the environment, with all mistakes reported at once.

`DIGEST_SETTINGS` names the file (default `./settings.toml`). A setting `a.b` may be overridden by the environment
variable `DIGEST_A_B`. Relative paths in the file are relative to the file. Secrets come from the environment or from
a file that it names, never from `settings.toml`. `docs/settings.md` is made from these tables.
"""

from digest.settings.reading import load as load
from digest.settings.values import Newsletters as Newsletters
from digest.settings.values import Settings as Settings
