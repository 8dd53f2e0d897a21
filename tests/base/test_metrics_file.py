"""The files that numbers are kept in, where the disk has room and where it has none."""

import contextlib
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import prometheus_client
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from jiedan.base.metrics_file import AGAIN_S, ROOM_BYTES, MetricsFile

BLOCK_BYTES = 512


class Clock:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@contextlib.contextmanager
def files_end_at(limit: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: what is refused so is refused as by a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def stored(path: Path) -> dict[str, float]:
    """Return what others read there."""
    return {key: value for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path))}  # type: ignore[no-untyped-call]  # as it ships


def keys(count: int) -> list[str]:
    """Return so many keys, each with so long a help that a hundred take a quarter of a file's first room."""
    return [mmap_key("requests", "requests_total", ["route"], [f"/{i}"], "h" * 100) for i in range(count)]


def test_the_library_reads_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "counter_1.db"
    kept = MetricsFile(str(path))
    names = keys(1_000)
    for number, name in enumerate(names):
        assert kept.read_value(name) == (0.0, 0.0)
        kept.write_value(name, number, 7.0)
    assert [kept.read_value(name) for name in names] == [(float(n), 7.0) for n in range(1_000)]
    assert stored(path) == {name: float(n) for n, name in enumerate(names)}
    registry = prometheus_client.CollectorRegistry()
    MultiProcessCollector(registry, str(tmp_path))  # type: ignore[no-untyped-call]  # as it ships
    assert registry.get_sample_value("requests_total", {"route": "/999"}) == 999
    kept.close()


def test_every_page_has_its_room_before_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "counter_1.db"
    kept = MetricsFile(str(path))
    for count in (1, 1_000):
        for name in keys(count):
            kept.write_value(name, 1, 0)
        with path.open("rb") as file:
            os.fsync(file.fileno())  # a file system may say only then which blocks it took
        found = path.stat()
        assert found.st_blocks * BLOCK_BYTES >= found.st_size >= ROOM_BYTES
    assert path.stat().st_size > ROOM_BYTES
    kept.close()


def test_what_has_no_room_is_counted_beside_and_joins_when_it_has(tmp_path: Path) -> None:
    path, clock = tmp_path / "counter_1.db", Clock()
    kept = MetricsFile(str(path), now_s=clock)
    with files_end_at(0):
        for value in (1, 2):
            kept.write_value("a", value, 0)
        assert kept.read_value("a") == (2, 0)
    assert list(tmp_path.iterdir()) == [], "nobody may read half a file"
    kept.write_value("a", 3, 0)
    assert list(tmp_path.iterdir()) == [], "it was asked again too soon"
    clock.now += AGAIN_S
    kept.write_value("a", 4, 0)
    assert stored(path) == {"a": 4}
    assert kept.read_value("a") == (4, 0)
    kept.close()


def test_what_has_its_place_goes_on_where_there_is_no_room_for_more(tmp_path: Path) -> None:
    path, clock = tmp_path / "counter_1.db", Clock()
    kept = MetricsFile(str(path), now_s=clock)
    names = keys(1_000)
    with files_end_at(ROOM_BYTES):
        for name in names:
            kept.write_value(name, 1, 0)
        kept.write_value(names[0], 2, 0)
        assert path.stat().st_size == ROOM_BYTES
        assert stored(path)[names[0]] == 2
        assert names[-1] not in stored(path)
        assert kept.read_value(names[-1]) == (1, 0)
    clock.now += AGAIN_S
    for name in names[1:]:
        kept.write_value(name, 3, 0)
    assert stored(path) == dict.fromkeys(names, 3) | {names[0]: 2}
    kept.close()


def test_a_process_goes_on_where_one_of_the_same_number_ended(tmp_path: Path) -> None:
    path = tmp_path / "counter_1.db"
    before = MetricsFile(str(path))
    before.write_value("a", 5, 0)
    before.close()
    after = MetricsFile(str(path))
    assert after.read_value("a") == (5, 0)
    after.write_value("a", 6, 0)
    assert stored(path) == {"a": 6}
    after.close()


def test_a_file_that_nobody_can_read_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "counter_1.db"
    path.touch()
    kept = MetricsFile(str(path))
    kept.write_value("a", 1, 0)
    assert stored(path) == {"a": 1}
    kept.close()
