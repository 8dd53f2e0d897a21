"""The ground of benchmarks: what is paused takes nothing from what is measured."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import ground
from tests import patience

FAMILY = """
import os, subprocess, sys, time
nursery = "import os, time; os.fork(); os.write(1, str(os.getpid()).encode().ljust(10)); time.sleep(1000)"
subprocess.Popen([sys.executable, "-c", nursery], start_new_session=True)
time.sleep(1000)
"""
"""A supervisor, its nursery in a session of its own, and a process forked from that."""


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def eventually(wanted: set[str], pids: Sequence[int]) -> None:
    """Wait until the states of all these processes are as wanted: T is stopped, S asleep."""
    patience.eventually(lambda: {state(pid) for pid in pids} == wanted, f"they are not all in {wanted}")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_pause_stops_the_forked_processes_too() -> None:
    with subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        born = [int(process.stdout.read(10)) for _ in range(2)]
        try:
            with ground.Served(0, process, 0.0).paused():
                eventually({"T"}, family := (process.pid, *born))
            eventually({"S"}, family)
        finally:
            for pid in (process.pid, *born):
                os.kill(pid, signal.SIGKILL)
