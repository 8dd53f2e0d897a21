"""Run a command on a throwaway PostgreSQL of one major version: `python -m tools.with_postgresql 15 pytest tests`.

The server is the system's own (Debian and Ubuntu: the package postgresql-15), in a temporary folder, reached by a Unix
socket only, as the user postgres where this runs as root. `JIEDAN_TEST_SERVER` tells the suite where it is.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDERS = (
    "/usr/lib/postgresql/{version}/bin",
    "/usr/pgsql-{version}/bin",
    "/opt/homebrew/opt/postgresql@{version}/bin",
)
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "listen_addresses=")


def find(version: str) -> Path | None:
    """Return the folder of the programs of a major version, or None."""
    folders = (Path(folder.format(version=version)) for folder in FOLDERS)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def run(programs: Path, folder: Path, command: list[str]) -> int:
    """Start a server in `folder`, run the command, stop the server; return the command's exit code."""
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user, user)
    data = folder / "data"

    def program(name: str, *arguments: str) -> None:
        line = [str(programs / name), "-D", str(data), *arguments]
        subprocess.run(
            line, check=True, user=user if os.geteuid() == 0 else None, cwd=folder, stdout=subprocess.DEVNULL
        )

    program("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={folder}"))
    program("pg_ctl", "--wait", f"--log={folder / 'log'}", f"--options={options}", "start")
    try:
        server = f"host={folder} user=postgres dbname=postgres"
        return subprocess.run(command, env={**os.environ, "JIEDAN_TEST_SERVER": server}, check=False).returncode
    finally:
        program("pg_ctl", "--wait", "--mode=immediate", "stop")


def main(arguments: list[str]) -> int:
    """Find the server, run the command on it."""
    version, *command = arguments or [""]
    if not (version.isdigit() and command):
        print(__doc__)
        return 2
    programs = find(version)
    if programs is None:
        print(f"There is no PostgreSQL {version} here: install it (on Debian: apt-get install postgresql-{version}).")
        return 1
    with tempfile.TemporaryDirectory(prefix="jiedan-pg-") as folder:
        return run(programs, Path(folder), command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
