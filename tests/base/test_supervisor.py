"""The supervisor, with real processes: they come back when they die, drain when told, and never outlive it."""

import asyncio
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jiedan.base import children
from tests.base import supervised
from tests.patience import PATIENCE_S, eventually

ROOT = Path(__file__).parents[2]
API_PROCESSES = 2
UNANSWERED = (OSError, http.client.HTTPException)


def environment() -> dict[str, str]:
    """Return an environment in which `tests` and `jiedan` can be imported."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}


class Installation:
    """`tests.base.supervised`, running."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._said = folder / "said"  # a file: a pipe that nobody reads would stop it when full
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.base.supervised", str(self.port), str(folder), mode],
            env=environment(),
            stderr=self._said.open("w"),
        )

    def get(self, path: str = "/") -> str:
        """Ask the application, over a connection of its own, and return its answer."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    def answers(self) -> bool:
        """Tell whether the application answers."""
        try:
            return bool(self.get())
        except UNANSWERED:
            return False

    def notes(self) -> list[str]:
        """Return what the processes wrote down, in order."""
        file = self.folder / "notes"
        return file.read_text().splitlines() if file.exists() else []

    def worker(self) -> int:
        """Return the process id of the newest worker, 0 when there was none."""
        return int(([note for note in self.notes() if "worker started" in note] or ["0"])[-1].split()[-1])

    def api_processes(self) -> set[str]:
        """Return the process ids that answer; each connection may reach another process."""
        found: set[str] = set()
        for _ in range(30):
            found.add(self.get())
            if len(found) == API_PROCESSES:
                break
        return found

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Stop the supervisor and return its exit code and what it wrote on standard error."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Wait for its end and return its exit code and what it wrote on standard error."""
        return self.process.wait(timeout=2 * PATIENCE_S), self.said()

    def said(self) -> str:
        """Return what was written on standard error until now."""
        return self._said.read_text()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    started = Installation(tmp_path, "")
    try:
        eventually(lambda: started.answers() and started.worker(), "it never answered")
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait()


def test_what_dies_is_started_again(installation: Installation) -> None:
    eventually(lambda: len(installation.api_processes()) == 2, "there were never two API processes")
    before = installation.api_processes()
    worker = installation.worker()
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(UNANSWERED):
        installation.get("/die")
    eventually(lambda: installation.worker() != worker, "the worker never came back")
    eventually(
        lambda: installation.answers() and len(installation.api_processes() - before) == 1, "the API never came back"
    )
    code, said = installation.end()
    assert code == 0
    assert said.count('"event": "process ended"') == 2


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_nursery_takes_its_processes_with_it_and_others_come(installation: Installation) -> None:
    eventually(lambda: len(installation.api_processes()) == 2, "there were never two API processes")
    before = {int(pid) for pid in installation.api_processes()} | {installation.worker()}
    (nursery,) = {parent(pid) for pid in before}
    os.kill(nursery, signal.SIGTERM)  # as a service manager sends it to every process: not its to obey
    assert {int(pid) for pid in installation.api_processes()} < before
    os.kill(nursery, signal.SIGKILL)
    eventually(lambda: not any(map(is_alive, before)), "a process outlived the nursery")
    eventually(lambda: installation.worker() not in before, "the worker never came back")
    eventually(lambda: installation.answers() and len(installation.api_processes()) == 2, "the API never came back")
    assert installation.end()[0] == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_order_and_lets_requests_finish(installation: Installation, how: signal.Signals) -> None:
    eventually(lambda: len(installation.api_processes()) == 2, "there were never two API processes")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(installation.get, "/slow")
        eventually(lambda: "asked to be slow" in installation.notes(), "nobody was asked")
        code, _ = installation.end(how)
        assert int(slow.result()) > 0
    assert code == 0
    notes = installation.notes()
    assert [note for note in notes if "stopped" in note] == ["api stopped", "api stopped", "worker stopped"]
    assert not installation.answers()
    assert not is_alive(installation.worker())


def test_nothing_outlives_a_killed_supervisor(installation: Installation) -> None:
    processes = {int(pid) for pid in installation.api_processes()} | {installation.worker()}
    installation.end(signal.SIGKILL)
    eventually(lambda: not any(map(is_alive, processes)), "a process outlived the supervisor")
    assert installation.notes().count("worker stopped") == 1


def test_the_metrics_of_all_processes_are_summed(installation: Installation) -> None:
    eventually(lambda: len(installation.api_processes()) == 2, "there were never two API processes")
    counts = set()
    for _ in range(10):
        lines = installation.get("/metrics").splitlines()
        counts.add(
            float(next(line for line in lines if line.startswith("jiedan_supervised_requests_total")).split()[1])
        )
    assert len(counts) == 10
    assert max(counts) - min(counts) == 9


def test_it_gives_up_on_what_never_starts_and_says_so(tmp_path: Path) -> None:
    installation = Installation(tmp_path, "broken")
    code, said = installation.ended()
    assert code == 1
    assert "this application never starts" in said
    assert said.splitlines()[-1] == "The api process does not start (exit code 1): the lines above say why."
    assert not is_alive(installation.worker())


def test_it_does_not_give_up_on_what_signals_kill(tmp_path: Path) -> None:
    """As a full disk, or too little memory, may do for a while."""
    installation = Installation(tmp_path, "killed")
    killed = f'"code": {-signal.SIGBUS}'
    eventually(lambda: installation.said().count(killed) == supervised.KILLED, "it was given up")
    eventually(installation.answers, "it never answered")
    assert installation.end()[0] == 0


def test_who_is_asked_to_end_answers_until_a_balancer_has_noticed(tmp_path: Path) -> None:
    installation = Installation(tmp_path, "draining")
    pids: set[str] = set()
    try:
        eventually(installation.answers, "it never answered")
        eventually(lambda: len(installation.api_processes()) == API_PROCESSES, "there were never two API processes")
        pids = installation.api_processes()
        installation.process.send_signal(signal.SIGTERM)
        eventually(lambda: {installation.get("/asked") for _ in range(30)} == {"True"}, "nobody was asked to end")
        assert installation.api_processes() <= pids
        assert "api stopped" not in installation.notes()
    finally:
        for pid in pids:  # else they would go on for minutes
            os.kill(int(pid), signal.SIGKILL)
        code, _ = installation.end()
    assert code == 0


def test_what_does_not_drain_in_time_is_killed(tmp_path: Path) -> None:
    installation = Installation(tmp_path, "stubborn")
    eventually(lambda: installation.answers() and installation.worker(), "it never answered")
    code, said = installation.end()  # and the worker would have gone on for good
    assert code == 0
    assert "did not drain in time" in said
    assert not is_alive(installation.worker())


def test_the_worker_starts_though_nobody_hears_the_announcement(tmp_path: Path) -> None:
    installation = Installation(tmp_path, "unheard")
    eventually(lambda: installation.answers() and installation.worker(), "the worker never came")
    code, said = installation.end()
    assert code == 0
    assert "BrokenPipeError: nobody listens" in said


async def test_a_stop_that_meets_a_process_at_its_birth_is_obeyed(tmp_path: Path) -> None:
    wanted = environment() | {"SUPERVISED_FOLDER": str(tmp_path)}
    async with children.nursery(["tests.base.supervised"], environment=wanted) as nursery:
        for _ in range(3):
            born = await nursery.start(name="worker", target="tests.base.supervised:work", environment=wanted)
            born.send_signal(signal.SIGTERM)
            ended = await asyncio.wait_for(born.wait(), PATIENCE_S)
            assert ended.code == -signal.SIGTERM
    assert not (tmp_path / "notes").exists()
