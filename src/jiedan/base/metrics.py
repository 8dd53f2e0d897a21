"""Prometheus metrics, summed over the processes of this installation.

`jiedan serve` names a folder in `PROMETHEUS_MULTIPROC_DIR`, in which each process keeps its own numbers; `render()` in
any of them answers for all. Metrics are made at import: `PLACED = metrics.counter("orders_placed", "Orders placed.")`.
Their files are our own (`metrics_file`): those of the library kill their process where the disk is full.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import prometheus_client
from prometheus_client import multiprocess, values

from jiedan.base import metrics_file

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
PREFIX = "jiedan_"

values.MmapedDict = metrics_file.MetricsFile  # type: ignore[assignment,attr-defined]  # the library has no other door for it

DURATION_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZE_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200)


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> prometheus_client.Counter:
    """Make a counter `jiedan_<name>_total`."""
    return prometheus_client.Counter(PREFIX + name, meaning, labels)


def histogram(
    name: str, meaning: str, labels: Sequence[str] = (), *, buckets: Sequence[float] = DURATION_BUCKETS_S
) -> prometheus_client.Histogram:
    """Make a histogram `jiedan_<name>`; durations are in seconds and their names end in `_seconds`."""
    return prometheus_client.Histogram(PREFIX + name, meaning, labels, buckets=buckets)


def gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> prometheus_client.Gauge:
    """Make a gauge `jiedan_<name>`, summed over the living processes."""
    return prometheus_client.Gauge(PREFIX + name, meaning, labels, multiprocess_mode="livesum")


def render() -> bytes:
    """Return the metrics of all processes in the text format of Prometheus."""
    if FOLDER_VARIABLE not in os.environ:
        return prometheus_client.generate_latest()
    registry = prometheus_client.CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # ships without this annotation
    return prometheus_client.generate_latest(registry)


def prepare(folder: Path) -> None:
    """Make `folder` ready for a new run: numbers of ended processes go, those of another supervisor's stay.

    `jiedan worker` beside `jiedan serve --no-worker` counts in the same folder. A file's name ends in a process id.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in (*folder.glob("*.db"), *folder.glob(f"*.db{metrics_file.DRAFT}")):
        pid = left.name.partition(".")[0].rpartition("_")[2]
        if not (pid.isdecimal() and _is_ours(int(pid))):
            left.unlink(missing_ok=True)


def _is_ours(pid: int) -> bool:
    """Tell whether a process lives that this user may send signals to."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def forget(pid: int) -> None:
    """Drop the gauges of a process that has ended; what it counted stays."""
    if FOLDER_VARIABLE in os.environ:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]  # as above
