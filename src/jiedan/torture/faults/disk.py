"""A disk that is full: reads go on or say so, nothing acked is lost, and room is enough to go on."""

import os
import subprocess
from pathlib import Path

from jiedan.torture.stage import Skipped, Stage

DISK_BYTES = 1_200 * 1024 * 1024
"""Room for a database and for what a step writes; more than `/readyz` asks to be free."""

BALLAST = "ballast"
_MIB = 1024 * 1024


class SmallDisk:
    """A disk in memory, mounted on a folder as long as the block lasts. Raises Skipped where none can be made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Path:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(self._folder)]
        if os.geteuid() != 0:
            raise Skipped("it needs root, who alone can make a small disk")
        done = subprocess.run(mount, capture_output=True, check=False, text=True)
        if done.returncode:
            reason = f"no small disk can be made here: {done.stderr.strip()}"
            raise Skipped(reason)
        return self._folder

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self._folder)], check=True)  # noqa: S607 - umount is umount


async def fill(stage: Stage) -> None:
    """Fill the disk to its last byte under load; free it, and go on."""
    disk = stage.at.home.parent
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    ballast = disk / BALLAST
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        os.posix_fallocate(descriptor, 0, free)
    finally:
        os.close(descriptor)
    stage.counts["MiB of ballast"] += free // _MIB
    stage.is_not_ready("not ready, the disk is full")
    try:
        await stage.lasts()
    finally:
        os.unlink(ballast)  # noqa: PTH108 - as it was made
    await stage.at.database.revive()
    stage.is_ready("ready, the disk has room")
