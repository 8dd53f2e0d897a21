"""`jiedan serve`, whole: start, sign-in, second start, sharing with commands, kill -9, Ctrl-C."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from jiedan.base import server, settings
from tests.patience import PATIENCE_S, eventually

START_S_MAX = PATIENCE_S  # benchmarks measure the target of 3 s on a quiet machine; this finds what is far off
RSS_BYTES_MAX = 256 * 1024 * 1024  # likewise: the target is 120 MB


class Serving:
    """A running `jiedan serve` on a home of its own."""

    def __init__(self, home: Path, *options: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._environment = environment(home)
        self.began = time.monotonic()
        self._said = home.parent / f"said-{self.port}"  # a file: a pipe that nobody reads would stop it when full
        self.process = subprocess.Popen(
            [*JIEDAN, "serve", "--json", "--processes", "2", "--port", str(self.port), *options],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self._said.open("w"),
            text=True,
        )

    def announced(self) -> dict[str, Any]:
        """Wait for the address and return what was printed with it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            pytest.fail(f"it did not start: {self._said.read_text()}")
        found: dict[str, Any] = json.loads(line)
        return found

    def is_ready(self) -> bool:
        """Ask whether it can take orders; a probe of a machine that stands still may have to be asked again."""
        said = httpx2.get(f"http://127.0.0.1:{self.port}/readyz", timeout=PATIENCE_S)
        assert (said.status_code == 200) is said.json()["ready"]
        return said.status_code == 200

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Stop it and return its exit code and what it wrote on standard error."""
        self.process.send_signal(how)
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, self._said.read_text()


JIEDAN = (sys.executable, "-c", "from jiedan.cli import main; main()")


def environment(home: Path) -> dict[str, str]:
    """Return this process's environment without its settings, with the home `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
    return {**kept, "JIEDAN_HOME": str(home), "JIEDAN_DEMO_ORDERS": "0", "PYTHONDONTWRITEBYTECODE": ""}


def resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def forked(pid: int) -> list[int]:
    """Return the processes that were forked from the nursery of the supervisor `pid`."""
    (nursery,) = (child for child in children(pid) if name(child) == "jiedan-nursery")
    return children(nursery)


def api_processes(pid: int) -> list[int]:
    return [process for process in forked(pid) if name(process) == "jiedan-api"]


def eventually_gone(pids: list[int]) -> None:
    eventually(lambda: not any(map(is_alive, pids)), "a process outlived the supervisor")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:  # it went away between one look and the next
        return False


@pytest.fixture
def serving(home: Path) -> Iterator[list[Serving]]:
    """Return a list for what a test starts; what still runs at its end is killed."""
    started: list[Serving] = []
    yield started
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()
    subprocess.run([*JIEDAN, "migrate"], env=environment(home), check=True, capture_output=True)  # stops what was left


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_installation_from_its_first_start_to_its_last(home: Path, serving: list[Serving]) -> None:
    serving.append(first := Serving(home, "--demo"))
    announced = first.announced()
    assert announced["url"] == f"http://localhost:{first.port}"
    assert announced["sign_in"]["email"] == "owner@demo.example"
    assert len(announced["sign_in"]["password"]) >= 20
    eventually(first.is_ready, "it was never ready")
    assert len(api_processes(first.process.pid)) == 2

    # A command in between uses the same database server and leaves it running.
    pid = server.status(home).pid
    subprocess.run([*JIEDAN, "migrate"], env=environment(home), check=True, capture_output=True)
    assert server.status(home).pid == pid
    eventually(first.is_ready, "it was not ready any more")

    left = children(first.process.pid) + forked(first.process.pid)
    first.end(signal.SIGKILL)
    eventually_gone([process for process in left if process != pid])
    assert server.status(home).pid == pid

    serving.append(second := Serving(home, "--demo"))
    assert second.announced()["sign_in"] is None
    took_s = time.monotonic() - second.began
    eventually(second.is_ready, "it was never ready again")
    assert server.status(home).pid == pid
    assert max(map(resident_bytes, api_processes(second.process.pid))) < RSS_BYTES_MAX
    code, said = second.end(signal.SIGINT)
    waited = "The database is writing its checkpoint"  # so it says where others keep the disk busy
    assert (code, [line for line in said.splitlines() if not line.startswith(waited)]) == (0, [])
    assert server.status(home).state == "stopped"
    assert took_s < START_S_MAX, f"the second start took {took_s:.1f} s"

    serving.append(third := Serving(home, "--tls", "--no-worker"))
    address = f"https://localhost:{third.port}"
    assert third.announced()["url"] == address
    ours = ssl.create_default_context(cafile=home / "tls-certificate.pem")
    page = httpx2.get(f"{address}/sign-in", verify=ours, headers={"accept": "text/html"}, timeout=PATIENCE_S)
    assert "Secure" in page.headers["set-cookie"]
    assert third.end(signal.SIGINT) == (0, "")
