"""A disk that is full: reads go on, writes are told to come again, nothing acked is lost, and room is all it needs."""

import asyncio
import errno
import os
import subprocess
from collections import Counter
from pathlib import Path

import httpx2

from jiedan.base.i18n import Phrase
from jiedan.torture.load import READS
from jiedan.torture.stage import Skipped, Stage
from jiedan.torture.told import Acked

DISK_BYTES = 1_200 * 1024 * 1024
"""Room for a database and for what a step writes; more than `/readyz` asks to be free."""

BALLAST = "ballast"
_MIB = 1024 * 1024
PIECE_BYTES, PIECE_BYTES_MIN = 64 * _MIB, 4_096
ASK_EVERY_S = 0.05
READ_S_MAX = 30.0
OK, UNAVAILABLE = "200", "503"


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
    """Fill the disk to its last byte under load; see what is answered meanwhile; free it, and go on."""
    ballast = stage.at.home.parent / BALLAST
    try:
        stage.counts["MiB of ballast"] += await asyncio.to_thread(_filled, ballast) // _MIB
        stage.is_not_ready("not ready, the disk is full")
        await _asked(stage)
    finally:
        await asyncio.to_thread(ballast.unlink, missing_ok=True)
    stage.is_ready("ready, the disk has room")


async def _asked(stage: Stage) -> None:
    """Read as long as the fault lasts, which is answered; what the load writes meanwhile is told to come again."""
    loop = asyncio.get_running_loop()
    until = loop.time() + stage.pace.fault_s
    paths = ["/orders?limit=20", "/stock?limit=20", *(f"/orders/{x.order_id}" for x in _some(stage))]
    bad: Counter[str] = Counter()
    async with httpx2.AsyncClient(
        base_url=f"{stage.at.servers[0].url}/api/v1", headers=stage.shop.headers, timeout=READ_S_MAX, trust_env=False
    ) as http:
        while loop.time() < until or not stage.counts["read while it was full"]:
            for path in paths:
                try:
                    status = str((await http.get(path)).status_code)
                except httpx2.HTTPError as error:
                    status = type(error).__name__
                stage.counts["read while it was full"] += 1
                bad[status] += status != OK
            await asyncio.sleep(ASK_EVERY_S)
    stage.findings += [f"while the disk was full {n} reads were answered {status}" for status, n in bad.items() if n]
    troubles = stage.told.trouble_counts.items()
    stage.counts["writes told to come again"] += sum(
        n for (phase, what), n in troubles if phase == "fault" and what.startswith(UNAVAILABLE)
    )
    if not stage.counts["writes told to come again"]:
        stage.findings.append("no write was refused: the step shows nothing")
    stage.findings += [
        f"{x.operation} was answered {x.what} while the disk was full"
        for x in stage.told.troubles
        if x.phase == "fault" and x.operation in READS
    ]


def _some(stage: Stage) -> list[Acked]:
    return list(stage.told.orders.values())[:3]


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
