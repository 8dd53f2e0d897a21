"""A disk that is full: reads go on or say so, nothing acked is lost, and room is enough to go on."""

import asyncio
import errno
import os
import subprocess
from pathlib import Path

from jiedan.base.i18n import Phrase
from jiedan.torture.stage import Skipped, Stage

DISK_BYTES = 1_200 * 1024 * 1024
"""Room for a database and for what a step writes; more than `/readyz` asks to be free."""

BALLAST = "ballast"
_MIB = 1024 * 1024
PIECE_BYTES, PIECE_BYTES_MIN = 64 * _MIB, 4_096


class SmallDisk:
    """A disk in memory, mounted on a folder as long as the block lasts. Raises Skipped where none can be made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Path:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(self._folder)]
        if os.geteuid() != 0:
            raise Skipped(Phrase("it needs root, who alone can make a small disk"))
        done = subprocess.run(mount, capture_output=True, check=False, text=True)
        if done.returncode:
            raise Skipped(Phrase("no small disk can be made here ({said})", said=done.stderr.strip()))
        return self._folder

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self._folder)], check=True)  # noqa: S607 - umount is umount


async def fill(stage: Stage) -> None:
    """Fill the disk to its last byte under load; free it, and go on."""
    ballast = stage.at.home.parent / BALLAST
    try:
        stage.counts["MiB of ballast"] += _filled(ballast) // _MIB
        stage.is_not_ready("not ready, the disk is full")
        await stage.lasts()
    finally:
        await asyncio.to_thread(ballast.unlink, missing_ok=True)
    await stage.at.revive_database()
    stage.is_ready("ready, the disk has room")


def _filled(ballast: Path) -> int:
    """Take all the room there is, to the last piece, although others write meanwhile; return how many bytes."""
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    taken, piece = 0, PIECE_BYTES
    try:
        while piece >= PIECE_BYTES_MIN:
            try:
                os.posix_fallocate(descriptor, taken, piece)
                taken += piece
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                piece //= 2
    finally:
        os.close(descriptor)
    return taken
