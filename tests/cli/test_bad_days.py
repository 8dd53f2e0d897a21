"""Bad days that need a stage of their own: a server of another age, and a disk that is really full."""

import contextlib
import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import Terminal, free_port, terminal

__all__ = ["terminal"]

BOOL, INT4, TEXT = 16, 23, 25
DISK_BYTES = 192 * 1024 * 1024
"""Room for a fresh database, but not for much more."""

FULL = "The disk that holds {home} is full: free some space and start again."


def message(kind: bytes, body: bytes) -> bytes:
    """Return one message of PostgreSQL's wire protocol."""
    return kind + struct.pack("!I", len(body) + 4) + body


def answer(facts: list[tuple[int, str]]) -> bytes:
    """Return the answer to a simple query: one row of (type, text)."""
    columns = b"".join(b"c\0" + struct.pack("!IHIhih", 0, 0, kind, -1, -1, 0) for kind, _ in facts)
    values = b"".join(struct.pack("!i", len(text)) + text.encode() for _, text in facts)
    return b"".join((
        message(b"T", struct.pack("!H", len(facts)) + columns),
        message(b"D", struct.pack("!H", len(facts)) + values),
        message(b"C", b"SELECT 1\0"),
        message(b"Z", b"I"),
    ))  # fmt: skip


@contextlib.contextmanager
def old_server(version_num: str) -> Iterator[int]:
    """Serve one connection at a time as a PostgreSQL of `version_num`, fit in every other way; yield the port."""
    row = [(INT4, version_num), (TEXT, "UTF8"), (BOOL, "f"), (TEXT, "app"), *[(BOOL, "f")] * 4]
    greeting = message(b"R", struct.pack("!I", 0)) + b"".join(
        message(b"S", f"{name}\0{value}\0".encode())
        for name, value in (
            ("server_version", "14.5"),
            ("client_encoding", "UTF8"),
            ("standard_conforming_strings", "on"),
        )
    )

    def serve(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(greeting + message(b"Z", b"I"))
                    while (asked := connection.recv(65536)) and asked[:1] == b"Q":
                        connection.sendall(answer(row))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(("version_num", "major"), [("140005", 14), ("190001", 19)])
def test_a_server_of_another_version_is_named(
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    version_num: str,
    major: int,
) -> None:
    with old_server(version_num) as port:
        url = f"postgresql://app@127.0.0.1:{port}/jiedan?sslmode=disable&gssencmode=disable"
        monkeypatch.setenv("JIEDAN_DATABASE_URL", url)
        said = terminal.type(f"serve --port {free_port()}")
    assert said.code == 1
    assert said.sentence == f"The database server is PostgreSQL {major}: Jiedan needs version 15 to 18."


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """Return a folder on a disk with little room."""
    folder = home.parent / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root, where it may mount, can make a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607 - umount is umount


def fill(disk: Path, *, but: int = 0) -> None:
    """Fill a disk, but for some bytes."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with (disk / "ballast").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - but)


@pytest.mark.parametrize("mebibytes", [0, 1, 24])
def test_a_disk_that_is_full_before_the_first_start_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, small_disk: Path, mebibytes: int
) -> None:
    home = small_disk / "home"
    monkeypatch.setenv("JIEDAN_HOME", str(home))
    fill(small_disk, but=mebibytes * 1024 * 1024)
    said = terminal.type("migrate")
    assert (said.code, said.err.splitlines()[-1]) == (1, FULL.format(home=home))


def test_a_disk_that_has_become_full_is_named_and_room_is_enough_to_go_on(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, small_disk: Path
) -> None:
    home = small_disk / "home"
    monkeypatch.setenv("JIEDAN_HOME", str(home))
    assert terminal.type("migrate").code == 0
    fill(small_disk)
    said = terminal.type("migrate")
    assert (said.code, said.err.splitlines()[-1]) == (1, FULL.format(home=home))
    (small_disk / "ballast").unlink()
    assert terminal.type("migrate").code == 0
