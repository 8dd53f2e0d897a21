"""What the operating system knows about a server process: whether it lives, and whether it is ours."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

_PS_TIMEOUT_S = 5
_PROGRAM = re.compile(r"postgres -D \S")


def is_server(pid: int, data: Path) -> bool:
    """Tell whether `pid` is a living PostgreSQL that serves the folder `data`.

    A process id may have been given to another program after a crash, so its command line is what counts.
    A process that has ended and waits for its parent has none.
    """
    line = _command_line(pid)
    return line.endswith(f"postgres -D {data}") or (_PROGRAM.search(line) is not None and _works_in(pid, data))


def stop_fast(pid: int) -> None:
    """Ask the server to close its connections and write its checkpoint."""
    _signal(pid, signal.SIGINT)


def stop_now(pid: int) -> None:
    """Make the server end at once; its next start recovers from the log."""
    _signal(pid, signal.SIGQUIT)


def _works_in(pid: int, folder: Path) -> bool:
    """Tell whether a process's folder is `folder`, by whatever path: the server moves into its data."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _command_line(pid: int) -> str:
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
        except OSError:
            return ""
    ps = shutil.which("ps") or "/bin/ps"
    done = subprocess.run(
        [ps, "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=_PS_TIMEOUT_S
    )
    return done.stdout.strip()
