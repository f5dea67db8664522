"""The command line: a module for each noun, one place that prints, one place that says what went wrong."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; exits with the code of what happened (`digest.errors` lists them)."""
    from digest.cli.app import app
    from digest.cli.output import explain
    from digest.errors import DigestError, InputError

    # The ledger, messages and exports hold addresses: nobody else on this machine reads what we write.
    os.umask(0o077)
    try:
        app()
    except DigestError as error:
        sys.exit(explain(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        # A file that the person named, or the disk it is on; sockets and pipes have no file name.
        if not error.filename:
            raise
        sys.exit(explain(InputError(f"{error.filename}: {error.strerror}.", hint="Check the path and its rights.")))
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "subscribers":
            raise
        sys.exit(explain(error))
