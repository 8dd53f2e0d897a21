"""PostgreSQL's own programs: those of the embedded wheel, else those on the PATH."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Self

from psycopg import conninfo

from jiedan.base.backup import errors
from jiedan.base.server import binaries
from jiedan.base.server import errors as server_errors

CHUNK_BYTES = 1024 * 1024

_REASON_CHARACTERS_MAX = 500


def find(name: str) -> Path:
    """Return the path of a program, like `pg_dump`. Raises NoTools."""
    try:
        program = binaries.find().program(name)
    except server_errors.NoBinaries:
        program = Path(shutil.which(name) or "")
    if not program.is_file():
        raise errors.NoTools(program=name)
    return program


class Running:
    """A program at work, its complaints kept aside. Use it as a context manager: what still runs at the end is ended.

    `url` names the database; its password goes by the environment, where other users of the machine cannot read it.
    """

    def __init__(
        self, name: str, arguments: Sequence[str], *, url: str | None = None, stdin: int | IO[bytes] | None = None
    ) -> None:
        self._name = name
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        parts = {} if url is None else conninfo.conninfo_to_dict(url)
        password = parts.pop("password", None)
        target = [] if url is None else [f"--dbname={conninfo.make_conninfo('', **parts)}"]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8"}
        if password is not None:
            environment["PGPASSWORD"] = str(password)
        self.process = subprocess.Popen(
            [find(name), *arguments, *target],
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment,
        )

    @property
    def output(self) -> IO[bytes]:
        """What the program writes."""
        return _needed(self.process.stdout)

    @property
    def input(self) -> IO[bytes]:
        """What the program reads."""
        return _needed(self.process.stdin)

    @property
    def was_killed(self) -> bool:
        """Tell whether it has ended because we ended it."""
        return self.process.returncode == -signal.SIGKILL

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                _close(stream)
        self._said.close()

    def finish(self) -> None:
        """Wait until the program has ended. Raises ToolFailed with what it complained of."""
        if self.process.wait() != 0:
            raise errors.ToolFailed(program=self._name, reason=self._reason())

    def _reason(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        complaints = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()] or lines[-1:]
        return "; ".join(complaints[:3])[:_REASON_CHARACTERS_MAX] or f"exit code {self.process.returncode}"


def silent(_: int, /) -> None:
    """Tell nobody how many more bytes have passed."""


def pour(source: IO[bytes], target: IO[bytes], *, poured: Callable[[int], None] = silent) -> None:
    """Copy everything from one stream to another and tell how many bytes have passed."""
    while chunk := source.read(CHUNK_BYTES):
        target.write(chunk)
        poured(len(chunk))


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return  # the reader has ended; why is in its exit code


def _needed(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        message = "the program was started without this pipe"
        raise ValueError(message)
    return stream
