"""Files written beside their name: whole or not there."""

import stat
from pathlib import Path

import pytest

from jiedan.base import failures, files


class Broken(Exception):
    """Something went wrong half-way."""


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path, overwrite: bool) -> None:
    path = tmp_path / "a.csv"
    with files.drafted(path, overwrite=overwrite) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert stat.S_IMODE(path.stat().st_mode) == files.PRIVATE
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_that_is_not_finished_leaves_nothing(tmp_path: Path, overwrite: bool) -> None:
    def break_off() -> None:
        with files.drafted(tmp_path / "a.csv", overwrite=overwrite) as file:
            file.write(b"half")
            raise Broken

    with pytest.raises(Broken):
        break_off()
    assert list(tmp_path.iterdir()) == []


def test_readers_see_the_old_content_until_the_new_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    with files.drafted(path, overwrite=True) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_a_file_that_is_there_is_kept_and_said_before_the_work(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"a\.csv"), files.drafted(path, overwrite=False):
        pytest.fail("the work was begun")
    assert path.read_bytes() == b"precious"


def test_a_file_that_comes_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"

    def race() -> None:
        with files.explained(path), files.drafted(path, overwrite=False) as file:
            file.write(b"mine")
            path.write_bytes(b"theirs")

    with pytest.raises(failures.FileExists, match=r"a\.csv exists already"):
        race()
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"theirs", [path])


def test_what_the_system_refuses_is_said_with_the_name(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "a.csv"
    with (
        pytest.raises(failures.FileNotWritten) as caught,
        files.explained(path),
        files.drafted(path, overwrite=False),
    ):
        pytest.fail("the work was begun")
    assert str(caught.value) == f"{path} cannot be written: there is no such file or folder."
