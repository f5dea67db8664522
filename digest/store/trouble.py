"""What a database's own error means to the person in front of it, and what to do about it.

PostgreSQL names most errors by code; what it says before it lets anybody in comes as text only.
"""

from __future__ import annotations

import re

#: What every transaction promises.
UNDONE = "Nothing of this step was kept."
_AGAIN = "Nothing of this step was kept; it can be run again."

#: PostgreSQL's codes, or words of either database → what to do.
_ADVICE: dict[str, str] = {
    r"^(28P01|28000)$|password authentication failed|no password supplied|role .* does not exist|pg_hba\.conf": (
        "The server lets nobody in with this user and password: mend database.url (or DIGEST_DATABASE_URL), "
        "or let libpq read the password from ~/.pgpass."
    ),
    r"^3D000$|database .* does not exist": (
        "The server has no such database: make it (`createdb NAME`), or mend the name in database.url."
    ),
    r"^42501$": (
        "The user lacks a right: make it the owner of the database, or GRANT it CREATE on the schema and all rights "
        f"on the tables. {UNDONE}"
    ),
    r"^53300$|too many (clients|connections)|connection slots": (
        "The server takes no more connections: run fewer workers, or raise its max_connections."
    ),
    r"^55P03$|\blocked\b": f"Another program holds the database; wait for it or stop it. {_AGAIN}",
    r"^53100$|disk is full|No space left": f"Make room on the disk. {UNDONE}",
    r"readonly|unable to open": f"Check the rights of the database's file and of its folder. {UNDONE}",
    r"^(57P0[1-3]|08\d{3})$|starting up|shutting down|onnection (refused|is lost|was closed|timeout)"
    r"|server closed the connection|No such file or directory|translate host name|resolve host": (
        f"Is the server running, and is its address in database.url right? {_AGAIN}"
    ),
}


def advice(code: str, said: str) -> str:
    """What to do about an error that has this SQLSTATE ("" when none was given) and these words."""
    for pattern, what_to_do in _ADVICE.items():
        if (code and re.search(pattern, code)) or re.search(pattern, said):
            return what_to_do
    return UNDONE
