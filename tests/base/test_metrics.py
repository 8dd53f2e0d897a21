"""The folder of metrics, which several supervisors may share."""

import os
import subprocess
import sys
from pathlib import Path

from jiedan.base import metrics


def test_numbers_of_the_living_stay_and_of_the_dead_go(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    living, dead = tmp_path / f"counter_{os.getpid()}.db", tmp_path / f"gauge_livesum_{ended.pid}.db"
    making, half = (tmp_path / f"counter_{pid}.db.new" for pid in (os.getpid(), ended.pid))
    odd = tmp_path / "counter.db"
    for file in (living, dead, making, half, odd):
        file.touch()
    metrics.prepare(tmp_path)
    assert sorted(tmp_path.iterdir()) == [living, making]


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    metrics.prepare(tmp_path / "home" / "metrics")
    assert (tmp_path / "home" / "metrics").stat().st_mode & 0o777 == 0o700
