"""A PostgreSQL server of one's own, in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PLACES = "/usr/lib/postgresql"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server, and stop it in the end.

    Yields:
        The URL of a database is this one with its name put in place of ``{}``; ``postgres`` is there already.

    Raises:
        RuntimeError: there is no server to start here; the text says why.
    """
    programs = _programs()
    # The server refuses to run as root; Debian's package brings a user for it.
    user = "postgres" if os.getuid() == 0 else getpass.getuser()
    folder = Path(tempfile.mkdtemp(prefix="lipack-pg-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, user)
        data = folder / "data"
        _run(
            user, programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"
        )
        # Programs are killed in these tests, the machine is not.
        options = f"-c fsync=off -c listen_addresses='' -c unix_socket_directories={folder}"
        _run(user, programs / "pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options)
        try:
            yield f"postgresql+psycopg://postgres@/{{}}?host={folder}"
        finally:
            _run(user, programs / "pg_ctl", "stop", "-w", "-D", data, "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path(_PLACES).glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise RuntimeError("PostgreSQL is not installed (apt-get install postgresql)")


def _run(user: str, *words: object) -> None:
    try:
        done = subprocess.run(
            list(map(str, words)),
            user=user,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except (KeyError, LookupError, PermissionError) as error:
        raise RuntimeError(f"PostgreSQL cannot be run as user {user}: {error}") from error
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed: {done.stderr[-500:] or done.stdout[-500:]}")
